"""Received pieces go back to their giver, alone or against a like one."""

from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers import service
from app.handovers.models import HandoverLine
from app.handovers.service import ExchangeReceived, GiveBack, Receive, Undo
from app.impact.rules import View
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from app.ledger.models import LedgerEntry
from app.ledger.service import verify
from app.marketplace import service as market
from app.marketplace.models import Listing, ListingItem, Message, Request, RequestLine, Reservation
from app.marketplace.rules import RequestState, ReservationState, ReturnReason
from app.projects.models import Fulfilment
from tests.handovers.orders import ON, Ordered, an_order, on_its_way
from tests.handovers.test_races import NewDatabase, at_once, played
from tests.handovers.test_service import ids
from tests.marketplace.stalls import a_listing, a_request, approved, reservations, the_line
from tests.people import ActorOf, Organised, organised
from tests.projects.rows import a_line, a_project


def delivered(
    session: Session, actor: Actor, org: Organised, quantity: int = 2, **changes: object
) -> tuple[Ordered, list[HandoverLine]]:
    """An order, received by who ordered it."""
    ordered = an_order(session, org, quantity, **changes)  # type: ignore[arg-type]
    lines = on_its_way(session, actor, ordered)
    service.receive(session, ordered.taker, [Receive(handover_line_ids=ids(lines))])
    return ordered, lines


def back(lines: list[HandoverLine], **changes: object) -> GiveBack:
    said = {"reason": ReturnReason.DAMAGED, **changes}
    return GiveBack.model_validate({"handover_line_ids": ids(lines), **said})


def saved(session: Session) -> int:
    session.flush()
    booked = select(LedgerEntry.saved_ore).where(LedgerEntry.view == View.NET)
    return sum(each for each in session.scalars(booked) if each is not None)


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.MOVER])
def test_either_side_gives_back_and_everything_is_the_givers_again(
    session: Session, org: Organised, actor: ActorOf, role: Role
) -> None:
    ordered, lines = delivered(session, actor(), org, place_id=org.room_id)
    assert saved(session) > 0
    service.give_back(session, actor(role), [back(lines[:1], text="Ryggen er knekt.")])
    piece = session.get_one(Item, lines[0].item_id)
    assert (piece.owner_unit_id, piece.holder_unit_id) == (org.unit_id, org.unit_id)
    assert (piece.place_id, piece.state) == (org.room_id, ItemState.IN_USE)
    other = session.get_one(Item, lines[1].item_id)
    assert other.owner_unit_id == org.other_unit_id
    order_line = ordered.order_line(session)
    assert (order_line.wanted, order_line.approved, order_line.picked_up) == (2, 2, 2)
    assert (order_line.received, order_line.returned) == (2, 1)
    assert session.get_one(Request, order_line.request_id).state is RequestState.CLOSED
    assert session.scalars(select(Message.text)).all() == ["Ryggen er knekt."]
    kinds = session.scalars(select(EventRow.kind).where(EventRow.subject_id == piece.id)).all()
    assert "item-given-back" in kinds
    told = session.scalars(
        select(EventRow.payload).where(EventRow.kind == "request-line-returned")
    ).one()
    assert (told["pieces"], told["reason"]) == (1, "damaged")


def test_the_savings_are_reversed_and_the_ledger_still_holds(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    _, lines = delivered(session, actor(), org)
    whole = saved(session)
    service.give_back(session, actor(), [back(lines[:1])])
    assert 0 < saved(session) < whole
    service.give_back(session, actor(), [back(lines[1:])])
    assert saved(session) == 0
    reversals = select(func.count()).where(LedgerEntry.reverses_id.is_not(None))
    assert session.scalar(reversals) == 4  # gross and net of each


def test_verify_holds_after_a_return_and_an_exchange(
    new_database: NewDatabase, clock: MovedClock
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, clock)
    manager = played(database, Role.FURNITURE_MANAGER, org)
    with database.write() as session:
        listing, _, line = one_delivered(session, manager, org)
        listing_id, line_id, item_id = listing.id, line.id, other_of(session, listing, line)
    with database.write() as session:
        swap = ExchangeReceived(
            handover_line_id=line_id, item_id=item_id, reason=ReturnReason.WRONG_PIECE
        )
        service.exchange_received(session, manager, [swap])
    with database.read() as session:
        found = verify(session, org.org_id)
        assert (found.ok, found.difference) == (True, None)
        assert session.get_one(Listing, listing_id).state.value == "open"


def test_a_programme_lacks_the_piece_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    programme_line = a_line(session, actor(), a_project(session, actor(), org), quantity=2)
    _, lines = delivered(session, actor(), org, programme_line=programme_line)
    service.give_back(session, actor(), [back(lines[:1])])
    standing = select(func.count()).where(Fulfilment.undone_at.is_(None))
    assert session.scalar(standing) == 1
    assert programme_line.state == "open"


def test_what_comes_to_a_storage_is_free(session: Session, org: Organised, actor: ActorOf) -> None:
    _, lines = delivered(session, actor(), org, place_id=org.room_id)
    service.give_back(session, actor(), [back(lines, to_place_id=org.storage_id)])
    for line in lines:
        item = session.get_one(Item, line.item_id)
        assert (item.place_id, item.state) == (org.storage_id, ItemState.AVAILABLE)
        assert item.owner_unit_id == org.unit_id


def test_only_a_storage_of_ones_own_takes_returns(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    _, lines = delivered(session, actor(), org)
    for place_id in (org.room_id, foreign_org.storage_id, uuid4()):
        with pytest.raises(Invalid) as refused:
            service.give_back(session, actor(), [back(lines, to_place_id=place_id)])
        assert "to_place_id" in refused.value.by_field
    assert all(each.undone_at is None for each in lines)


def test_another_reason_has_to_be_said(session: Session, org: Organised, actor: ActorOf) -> None:
    _, lines = delivered(session, actor(), org)
    with pytest.raises(Invalid) as refused:
        service.give_back(session, actor(), [back(lines, reason="other")])
    assert set(refused.value.by_field) == {"text"}
    service.give_back(session, actor(), [back(lines, reason="other", text="Rommet ble bygd om.")])


def test_what_went_back_goes_back_no_second_time_and_is_not_undone(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    ordered, lines = delivered(session, actor(), org)
    service.give_back(session, actor(), [back(lines[:1])])
    with pytest.raises(service.HandoverUndone):
        service.give_back(session, actor(), [back(lines)])
    with pytest.raises(service.HandoverUndone):
        service.undo(session, actor(), [Undo(handover_line_ids=ids(lines[:1]))])
    assert ordered.order_line(session).returned == 1
    assert lines[1].undone_at is None


def test_only_what_was_ordered_and_received_goes_back(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    lines = on_its_way(session, actor(), an_order(session, org))
    with pytest.raises(service.NotReturnable):
        service.give_back(session, actor(), [back(lines)])


def test_what_the_receiver_offers_or_has_given_on_stays(
    session: Session, org: Organised, actor: ActorOf, clock: MovedClock
) -> None:
    ordered, lines = delivered(session, actor(), org)
    offer = market.Offer(item_ids=[lines[0].item_id])
    market.offer(session, actor(), [offer])
    with pytest.raises(service.ItemOnOffer):
        service.give_back(session, actor(), [back(lines[:1])])
    clock.move(timedelta(hours=1))
    onward = service.HandOver(
        item_ids=[lines[1].item_id],
        handed_over_on=clock.today(),
        to_unit_id=org.unit_id,
        to_place_id=org.room_id,
    )
    service.hand_over(session, actor(), [onward])
    with pytest.raises(service.HandedOverAgain):
        service.give_back(session, actor(), [back(lines[1:])])
    assert ordered.order_line(session).returned == 0


def test_nobody_else_gives_back_and_another_organisation_finds_nothing(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    _, lines = delivered(session, actor(), org)
    with pytest.raises(Forbidden):
        service.give_back(session, actor(Role.CONTROLLER), [back(lines)])
    with pytest.raises(NotFound):
        service.give_back(session, actor(where=foreign_org), [back(lines)])
    assert all(each.undone_at is None for each in lines)


def one_delivered(
    session: Session, manager: Actor, org: Organised
) -> tuple[Listing, Request, HandoverLine]:
    """Two like pieces on the market, one of them ordered and received."""
    listing = a_listing(session, org, 2)
    request = a_request(session, org, listing)
    approved(session, org, request, 1)
    [row] = reservations(session, request)
    order = service.HandOver(reservation_ids=[row.id], handed_over_on=ON)
    service.hand_over(session, manager, [order])
    line = session.scalars(select(HandoverLine)).one()
    service.receive(session, manager, [Receive(handover_line_ids=[line.id])])
    return listing, request, line


def other_of(session: Session, listing: Listing, line: HandoverLine) -> UUID:
    return session.scalars(
        select(ListingItem.item_id).where(
            ListingItem.listing_id == listing.id, ListingItem.item_id != line.item_id
        )
    ).one()


def test_a_received_piece_is_exchanged_for_a_like_one_in_one_act(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    listing, request, line = one_delivered(session, actor(), org)
    other = other_of(session, listing, line)
    swap = ExchangeReceived(handover_line_id=line.id, item_id=other, reason=ReturnReason.DAMAGED)
    service.exchange_received(session, actor(), [swap])
    row = the_line(session, request)
    assert (row.wanted, row.approved, row.received, row.returned) == (1, 1, 0, 1)
    states = {each.item_id: each.state for each in reservations(session, request)}
    assert states == {
        line.item_id: ReservationState.RECEIVED,
        other: ReservationState.APPROVED,
    }
    assert session.get_one(Request, request.id).state is RequestState.SUBMITTED
    [new] = [each for each in reservations(session, request) if each.item_id == other]
    assert new.limit_at is not None
    again = service.HandOver(reservation_ids=[new.id], handed_over_on=ON)
    service.hand_over(session, actor(), [again])
    session.flush()
    after = session.scalars(select(HandoverLine).where(HandoverLine.item_id == other)).one()
    service.receive(session, actor(Role.EMPLOYEE), [Receive(handover_line_ids=[after.id])])
    row = the_line(session, request)
    assert (row.approved, row.received, row.returned) == (1, 1, 1)
    assert session.get_one(Request, request.id).state is RequestState.CLOSED
    # What came instead goes back too, and nothing is left.
    service.give_back(session, actor(), [back([after])])
    assert the_line(session, request).returned == 2


def test_an_exchange_that_finds_no_like_piece_leaves_all_as_it_was(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    listing, request, line = one_delivered(session, actor(), org)
    unlike = session.scalars(
        select(ListingItem.item_id).where(
            ListingItem.listing_id == a_listing(session, org, name="Bord").id
        )
    ).one()
    taken = other_of(session, listing, line)
    approved(session, org, a_request(session, org, listing), 1)
    for item_id, refused in ((unlike, Invalid), (taken, market.PieceTaken), (uuid4(), NotFound)):
        swap = ExchangeReceived(
            handover_line_id=line.id, item_id=item_id, reason=ReturnReason.DAMAGED
        )
        with pytest.raises(refused), session.begin_nested():
            service.exchange_received(session, actor(), [swap])
        row = the_line(session, request)
        assert (row.approved, row.returned) == (1, 0)
        assert session.get_one(HandoverLine, line.id).undone_at is None


def test_only_the_giver_exchanges(session: Session, org: Organised, actor: ActorOf) -> None:
    listing, _, line = one_delivered(session, actor(), org)
    swap = ExchangeReceived(
        handover_line_id=line.id,
        item_id=other_of(session, listing, line),
        reason=ReturnReason.DAMAGED,
    )
    with pytest.raises(Forbidden):
        service.exchange_received(session, actor(Role.EMPLOYEE), [swap])


def test_returns_at_the_same_time_have_one_effect(new_database: NewDatabase) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    sides = [played(database, each, org) for each in (Role.FURNITURE_MANAGER, Role.EMPLOYEE)]
    with database.write() as session:
        _, lines = delivered(session, sides[0], org)
        wanted = back(lines)

    def give(actor: Actor) -> None:
        with database.write() as session:
            service.give_back(session, actor, [wanted])

    calls = [partial(give, sides[n % 2]) for n in range(4)]
    assert at_once(calls) == ["HandoverUndone"] * 3 + ["done"]
    with database.read() as session:
        assert session.scalars(select(RequestLine.returned)).one() == 2
        assert saved(session) == 0


def test_exchanges_for_the_same_piece_have_one_winner(new_database: NewDatabase) -> None:
    database, org, swaps = two_to_exchange(new_database)
    manager = played(database, Role.FURNITURE_MANAGER, org)

    def exchange(swap: ExchangeReceived) -> None:
        with database.write() as session:
            service.exchange_received(session, manager, [swap])

    assert at_once([partial(exchange, each) for each in swaps]) == ["PieceTaken", "done"]
    with database.read() as session:
        active = select(func.count()).where(Reservation.state == ReservationState.APPROVED)
        assert session.scalar(active) == 1
        assert session.scalars(select(RequestLine.returned)).one() == 1


def two_to_exchange(
    new_database: NewDatabase,
) -> tuple[Database, Organised, list[ExchangeReceived]]:
    """Two received pieces of one order, and one like piece that is left."""
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    manager = played(database, Role.FURNITURE_MANAGER, org)
    with database.write() as session:
        listing = a_listing(session, org, 3)
        request = a_request(session, org, listing, 2)
        approved(session, org, request, 2)
        held = [each.id for each in reservations(session, request)]
        order = service.HandOver(reservation_ids=held, handed_over_on=ON)
        service.hand_over(session, manager, [order])
        lines = session.scalars(select(HandoverLine)).all()
        service.receive(session, manager, [Receive(handover_line_ids=ids(list(lines)))])
        gone = {each.item_id for each in lines}
        [left] = [
            each
            for each in session.scalars(
                select(ListingItem.item_id).where(ListingItem.listing_id == listing.id)
            )
            if each not in gone
        ]
        swaps = [
            ExchangeReceived(
                handover_line_id=each.id, item_id=left, reason=ReturnReason.WRONG_PIECE
            )
            for each in lines
        ]
    return database, org, swaps
