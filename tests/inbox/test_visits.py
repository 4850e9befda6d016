"""Site visits: the wall clock's time, one entry in the calendar whatever happens to it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.inbox import service_visit
from app.inbox.commands import FinishVisit, MoveVisit, OfVisit, PlanVisit
from app.inbox.rules import CaseState, VisitState
from app.inbox.service_visit import VisitOver
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from tests.databases import RolledBackDatabase
from tests.inbox.cases import a_case
from tests.people import ActorOf, Organised, SignedInAs


def test_a_visit_is_planned_moved_and_called_off_under_one_id(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, signed_in_as: SignedInAs
) -> None:
    manager, today = actor(), database.clock.today()
    with database.write() as session:
        case = a_case(session, org, place_id=org.room_id)
        plan = PlanVisit(case_id=case.id, day=today + timedelta(days=1), at=time(10))
        (visit,) = service_visit.plan_visits(session, manager, [plan])
        assert (visit.place_id, visit.person_id) == (org.room_id, manager.person_id)
        assert case.state is CaseState.IN_PROGRESS
        visit_id = visit.id
    nurse = signed_in_as(Role.EMPLOYEE)
    path = f"/befaringer/{visit_id}/befaring.ics"
    first = nurse.get(path)
    assert first.headers["content-type"].startswith("text/calendar")
    assert f"UID:{visit_id}" in first.text
    assert "SEQUENCE:0" in first.text
    new = {"day": today + timedelta(days=2), "at": time(11), "minutes": 60}
    move = MoveVisit.model_validate({"site_visit_id": visit_id, "sequence": 0, **new})
    with database.write() as session:
        service_visit.move_visits(session, manager, [move])
        with pytest.raises(Stale):
            service_visit.move_visits(session, manager, [move])
    with database.write() as session:
        again = move.model_copy(update={"sequence": 1})
        service_visit.move_visits(session, manager, [again])  # the same once more is nothing
    moved = nurse.get(path).text
    assert f"UID:{visit_id}" in moved
    assert "SEQUENCE:1" in moved
    with database.write() as session:
        service_visit.cancel_visits(session, manager, [OfVisit(site_visit_id=visit_id)])
        with pytest.raises(VisitOver):
            done = FinishVisit(site_visit_id=visit_id, outcome="x")
            service_visit.finish_visits(session, manager, [done])
    off = nurse.get(path).text
    assert "METHOD:CANCEL" in off
    assert "SEQUENCE:2" in off
    assert signed_in_as(Role.MOVER).get(path).status_code == 404


@pytest.mark.parametrize(("day", "hour"), [(date(2026, 7, 1), 8), (date(2026, 12, 1), 9)])
def test_ten_o_clock_is_ten_o_clock_in_summer_and_in_winter(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, day: date, hour: int
) -> None:
    with database.write() as session:
        plan = PlanVisit(case_id=a_case(session, org).id, day=day, at=time(10))
        (visit,) = service_visit.plan_visits(session, actor(), [plan])
        assert visit.starts_at == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        assert visit.state is VisitState.PLANNED


def test_visits_that_can_not_be_are_refused(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    today = database.clock.today()
    with database.write() as session:
        case = a_case(session, org)
        plan = PlanVisit(case_id=case.id, day=today, at=time(10))
        nurse = org.person_ids[Role.EMPLOYEE]
        wrong: list[tuple[Actor, dict[str, Any], type[Exception]]] = [
            (actor(), {"day": date(1990, 1, 1)}, Invalid),
            (actor(), {"day": date.min}, Invalid),
            (actor(), {"day": date.max}, Invalid),
            (actor(), {"day": date(2999, 1, 1)}, Invalid),
            (actor(), {"person_id": nurse}, Invalid),
            (actor(), {"place_id": foreign_org.room_id}, Invalid),
            (actor(Role.EMPLOYEE), {}, Forbidden),
            (actor(Role.FURNITURE_MANAGER, foreign_org), {}, NotFound),
        ]
        for who, changes, error in wrong:
            with pytest.raises(error):
                service_visit.plan_visits(session, who, [plan.model_copy(update=changes)])
        assert case.state is CaseState.NEW
