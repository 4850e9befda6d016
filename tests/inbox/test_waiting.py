"""The one list of what waits: six kinds, what is late first, each thing once, over any pages."""

from datetime import time, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.rules import Role
from app.catalogue.rules import Work
from app.inbox import service_visit
from app.inbox.commands import FinishVisit, OfVisit, PlanVisit
from app.inbox.queries_waiting import InboxFilter, Stage, Waits, counted, waiting
from app.inbox.rules import Kind
from app.items.models import Code
from app.items.service_found import Report, report
from app.needs.service import NewNeedLine, SubmitNeed, submit
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, an_item
from tests.inbox.cases import a_case, a_note, acting, closed
from tests.marketplace.stalls import a_listing, a_request
from tests.people import ActorOf, Organised
from tests.workshop.orders import drafted


def everything(session: Any, org: Organised, today: Any) -> Any:
    """One of each kind; the note is late, the visit is tomorrow."""
    a_request(session, org, a_listing(session, org, pieces=2), 2)
    item = an_item(session, org, name="Funnet stol")
    session.flush()
    code = session.scalars(select(Code.code).where(Code.item_id == item.id)).first()
    report(session, Report(code=code, text="Står i garasjen"), None, "127.0.0.1")
    line = NewNeedLine(category_id=CHAIR, quantity=4)
    nurse = acting(session, org, Role.EMPLOYEE)
    submit(session, nurse, [SubmitNeed(unit_id=org.unit_id, lines=[line])])
    a_case(session, org)
    week = timedelta(days=7)
    late = a_note(session, org, received_on=today - week, deadline=today - timedelta(days=1))
    tomorrow = today + timedelta(days=1)
    plan = PlanVisit(case_id=late.id, day=tomorrow, at=time(10))
    (visit,) = service_visit.plan_visits(session, acting(session, org), [plan])
    return late, visit


def test_six_kinds_stand_in_one_list_with_the_late_one_first(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    today = database.clock.today()
    with database.write() as session:
        late, visit = everything(session, org, today)
        everything(session, foreign_org, today)
        late_id, visit_id = late.id, visit.id
        drafted(session, actor(), org, work=Work.BUY_USED, category_id=CHAIR, quantity=1)
    manager = actor()
    with database.read() as session:
        found = waiting(session, manager, InboxFilter()).rows
        assert {each.kind for each in found} == {each.value for each in Waits}
        assert len(found) == 7
        assert (found[0].id, found[0].is_late) == (late_id, 0)
        assert found[1].id == visit_id  # the only other one with a day
        assert counted(session, manager) == (7, 1)
        paged, cursor = [], None
        while True:
            page = waiting(session, manager, InboxFilter(), cursor=cursor, limit=2)
            paged += page.rows
            cursor = page.next
            if cursor is None:
                break
        assert paged == found
        assert [each.pieces for each in found if each.kind in {Waits.REQUEST, Waits.NEED}] in (
            [2, 4],
            [4, 2],
        )
        for role in (Role.EMPLOYEE, Role.MOVER):
            assert waiting(session, actor(role), InboxFilter()).rows == []


def test_the_list_is_narrowed_by_each_of_its_fields(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    with database.write() as session:
        late, _ = everything(session, org, database.clock.today())
        number = late.title

    def found(**wanted: Any) -> list[str]:
        with database.read() as session:
            rows = waiting(session, manager, InboxFilter(**wanted)).rows
        return sorted(each.kind for each in rows)

    assert found(kind=Waits.NEED) == ["need"]
    assert found(stage=Stage.OVERDUE) == ["case"]
    assert found(q=number) == ["case", "visit"]
    assert found(q="SKAP") == ["case", "visit"]
    assert found(assignee_id=manager.person_id) == ["visit"]
    assert found(unit_id=org.other_unit_id) == ["request"]
    assert found(kind=Waits.CASE, stage=Stage.NEW) == ["case"]
    assert found(nobody=True) == ["case", "case", "found_report", "need", "request"]
    assert found(q="ingenting") == []
    assert found(about=Kind.HAND_IN) == []
    assert found(about=Kind.MEND) + found(about=Kind.MOVE) == ["case", "case", "visit"]


def test_what_is_done_waits_no_more(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    manager, today = actor(), database.clock.today()
    with database.write() as session:
        case = a_case(session, org)
        plans = [
            PlanVisit(case_id=case.id, day=today - timedelta(days=2), at=time(9)),
            PlanVisit(case_id=case.id, day=today + timedelta(days=1), at=time(9)),
            PlanVisit(case_id=case.id, day=today + timedelta(days=30), at=time(9)),
        ]
        over, soon, later = service_visit.plan_visits(session, manager, plans)
        session.flush()
        waits = [each.id for each in waiting(session, manager, InboxFilter()).rows]
        assert waits == [over.id, soon.id, case.id]
        done = FinishVisit(site_visit_id=over.id, outcome="Sett")
        service_visit.finish_visits(session, manager, [done])
        service_visit.cancel_visits(session, manager, [OfVisit(site_visit_id=soon.id)])
        assert later.sequence == 0
        closed(session, org, case)
        assert waiting(session, manager, InboxFilter()).rows == []
