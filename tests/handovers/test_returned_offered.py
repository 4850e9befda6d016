"""What is returned is offered again: to who waits, and when its listing is relisted."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.handovers import service
from app.handovers.models import HandoverLine
from app.handovers.service import Receive
from app.marketplace import service as market
from app.marketplace.models import ListingItem
from app.marketplace.rules import ListingState, ReturnReason
from tests.handovers.orders import ON
from tests.handovers.test_return import back, one_delivered
from tests.marketplace.stalls import a_listing, a_request, approved, reservations, states
from tests.people import ActorOf, Organised


@pytest.mark.parametrize(
    ("reason", "state"),
    [(ReturnReason.NOT_NEEDED, "offered"), (ReturnReason.DAMAGED, "waiting")],
)
def test_a_returned_piece_goes_to_who_waits_unless_somebody_must_look_at_it(
    session: Session, org: Organised, actor: ActorOf, reason: ReturnReason, state: str
) -> None:
    listing = a_listing(session, org, 1)
    first, second = a_request(session, org, listing), a_request(session, org, listing)
    approved(session, org, first, 1)
    approved(session, org, second, 1)
    [row] = reservations(session, first)
    order = service.HandOver(reservation_ids=[row.id], handed_over_on=ON)
    service.hand_over(session, actor(), [order])
    line = session.scalars(select(HandoverLine)).one()
    service.receive(session, actor(), [Receive(handover_line_ids=[line.id])])
    session.refresh(listing)
    assert listing.state is ListingState.ENDED
    service.give_back(session, actor(), [back([line], reason=reason)])
    assert states(session, second) == {state: 1}
    session.refresh(listing)
    assert listing.state is (ListingState.OPEN if state == "offered" else ListingState.ENDED)


@pytest.mark.parametrize(
    ("reason", "pieces"), [(ReturnReason.NOT_NEEDED, 2), (ReturnReason.DAMAGED, 1)]
)
def test_a_relist_includes_what_was_returned_but_for_what_is_damaged(
    session: Session, org: Organised, actor: ActorOf, reason: ReturnReason, pieces: int
) -> None:
    listing, _, line = one_delivered(session, actor(), org)
    market.withdraw(session, actor(), [market.OfListing(listing_id=listing.id)])
    service.give_back(session, actor(), [back([line], reason=reason)])
    market.relist(session, actor(), [market.Relist(listing_id=listing.id)])
    there = select(func.count()).where(
        ListingItem.listing_id == listing.id, ListingItem.left_at.is_(None)
    )
    assert session.scalar(there) == pieces
