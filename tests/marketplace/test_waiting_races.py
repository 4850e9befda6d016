"""A piece that falls free has one holder, whoever acts at once; with twins that must fail."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Undo, hand_over, undo
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid
from app.marketplace import queries_deciding, service, service_approval, service_waiting
from app.marketplace.models import Listing, ListingItem, Request, RequestLine, Reservation
from app.marketplace.queries import free_pieces
from app.marketplace.rules import ACTIVE, ListingState, RefusalReason, ReservationState
from tests.handovers.orders import ON
from tests.marketplace.stalls import a_listing, a_request, acting, approved
from tests.marketplace.test_races import MakeDatabase, counted, without_locks
from tests.people import Organised, organised

S = ReservationState
ROUNDS = 6


@dataclass(frozen=True)
class Stand:
    """One piece that somebody holds, two who wait for it, and one who has newly asked."""

    manager: Actor
    employee: Actor
    listing_id: UUID
    holder_id: UUID
    waiting: tuple[UUID, UUID]
    new: UUID


def _asked(session: Session, org: Organised, listing: Listing, clock: MovedClock) -> Request:
    clock.move(timedelta(minutes=1))  # so that each has a place of its own
    return a_request(session, org, listing)


def a_stand(database: Database, clock: MovedClock) -> Stand:
    with database.write() as session:
        org = organised(session, database.clock)
        listing = a_listing(session, org)
        holder, *others = [_asked(session, org, listing, clock) for _ in range(4)]
        for each in (holder, *others[:2]):
            approved(session, org, each, 1)
        lines = [
            session.scalars(select(RequestLine.id).where(RequestLine.request_id == each.id)).one()
            for each in others
        ]
        return Stand(
            acting(session, org),
            acting(session, org, Role.EMPLOYEE),
            listing.id,
            holder.id,
            (lines[0], lines[1]),
            lines[2],
        )


def held_twice(database: Database) -> int:
    with database.read() as session:
        twice = (
            select(Reservation.item_id)
            .where(Reservation.state.in_(ACTIVE))
            .group_by(Reservation.org_id, Reservation.item_id)
            .having(func.count() > 1)
        )
        return len(session.scalars(twice).all())


def together(*acts: Callable[[], object]) -> list[Exception]:
    """Runs the acts released at the same moment; gives what they raised."""
    start = threading.Barrier(len(acts))
    raised: list[Exception] = []

    def run(act: Callable[[], object]) -> None:
        start.wait(timeout=30)
        try:
            act()
        except Exception as error:  # noqa: BLE001  (looked through by the test)
            raised.append(error)

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))
    return raised


def test_freeing_approving_and_passing_on_at_once_leave_one_holder(
    new_database: MakeDatabase, clock: MovedClock
) -> None:
    database = new_database()
    for _ in range(ROUNDS):
        stand = a_stand(database, clock)

        def cancel(stand: Stand = stand) -> None:
            with database.write() as session:
                gone = service.OfRequest(request_id=stand.holder_id)
                service.cancel(session, stand.employee, [gone])

        def approve(stand: Stand = stand) -> None:
            with database.write() as session:
                yes = service.Approve(request_line_id=stand.new, quantity=1)
                service.approve(session, stand.manager, [yes])

        def decline(stand: Stand = stand) -> None:
            with database.write() as session:
                no = service.Decline(request_line_id=stand.waiting[0], reason=RefusalReason.GONE)
                service.decline(session, stand.manager, [no])

        def pass_on() -> None:
            with database.write() as session:
                service.pass_on_due(session)

        assert together(cancel, approve, decline, pass_on) == []
        assert held_twice(database) == 0
        # Whatever came first: the second in the queue has it, and who is new waits behind.
        with database.read() as session:
            rows = session.execute(
                select(Reservation.request_line_id, Reservation.state).where(
                    Reservation.listing_id == stand.listing_id
                )
            )
            found = {row[0]: row[1] for row in rows}
        assert found[stand.waiting[0]] is S.DECLINED
        assert found[stand.waiting[1]] is S.OFFERED
        assert found[stand.new] is S.WAITING


def test_an_offer_accepted_twice_at_once_and_lapsing_is_answered_once(
    new_database: MakeDatabase, clock: MovedClock
) -> None:
    database = new_database()
    for _ in range(ROUNDS):
        stand = a_stand(database, clock)
        with database.write() as session:
            service.cancel(session, stand.employee, [service.OfRequest(request_id=stand.holder_id)])

        def accept(stand: Stand = stand) -> None:
            with database.write() as session:
                yes = service.AcceptOffer(request_line_id=stand.waiting[0], quantity=1)
                service.accept_offer(session, stand.employee, [yes])

        def decline(stand: Stand = stand) -> None:
            with database.write() as session:
                no = service.DeclineOffer(request_line_id=stand.waiting[0], quantity=1)
                service.decline_offer(session, stand.employee, [no])

        def lapse() -> None:
            clock.move(timedelta(days=30))
            with database.write() as session:
                service.pass_on_due(session)

        raised = together(accept, accept, decline, lapse)
        assert all(isinstance(each, Conflict) for each in raised), raised
        assert len(raised) >= 2  # of the answers at most one counts
        assert held_twice(database) == 0


def passed_on_and_approved(
    database: Database, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> tuple[Stand, list[Exception]]:
    """A free piece is offered to who waits and approved for who is new, in the same moment.

    Approving is told not to pass on first, so that only lock and index keep the two apart.
    """
    stand = a_stand(database, clock)
    with database.write() as session:
        freed = update(Reservation).where(Reservation.state == S.APPROVED)
        session.execute(freed.values(state=S.CANCELLED))
    both_have_seen = threading.Barrier(2)
    seen = queries_deciding.free_by_listing

    def pausing(session: Session, actor: Actor, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
        found = seen(session, actor, ids)
        with suppress(threading.BrokenBarrierError):
            both_have_seen.wait(timeout=1.5)
        return found

    monkeypatch.setattr(service_waiting, "free_by_listing", pausing)
    monkeypatch.setattr(service_approval, "free_by_listing", pausing)
    monkeypatch.setattr(service_approval, "pass_on_locked", lambda *_: 0)

    def approve() -> None:
        with database.write() as session:
            yes = service.Approve(request_line_id=stand.new, quantity=1)
            service.approve(session, stand.manager, [yes])

    def pass_on() -> None:
        with database.write() as session:
            service.pass_on_due(session)

    return stand, together(approve, pass_on)


def test_the_listings_lock_lets_one_after_the_other(
    new_database: MakeDatabase, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    _, raised = passed_on_and_approved(database, clock, monkeypatch)
    assert raised == []
    assert held_twice(database) == 0
    left = counted(database)
    assert (left.get("offered", 0) + left.get("approved", 0), left["waiting"]) == (1, 2)


def test_the_unique_index_alone_refuses_the_second_holder(
    new_database: MakeDatabase, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    without_locks(database, monkeypatch)
    _, raised = passed_on_and_approved(database, clock, monkeypatch)
    assert len(raised) == 1
    assert held_twice(database) == 0


def test_the_twin_without_lock_and_index_gives_a_piece_two_holders(
    new_database: MakeDatabase, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    with database.write() as session:
        session.execute(text("DROP INDEX uq_reservation_active"))
    without_locks(database, monkeypatch)
    passed_on_and_approved(database, clock, monkeypatch)
    assert held_twice(database) == 1


ACTS: Mapping[str, ReservationState] = {
    "approve": S.REQUESTED,
    "cancel": S.APPROVED,
    "accept": S.OFFERED,
    "take no": S.OFFERED,
    "decline": S.WAITING,
    "fetch": S.APPROVED,
    "undo": S.PICKED_UP,
    "pass on": S.WAITING,
}
"""What is done, and to a line with a reservation in which state."""
OFTEN = [*ACTS, "approve", "approve", "accept", "take no"]


def test_many_acts_in_any_order_leave_no_piece_twice_held_and_none_free_while_somebody_waits(
    new_database: MakeDatabase, clock: MovedClock
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        listing = a_listing(session, org, 6)
        for _ in range(40):
            _asked(session, org, listing, clock)
        manager, employee = acting(session, org), acting(session, org, Role.EMPLOYEE)
        listing_id = listing.id
    done: Counter[str] = Counter()

    def act(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(40):
            verb = chance.choice(OFTEN)
            with suppress(Conflict, Invalid), database.write() as session:
                in_state = select(Reservation.request_line_id).where(
                    Reservation.state == ACTS[verb]
                )
                lines = session.scalars(in_state.order_by(Reservation.id)).all()
                if lines:
                    _do(session, verb, manager, employee, chance.choice(lines))
                    done[verb] += 1

    assert together(*(partial(act, seed) for seed in range(4))) == []
    assert held_twice(database) == 0
    assert done.total() > 20
    with database.read() as session:
        in_listing = ListingItem.listing_id == listing_id
        free = session.scalars(free_pieces(manager.org_id, ListingItem.id).where(in_listing)).all()
        waiting = session.scalars(
            select(Reservation.id).where(
                Reservation.listing_id == listing_id, Reservation.state == S.WAITING
            )
        ).all()
        is_open = session.get_one(Listing, listing_id).state is ListingState.OPEN
    assert not (is_open and free and waiting)


def _do(session: Session, verb: str, manager: Actor, employee: Actor, line_id: UUID) -> None:
    if verb == "approve":
        service.approve(session, manager, [service.Approve(request_line_id=line_id, quantity=1)])
    elif verb == "cancel":
        request_id = session.get_one(RequestLine, line_id).request_id
        service.cancel(session, employee, [service.OfRequest(request_id=request_id)])
    elif verb == "accept":
        accept = service.AcceptOffer(request_line_id=line_id, quantity=1)
        service.accept_offer(session, employee, [accept])
    elif verb == "take no":
        no = service.DeclineOffer(request_line_id=line_id, quantity=1)
        service.decline_offer(session, employee, [no])
    elif verb == "decline":
        service.decline(
            session, manager, [service.Decline(request_line_id=line_id, reason=RefusalReason.GONE)]
        )
    elif verb == "fetch":
        held = session.scalars(
            select(Reservation.id).where(Reservation.request_line_id == line_id)
        ).all()
        hand_over(session, manager, [HandOver(reservation_ids=list(held), handed_over_on=ON)])
    elif verb == "undo":
        fetched = session.scalars(
            select(HandoverLine.id)
            .join(Reservation, Reservation.id == HandoverLine.reservation_id)
            .where(Reservation.request_line_id == line_id, HandoverLine.undone_at.is_(None))
        ).all()
        undo(session, manager, [Undo(handover_line_ids=list(fetched))])
    else:
        service.pass_on_due(session)
