"""The reuse ladder: what there is at each step, what is taken, what is left and why."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Role
from app.items.rules import Fate
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from app.marketplace import service as market
from app.marketplace.models import Request, RequestLine
from app.marketplace.rules import RefusalReason
from app.needs import rules, service, service_ladder
from app.needs.matching import matches_of
from app.needs.models import LadderStep, Need, NeedLine
from app.needs.queries import decisions_by_line, lines_of
from app.needs.rules import NeedState, Outcome, Reason, Step, next_step
from app.needs.service import (
    AddNeedLine,
    Leave,
    NeedNotClosed,
    NeedNotOpen,
    OfNeed,
    SubmitNeed,
    Take,
)
from app.needs.service_ladder import MatchesChanged, NothingMissing, NotThisStep, mark
from app.projects.service import PlanRelease, plan_release
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, some_items
from tests.people import Organised
from tests.projects.rows import a_project

ActorOf = Callable[..., Actor]


@pytest.fixture
def nurse(actor: ActorOf) -> Actor:
    return actor(Role.EMPLOYEE)


@pytest.fixture
def manager(actor: ActorOf) -> Actor:
    return actor(Role.FURNITURE_MANAGER)


def a_need(session: Session, actor: Actor, org: Organised, **changes: Any) -> Need:
    line = {"category_id": CHAIR, "quantity": 5}
    named = {name: changes.pop(name) for name in list(changes) if name in line or "_mm" in name}
    fields = {"unit_id": org.unit_id, "lines": [{**line, **named}], **changes}
    return service.submit(session, actor, [SubmitNeed.model_validate(fields)])[0]


def line_of(session: Session, actor: Actor, need: Need) -> NeedLine:
    return session.scalars(lines_of(actor, [need.id])).first()  # type: ignore[return-value]


def offered(session: Session, manager: Actor, org: Organised, quantity: int, **facts: Any) -> Any:
    items = some_items(session, org, quantity, **facts)
    offer = market.Offer(item_ids=[each.id for each in items])
    return market.offer(session, manager, [offer])[0]


def decided(session: Session, actor: Actor, line: NeedLine) -> list[tuple[Step, Outcome, int]]:
    own = decisions_by_line(session, actor, [line.id]).get(line.id, [])
    return [(each.step, each.outcome, each.quantity) for each in own]


def left(session: Session, actor: Actor, line: NeedLine, *steps: Step) -> None:
    for step in steps:
        command = Leave(need_line_id=line.id, step=step, reason=Reason.LOOK)
        service_ladder.leave(session, actor, [command])


def test_a_line_is_walked_from_its_own_unit_to_buying_used(
    session: Session, org: Organised, nurse: Actor, manager: Actor
) -> None:
    mine = offered(session, manager, org, 3)
    theirs = offered(session, manager, org, 2, owner_unit_id=org.other_unit_id)
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    take = Take(need_line_id=line.id, step=Step.OWN_UNIT, quantity=2, listing_id=mine.id)
    service_ladder.take(session, nurse, [take])
    left(session, nurse, line, Step.OWN_UNIT)
    service_ladder.take(
        session,
        nurse,
        [Take(need_line_id=line.id, step=Step.ORGANISATION, quantity=1, listing_id=theirs.id)],
    )
    left(session, nurse, line, Step.ORGANISATION, Step.REPAIR_OR_REDESIGN)
    bought = Take(
        need_line_id=line.id, step=Step.BUY_USED, quantity=2, reason_text="To hos Brukom, 900 kr."
    )
    service_ladder.take(session, nurse, [bought])

    assert decided(session, nurse, line) == [
        (Step.OWN_UNIT, Outcome.TAKEN, 2),
        (Step.OWN_UNIT, Outcome.REFUSED, 0),
        (Step.ORGANISATION, Outcome.TAKEN, 1),
        (Step.ORGANISATION, Outcome.REFUSED, 0),
        (Step.REPAIR_OR_REDESIGN, Outcome.REFUSED, 0),
        (Step.BUY_USED, Outcome.TAKEN, 2),
    ]
    assert need.state is NeedState.IN_PROGRESS
    (closed,) = service.close(session, nurse, [OfNeed(need_id=need.id)])
    assert closed.state is NeedState.FULFILLED


def test_what_is_taken_from_an_offer_is_an_order_that_says_what_it_replaces(
    session: Session, org: Organised, nurse: Actor, manager: Actor
) -> None:
    listing = offered(session, manager, org, 3)
    need = a_need(session, nurse, org, place_id=org.room_id)
    line = line_of(session, nurse, need)
    (step,) = service_ladder.take(
        session,
        nurse,
        [Take(need_line_id=line.id, step=Step.OWN_UNIT, quantity=3, listing_id=listing.id)],
    )
    ordered = session.scalars(
        select(RequestLine).where(RequestLine.id == step.request_line_id)
    ).one()
    request = session.get_one(Request, ordered.request_id)
    assert (ordered.wanted, ordered.would_have.value) == (3, "would_buy_new")
    assert (request.unit_id, request.place_id) == (org.unit_id, org.room_id)
    assert step.matches[0]["listing_id"] == str(listing.id)
    assert step.matches[0]["count"] == 3


def test_what_comes_to_nothing_is_missing_again_and_its_step_is_open(
    session: Session, org: Organised, nurse: Actor, manager: Actor
) -> None:
    listing = offered(session, manager, org, 5)
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    take = Take(need_line_id=line.id, step=Step.OWN_UNIT, quantity=5, listing_id=listing.id)
    (step,) = service_ladder.take(session, nurse, [take])
    with pytest.raises(NothingMissing):
        left(session, nurse, line, Step.OWN_UNIT)
    market.approve(
        session,
        manager,
        [
            market.Approve(
                request_line_id=step.request_line_id, quantity=3, reason=RefusalReason.GONE
            )
        ],
    )
    decisions = decisions_by_line(session, nurse, [line.id])[line.id]
    assert [each.quantity for each in decisions] == [3]
    assert next_step(line.quantity, decisions) is Step.OWN_UNIT
    (closed,) = service.close(session, nurse, [OfNeed(need_id=need.id)])
    assert closed.state is NeedState.CLOSED_UNMET


def test_planned_releases_are_matched_when_they_are_free_in_time(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    today = database.clock.now().date()
    project = a_project(session, manager, org)
    items = some_items(session, org, 4, owner_unit_id=org.other_unit_id, width_mm=650)
    plan = PlanRelease(
        project_id=project.id,
        item_ids=[each.id for each in items],
        fate=Fate.OFFER,
        free_from=today + timedelta(days=30),
    )
    plan_release(session, manager, [plan])

    def found(**changes: Any) -> list[tuple[int, date, str | None]]:
        need = a_need(session, nurse, org, **changes)
        line = line_of(session, nurse, need)
        matches = matches_of(session, nurse, need, line, Step.ORGANISATION, today)
        assert matches_of(session, nurse, need, line, Step.OWN_UNIT, today) == []
        return [(each.count, each.from_date, each.project) for each in matches]

    there = [(4, today + timedelta(days=30), "Lensmannslia")]
    assert found() == there
    assert found(wanted_date=today + timedelta(days=30)) == there
    assert found(wanted_date=today + timedelta(days=29)) == []
    assert found(width_max_mm=650) == there
    assert found(width_max_mm=649) == []
    assert found(depth_max_mm=900) == []  # of unknown depth
    market.offer(session, manager, [market.Offer(item_ids=[items[0].id])])
    assert (3, today + timedelta(days=30), "Lensmannslia") in found()


def test_steps_are_not_jumped_over(
    session: Session, org: Organised, nurse: Actor, manager: Actor
) -> None:
    line = line_of(session, nurse, a_need(session, nurse, org))
    new = Take(need_line_id=line.id, step=Step.NEW, quantity=5, reason_text="Fem nye stoler.")
    with pytest.raises(NotThisStep):
        service_ladder.take(session, manager, [new])
    left(session, nurse, line, Step.OWN_UNIT)
    with pytest.raises(NotThisStep):
        left(session, nurse, line, Step.OWN_UNIT)
    with pytest.raises(NotThisStep):
        left(session, nurse, line, Step.NETWORK)


def test_buying_new_is_decided_by_who_approves_for_the_unit(
    session: Session, org: Organised, nurse: Actor, actor: ActorOf
) -> None:
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    left(session, nurse, line, *rules.WALKED[:-1])
    new = Take(need_line_id=line.id, step=Step.NEW, quantity=5, reason_text="Fem nye stoler.")
    with pytest.raises(Forbidden):
        service_ladder.take(session, nurse, [new])
    service_ladder.take(session, actor(Role.APPROVER), [new])
    assert decided(session, nurse, line)[-1] == (Step.NEW, Outcome.TAKEN, 5)
    assert next_step(5, decisions_by_line(session, nurse, [line.id])[line.id]) is None


def test_a_decision_says_what_was_seen_and_the_chain_holds_its_hash(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    offered(session, manager, org, 2, name="Grå stol")
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    today = database.clock.now().date()
    seen = matches_of(session, nurse, need, line, Step.OWN_UNIT, today)
    refuse = Leave(need_line_id=line.id, step=Step.OWN_UNIT, reason=Reason.LOOK, seen=mark(seen))
    (step,) = service_ladder.leave(session, nurse, [refuse])
    assert [each["name"] for each in step.matches] == ["Grå stol"]
    session.flush()
    told = session.scalars(
        select(EventRow).where(
            EventRow.subject_id == need.id, EventRow.kind == "ladder-step-decided"
        )
    ).one()
    assert told.payload["matches_sha256"] == mark(seen)
    assert told.payload["ladder_step_id"] == str(step.id)


def test_a_decision_on_what_has_changed_meanwhile_is_refused(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    today = database.clock.now().date()
    seen = mark(matches_of(session, nurse, need, line, Step.OWN_UNIT, today))
    offered(session, manager, org, 1)
    leave = Leave(need_line_id=line.id, step=Step.OWN_UNIT, seen=seen)
    with pytest.raises(MatchesChanged):
        service_ladder.leave(session, nurse, [leave])
    assert session.scalars(select(LadderStep)).all() == []


@pytest.mark.parametrize(
    ("step", "changes", "field"),
    [
        (Step.OWN_UNIT, {"quantity": 6}, "quantity"),
        (Step.OWN_UNIT, {"quantity": 3}, "quantity"),
        (Step.OWN_UNIT, {"listing_id": None}, "listing_id"),
        (Step.OWN_UNIT, {"listing_id": uuid4()}, "listing_id"),
        (Step.REPAIR_OR_REDESIGN, {}, "reason_text"),
    ],
)
def test_what_can_not_be_taken_is_said_at_its_field(
    session: Session,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    step: Step,
    changes: dict[str, Any],
    field: str,
) -> None:
    listing = offered(session, manager, org, 2)
    line = line_of(session, nurse, a_need(session, nurse, org))
    if step is not Step.OWN_UNIT:
        left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    values = {"need_line_id": line.id, "step": step, "quantity": 1, "listing_id": listing.id}
    with pytest.raises(Invalid) as refused:
        service_ladder.take(session, nurse, [Take.model_validate({**values, **changes})])
    assert set(refused.value.by_field) == {field}
    assert [each for each in decided(session, nurse, line) if each[1] is Outcome.TAKEN] == []


def test_what_is_left_needs_a_reason_where_there_was_something(
    session: Session, org: Organised, nurse: Actor, manager: Actor
) -> None:
    offered(session, manager, org, 2)
    line = line_of(session, nurse, a_need(session, nurse, org))

    def leave(step: Step, **more: Any) -> None:
        service_ladder.leave(session, nurse, [Leave(need_line_id=line.id, step=step, **more)])

    with pytest.raises(Invalid):
        leave(Step.OWN_UNIT)
    with pytest.raises(Invalid):
        leave(Step.OWN_UNIT, reason=Reason.OTHER)
    leave(Step.OWN_UNIT, reason=Reason.OTHER, reason_text="Vi har hatt dem før.")
    leave(Step.ORGANISATION)
    with pytest.raises(Invalid):
        leave(Step.REPAIR_OR_REDESIGN)
    assert [each[1] for each in decided(session, nurse, line)] == [Outcome.REFUSED, Outcome.NONE]


def test_only_who_needs_it_or_decides_for_the_unit_sees_and_walks(
    session: Session, org: Organised, nurse: Actor, actor: ActorOf
) -> None:
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    leave = Leave(need_line_id=line.id, step=Step.OWN_UNIT)
    with pytest.raises(NotFound):
        service_ladder.leave(session, actor(Role.SURVEYOR), [leave])
    with pytest.raises(Forbidden):  # reads for reports
        service_ladder.leave(session, actor(Role.CONTROLLER), [leave])
    service_ladder.leave(session, actor(Role.FURNITURE_MANAGER), [leave])


def test_an_ended_need_is_not_walked_and_can_be_taken_up_again(
    session: Session, org: Organised, nurse: Actor
) -> None:
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    of_need = [OfNeed(need_id=need.id)]
    with pytest.raises(NeedNotClosed):
        service.reopen(session, nurse, of_need)
    service.close(session, nurse, of_need)
    with pytest.raises(NeedNotOpen):
        left(session, nurse, line, Step.OWN_UNIT)
    with pytest.raises(NeedNotOpen):
        service.add_lines(
            session, nurse, [AddNeedLine(need_id=need.id, category_id=CHAIR, quantity=1)]
        )
    service.reopen(session, nurse, of_need)
    left(session, nurse, line, Step.OWN_UNIT)
    service.cancel(session, nurse, of_need)
    with pytest.raises(NeedNotOpen):
        service.cancel(session, nurse, of_need)
    with pytest.raises(NeedNotClosed):
        service.reopen(session, nurse, of_need)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category_id": "NOTHING"}, "category_id"),
        ({"unit_id": uuid4()}, "unit_id"),
        ({"place_id": uuid4()}, "place_id"),
        ({"project_id": uuid4()}, "project_id"),
        ({"wanted_date": date(2020, 1, 1)}, "wanted_date"),
    ],
)
def test_a_need_of_what_is_not_there_is_refused_at_its_field(
    session: Session, org: Organised, nurse: Actor, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        a_need(session, nurse, org, **changes)
    assert field in refused.value.by_field


def test_a_unit_below_counts_as_one_s_own(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    ward = Unit(
        org_id=org.org_id, name="Post 3", parent_id=org.unit_id, created_at=database.clock.now()
    )
    session.add(ward)
    session.flush()
    offered(session, manager, org, 1, owner_unit_id=ward.id)
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    today = database.clock.now().date()
    steps = {
        step: len(matches_of(session, nurse, need, line, step, today)) for step in rules.MATCHED
    }
    assert steps == {Step.OWN_UNIT: 1, Step.ORGANISATION: 0}


def test_what_comes_to_a_step_after_it_was_left_is_taken_from_there(
    session: Session, org: Organised, nurse: Actor, manager: Actor
) -> None:
    line = line_of(session, nurse, a_need(session, nurse, org))
    left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    late = offered(session, manager, org, 2)
    take = Take(need_line_id=line.id, step=Step.OWN_UNIT, quantity=2, listing_id=late.id)
    service_ladder.take(session, nurse, [take])
    assert decided(session, nurse, line)[-1] == (Step.OWN_UNIT, Outcome.TAKEN, 2)
    with pytest.raises(NotThisStep):
        left(session, nurse, line, Step.OWN_UNIT)
