"""The waiting list: who is next, what is offered to them, and what becomes of an offer."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.handovers.service import (
    HandOver,
    Undo,
    hand_over,
    undo,
)
from app.kit.clock import MovedClock, end_of
from app.kit.errors import Invalid
from app.marketplace import service, waiting
from app.marketplace.rules import (
    RefusalReason,
    RequestState,
    ReservationState,
)
from app.marketplace.search_rows import ROWS
from tests.handovers.orders import ON
from tests.marketplace.queues import a_project_line, freed, in_queue, taken, waits
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
from tests.marketplace.test_service import kinds, left_on
from tests.people import Organised
from tests.projects.rows import a_project

# -- The order ---------------------------------------------------------------------------------


def test_own_unit_comes_first_then_projects_by_date_then_who_asked_first(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, _ = taken(session, org)
    plain = waits(session, org, listing, clock)
    late = waits(
        session,
        org,
        listing,
        clock,
        programme_line_id=a_project_line(session, org, wanted=date(2026, 9, 1)),
    )
    undated = waits(session, org, listing, clock, programme_line_id=a_project_line(session, org))
    early = waits(
        session,
        org,
        listing,
        clock,
        programme_line_id=a_project_line(session, org, begins=date(2026, 5, 1)),
    )
    own = waits(session, org, listing, clock, unit_id=org.unit_id)
    assert in_queue(session, org, listing) == [
        each.id for each in (own, early, late, plain, undated)
    ]
    rows = waiting.queue_of(session, acting(session, org), listing.id)
    assert [each.priority.value for each in rows] == ["own_unit"] + ["organisation"] * 4
    assert [each.wanted_by for each in rows][1:3] == [date(2026, 5, 1), date(2026, 9, 1)]


def test_what_is_for_a_project_and_no_line_of_its_programme_is_wanted_as_it_begins(
    session: Session, org: Organised
) -> None:
    manager, day = acting(session, org), date(2026, 5, 1)
    listing = a_listing(session, org)
    order = service.Order(
        unit_id=org.other_unit_id,
        project_id=a_project(session, manager, org, from_date=day).id,
        lines=[service.OrderLine(listing_id=listing.id, wanted=1)],
    )
    [request] = service.order(session, manager, [order])
    assert [each.wanted_by for each in reservations(session, request)] == [day]


def test_a_line_of_several_pieces_has_one_place_and_who_is_behind_sees_the_pieces_ahead(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, _ = taken(session, org, 3)
    waits(session, org, listing, clock, 3)
    second = waits(session, org, listing, clock, 2)
    line = the_line(session, second)
    place = waiting.places_of(session, acting(session, org), [line])[line.id]
    assert (place.place, place.ahead, place.pieces) == (2, 3, 2)


# -- Offers ------------------------------------------------------------------------------------


def test_twelve_are_wanted_ten_approved_two_wait_and_are_freed_offered_and_accepted(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 30)
    first = a_request(session, org, listing, 20, role=Role.MOVER)
    second = a_request(session, org, listing, 12)
    approved(session, org, first, 20)
    approved(session, org, second, 12)
    assert states(session, second) == {"approved": 10, "waiting": 2}
    freed(session, org, first)
    assert states(session, second) == {"approved": 10, "offered": 2}
    assert left_on(session, org, listing.id) == 18
    line = the_line(session, second)
    accept = service.AcceptOffer(request_line_id=line.id, quantity=2)
    service.accept_offer(session, acting(session, org, Role.EMPLOYEE), [accept])
    assert states(session, second) == {"approved": 12}
    assert (the_line(session, second).approved, second.state) == (12, RequestState.SUBMITTED)
    assert len(set(pieces_of(reservations(session, second)))) == 12
    limits = {each.limit_at for each in reservations(session, second)}
    assert limits == {end_of(date(2026, 3, 16))}
    assert left_on(session, org, listing.id) == 18
    assert session.scalar(select(ROWS.c.pieces).where(ROWS.c.listing_id == listing.id)) == 18
    assert kinds(session, line.id) == [
        "request-line-approved",
        "request-line-offered",
        "request-line-offer-accepted",
    ]


def test_the_first_declines_the_second_lets_it_lapse_and_the_third_accepts(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = taken(session, org)
    first, second, third = (waits(session, org, listing, clock) for _ in range(3))
    [held] = pieces_of(reservations(session, holder))
    freed(session, org, holder)
    assert [states(session, each) for each in (first, second, third)] == [
        {"offered": 1},
        {"waiting": 1},
        {"waiting": 1},
    ]
    [offer] = reservations(session, first)
    assert (offer.item_id, offer.limit_at) == (held, datetime(2026, 3, 5, 23, tzinfo=UTC))
    assert left_on(session, org, listing.id) == 0

    employee = acting(session, org, Role.EMPLOYEE)
    clock.move(timedelta(hours=2))
    no = service.DeclineOffer(request_line_id=the_line(session, first).id, quantity=1)
    service.decline_offer(session, employee, [no])
    assert [states(session, each) for each in (first, second, third)] == [
        {"declined": 1},
        {"offered": 1},
        {"waiting": 1},
    ]
    assert first.state is RequestState.CLOSED
    assert the_line(session, first).declined == 1

    clock.at = datetime(2026, 3, 5, 22, 59, tzinfo=UTC)
    assert service.pass_on_due(session) == 0
    clock.at = datetime(2026, 3, 5, 23, 0, tzinfo=UTC)
    yes = service.AcceptOffer(request_line_id=the_line(session, second).id, quantity=1)
    with pytest.raises(service.OfferLapsed):
        service.accept_offer(session, employee, [yes])
    assert service.pass_on_due(session) == 2
    assert service.pass_on_due(session) == 0
    assert [states(session, each) for each in (second, third)] == [{"expired": 1}, {"offered": 1}]
    assert second.state is RequestState.CLOSED
    with pytest.raises(service.NothingOffered):
        service.accept_offer(session, employee, [yes])

    clock.move(timedelta(days=1))
    yes = service.AcceptOffer(request_line_id=the_line(session, third).id, quantity=1)
    service.accept_offer(session, employee, [yes])
    assert states(session, third) == {"approved": 1}
    assert pieces_of(reservations(session, third)) == [held]
    clock.move(timedelta(days=30))
    assert service.pass_on_due(session) == 0
    [mine] = reservations(session, third)
    manager = acting(session, org)
    hand_over(session, manager, [HandOver(reservation_ids=[mine.id], handed_over_on=ON)])
    assert states(session, third) == {"picked_up": 1}


def test_an_offer_that_lapsed_is_passed_on_by_the_next_who_acts(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = taken(session, org)
    first, second = (waits(session, org, listing, clock) for _ in range(2))
    newest = a_request(session, org, listing)
    freed(session, org, holder)
    clock.move(timedelta(days=10))
    approved(session, org, newest, 1)
    assert [states(session, each) for each in (first, second, newest)] == [
        {"expired": 1},
        {"offered": 1},
        {"waiting": 1},
    ]


def test_who_is_new_is_not_approved_past_who_waits(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    """A piece that was freed by the program's older version, before it offered anything."""
    listing, holder = taken(session, org)
    old = waits(session, org, listing, clock)
    for each in reservations(session, holder):
        each.state = ReservationState.CANCELLED
    newest = a_request(session, org, listing)
    approved(session, org, newest, 1)
    assert states(session, old) == {"offered": 1}
    assert states(session, newest) == {"waiting": 1}


def test_the_clock_offers_what_fell_free_past_the_markets_verbs(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = taken(session, org)
    old = waits(session, org, listing, clock)
    for each in reservations(session, holder):
        each.state = ReservationState.CANCELLED
    session.flush()
    assert service.pass_on_due(session) == 1
    assert states(session, old) == {"offered": 1}


def test_the_givers_no_to_an_offer_passes_it_on(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = taken(session, org)
    first, second = (waits(session, org, listing, clock) for _ in range(2))
    freed(session, org, holder)
    no = service.Decline(request_line_id=the_line(session, first).id, reason=RefusalReason.GONE)
    service.decline(session, acting(session, org), [no])
    assert [states(session, each) for each in (first, second)] == [{"declined": 1}, {"offered": 1}]


def test_who_cancels_an_offer_passes_it_on_and_with_nobody_left_it_is_on_the_market(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = taken(session, org)
    first, second = (waits(session, org, listing, clock) for _ in range(2))
    freed(session, org, holder)
    freed(session, org, first)
    assert states(session, second) == {"offered": 1}
    freed(session, org, second)
    assert left_on(session, org, listing.id) == 1
    assert session.scalar(select(ROWS.c.pieces).where(ROWS.c.listing_id == listing.id)) == 1


def test_more_that_is_offered_on_a_line_stays_offered(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = taken(session, org, 3)
    request = waits(session, org, listing, clock, 3)
    freed(session, org, holder)
    employee = acting(session, org, Role.EMPLOYEE)
    line_id = the_line(session, request).id
    service.accept_offer(
        session, employee, [service.AcceptOffer(request_line_id=line_id, quantity=1)]
    )
    service.decline_offer(
        session, employee, [service.DeclineOffer(request_line_id=line_id, quantity=1)]
    )
    assert states(session, request) == {"approved": 1, "declined": 1, "offered": 1}
    with pytest.raises(Invalid) as refused:
        service.accept_offer(
            session, employee, [service.AcceptOffer(request_line_id=line_id, quantity=2)]
        )
    assert "quantity" in refused.value.by_field
    line = the_line(session, request)
    assert (line.approved, line.declined) == (1, 1)


def test_a_piece_of_an_undone_handover_goes_to_who_waits_when_its_taker_gives_it_up(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = taken(session, org)
    request = waits(session, org, listing, clock)
    manager = acting(session, org)
    [held] = reservations(session, holder)
    (handover,) = hand_over(
        session, manager, [HandOver(reservation_ids=[held.id], handed_over_on=ON)]
    )
    session.flush()
    from_line = session.scalars(
        select(HandoverLine.id).where(HandoverLine.handover_id == handover.id)
    ).all()
    undo(session, manager, [Undo(handover_line_ids=list(from_line))])
    assert states(session, holder) == {"ready": 1}
    assert states(session, request) == {"waiting": 1}
    freed(session, org, holder)
    assert states(session, request) == {"offered": 1}
