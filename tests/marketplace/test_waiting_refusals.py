"""Answers to offers that are refused, and pieces that are kept for who has an offer."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Deputy, Unit
from app.accounts.rules import Role
from app.handovers.service import (
    HandOver,
    ItemClaimed,
    hand_over,
)
from app.items.commands import OfItem
from app.items.models import Item
from app.items.rules import ItemState
from app.items.service import miss
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, Invalid, NotFound
from app.marketplace import queries, service
from app.marketplace.models import Reservation
from app.marketplace.rules import (
    PriorityClass,
    RequestState,
)
from app.marketplace.service_kept import PieceStillOffered
from tests.handovers.orders import ON
from tests.marketplace.queues import an_offer, freed, taken, waits
from tests.marketplace.stalls import (
    a_listing,
    a_request,
    acting,
    reservations,
    states,
)
from tests.people import Organised


def test_an_offer_is_answered_once(session: Session, org: Organised, clock: MovedClock) -> None:
    _, request, line_id = an_offer(session, org, clock)
    employee = acting(session, org, Role.EMPLOYEE)
    accept = service.AcceptOffer(request_line_id=line_id, quantity=1)
    service.accept_offer(session, employee, [accept])
    with pytest.raises(service.NothingOffered):
        service.accept_offer(session, employee, [accept])
    with pytest.raises(service.NothingOffered):
        no = service.DeclineOffer(request_line_id=line_id, quantity=1)
        service.decline_offer(session, employee, [no])
    assert states(session, request) == {"approved": 1}


def test_a_line_stands_once_in_an_answer(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request, line_id = an_offer(session, org, clock)
    accept = service.AcceptOffer(request_line_id=line_id, quantity=1)
    with pytest.raises(Invalid):
        service.accept_offer(session, acting(session, org, Role.EMPLOYEE), [accept, accept])
    assert states(session, request) == {"offered": 1}


def test_somebody_elses_offer_is_not_found_and_the_manager_of_another_organisation_has_none(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    _, request, line_id = an_offer(session, org, clock)
    for stranger in (acting(session, org, Role.SURVEYOR), acting(session, foreign_org)):
        with pytest.raises(NotFound):
            accept = service.AcceptOffer(request_line_id=line_id, quantity=1)
            service.accept_offer(session, stranger, [accept])
        with pytest.raises(NotFound):
            no = service.DeclineOffer(request_line_id=line_id, quantity=1)
            service.decline_offer(session, stranger, [no])
    assert states(session, request) == {"offered": 1}


def test_who_sees_an_offer_without_deciding_over_it_may_not_answer(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request, line_id = an_offer(session, org, clock)
    accept = service.AcceptOffer(request_line_id=line_id, quantity=1)
    with pytest.raises(Forbidden):
        service.accept_offer(session, acting(session, org, Role.CONTROLLER), [accept])
    assert states(session, request) == {"offered": 1}


@pytest.mark.parametrize("as_deputy", [False, True])
def test_the_asking_units_leader_and_deputy_may_answer(
    session: Session, org: Organised, clock: MovedClock, *, as_deputy: bool
) -> None:
    _, request, line_id = an_offer(session, org, clock)
    person_id = org.person_ids[Role.SURVEYOR]
    if as_deputy:
        session.add(Deputy(org_id=org.org_id, unit_id=org.other_unit_id, person_id=person_id))
    else:
        session.get_one(Unit, org.other_unit_id).leader_id = person_id
    session.flush()
    leader = acting(session, org, Role.SURVEYOR)
    accept = service.AcceptOffer(request_line_id=line_id, quantity=1)
    service.accept_offer(session, leader, [accept])
    assert states(session, request) == {"approved": 1}
    assert request in session.scalars(queries.requests_visible_to(leader)).all()


def test_an_offer_ends_with_its_listing(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, request, line_id = an_offer(session, org, clock)
    [held] = reservations(session, request)
    service.withdraw(session, acting(session, org), [service.OfListing(listing_id=listing.id)])
    assert states(session, request) == {"declined": 1}
    assert request.state is RequestState.CLOSED
    with pytest.raises(service.NothingOffered):
        accept = service.AcceptOffer(request_line_id=line_id, quantity=1)
        service.accept_offer(session, acting(session, org, Role.EMPLOYEE), [accept])
    # Nobody holds the piece any more: it can be put out again.
    assert held.item_id is not None
    again = service.Offer(item_ids=[held.item_id])
    assert len(service.offer(session, acting(session, org), [again])) == 1


def test_an_offered_piece_is_not_lost_nor_handed_over_to_another(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request, _ = an_offer(session, org, clock)
    [held] = reservations(session, request)
    assert held.item_id is not None
    manager = acting(session, org)
    with pytest.raises(PieceStillOffered), session.begin_nested():
        miss(session, manager, [OfItem(item_id=held.item_id)])
    to_another = HandOver(
        item_ids=[held.item_id],
        handed_over_on=ON,
        to_unit_id=org.unit_id,
        to_place_id=org.room_id,
    )
    with pytest.raises(ItemClaimed), session.begin_nested():
        hand_over(session, manager, [to_another])
    too_early = HandOver(reservation_ids=[held.id], handed_over_on=ON)
    with pytest.raises(service.NotReady), session.begin_nested():
        hand_over(session, manager, [too_early])
    assert states(session, request) == {"offered": 1}


def test_a_piece_that_is_not_there_any_more_is_not_accepted(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request, line_id = an_offer(session, org, clock)
    [held] = reservations(session, request)
    session.get_one(Item, held.item_id).state = ItemState.LOST
    with pytest.raises(service.PieceTaken):
        accept = service.AcceptOffer(request_line_id=line_id, quantity=1)
        service.accept_offer(session, acting(session, org, Role.EMPLOYEE), [accept])
    assert states(session, request) == {"offered": 1}


def test_a_listing_whose_last_day_is_over_offers_nothing(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = taken(session, org)
    request = waits(session, org, listing, clock)
    listing.until_date = date(2026, 3, 4)
    session.flush()
    clock.move(timedelta(days=5))
    freed(session, org, holder)
    assert states(session, request) == {"waiting": 1}
    assert service.pass_on_due(session) == 0


def test_the_priority_of_a_request_is_kept_with_its_reservations(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 2)
    own, other = (
        a_request(session, org, listing, unit_id=org.unit_id),
        a_request(session, org, listing),
    )
    numbers = [
        each.priority for each in (*reservations(session, own), *reservations(session, other))
    ]
    assert numbers == [PriorityClass.OWN_UNIT.number, PriorityClass.ORGANISATION.number]
    times = session.scalars(select(Reservation.asked_at)).all()
    assert all(earlier == later for earlier, later in pairwise(times))
