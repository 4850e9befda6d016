"""A piece that is offered or promised is not merged away, deleted, lost or sent away."""

from collections.abc import Callable

import pytest

from app.items.commands import Delete, Merge, OfItem
from app.items.service import delete, merge, miss, send_to_workshop
from app.marketplace.commands import Offer, OfListing, OfRequest
from app.marketplace.models import Reservation
from app.marketplace.rules import ReservationState
from app.marketplace.service import cancel, offer, withdraw
from app.marketplace.service_kept import PieceStillOffered, PieceStillPromised
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.marketplace.stalls import a_listing, a_request, approved, reservations
from tests.people import ActorOf, Organised

Step = Callable[..., object]


def test_a_piece_on_the_market_is_not_deleted_or_merged(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    manager = actor()
    with database.write() as session:
        first, second = some_items(session, org, quantity=2, is_free=True)
        offer(session, manager, [Offer(item_ids=[first.id])])

    with pytest.raises(PieceStillOffered), database.write() as session:
        delete(session, manager, [Delete(item_id=first.id, reason="feil")])
    with pytest.raises(PieceStillOffered), database.write() as session:
        merge(session, manager, [Merge(item_id=first.id, into_id=second.id)])
    with database.write() as session:
        delete(session, manager, [Delete(item_id=second.id, reason="feil")])


@pytest.mark.parametrize("step", [miss, send_to_workshop])
def test_a_piece_on_the_market_is_lost_or_mended_only_when_the_listing_is_withdrawn(
    database: RolledBackDatabase, actor: ActorOf, org: Organised, step: Step
) -> None:
    manager = actor()
    with database.write() as session:
        [item] = some_items(session, org, is_free=True)
        [listing] = offer(session, manager, [Offer(item_ids=[item.id])])

    with pytest.raises(PieceStillOffered), database.write() as session:
        step(session, manager, [OfItem(item_id=item.id)])
    with database.write() as session:
        withdraw(session, manager, [OfListing(listing_id=listing.id)])
        step(session, manager, [OfItem(item_id=item.id)])


@pytest.mark.parametrize("step", [miss, send_to_workshop])
def test_a_promised_piece_is_lost_or_mended_only_when_the_order_is_cancelled(
    database: RolledBackDatabase, actor: ActorOf, org: Organised, step: Step
) -> None:
    manager = actor()
    with database.write() as session:
        listing = a_listing(session, org)
        request = a_request(session, org, listing)
        approved(session, org, request, 1)
        [held] = reservations(session, request)
        withdraw(session, manager, [OfListing(listing_id=listing.id)])
    piece = OfItem(item_id=held.item_id)

    with pytest.raises(PieceStillPromised), database.write() as session:
        step(session, manager, [piece])
    with database.read() as session:
        assert session.get_one(Reservation, held.id).state is ReservationState.APPROVED
    with database.write() as session:
        cancel(session, manager, [OfRequest(request_id=request.id)])
        step(session, manager, [piece])


def test_a_piece_that_was_promised_when_its_listing_was_withdrawn_can_be_offered_again(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    manager = actor()
    with database.write() as session:
        listing = a_listing(session, org)
        request = a_request(session, org, listing)
        approved(session, org, request, 1)
        [held] = reservations(session, request)
        withdraw(session, manager, [OfListing(listing_id=listing.id)])
        cancel(session, manager, [OfRequest(request_id=request.id)])
    item_id = held.item_id
    assert item_id is not None

    with database.write() as session:
        assert len(offer(session, manager, [Offer(item_ids=[item_id])])) == 1
