"""Planned releases are set aside for a need, and let go when they come too late or are called off."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers import service as handovers
from app.handovers.models import HandoverLine
from app.items.rules import Fate
from app.kit.clock import MovedClock
from app.kit.errors import Invalid
from app.kit.events import EventRow
from app.marketplace import service as market
from app.marketplace.service_listing import PieceSetAside
from app.needs import service, service_ladder
from app.needs.matching import Match, matches_of
from app.needs.models import Need, NeedLine
from app.needs.models_allocation import NeedAllocation
from app.needs.queries import decisions_by_line, lines_of
from app.needs.rules import AllocationEnd, Step, missing
from app.needs.service import OfNeed, Take
from app.needs.service_ladder import MatchesChanged, mark
from app.notices.models import Notice
from app.projects.models import Release
from app.projects.rules import ReleaseState
from app.projects.service import (
    CancelRelease,
    EditRelease,
    PlanRelease,
    cancel_release,
    edit_release,
    plan_release,
)
from app.projects.service_release import free_due
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.marketplace.stalls import acting
from tests.marketplace.test_races import MakeDatabase
from tests.marketplace.test_waiting_races import together
from tests.needs.test_ladder import a_need, left, line_of
from tests.people import ActorOf, Organised, SignedInAs, organised
from tests.projects.rows import a_project

DAYS = timedelta(days=30)


@pytest.fixture
def nurse(actor: ActorOf) -> Actor:
    return actor(Role.EMPLOYEE)


@pytest.fixture
def manager(actor: ActorOf) -> Actor:
    return actor(Role.FURNITURE_MANAGER)


def planned(
    session: Session, manager: Actor, org: Organised, day: date, count: int = 4
) -> list[UUID]:
    """Like pieces of the other unit that a project will release on the day."""
    items = some_items(session, org, count, owner_unit_id=org.other_unit_id)
    ids = [each.id for each in items]
    plan = PlanRelease(
        project_id=a_project(session, manager, org).id,
        item_ids=ids,
        fate=Fate.OFFER,
        free_from=day,
    )
    plan_release(session, manager, [plan])
    return ids


def at_organisation(session: Session, nurse: Actor, org: Organised, **changes: Any) -> Any:
    """A need whose line stands at the step of the whole organisation."""
    need = a_need(session, nurse, org, **changes)
    line = line_of(session, nurse, need)
    left(session, nurse, line, Step.OWN_UNIT)
    return need, line


def seen(session: Session, actor: Actor, need: Need, line: NeedLine, today: date) -> list[Match]:
    return matches_of(session, actor, need, line, Step.ORGANISATION, today)


def taken(
    session: Session, actor: Actor, need: Need, line: NeedLine, quantity: int, today: date
) -> None:
    (match,) = seen(session, actor, need, line, today)
    take = Take(
        need_line_id=line.id, step=Step.ORGANISATION, quantity=quantity, item_id=match.item_id
    )
    service_ladder.take(session, actor, [take])


def states(session: Session) -> list[str]:
    session.flush()
    session.expire_all()
    return sorted(each.value for each in session.scalars(select(Release.state)))


def lacks(session: Session, actor: Actor, line: NeedLine) -> int:
    session.flush()
    return missing(line.quantity, decisions_by_line(session, actor, [line.id])[line.id])


def ends(session: Session) -> list[AllocationEnd | None]:
    session.flush()
    return list(session.scalars(select(NeedAllocation.ended_for)))


def released(session: Session) -> Sequence[Release]:
    wanted = select(Release).where(Release.state == ReleaseState.ALLOCATED).order_by(Release.id)
    return session.scalars(wanted).all()


def test_what_is_taken_is_set_aside_with_its_day_and_nobody_elses(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    today = database.clock.today()
    items = planned(session, manager, org, today + DAYS)
    need, line = at_organisation(session, nurse, org)
    taken(session, nurse, need, line, 3, today)
    assert lacks(session, nurse, line) == 2
    assert states(session) == ["allocated"] * 3 + ["planned"]
    days = session.scalars(select(NeedAllocation.free_from)).all()
    assert days == [today + DAYS] * 3
    (match,) = seen(session, nurse, need, line, today)
    assert match.count == 1
    aside = {each.item_id for each in released(session)}
    with pytest.raises(PieceSetAside):
        market.offer(session, manager, [market.Offer(item_ids=[min(aside)])])
    (rest,) = set(items) - aside
    assert market.offer(session, manager, [market.Offer(item_ids=[rest])])


def test_an_earlier_day_or_one_in_time_changes_nothing_and_a_later_one_lets_go(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    today = database.clock.today()
    planned(session, manager, org, today + DAYS, 2)
    wanted = today + DAYS + timedelta(days=5)
    need, line = at_organisation(session, nurse, org, wanted_date=wanted)
    taken(session, nurse, need, line, 2, today)
    first, second = released(session)
    in_time = EditRelease(release_id=first.id, version=first.version, free_from=wanted)
    edit_release(session, manager, [in_time])
    assert lacks(session, nurse, line) == 3
    late = wanted + timedelta(days=1)
    for row in (first, second):
        session.refresh(row)
        edit = EditRelease(release_id=row.id, version=row.version, free_from=late)
        edit_release(session, manager, [edit])
    assert lacks(session, nurse, line) == 5
    assert ends(session) == [AllocationEnd.TOO_LATE] * 2
    assert states(session) == ["planned"] * 2
    told = session.scalars(select(Notice).where(Notice.kind == "allocation_ended")).all()
    assert {each.person_id for each in told} == {nurse.person_id}
    assert told[0].values["pieces"] == 2 or len(told) == 2
    kinds = session.scalars(select(EventRow.kind).where(EventRow.subject_id == first.item_id))
    assert {"item-release-allocated", "item-release-given-back"} <= set(kinds)


def test_a_cancelled_or_other_release_lets_go(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    today = database.clock.today()
    planned(session, manager, org, today + DAYS, 2)
    need, line = at_organisation(session, nurse, org)
    taken(session, nurse, need, line, 2, today)
    first, second = released(session)
    cancel_release(session, manager, [CancelRelease(release_id=first.id)])
    edit = EditRelease(release_id=second.id, version=second.version, fate=Fate.RECYCLE)
    edit_release(session, manager, [edit])
    assert lacks(session, nurse, line) == 5
    assert ends(session) == [AllocationEnd.TAKEN_OFF] * 2
    assert states(session) == ["cancelled", "planned"]


def test_a_cancelled_need_lets_go_and_what_was_due_is_free(
    session: Session, org: Organised, nurse: Actor, manager: Actor, clock: MovedClock
) -> None:
    planned(session, manager, org, clock.today() + DAYS, 2)
    need, line = at_organisation(session, nurse, org)
    taken(session, nurse, need, line, 2, clock.today())
    clock.move(DAYS)
    assert free_due(session) == 0  # set aside, not free
    service.cancel(session, nurse, [OfNeed(need_id=need.id)])
    assert states(session) == ["free"] * 2
    assert ends(session) == [AllocationEnd.NEED_ENDED] * 2
    told = select(func.count()).where(Notice.kind == "allocation_ended")
    assert session.scalar(told) == 0


def test_what_is_fetched_has_come_to_the_need_until_that_is_undone(
    session: Session, org: Organised, nurse: Actor, manager: Actor, clock: MovedClock
) -> None:
    (item_id,) = planned(session, manager, org, clock.today() + DAYS, 1)
    need, line = at_organisation(session, nurse, org)
    taken(session, nurse, need, line, 1, clock.today())
    command = handovers.HandOver(
        item_ids=[item_id],
        handed_over_on=clock.today(),
        to_unit_id=org.unit_id,
        to_place_id=org.room_id,
    )
    handovers.hand_over(session, manager, [command])
    assert states(session) == ["gone"]
    assert lacks(session, nurse, line) == 4
    service.cancel(session, nurse, [OfNeed(need_id=need.id)])
    assert ends(session) == [None]
    lines = session.scalars(select(HandoverLine.id)).all()
    handovers.undo(session, manager, [handovers.Undo(handover_line_ids=list(lines))])
    assert ends(session) == [AllocationEnd.RETURNED]
    assert states(session) == ["planned"]


def test_more_than_there_is_or_nothing_of_that_kind_is_refused_at_its_field(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    today = database.clock.today()
    items = planned(session, manager, org, today + DAYS, 2)
    need, line = at_organisation(session, nurse, org)
    (match,) = seen(session, nurse, need, line, today)
    said = {"need_line_id": line.id, "step": Step.ORGANISATION}
    other = next(each for each in items if each != match.item_id)
    for fields, at in (
        ({"item_id": match.item_id, "quantity": 3}, "quantity"),
        ({"item_id": other, "quantity": 1}, "item_id"),
    ):
        with pytest.raises(Invalid) as refused:
            service_ladder.take(session, nurse, [Take.model_validate({**said, **fields})])
        assert set(refused.value.by_field) == {at}
    before = mark(seen(session, nurse, need, line, today))
    taken(session, nurse, need, line, 1, today)
    with pytest.raises(MatchesChanged):
        again = Take(**said, quantity=1, item_id=match.item_id, seen=before)
        service_ladder.take(session, nurse, [again])
    assert states(session) == ["allocated", "planned"]


def test_two_needs_that_take_the_same_piece_at_once_have_one_winner(
    new_database: MakeDatabase,
) -> None:
    database = new_database()
    today = database.clock.today()
    with database.write() as session:
        org = organised(session, database.clock)
        manager, nurse = acting(session, org), acting(session, org, Role.EMPLOYEE)
        (item_id,) = planned(session, manager, org, today + DAYS, 1)
        lines = []
        for _ in range(3):
            need = a_need(session, nurse, org)
            lines.append(session.scalars(lines_of(nurse, [need.id])).one())
            left(session, nurse, lines[-1], Step.OWN_UNIT)
        commands = [
            Take(need_line_id=each.id, step=Step.ORGANISATION, quantity=1, item_id=item_id)
            for each in lines
        ]

    def take(command: Take) -> None:
        with database.write() as session:
            service_ladder.take(session, nurse, [command])

    raised = together(*[lambda each=each: take(each) for each in commands])
    assert len(raised) == 2
    assert {type(each) for each in raised} <= {Invalid, MatchesChanged}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(NeedAllocation)) == 1
        assert session.scalars(select(Release.state)).all() == [ReleaseState.ALLOCATED]


def test_a_release_is_set_aside_by_a_plain_form_and_stands_in_the_record(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    today = database.clock.today()
    with database.write() as session:
        manager, nurse = acting(session, org), acting(session, org, Role.EMPLOYEE)
        planned(session, manager, org, today + DAYS, 2)
        need, line = at_organisation(session, nurse, org)
        (match,) = seen(session, nurse, need, line, today)
        need_id, line_id, item_id = need.id, line.id, match.item_id
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get(f"/behov/{need_id}").text
    assert "Sett av" in page
    form = {"key": "k", "step": "organisation", "item_id": str(item_id), "quantity": "9"}
    refused = client.post(f"/behov/linjer/{line_id}/ta", data=form)
    assert refused.status_code == 422
    assert f'href="#quantity-{item_id}-{line_id}"' in refused.text
    done = client.post(f"/behov/linjer/{line_id}/ta", data={**form, "quantity": "2"})
    assert done.status_code == 303, done.text
    for path in (f"/behov/{need_id}", f"/behov/{need_id}/protokoll"):
        assert "2 satt av fra Lensmannslia, ledig" in client.get(path).text
