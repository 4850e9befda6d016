"""What is approved is held for some days, and let go of by the clock."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Undo, hand_over, undo
from app.kit.clock import MovedClock, end_of, last_day_of
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.kit.events import EventRow
from app.marketplace import service
from app.marketplace.commands_hold import ExtendHold, SetHoldRule
from app.marketplace.models import Listing, Request
from app.marketplace.rules_hold import held_until
from app.marketplace.search_rows import ROWS
from app.marketplace.service_hold import release_due, remind_due
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
from tests.people import Organised

LAST_DAY = date(2026, 3, 16)
"""Ten working days after 2 March 2026, the day of the tests' clock."""


def last_days(session: Session, request: Request) -> set[date | None]:
    rows = reservations(session, request)
    return {last_day_of(each.limit_at) if each.limit_at else None for each in rows}


def an_order(
    session: Session, org: Organised, pieces: int = 1, **fields: object
) -> tuple[Listing, Request]:
    listing = a_listing(session, org, pieces)
    request = a_request(session, org, listing, pieces, **fields)  # type: ignore[arg-type]
    approved(session, org, request, pieces)
    return listing, request


def kinds(session: Session, subject_id: UUID) -> list[str]:
    session.flush()
    query = select(EventRow.kind).where(EventRow.subject_id == subject_id)
    return [each for each in session.scalars(query) if "hold" in each]


def extended(session: Session, org: Organised, request: Request, until: date) -> None:
    command = ExtendHold(request_line_id=the_line(session, request).id, until=until)
    service.extend_hold(session, acting(session, org), [command])


def test_easter_and_weekends_are_no_working_days() -> None:
    assert held_until(date(2026, 4, 1), 1) == end_of(date(2026, 4, 7))
    assert held_until(date(2026, 3, 2), 10, None, date(2026, 2, 1)) == end_of(LAST_DAY)
    assert held_until(date(2026, 3, 2), 1, date(2026, 5, 4)) == end_of(date(2026, 5, 5))


def test_what_is_approved_is_held_for_the_days_of_the_organisation(
    session: Session, org: Organised
) -> None:
    _, request = an_order(session, org)
    assert last_days(session, request) == {LAST_DAY}
    admin = acting(session, org, Role.ADMIN)
    service.set_hold_rule(session, admin, SetHoldRule(version=0, working_days=1))
    _, request = an_order(session, org)
    assert last_days(session, request) == {date(2026, 3, 3)}
    with pytest.raises(Stale):
        service.set_hold_rule(session, admin, SetHoldRule(version=0, working_days=3))
    with pytest.raises(Forbidden):
        service.set_hold_rule(session, acting(session, org), SetHoldRule(version=1, working_days=3))
    for wrong in (0, 121):
        with pytest.raises(ValueError):
            SetHoldRule(version=1, working_days=wrong)


def test_an_accepted_offer_is_held_as_long(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = an_order(session, org, role=Role.MOVER)
    request = waits(session, org, listing, clock)
    cancel = service.OfRequest(request_id=holder.id)
    service.cancel(session, acting(session, org), [cancel])
    accept = service.AcceptOffer(request_line_id=the_line(session, request).id, quantity=1)
    service.accept_offer(session, acting(session, org, Role.EMPLOYEE), [accept])
    assert last_days(session, request) == {LAST_DAY}


def test_both_sides_are_reminded_once_two_working_days_before(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request = an_order(session, org, 2)
    line_id = the_line(session, request).id
    clock.move(timedelta(days=9))  # a Wednesday; the limit is on Monday
    assert remind_due(session) == 0
    clock.move(timedelta(days=1))
    assert remind_due(session) == 2
    assert remind_due(session) == 0
    assert kinds(session, line_id) == ["request-line-hold-ending"]


def test_at_the_end_the_pieces_go_back_to_the_market_once(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, request = an_order(session, org, 2)
    line = the_line(session, request)
    clock.at = end_of(LAST_DAY) - timedelta(seconds=1)
    assert release_due(session) == 0
    clock.move(timedelta(seconds=1))
    assert release_due(session) == 2
    assert release_due(session) == 0
    assert states(session, request) == {"expired": 2}
    assert the_line(session, request).approved == 0
    assert session.get_one(Request, request.id).state.value == "closed"
    assert kinds(session, line.id) == ["request-line-hold-expired"]
    left = select(ROWS.c.pieces).where(ROWS.c.listing_id == listing.id)
    assert session.scalars(left).one() == 2
    approved(session, org, a_request(session, org, listing, 2), 2)


def test_at_the_end_the_piece_is_offered_to_who_waits(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing, holder = an_order(session, org, role=Role.MOVER)
    request = waits(session, org, listing, clock)
    clock.at = end_of(LAST_DAY)
    release_due(session)
    assert states(session, holder) == {"expired": 1}
    assert states(session, request) == {"offered": 1}


def test_what_was_made_ready_is_let_go_of_too_and_what_is_on_its_way_never(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request = an_order(session, org, 2)
    line = service.OfRequestLine(request_line_id=the_line(session, request).id)
    service.make_ready(session, acting(session, org), [line])
    gone, _ = reservations(session, request)
    hand_over(
        session, acting(session, org), [HandOver(handed_over_on=ON, reservation_ids=[gone.id])]
    )
    clock.move(timedelta(days=60))
    assert release_due(session) == 1
    assert states(session, request) == {"picked_up": 1, "expired": 1}
    assert the_line(session, request).approved == 1
    assert remind_due(session) == 0


def test_an_undone_handover_holds_the_piece_anew(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request = an_order(session, org)
    [reservation] = reservations(session, request)
    command = HandOver(handed_over_on=ON, reservation_ids=[reservation.id])
    hand_over(session, acting(session, org), [command])
    assert last_days(session, request) == {None}
    clock.move(timedelta(days=60))
    lines = list(session.scalars(select(HandoverLine.id)))
    undo(session, acting(session, org), [Undo(handover_line_ids=lines)])
    assert states(session, request) == {"ready": 1}
    assert release_due(session) == 0
    assert {each > LAST_DAY for each in last_days(session, request) if each} == {True}


def test_the_giver_holds_longer_and_the_reminder_comes_again(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request = an_order(session, org)
    line_id = the_line(session, request).id
    clock.move(timedelta(days=10))
    remind_due(session)
    extended(session, org, request, date(2026, 3, 30))
    assert last_days(session, request) == {date(2026, 3, 30)}
    clock.at = end_of(LAST_DAY)
    assert release_due(session) == 0
    clock.move(timedelta(days=11))
    assert remind_due(session) == 1
    assert "request-line-hold-extended" in kinds(session, line_id)


def test_what_is_held_longer_already_keeps_its_day(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request = an_order(session, org, 2)
    first, _ = reservations(session, request)
    command = HandOver(handed_over_on=ON, reservation_ids=[first.id])
    hand_over(session, acting(session, org), [command])
    clock.move(timedelta(days=8))
    undone = Undo(handover_line_ids=list(session.scalars(select(HandoverLine.id))))
    undo(session, acting(session, org), [undone])
    later = date(2026, 3, 24)
    assert last_days(session, request) == {LAST_DAY, later}
    extended(session, org, request, date(2026, 3, 18))
    assert last_days(session, request) == {date(2026, 3, 18), later}
    told = select(EventRow.payload).where(EventRow.kind == "request-line-hold-extended")
    assert [each["pieces"] for each in session.scalars(told)] == [1]
    extended(session, org, request, date(2026, 3, 30))
    assert last_days(session, request) == {date(2026, 3, 30)}


def test_a_hold_that_is_over_is_not_made_longer_into_the_past(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    _, request = an_order(session, org)
    clock.move(timedelta(days=20))  # and the job that lets go has stood still
    with pytest.raises(Invalid) as refused:
        extended(session, org, request, LAST_DAY + timedelta(days=1))
    assert list(refused.value.by_field) == ["until"]
    assert last_days(session, request) == {LAST_DAY}


def test_a_hold_is_made_longer_only_by_the_giver_and_only_longer(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    listing, request = an_order(session, org)
    line_id = the_line(session, request).id
    for wrong in (date(2026, 3, 1), LAST_DAY, date(2027, 6, 1)):
        with pytest.raises(Invalid) as refused:
            extended(session, org, request, wrong)
        assert list(refused.value.by_field) == ["until"]
    command = ExtendHold(request_line_id=line_id, until=date(2026, 3, 30))
    with pytest.raises(Forbidden):
        service.extend_hold(session, acting(session, org, Role.EMPLOYEE), [command])
    with pytest.raises(NotFound):
        service.extend_hold(session, acting(session, foreign_org), [command])
    other = a_request(session, org, listing)
    with pytest.raises(service.NothingHeld):
        extended(session, org, other, date(2026, 3, 30))
    assert last_days(session, request) == {LAST_DAY}
