"""Offers, requests and approvals: what is asked for, given, and left."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.impact.rules import WouldHave
from app.items.models import Item
from app.items.rules import Condition, ItemState
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from app.marketplace import queries, service
from app.marketplace.models import Listing, ListingItem, Message, Request, RequestLine
from app.marketplace.rules import ListingState, RefusalReason, RequestState
from tests.factories import an_item, some_items
from tests.marketplace.stalls import (
    a_listing,
    a_request,
    acting,
    approved,
    pieces_of,
    reservations,
    states,
    the_line,
)
from tests.people import Organised


def left_on(session: Session, org: Organised, listing_id: UUID) -> int:
    query = queries.available(acting(session, org), [listing_id])
    return int(queries.by_id(session, query).get(listing_id, 0))


def kinds(session: Session, subject: object) -> list[str]:
    found = session.scalars(
        select(EventRow.kind).where(EventRow.subject_id == subject).order_by(EventRow.at)
    )
    return list(found)


# -- Offers ------------------------------------------------------------------------------------


def test_like_pieces_become_one_listing_and_others_one_of_their_own(
    session: Session, org: Organised
) -> None:
    chairs = some_items(session, org, 3, name="Stol")
    worn = some_items(session, org, 1, name="Stol", condition=Condition.C)
    stored = some_items(session, org, 2, name="Bord", place_id=org.storage_id)
    offer = service.Offer(item_ids=[item.id for item in (*chairs, *worn, *stored)])
    listings = service.offer(session, acting(session, org), [offer])
    assert [left_on(session, org, each.id) for each in listings] == [3, 1, 2]
    assert kinds(session, listings[0].id) == ["listing-opened"]


def test_an_offered_piece_stays_in_the_state_it_has(session: Session, org: Organised) -> None:
    item = an_item(session, org)
    service.offer(session, acting(session, org), [service.Offer(item_ids=[item.id])])
    session.refresh(item)
    assert item.state is ItemState.IN_USE


def test_a_piece_is_on_one_open_listing_only(session: Session, org: Organised) -> None:
    item = an_item(session, org)
    offer = service.Offer(item_ids=[item.id])
    service.offer(session, acting(session, org), [offer])
    with pytest.raises(service.PieceOfferedAlready):
        service.offer(session, acting(session, org), [offer])


def test_a_piece_on_its_way_can_not_be_offered(session: Session, org: Organised) -> None:
    item = an_item(session, org, state=ItemState.IN_TRANSIT)
    with pytest.raises(service.PieceNotHere):
        service.offer(session, acting(session, org), [service.Offer(item_ids=[item.id])])


def test_a_foreign_piece_is_not_found_and_nothing_is_offered(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    theirs, ours = an_item(session, foreign_org), an_item(session, org)
    with pytest.raises(NotFound):
        service.offer(session, acting(session, org), [service.Offer(item_ids=[ours.id, theirs.id])])
    assert session.scalars(select(ListingItem)).all() == []


def test_an_employee_can_not_offer(session: Session, org: Organised) -> None:
    item = an_item(session, org)
    with pytest.raises(Forbidden):
        service.offer(
            session, acting(session, org, Role.EMPLOYEE), [service.Offer(item_ids=[item.id])]
        )


def test_the_last_day_comes_after_the_first(session: Session, org: Organised) -> None:
    item = an_item(session, org)
    offer = service.Offer(item_ids=[item.id], until_date=date(2026, 3, 1))
    with pytest.raises(Invalid) as refused:
        service.offer(session, acting(session, org), [offer])
    assert "until_date" in refused.value.by_field


def test_a_withdrawn_listing_declines_what_is_not_approved_and_keeps_what_is(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 3)
    first, second = (a_request(session, org, listing, 1) for _ in range(2))
    approved(session, org, first, 1)
    service.withdraw(session, acting(session, org), [service.OfListing(listing_id=listing.id)])
    assert listing.state is ListingState.WITHDRAWN
    assert states(session, first) == {"approved": 1}
    assert states(session, second) == {"declined": 1}
    line = the_line(session, second)
    assert (line.declined, line.declined_for) == (1, RefusalReason.WITHDRAWN)
    assert left_on(session, org, listing.id) == 0


@pytest.mark.parametrize("reason", [RefusalReason.WITHDRAWN, RefusalReason.LAPSED])
def test_a_giver_does_not_answer_what_only_the_end_of_a_listing_says(reason: RefusalReason) -> None:
    with pytest.raises(ValidationError):
        service.Decline.model_validate({"request_line_id": uuid4(), "reason": reason})


# -- Basket and request ------------------------------------------------------------------------


def test_a_basket_becomes_a_request_with_a_reservation_for_each_piece(
    session: Session, org: Organised
) -> None:
    employee = acting(session, org, Role.EMPLOYEE)
    chairs, desks = a_listing(session, org, 5), a_listing(session, org, 2, name="Bord")
    put = service.PutInBasket
    service.put_in_basket(session, employee, [put(listing_id=chairs.id, wanted=2)])
    service.put_in_basket(session, employee, [put(listing_id=chairs.id, wanted=1)])
    service.put_in_basket(session, employee, [put(listing_id=desks.id)])
    answer = service.LineAnswer(listing_id=chairs.id, would_have=WouldHave.WOULD_BUY_NEW)
    [request] = service.submit(
        session,
        employee,
        [service.Submit(unit_id=org.other_unit_id, note="Til møterommet", lines=[answer])],
    )
    assert (request.number, request.state) == (1, RequestState.SUBMITTED)
    assert states(session, request) == {"requested": 4}
    lines = session.scalars(select(RequestLine).where(RequestLine.request_id == request.id))
    assert {each.wanted: each.would_have for each in lines} == {
        3: WouldHave.WOULD_BUY_NEW,
        1: WouldHave.NOT_ANSWERED,
    }
    assert session.scalar(queries.basket_of(employee)) is None


def test_a_line_is_changed_and_taken_out_of_the_basket(session: Session, org: Organised) -> None:
    employee = acting(session, org, Role.EMPLOYEE)
    listing = a_listing(session, org, 5)
    service.put_in_basket(session, employee, [service.PutInBasket(listing_id=listing.id)])
    change = service.ChangeBasket
    basket = service.change_basket(session, employee, [change(listing_id=listing.id, wanted=4)])
    assert the_line(session, basket).wanted == 4
    service.change_basket(session, employee, [change(listing_id=listing.id, wanted=0)])
    with pytest.raises(service.BasketEmpty):
        service.submit(session, employee, [service.Submit(unit_id=org.unit_id)])


def test_more_than_the_listing_has_can_not_be_asked_for(session: Session, org: Organised) -> None:
    listing = a_listing(session, org, 2)
    with pytest.raises(Invalid) as refused:
        a_request(session, org, listing, 3)
    assert "wanted" in refused.value.by_field


def test_a_closed_listing_can_not_be_asked_for(session: Session, org: Organised) -> None:
    listing = a_listing(session, org, 2)
    service.withdraw(session, acting(session, org), [service.OfListing(listing_id=listing.id)])
    with pytest.raises(service.ListingNotOpen):
        a_request(session, org, listing)


def test_units_places_listings_and_lines_of_others_are_refused(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    listing, theirs = a_listing(session, org), a_listing(session, foreign_org)
    with pytest.raises(Invalid):
        a_request(session, org, listing, unit_id=foreign_org.unit_id)
    with pytest.raises(Invalid):
        a_request(session, org, listing, place_id=foreign_org.room_id)
    with pytest.raises(NotFound):
        a_request(session, org, theirs)
    with pytest.raises(NotFound):
        a_request(session, org, listing, programme_line_id=listing.id)


def test_requests_are_numbered_without_gaps_for_each_organisation(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    ours, theirs = a_listing(session, org, 5), a_listing(session, foreign_org, 5)
    numbers = [a_request(session, org, ours).number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert a_request(session, foreign_org, theirs).number == 1


def test_an_employee_sees_own_requests_and_a_manager_all(session: Session, org: Organised) -> None:
    listing = a_listing(session, org, 5)
    own, other = a_request(session, org, listing), a_request(session, org, listing, role=Role.MOVER)
    employee = queries.requests_visible_to(acting(session, org, Role.EMPLOYEE))
    assert session.scalars(employee).all() == [own]
    manager = session.scalars(queries.requests_visible_to(acting(session, org))).all()
    assert {each.id for each in manager} == {own.id, other.id}


# -- Approval ----------------------------------------------------------------------------------


def test_who_comes_second_gets_what_is_left_and_waits_for_the_rest(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 30)
    first, second = (a_request(session, org, listing, 20) for _ in range(2))
    approved(session, org, first, 20)
    approved(session, org, second, 20)
    assert states(session, first) == {"approved": 20}
    assert states(session, second) == {"approved": 10, "waiting": 10}
    given = pieces_of(reservations(session, first)) + pieces_of(reservations(session, second))
    assert len(set(given)) == 30
    assert left_on(session, org, listing.id) == 0


def test_a_part_is_approved_and_the_rest_declined_with_a_note(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 5)
    request = a_request(session, org, listing, 4)
    line = the_line(session, request)
    said = {"request_line_id": line.id, "quantity": 3, "note": "Tre kan dere få."}
    with pytest.raises(Invalid) as refused:
        service.approve(session, acting(session, org), [service.Approve.model_validate(said)])
    assert set(refused.value.by_field) == {"reason"}
    command = service.Approve.model_validate({**said, "reason": RefusalReason.CONDITION})
    service.approve(session, acting(session, org), [command])
    assert states(session, request) == {"approved": 3, "declined": 1}
    line = the_line(session, request)
    assert (line.approved, line.declined) == (3, 1)
    assert line.declined_for is RefusalReason.CONDITION
    assert session.scalars(select(Message.text)).all() == ["Tre kan dere få."]


def test_who_waits_is_offered_a_piece_that_falls_free_and_needs_no_second_yes(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 1)
    first, second = a_request(session, org, listing), a_request(session, org, listing)
    approved(session, org, first, 1)
    approved(session, org, second, 1)
    service.cancel(
        session, acting(session, org, Role.EMPLOYEE), [service.OfRequest(request_id=first.id)]
    )
    assert states(session, first) == {"cancelled": 1}
    assert first.state is RequestState.CANCELLED
    assert states(session, second) == {"offered": 1}
    with pytest.raises(service.NothingToDecide):
        approved(session, org, second, 1)


def test_a_declined_request_is_closed_and_its_pieces_are_free(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 2)
    request = a_request(session, org, listing, 2)
    command = service.Decline(
        request_line_id=the_line(session, request).id, reason=RefusalReason.NEEDED_HERE
    )
    service.decline(session, acting(session, org), [command])
    session.refresh(request)
    assert states(session, request) == {"declined": 2}
    assert request.state is RequestState.CLOSED
    assert left_on(session, org, listing.id) == 2
    with pytest.raises(service.NothingToDecide):
        service.decline(session, acting(session, org), [command])


def test_more_than_was_asked_for_can_not_be_approved(session: Session, org: Organised) -> None:
    request = a_request(session, org, a_listing(session, org, 5), 2)
    with pytest.raises(Invalid) as refused:
        approved(session, org, request, 3)
    assert "quantity" in refused.value.by_field
    assert states(session, request) == {"requested": 2}


def test_an_employee_can_not_approve(session: Session, org: Organised) -> None:
    request = a_request(session, org, a_listing(session, org))
    command = service.Approve(request_line_id=the_line(session, request).id, quantity=1)
    with pytest.raises(Forbidden):
        service.approve(session, acting(session, org, Role.EMPLOYEE), [command])


def test_a_foreign_line_is_not_found_and_unchanged(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    theirs = a_request(session, foreign_org, a_listing(session, foreign_org))
    ours = a_request(session, org, a_listing(session, org))
    commands = [
        service.Approve(request_line_id=the_line(session, each).id, quantity=1)
        for each in (ours, theirs)
    ]
    with pytest.raises(NotFound):
        service.approve(session, acting(session, org), commands)
    assert states(session, theirs) == states(session, ours) == {"requested": 1}


# -- Handover's marks --------------------------------------------------------------------------


def test_picked_up_and_received_pieces_are_counted_and_close_listing_and_request(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 2)
    request = a_request(session, org, listing, 2)
    line = approved(session, org, request, 2)
    manager = acting(session, org)
    service.make_ready(session, manager, [service.OfRequestLine(request_line_id=line.id)])
    assert states(session, request) == {"ready": 2}
    service.mark_picked_up(session, manager, reservations(session, request))
    session.refresh(listing)
    assert listing.state is ListingState.ENDED
    service.mark_received(session, manager, reservations(session, request))
    line = the_line(session, request)
    assert (line.picked_up, line.received) == (2, 2)
    assert session.get_one(Request, request.id).state is RequestState.CLOSED
    service.mark_undone(session, manager, reservations(session, request))
    line = the_line(session, request)
    assert (line.picked_up, line.received) == (0, 0)
    assert states(session, request) == {"ready": 2}
    assert session.get_one(Request, request.id).state is RequestState.SUBMITTED
    assert session.get_one(Listing, listing.id).state is ListingState.OPEN
    assert left_on(session, org, listing.id) == 0


def test_what_is_not_approved_can_not_be_picked_up(session: Session, org: Organised) -> None:
    request = a_request(session, org, a_listing(session, org))
    with pytest.raises(service.NotReady):
        service.mark_picked_up(session, acting(session, org), reservations(session, request))


def test_a_cancelled_request_can_not_be_cancelled_again(session: Session, org: Organised) -> None:
    request = a_request(session, org, a_listing(session, org))
    command = service.OfRequest(request_id=request.id)
    employee = acting(session, org, Role.EMPLOYEE)
    service.cancel(session, employee, [command])
    with pytest.raises(service.RequestNotOpen):
        service.cancel(session, employee, [command])


def test_a_message_is_seen_by_both_sides_only(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    request = a_request(session, org, a_listing(session, org))
    post = service.PostMessage(request_id=request.id, text="Når kan vi hente?")
    service.post_message(session, acting(session, org, Role.EMPLOYEE), [post])
    service.post_message(session, acting(session, org), [post])
    for stranger in (acting(session, foreign_org), acting(session, org, Role.SURVEYOR)):
        with pytest.raises(NotFound):
            service.post_message(session, stranger, [post])
    assert len(session.scalars(select(Message)).all()) == 2


def test_a_piece_that_left_by_itself_is_not_counted(session: Session, org: Organised) -> None:
    listing = a_listing(session, org, 2)
    item_id = session.scalars(
        select(ListingItem.item_id).where(ListingItem.listing_id == listing.id)
    ).first()
    session.get_one(Item, item_id).state = ItemState.DISPOSED
    session.flush()
    assert left_on(session, org, listing.id) == 1
