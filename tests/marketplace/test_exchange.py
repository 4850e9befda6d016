"""A promised piece is exchanged for a like one, and a request is repeated."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.handovers.service import HandOver, hand_over
from app.items.models import Item
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from app.marketplace import service
from app.marketplace.commands_exchange import Exchange
from app.marketplace.models import Listing, ListingItem, Request
from app.marketplace.queries import basket_of
from app.marketplace.search_rows import ROWS
from app.marketplace.service_basket import lines_by_listing
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.handovers.orders import ON
from tests.marketplace.queues import waits
from tests.marketplace.stalls import (
    a_listing,
    a_request,
    acting,
    approved,
    reservations,
    states,
    the_line,
)
from tests.people import Organised, SignedInAs


def two_and_one(session: Session, org: Organised) -> tuple[Listing, Request]:
    """Two like pieces on the market, one of them promised."""
    listing = a_listing(session, org, 2)
    request = a_request(session, org, listing)
    approved(session, org, request, 1)
    return listing, request


def other_on(session: Session, listing: Listing, held: UUID | None) -> UUID:
    query = select(ListingItem.item_id).where(ListingItem.listing_id == listing.id)
    return next(each for each in session.scalars(query) if each != held)


def left(session: Session, listing: Listing) -> int:
    session.flush()
    return int(session.scalars(select(ROWS.c.pieces).where(ROWS.c.listing_id == listing.id)).one())


def kinds(session: Session, subject_id: UUID) -> list[str]:
    session.flush()
    query = select(EventRow.kind).where(EventRow.subject_id == subject_id)
    return [each for each in session.scalars(query) if "exchanged" in each]


def test_a_promised_piece_is_exchanged_and_the_first_is_free_again(
    session: Session, org: Organised
) -> None:
    listing, request = two_and_one(session, org)
    [row] = reservations(session, request)
    before, after = row.item_id, other_on(session, listing, row.item_id)
    assert before is not None
    service.exchange(
        session, acting(session, org), [Exchange(reservation_id=row.id, item_id=after)]
    )
    [row] = reservations(session, request)
    assert (row.item_id, row.state.value) == (after, "approved")
    assert the_line(session, request).approved == 1
    assert left(session, listing) == 1
    assert kinds(session, before) == ["item-exchanged-away"]
    assert kinds(session, after) == ["item-exchanged-for"]
    assert kinds(session, the_line(session, request).id) == ["request-line-exchanged"]


def test_the_freed_piece_goes_to_who_waits(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing = a_listing(session, org)
    holder = a_request(session, org, listing, role=Role.MOVER)
    approved(session, org, holder, 1)
    request = waits(session, org, listing, clock)
    [piece] = session.scalars(select(Item))
    like = a_listing(session, org, name=piece.name)
    [new] = session.scalars(select(ListingItem.item_id).where(ListingItem.listing_id == like.id))
    session.get_one(Item, new).lot_id = piece.lot_id
    [row] = reservations(session, holder)
    service.exchange(session, acting(session, org), [Exchange(reservation_id=row.id, item_id=new)])
    assert states(session, request) == {"offered": 1}
    assert states(session, holder) == {"approved": 1}


def test_only_a_like_piece_that_is_free_on_the_market_is_taken(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    listing, request = two_and_one(session, org)
    [row] = reservations(session, request)
    manager = acting(session, org)
    held = row.item_id
    other = other_on(session, listing, held)
    unlike = some_items(session, org)[0].id
    foreign = some_items(session, foreign_org)[0].id
    for item_id, refused in ((unlike, Invalid), (held, Invalid), (foreign, NotFound)):
        assert item_id is not None
        with pytest.raises(refused):
            service.exchange(session, manager, [Exchange(reservation_id=row.id, item_id=item_id)])
    same = Exchange(reservation_id=row.id, item_id=held)
    with pytest.raises(Invalid) as again:  # as from an old page, where it was exchanged already
        service.exchange(session, manager, [same])
    assert "alt det som er satt av" in again.value.by_field["item_id"]
    approved(session, org, a_request(session, org, listing), 1)
    with pytest.raises(service.PieceTaken):
        service.exchange(session, manager, [Exchange(reservation_id=row.id, item_id=other)])
    [row] = reservations(session, request)
    assert row.item_id == held


def test_only_the_giver_exchanges_and_only_what_is_not_fetched(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    listing, request = two_and_one(session, org)
    [row] = reservations(session, request)
    command = Exchange(reservation_id=row.id, item_id=other_on(session, listing, row.item_id))
    with pytest.raises(Forbidden):
        service.exchange(session, acting(session, org, Role.EMPLOYEE), [command])
    with pytest.raises(NotFound):
        service.exchange(session, acting(session, foreign_org), [command])
    handing = HandOver(handed_over_on=ON, reservation_ids=[row.id])
    hand_over(session, acting(session, org), [handing])
    with pytest.raises(service.NotExchangeable):
        service.exchange(session, acting(session, org), [command])
    assert states(session, request) == {"picked_up": 1}


def in_basket(session: Session, org: Organised) -> list[int]:
    session.flush()
    basket = session.scalar(basket_of(acting(session, org, Role.EMPLOYEE)))
    return [each.wanted for each in lines_by_listing(session, basket).values()] if basket else []


def test_a_request_is_repeated_as_far_as_there_is_still_some(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 3)
    request = a_request(session, org, listing, 3)
    employee = acting(session, org, Role.EMPLOYEE)
    approved(session, org, request, 3)
    [gone, *_] = reservations(session, request)
    handing = HandOver(handed_over_on=ON, reservation_ids=[gone.id])
    hand_over(session, acting(session, org), [handing])
    for _ in range(2):  # what is in the basket already is not put there again
        [found] = service.repeat(session, employee, [service.OfRequest(request_id=request.id)])
        assert (found.wanted, found.put) == (3, 2)
        assert in_basket(session, org) == [2]


def test_what_is_gone_or_anothers_is_not_repeated(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    listing = a_listing(session, org)
    request = a_request(session, org, listing)
    again = service.OfRequest(request_id=request.id)
    for stranger in (acting(session, foreign_org), acting(session, org, Role.SURVEYOR)):
        with pytest.raises(NotFound):
            service.repeat(session, stranger, [again])
    withdraw = service.OfListing(listing_id=listing.id)
    service.withdraw(session, acting(session, org), [withdraw])
    with pytest.raises(service.NothingLeftToRepeat):
        service.repeat(session, acting(session, org, Role.EMPLOYEE), [again])
    assert in_basket(session, org) == []


def test_both_are_done_on_the_requests_page_and_as_json(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing, request = two_and_one(session, org)
        [row] = reservations(session, request)
        request_id, reservation_id = request.id, row.id
        held, other = row.item_id, other_on(session, listing, row.item_id)
    manager, employee = signed_in_as(), signed_in_as(Role.EMPLOYEE)
    page = manager.get(f"/bestillinger/{request_id}").text
    assert "med et likt møbel" in page
    assert str(other) in page
    assert "med et likt møbel" not in employee.get(f"/bestillinger/{request_id}").text
    form = {"key": "k", "reservation_id": str(reservation_id), "item_id": str(other)}
    assert manager.post(f"/godkjenning/{request_id}/bytt", data=form).status_code == 303
    same = manager.post(f"/godkjenning/{request_id}/bytt", data={**form, "key": "l"})
    assert same.status_code == 422
    assert "av samme slag" in same.text
    body = [{"reservation_id": str(reservation_id), "item_id": str(held)}]
    assert manager.post("/api/v1/reservations/exchange", json=body).status_code == 200
    again = manager.post("/api/v1/reservations/exchange", json=body)
    assert again.status_code == 422

    repeated = employee.post(f"/bestillinger/{request_id}/gjenta", data={"key": "r"})
    assert repeated.status_code == 303
    assert "kurv" in repeated.headers["location"]
    json = employee.post("/api/v1/requests/repeat", json=[{"request_id": str(request_id)}])
    assert json.json()[0]["put"] == 1
