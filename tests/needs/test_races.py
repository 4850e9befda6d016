"""Two who decide on one line at once: each decision has its own number, and none takes too much."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.kit.db import Database
from app.kit.errors import Invalid
from app.marketplace import service as market
from app.marketplace import service_listing
from app.marketplace.models import ListingItem
from app.marketplace.service_listing import PieceSetAside
from app.needs import service, service_allocation, service_ladder
from app.needs.models import LadderStep, NeedLine
from app.needs.queries import decisions_by_line, lines_of
from app.needs.rules import Outcome, Reason, Step, taken
from app.needs.service_ladder import MatchesChanged
from app.projects.models import Release
from app.projects.rules import ReleaseState
from tests.factories import CHAIR
from tests.marketplace.stalls import a_listing, acting
from tests.marketplace.test_races import MakeDatabase, without_locks
from tests.marketplace.test_waiting_races import together
from tests.needs.test_allocations import at_organisation, planned
from tests.people import organised

ROUNDS = 5


def a_stand(database: Database, lines: int = 1) -> tuple[Actor, Actor, UUID, Sequence[UUID]]:
    """A nurse, who approves for her, an offer of 20 pieces, and needs of 5 with a line each."""
    with database.write() as session:
        org = organised(session, database.clock)
        listing = a_listing(session, org, 20)
        nurse = acting(session, org, Role.EMPLOYEE)
        line = service.NewNeedLine(category_id=CHAIR, quantity=5)
        command = service.SubmitNeed(unit_id=org.unit_id, lines=[line])
        needs = service.submit(session, nurse, [command] * lines)
        ids = [session.scalars(lines_of(nurse, [each.id])).one().id for each in needs]
        return nurse, acting(session, org, Role.APPROVER), listing.id, ids


def test_two_takings_at_once_never_take_more_than_is_missing(new_database: MakeDatabase) -> None:
    database = new_database()
    for _ in range(ROUNDS):
        nurse, approver, listing_id, (line_id,) = a_stand(database)
        command = service.Take(
            need_line_id=line_id, step=Step.OWN_UNIT, quantity=3, listing_id=listing_id
        )

        def take(actor: Actor, command: service.Take = command) -> None:
            with database.write() as session:
                service_ladder.take(session, actor, [command])

        raised = together(*[lambda who=each: take(who) for each in (nurse, approver, nurse)])
        assert [type(each) for each in raised] == [Invalid, Invalid]
        with database.read() as session:
            decisions = decisions_by_line(session, nurse, [line_id])[line_id]
            assert taken(decisions) == 3
            assert session.get_one(NeedLine, line_id).quantity == 5


def test_taking_and_leaving_at_once_are_two_decisions_or_one(new_database: MakeDatabase) -> None:
    database = new_database()
    for _ in range(ROUNDS):
        nurse, approver, listing_id, (line_id,) = a_stand(database)
        step = {"need_line_id": line_id, "step": Step.OWN_UNIT}

        def take(step: dict[str, object] = step, listing_id: UUID = listing_id) -> None:
            with database.write() as session:
                command = service.Take(quantity=5, listing_id=listing_id, **step)
                service_ladder.take(session, nurse, [command])  # noqa: B023

        def leave(step: dict[str, object] = step) -> None:
            with database.write() as session:
                command = service.Leave(reason=Reason.LOOK, **step)
                service_ladder.leave(session, approver, [command])  # noqa: B023

        raised = together(take, leave)
        with database.read() as session:
            rows = session.execute(
                select(LadderStep.number, LadderStep.outcome)
                .where(LadderStep.need_line_id == line_id)
                .order_by(LadderStep.number)
            )
            found = [tuple(each) for each in rows]
        if raised:  # nothing was missing any more when the step was to be left
            assert [type(each) for each in raised] == [service_ladder.NothingMissing]
            assert found == [(1, Outcome.TAKEN)]
        else:  # what is left can still be taken from
            assert found == [(1, Outcome.REFUSED), (2, Outcome.TAKEN)]


def test_two_who_name_the_same_lines_in_other_orders_both_come_through(
    new_database: MakeDatabase,
) -> None:
    database = new_database()
    for _ in range(ROUNDS):
        nurse, approver, listing_id, ids = a_stand(database, 6)

        def take(actor: Actor, ids: Sequence[UUID], listing_id: UUID = listing_id) -> None:
            of = {"step": Step.OWN_UNIT, "quantity": 2, "listing_id": listing_id}
            commands = [service.Take.model_validate({"need_line_id": each, **of}) for each in ids]
            with database.write() as session:
                service_ladder.take(session, actor, commands)

        acts = [(nurse, ids), (approver, ids[::-1])]
        assert together(*[lambda act=each: take(*act) for each in acts]) == []
        with database.read() as session:
            found = decisions_by_line(session, nurse, ids)
            assert {taken(found[each]) for each in ids} == {4}


def offered_and_set_aside(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Exception], int]:
    """One offers a piece that another sets aside for a need: what was refused, and how many have both.

    Both have seen that nobody has it before either takes it, if nothing keeps them apart.
    """
    today = database.clock.today()
    with database.write() as session:
        org = organised(session, database.clock)
        manager, nurse = acting(session, org), acting(session, org, Role.EMPLOYEE)
        (item_id,) = planned(session, manager, org, today + timedelta(days=30), 1)
        line_id = at_organisation(session, nurse, org)[1].id
    both_have_seen = threading.Barrier(2)

    def seen_before(act: Callable[..., Any]) -> Callable[..., Any]:
        def wait(*given: Any) -> Any:
            # It breaks when the other one is kept out until we are done: that is the lock at work.
            with suppress(threading.BrokenBarrierError):
                both_have_seen.wait(timeout=1.5)
            return act(*given)

        return wait

    monkeypatch.setattr(service_listing, "_alike", seen_before(service_listing._alike))
    monkeypatch.setattr(service_ladder, "set_aside", seen_before(service_allocation.set_aside))

    def offer() -> None:
        with database.write() as session:
            market.offer(session, manager, [market.Offer(item_ids=[item_id])])

    def take() -> None:
        command = service.Take(
            need_line_id=line_id, step=Step.ORGANISATION, quantity=1, item_id=item_id
        )
        with database.write() as session:
            service_ladder.take(session, nurse, [command])

    raised = together(offer, take)
    with database.read() as session:
        both = session.scalar(
            select(func.count())
            .select_from(Release)
            .join(ListingItem, ListingItem.item_id == Release.item_id)
            .where(Release.state == ReleaseState.ALLOCATED, ListingItem.left_at.is_(None))
        )
    return raised, both or 0


def test_a_piece_that_is_offered_and_set_aside_at_once_is_one_of_the_two(
    new_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised, both = offered_and_set_aside(new_database(), monkeypatch)
    assert both == 0
    assert len(raised) == 1
    assert isinstance(raised[0], PieceSetAside | MatchesChanged | Invalid)


def test_the_twin_that_does_not_lock_the_piece_first_gives_it_both(
    new_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    if database.is_sqlite:
        without_locks(database, monkeypatch)
    monkeypatch.setattr(service_ladder, "held", lambda *_: {})
    assert offered_and_set_aside(database, monkeypatch) == ([], 1)
