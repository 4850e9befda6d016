"""Cases from the first word to the last, and what is refused on the way."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.rules import Role
from app.inbox import service
from app.inbox.commands import (
    AddNote,
    AssignCase,
    EditCase,
    OfCase,
    Reply,
    Write,
)
from app.inbox.models import Case, CaseItem
from app.inbox.queries import CaseFilter, cases_visible_to, narrowed, thread_of
from app.inbox.rules import CaseState, Kind, NoteKind, Outcome, percentile
from app.inbox.service import CaseNotClosed, CaseNotOpen
from app.items.models import Code
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.kit.events import EventRow
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.inbox.cases import a_case, a_note, acting, closed
from tests.people import ActorOf, Organised


def test_numbers_begin_anew_each_year_and_have_no_gaps(
    database: RolledBackDatabase, org: Organised
) -> None:
    today = database.clock.today()
    before = date(today.year - 1, 12, 30)
    with database.write() as session:
        titles = [
            a_case(session, org).title,
            a_note(session, org).title,
            a_note(session, org, received_on=before).title,
            a_note(session, org).title,
        ]
    assert titles == [
        f"{today.year}-0001",
        f"{today.year}-0002",
        f"{today.year - 1}-0001",
        f"{today.year}-0003",
    ]
    with pytest.raises(Invalid), database.write() as session:
        a_note(session, org, subject="Tapt")
        a_note(session, org, received_on=today + timedelta(days=1))
    with database.write() as session:
        assert a_case(session, org).title == f"{today.year}-0004"


def test_an_employee_asks_is_answered_writes_back_and_it_ends(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    manager, nurse = actor(), actor(Role.EMPLOYEE)
    with database.write() as session:
        case = a_case(session, org, text="Stolen\nstår i gangen", phone="123")
        assert (case.subject, case.asker_name) == ("Stolen", "Prøve employee")
        service.reply(session, manager, [Reply(case_id=case.id, text="Hvor?", waits=True)])
        assert case.state == "waiting"
        assert case.first_reply_on == database.clock.today()
        service.write(session, nurse, [Write(case_id=case.id, text="Rom 2")])
        assert case.state == "in_progress"
        service.add_notes(session, manager, [AddNote(case_id=case.id, text="Hemmelig")])
        closed(session, org, case, pieces=3, text="Ferdig")
        assert (case.state, case.outcome, case.pieces) == (CaseState.CLOSED, Outcome.MENDED, 3)
        session.flush()
        kinds = [each.kind for each in session.scalars(thread_of(manager, case))]
        reply, message, note = NoteKind.REPLY, NoteKind.MESSAGE, NoteKind.NOTE
        assert sorted(kinds) == sorted([reply, message, note, reply])
        seen = [each.text for each in session.scalars(thread_of(nurse, case))]
        assert sorted(seen) == ["Ferdig", "Hvor?", "Rom 2"]
        with pytest.raises(CaseNotOpen):
            service.write(session, nurse, [Write(case_id=case.id, text="Nei")])
        service.reopen(session, manager, [OfCase(case_id=case.id)])
        assert (case.state, case.outcome, case.closed_on) == (CaseState.IN_PROGRESS, None, None)
        with pytest.raises(CaseNotClosed):
            service.reopen(session, manager, [OfCase(case_id=case.id)])


def test_an_address_of_a_member_makes_the_case_that_member_s(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised
) -> None:
    with database.write() as session:
        own = session.get_one(Person, org.person_ids[Role.EMPLOYEE])
        other = session.get_one(Person, foreign_org.person_ids[Role.EMPLOYEE])
        assert a_note(session, org, asker_email=own.email.upper()).person_id == own.id
        assert a_note(session, org, asker_email=other.email).person_id is None
        assert a_note(session, org).person_id is None


def test_pieces_are_named_by_their_codes_and_counted_when_it_ends(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised
) -> None:
    with database.write() as session:
        item = an_item(session, org)
        foreign = an_item(session, foreign_org)
        codes = {
            each.item_id: each.code
            for each in session.scalars(select(Code).where(Code.item_id.in_([item.id, foreign.id])))
        }
        case = a_case(session, org, codes=[codes[item.id], codes[item.id]])
        session.flush()
        assert session.scalars(select(CaseItem.item_id)).all() == [item.id]
        assert closed(session, org, case).pieces == 1
        with pytest.raises(Invalid):
            a_case(session, org, codes=[codes[foreign.id]])


def test_several_are_assigned_or_closed_whole_or_not_at_all(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    with database.write() as session:
        one, two = a_case(session, org), a_note(session, org)
        mine = [AssignCase(case_id=each.id, assignee_id=manager.person_id) for each in (one, two)]
        service.assign(session, manager, mine)
        assert {one.state, two.state} == {CaseState.IN_PROGRESS}
        nurse = org.person_ids[Role.EMPLOYEE]
        with pytest.raises(Invalid):
            service.assign(session, manager, [AssignCase(case_id=one.id, assignee_id=nurse)])
        closed(session, org, one)
    with pytest.raises(CaseNotOpen), database.write() as session:
        kept = session.get_one(Case, two.id)
        closed(session, org, kept)
        closed(session, org, session.get_one(Case, one.id))
    with database.read() as session:
        assert session.get_one(Case, two.id).state is CaseState.IN_PROGRESS


def refused(session: Any, org: Organised, case: Case) -> list[tuple[Any, Any, type[Exception]]]:
    manager = acting(session, org)
    nurse = acting(session, org, Role.EMPLOYEE)
    other = acting(session, org, Role.MOVER)
    text = {"case_id": case.id, "text": "x"}
    return [
        (nurse, lambda who: service.reply(session, who, [Reply(**text)]), Forbidden),
        (nurse, lambda who: service.add_notes(session, who, [AddNote(**text)]), Forbidden),
        (other, lambda who: service.write(session, who, [Write(**text)]), NotFound),
        (manager, lambda who: service.write(session, who, [Write(**text)]), Forbidden),
        (other, lambda who: service.withdraw(session, who, [OfCase(case_id=case.id)]), NotFound),
        (manager, lambda who: service.withdraw(session, who, [OfCase(case_id=uuid4())]), NotFound),
    ]


def test_what_is_not_allowed_changes_nothing(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        case = a_case(session, org)
        session.flush()
        before = len(session.scalars(select(EventRow)).all())
        for who, act, error in refused(session, org, case):
            with pytest.raises(error):
                act(who)
        with pytest.raises(NotFound):
            closed(session, foreign_org, case)
        with pytest.raises(Invalid):
            a_case(session, org, unit_id=foreign_org.unit_id)
        with pytest.raises(Invalid):
            a_case(session, org, wanted_date=database.clock.today() - timedelta(days=1))
        assert len(session.scalars(select(EventRow)).all()) == before
        assert case.state is CaseState.NEW


def test_an_edit_of_what_somebody_else_changed_is_refused(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        case = a_case(session, org)
        session.flush()
        fields = {"case_id": case.id, "version": case.version, "kind": Kind.WISH, "subject": "Ny"}
        command = EditCase.model_validate({**fields, "unit_id": org.unit_id})
        service.edit(session, actor(), [command])
        session.flush()
        with pytest.raises(Stale):
            service.edit(session, actor(), [command])


def test_who_asks_sees_their_own_and_search_finds_words_and_numbers(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    manager, nurse = actor(), actor(Role.EMPLOYEE)
    with database.write() as session:
        own = a_case(session, org, text="Lampe 100% mørk")
        other = a_note(session, org)
        a_case(session, foreign_org)
        session.flush()

        def found(who: Any, **wanted: Any) -> set[Any]:
            query = narrowed(cases_visible_to(who), CaseFilter(**wanted))
            return {each.id for each in session.scalars(query)}

        assert found(nurse) == {own.id}
        assert found(manager) == {own.id, other.id}
        assert found(manager, q="lampe 100%") == {own.id}
        assert found(manager, q=other.title) == {other.id}
        assert found(manager, without_unit=True) == {other.id}
        assert found(manager, is_open=False) == set()
        month = database.clock.today().month
        assert found(manager, received_month=month) == {own.id, other.id}
        assert found(manager, received_month=month % 12 + 1) == set()


def test_days_are_counted_by_nearest_rank() -> None:
    assert percentile([], 50) is None
    assert percentile([4], 90) == 4
    assert percentile([1, 2], 50) == 1.5
    assert percentile(list(range(1, 11)), 90) == 9
    assert percentile([9, 1, 5], 50) == 5
