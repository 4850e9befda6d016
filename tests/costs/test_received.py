"""What is booked as pieces are received, and what turns it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.accounts.rules import Role
from app.costs.models import CostEntry
from app.costs.rules import InternalPrice, Kind, Payer
from app.costs.service_book import book_received, book_returned
from app.handovers.events import PieceReceived, PieceReturned
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, Undo, hand_over, receive, undo
from app.handovers.service_record import Record, record
from app.handovers.service_return import GiveBack, give_back
from app.impact.rules import FulfilmentSource
from app.kit.clock import MovedClock
from app.kit.events import EventRow
from app.marketplace.models import Listing, Request, RequestLine
from app.marketplace.rules import ReturnReason, Terms
from tests.costs.arranged import TODAY, a_rule, amounts, booked
from tests.factories import CHAIR, some_items
from tests.handovers.orders import Ordered, an_order
from tests.marketplace.openings import a_public_page
from tests.marketplace.stalls import acting
from tests.people import ActorOf, Organised

HALVES = (50, 50, 0)
RECEIVER, COMMON = (0, 100, 0), (0, 0, 100)
FIXED = {
    "price_kind": InternalPrice.FIXED,
    "prices": [{"category_id": CHAIR, "price_ore": 30_001}],
}


def on_its_way(
    session: Session, org: Organised, ordered: Ordered, **trip: Any
) -> list[HandoverLine]:
    command = HandOver(reservation_ids=ordered.reservation_ids, handed_over_on=TODAY, **trip)
    [handover] = hand_over(session, acting(session, org), [command])
    query = select(HandoverLine).where(HandoverLine.handover_id == handover.id)
    return list(session.scalars(query.order_by(HandoverLine.id)))


def taken(session: Session, ordered: Ordered, lines: list[HandoverLine]) -> None:
    receive(session, ordered.taker, [Receive(handover_line_ids=[each.id for each in lines])])


def received(
    session: Session, org: Organised, quantity: int = 1, **trip: Any
) -> list[HandoverLine]:
    """Ordered by the second unit (4200) from the first, and received."""
    ordered = an_order(session, org, quantity)
    lines = on_its_way(session, org, ordered, **trip)
    taken(session, ordered, lines)
    return lines


def test_a_receipt_books_each_kind_on_who_pays_it(session: Session, org: Organised) -> None:
    shares = {
        Kind.FREIGHT: HALVES,
        Kind.HANDLING: COMMON,
        Kind.CLEANING: RECEIVER,
        Kind.INTERNAL_PRICE: RECEIVER,
    }
    rule = a_rule(session, org, shares, **FIXED)
    [line] = received(session, org, transport_ore=10_001, handling_ore=700, cleaning_ore=300)
    rows = {(each.kind, each.payer): each for each in booked(session, org)}
    assert {key: each.amount_ore for key, each in rows.items()} == {
        (Kind.FREIGHT, Payer.GIVER): 5_000,
        (Kind.FREIGHT, Payer.RECEIVER): 5_001,
        (Kind.HANDLING, Payer.COMMON): 700,
        (Kind.CLEANING, Payer.RECEIVER): 300,
        (Kind.INTERNAL_PRICE, Payer.RECEIVER): 30_001,
    }
    paid = rows[Kind.INTERNAL_PRICE, Payer.RECEIVER]
    assert (paid.payer_unit_id, paid.payer_cost_centre) == (org.other_unit_id, "4200")
    assert (paid.payee_unit_id, paid.payee_cost_centre) == (org.unit_id, "4100")
    assert (paid.item_id, paid.handover_line_id) == (line.item_id, line.id)
    assert (paid.cost_rule_id, paid.booked_on, paid.happened_on) == (rule.id, TODAY, TODAY)
    assert (paid.currency, paid.percent, paid.whole_ore) == ("NOK", 100, 30_001)
    assert paid.request_id == session.scalars(select(Request.id)).one()
    [event] = session.scalars(select(EventRow.id).where(EventRow.kind == PieceReceived.kind))
    assert paid.event_id == paid.booked_by_event_id == event
    # Who drove and cleaned is paid by the common unit first.
    assert {each.payee_unit_id for each in rows.values()} == {org.unit_id}


def test_the_parts_of_a_trip_are_exactly_the_trip_however_its_pieces_arrive(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.FREIGHT: (33, 33, 34)})
    ordered = an_order(session, org, 3)
    lines = on_its_way(session, org, ordered, transport_ore=10_000)
    taken(session, ordered, lines[1:2])
    assert sum(amounts(session, org)) == 3_333
    taken(session, ordered, [lines[0], lines[2]])
    assert sum(amounts(session, org)) == 10_000
    by_line: dict[UUID | None, int] = {}
    for each in booked(session, org):
        by_line[each.handover_line_id] = by_line.get(each.handover_line_id, 0) + each.amount_ore
    assert sorted(by_line.values()) == [3_333, 3_333, 3_334]


def test_the_requests_cost_centre_goes_before_the_units_and_a_unit_without_has_the_one_above(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.HANDLING: (30, 70, 0)})
    below = Unit(org_id=org.org_id, name="Poliklinikk", parent_id=org.unit_id, created_at=None)
    below.created_at = session.scalars(select(Unit.created_at)).first()  # type: ignore[assignment]
    session.add(below)
    session.flush()
    ordered = an_order(session, org, 1, owner_unit_id=below.id)
    session.execute(update(Request).values(cost_centre="P-77"))
    lines = on_its_way(session, org, ordered, handling_ore=1_000)
    taken(session, ordered, lines)
    rows = {each.payer: each for each in booked(session, org)}
    assert rows[Payer.RECEIVER].payer_cost_centre == "P-77"
    assert rows[Payer.GIVER].payer_unit_id == below.id
    assert rows[Payer.GIVER].payer_cost_centre == "4100"
    # What was booked stays as it was when the unit gets another cost centre.
    session.execute(update(Unit).where(Unit.id == org.unit_id).values(cost_centre="9999"))
    session.expire_all()
    assert {each.payer_cost_centre for each in booked(session, org)} == {"P-77", "4100"}


def test_the_internal_price_is_the_listings_own_a_percent_or_nothing_for_the_unit_itself(
    session: Session, org: Organised
) -> None:
    a_rule(
        session,
        org,
        {Kind.INTERNAL_PRICE: (0, 75, 25)},
        price_kind=InternalPrice.PERCENT,
        price_percent=10,
    )
    # Of the category's new price, 4,500 kr, where nothing else is known.
    received(session, org, 1)
    assert amounts(session, org) == [11_250, 33_750]
    items = some_items(session, org, new_price_ore=123_450)
    ordered = an_order(session, org, 1, new_price_ore=123_450)
    taken(session, ordered, on_its_way(session, org, ordered))
    assert amounts(session, org) == [3_087, 9_258, 11_250, 33_750]
    ordered = an_order(session, org, 1)
    line = session.get_one(RequestLine, ordered.line_id)
    listing = session.get_one(Listing, line.listing_id)
    listing.terms, listing.price_ore = Terms.PRICE, 8_000
    a_public_page(session, org, vat_percent=25)
    taken(session, ordered, on_its_way(session, org, ordered))
    # Of 80 kr the VAT is 16, and costs are without.
    assert amounts(session, org)[:3] == [1_600, 3_087, 4_800]
    # Moved within its own unit it has no price.
    own = HandOver(
        item_ids=[items[0].id],
        to_unit_id=org.unit_id,
        to_place_id=org.storage_id,
        handed_over_on=TODAY,
    )
    [handover] = hand_over(session, acting(session, org), [own])
    ids = session.scalars(select(HandoverLine.id).where(HandoverLine.handover_id == handover.id))
    receive(session, acting(session, org), [Receive(handover_line_ids=list(ids))])
    assert len(booked(session, org)) == 6


def test_without_a_rule_for_the_day_nothing_is_booked(session: Session, org: Organised) -> None:
    received(session, org, transport_ore=10_000)
    a_rule(session, org, {Kind.FREIGHT: HALVES}, valid_from=TODAY + timedelta(days=1))
    received(session, org, transport_ore=10_000)
    assert booked(session, org) == []


def test_what_is_entered_by_hand_is_shared_too(session: Session, org: Organised) -> None:
    a_rule(session, org, {Kind.PURCHASE: RECEIVER, Kind.WORK: (40, 60, 0), Kind.FREIGHT: HALVES})
    bought = Record(
        source=FulfilmentSource.BOUGHT_USED,
        supplier="Bruktbutikken",
        category_id=CHAIR,
        quantity=2,
        price_ore=40_000,
        transport_ore=1_001,
        handed_over_on=TODAY,
        to_unit_id=org.other_unit_id,
        to_place_id=org.room_id,
    )
    record(session, acting(session, org), [bought])
    assert amounts(session, org, Kind.PURCHASE) == [40_000, 40_000]
    # A purchase has no giver: the common unit (here the first) has its part of the freight.
    freight = booked(session, org, Kind.FREIGHT)
    assert sum(each.amount_ore for each in freight) == 1_001
    assert {each.payer_unit_id for each in freight if each.payer is Payer.GIVER} == {org.unit_id}
    mended = Record(
        source=FulfilmentSource.REDESIGNED,
        supplier="Verkstedet",
        item_ids=[some_items(session, org)[0].id],
        redesign_ore=50_000,
        handed_over_on=TODAY,
        to_unit_id=org.other_unit_id,
        to_place_id=org.room_id,
    )
    record(session, acting(session, org), [mended])
    assert amounts(session, org, Kind.WORK) == [20_000, 30_000]


def test_undoing_turns_every_row_in_the_month_it_is_done_and_no_others(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    shares = {Kind.FREIGHT: HALVES, Kind.HANDLING: RECEIVER, Kind.INTERNAL_PRICE: RECEIVER}
    a_rule(session, org, shares, **FIXED)
    lines = received(session, org, 2, transport_ore=10_001, handling_ore=500)
    before = booked(session, org)
    clock.move(timedelta(days=40))
    undo(session, acting(session, org), [Undo(handover_line_ids=[lines[0].id])])
    session.flush()
    later = [each for each in booked(session, org) if each not in before]
    turned = {each.reverses_id: each for each in later}
    assert turned.keys() == {each.id for each in before if each.handover_line_id == lines[0].id}
    for old in before:
        if old.id in turned:
            assert turned[old.id].amount_ore == -old.amount_ore
            assert turned[old.id].payer_cost_centre == old.payer_cost_centre
    assert {each.booked_on for each in later} == {date(2026, 4, 11)}
    assert {each.happened_on for each in later} == {TODAY}
    left: dict[Kind, int] = {}
    for each in booked(session, org):
        left[each.kind] = left.get(each.kind, 0) + each.amount_ore
    assert left.pop(Kind.FREIGHT) in {5_000, 5_001}
    assert left == {Kind.HANDLING: 500, Kind.INTERNAL_PRICE: 30_001}
    undo(session, acting(session, org), [Undo(handover_line_ids=[lines[1].id])])
    assert sum(amounts(session, org)) == 0


def test_what_is_given_back_gets_its_price_back_and_was_driven_all_the_same(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    shares = {Kind.FREIGHT: RECEIVER, Kind.INTERNAL_PRICE: RECEIVER}
    a_rule(session, org, shares, **FIXED)
    lines = received(session, org, 2, transport_ore=10_000)
    command = GiveBack(handover_line_ids=[lines[0].id], reason=ReturnReason.DAMAGED)
    give_back(session, actor(Role.EMPLOYEE), [command])
    session.flush()
    assert amounts(session, org, Kind.INTERNAL_PRICE) == [-30_001, 30_001, 30_001]
    assert amounts(session, org, Kind.FREIGHT) == [5_000, 5_000]


def test_events_that_are_told_of_twice_book_once(session: Session, org: Organised) -> None:
    a_rule(session, org, {Kind.FREIGHT: HALVES, Kind.HANDLING: RECEIVER})
    lines = received(session, org, 2, transport_ore=10_001, handling_ore=500)
    again = events(session, PieceReceived)
    count = len(booked(session, org))
    book_received(session, again)
    assert len(booked(session, org)) == count
    undo(session, acting(session, org), [Undo(handover_line_ids=[lines[0].id])])
    count = len(booked(session, org))
    book_returned(session, events(session, PieceReturned))
    book_received(session, again)
    assert len(booked(session, org)) == count


def events(session: Session, kind: type[Any]) -> list[Any]:
    session.flush()
    rows = session.scalars(select(EventRow).where(EventRow.kind == kind.kind))
    return [
        kind(
            id=row.id,
            org_id=row.org_id,
            subject_id=row.subject_id,
            person_id=row.person_id,
            **{
                name: UUID(value) if isinstance(value, str) else value
                for name, value in row.payload.items()
            },
        )
        for row in rows
    ]


@pytest.mark.parametrize("statement", [update(CostEntry).values(amount_ore=1), delete(CostEntry)])
def test_what_is_booked_is_not_changed(session: Session, org: Organised, statement: Any) -> None:
    a_rule(session, org, {Kind.HANDLING: RECEIVER})
    received(session, org, handling_ore=500)
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(statement)
