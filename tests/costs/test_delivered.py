"""What is booked as suppliers deliver and runs end, and what turns it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.catalogue.rules import Work
from app.costs.queries import standing
from app.costs.rules import InternalPrice, Kind, Payer
from app.costs.service_book import book_delivered
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, Undo, hand_over, receive, undo
from app.handovers.service_run import AddToRun, OfRun, add_to_run, finish_run
from app.handovers.service_scan import ScanIn, ScanOut, scan_in, scan_out
from app.items.rules import ItemState
from app.kit.clock import MovedClock
from app.kit.errors import Invalid
from app.workshop.events import SupplierOrderDone
from app.workshop.models import SupplierOrder
from app.workshop.service_again import reopen_order
from app.workshop.service_deliver import deliver_order
from tests.costs.arranged import TODAY, a_rule, amounts, booked
from tests.costs.test_received import events
from tests.factories import CHAIR, an_item
from tests.handovers.orders import an_order
from tests.handovers.test_runs import a_run, codes
from tests.marketplace.stalls import acting
from tests.people import ActorOf, Organised
from tests.workshop.orders import confirmed, delivery, drafted, ids_of, of

RECEIVER = (0, 100, 0)


def reupholstered(session: Session, org: Organised, pieces: int = 3, **said: Any) -> SupplierOrder:
    """For the second unit, pieces of the first one's; 1,000 kr in all."""
    manager = acting(session, org)
    items = [an_item(session, org) for _ in range(pieces)]
    order = drafted(
        session,
        manager,
        org,
        item_ids=ids_of(items),
        unit_id=org.other_unit_id,
        place_id=org.room_id,
        cost_centre="P-9",
    )
    confirmed(session, manager, order, 100_000)
    deliver_order(session, manager, delivery(session, order, **said))
    return order


def test_a_delivery_books_the_whole_price_on_the_pieces_that_came_and_not_twice(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.WORK: (30, 70, 0), Kind.FREIGHT: RECEIVER})
    order = reupholstered(session, org, transport_ore=500)
    rows = booked(session, org, Kind.WORK)
    assert len(rows) == 6
    assert sum(each.amount_ore for each in rows) == 100_000
    paid = [each for each in rows if each.payer is Payer.RECEIVER]
    assert {each.payer_cost_centre for each in paid} == {"P-9"}
    assert {each.payer_unit_id for each in paid} == {org.other_unit_id}
    assert {each.payer_unit_id for each in rows if each.payer is Payer.GIVER} == {org.unit_id}
    assert {each.supplier_order_id for each in rows} == {order.id}
    assert all(each.handover_line_id and each.item_id for each in rows)
    freight = booked(session, org, Kind.FREIGHT)
    assert sum(each.amount_ore for each in freight) == 500
    named = {(each.payer_cost_centre, each.supplier_order_id) for each in freight}
    assert named == {("P-9", order.id)}
    book_delivered(session, events(session, SupplierOrderDone))
    assert len(booked(session, org, Kind.WORK)) == 6


def test_the_invoice_goes_before_the_quote_and_what_did_not_come_is_not_shared_on(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.PURCHASE: RECEIVER})
    manager = acting(session, org)
    order = drafted(session, manager, org, work=Work.BUY_USED, category_id=CHAIR, quantity=4)
    confirmed(session, manager, order, 400_000)
    told = delivery(session, order, received=3, invoiced_ore=250_000, to_place_id=org.room_id)
    deliver_order(session, manager, told)
    assert amounts(session, org) == [83_333, 83_333, 83_334]
    assert len({each.item_id for each in booked(session, org)}) == 3


def test_what_is_mended_for_a_storage_is_paid_at_the_delivery_and_not_with_its_reuse(
    session: Session, org: Organised
) -> None:
    a_rule(
        session,
        org,
        {Kind.WORK: RECEIVER, Kind.INTERNAL_PRICE: RECEIVER},
        price_kind=InternalPrice.FIXED,
        prices=[{"category_id": CHAIR, "price_ore": 1_000}],
    )
    manager = acting(session, org)
    item = an_item(session, org)
    order = drafted(session, manager, org, item_ids=[item.id], place_id=org.storage_id)
    confirmed(session, manager, order, 60_000)
    deliver_order(session, manager, delivery(session, order))
    [paid] = booked(session, org)
    assert (paid.amount_ore, paid.handover_line_id, paid.item_id) == (60_000, None, item.id)
    [handover] = hand_over(
        session,
        manager,
        [
            HandOver(
                item_ids=[item.id],
                to_unit_id=org.other_unit_id,
                to_place_id=org.room_id,
                handed_over_on=TODAY,
            )
        ],
    )
    ids = list(
        session.scalars(select(HandoverLine.id).where(HandoverLine.handover_id == handover.id))
    )
    receive(session, manager, [Receive(handover_line_ids=ids)])
    assert amounts(session, org) == [1_000, 60_000]
    # Undone, the piece's price is turned; the supplier has been paid.
    undo(session, manager, [Undo(handover_line_ids=ids)])
    assert amounts(session, org) == [-1_000, 1_000, 60_000]


def test_an_order_that_is_delivered_anew_costs_its_price_once(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.WORK: (30, 70, 0)})
    manager = acting(session, org)
    items = [an_item(session, org) for _ in range(3)]
    order = drafted(session, manager, org, item_ids=ids_of(items))
    confirmed(session, manager, order, 100_000)
    apart = {
        "dismantled_ids": [items[2].id],
        "offcuts": [{"fraction": "metal", "mass_g": 9_000}],
        "materials": [{"material": "textile", "mass_g": 900}],
    }
    deliver_order(session, manager, delivery(session, order, **apart))
    assert sum(amounts(session, org)) == 100_000
    lines = {each.handover_line_id for each in booked(session, org)}
    ids = [each for each in lines if each is not None]
    undo(session, manager, [Undo(handover_line_ids=ids)])
    assert sum(amounts(session, org)) in {33_333, 33_334}
    reopen_order(session, manager, of(order))
    assert sum(amounts(session, org)) == 0
    session.flush()
    again = delivery(session, order, materials=apart["materials"])
    deliver_order(session, manager, again)
    stands = session.scalars(standing(org.org_id)).all()
    assert sum(each.amount_ore for each in stands) == sum(amounts(session, org)) == 100_000


def test_undoing_a_later_reuse_takes_nothing_of_the_suppliers_price_back(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.WORK: RECEIVER})
    manager = acting(session, org)
    used, idle = an_item(session, org), an_item(session, org, state=ItemState.AVAILABLE)
    order = drafted(session, manager, org, item_ids=[used.id, idle.id])
    confirmed(session, manager, order, 60_000)
    deliver_order(session, manager, delivery(session, order))
    lines = {each.handover_line_id for each in booked(session, org)}
    command = HandOver(
        item_ids=[idle.id],
        to_unit_id=org.other_unit_id,
        to_place_id=org.room_id,
        handed_over_on=TODAY,
    )
    [handover] = hand_over(session, manager, [command])
    reuse = select(HandoverLine.id).where(HandoverLine.handover_id == handover.id)
    ids = list(session.scalars(reuse))
    receive(session, manager, [Receive(handover_line_ids=ids)])
    undo(session, manager, [Undo(handover_line_ids=[each for each in lines if each])])
    reopen_order(session, manager, of(order))
    session.flush()
    deliver_order(session, manager, delivery(session, order))
    assert sum(amounts(session, org, Kind.WORK)) == 60_000
    undo(session, manager, [Undo(handover_line_ids=ids)])
    assert sum(amounts(session, org, Kind.WORK)) == 60_000


def test_a_trip_that_no_handover_carries_is_refused_at_its_field(
    session: Session, org: Organised
) -> None:
    manager = acting(session, org)
    item = an_item(session, org)
    order = drafted(session, manager, org, item_ids=[item.id], place_id=org.storage_id)
    confirmed(session, manager, order, 60_000)
    with pytest.raises(Invalid) as refused:
        deliver_order(session, manager, delivery(session, order, transport_ore=500))
    assert list(refused.value.by_field) == ["transport_ore"]


@pytest.mark.parametrize("undone", [1, 3])
def test_undoing_a_delivery_turns_the_pieces_parts(
    session: Session, org: Organised, clock: MovedClock, undone: int
) -> None:
    a_rule(session, org, {Kind.WORK: (30, 70, 0)})
    reupholstered(session, org)
    rows = booked(session, org)
    lines = sorted({each.handover_line_id for each in rows if each.handover_line_id})[:undone]
    clock.move(timedelta(days=31))
    undo(session, acting(session, org), [Undo(handover_line_ids=lines)])
    turned = [each for each in booked(session, org) if each.reverses_id]
    old = {each.id: each for each in rows}
    assert len(turned) == 2 * undone
    assert all(
        each.reverses_id and each.amount_ore == -old[each.reverses_id].amount_ore for each in turned
    )
    assert {each.booked_on.month for each in turned} == {4}


def test_a_piece_that_goes_twice_with_one_run_carries_both_its_parts(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    a_rule(session, org, {Kind.FREIGHT: RECEIVER})
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 3, width_mm=500, depth_mm=500, height_mm=1000)
    run = a_run(session, mover, ordered, transport_ore=12_000)
    along = codes(session, mover, ordered)[:1]
    scan_out(session, mover, ScanOut(codes=along))
    scan_in(session, mover, ScanIn(codes=along))
    further = AddToRun(
        run_sheet_id=run.id,
        item_ids=[ordered.items[0].id],
        to_unit_id=org.unit_id,
        to_place_id=org.room_id,
    )
    # The unit has it now: the manager may send it on.
    add_to_run(session, acting(session, org), further)
    scan_out(session, mover, ScanOut(codes=along))
    scan_in(session, mover, ScanIn(codes=along))
    finish_run(session, mover, OfRun(run_sheet_id=run.id))
    session.flush()
    by_line: dict[UUID | None, int] = {}
    for each in booked(session, org):
        by_line[each.handover_line_id] = by_line.get(each.handover_line_id, 0) + each.amount_ore
    assert list(by_line.values()) == [6_000, 6_000]


def test_what_stayed_behind_carries_none_of_a_run_once_it_is_finished(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    a_rule(session, org, {Kind.FREIGHT: (25, 75, 0)})
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 3, width_mm=500, depth_mm=500, height_mm=1000)
    run = a_run(session, mover, ordered, transport_ore=10_001)
    along = codes(session, mover, ordered)[:2]
    scan_out(session, mover, ScanOut(codes=along))
    scan_in(session, mover, ScanIn(codes=along))
    assert 6_600 < sum(amounts(session, org)) < 6_700
    finish_run(session, mover, OfRun(run_sheet_id=run.id))
    session.flush()
    assert sum(amounts(session, org)) == 10_001
    count = len(booked(session, org))
    assert count == 12  # booked, turned, and booked again: two pieces, two payers
    by_line = {each.handover_line_id for each in booked(session, org)}
    line_ids = [each for each in by_line if each is not None]
    undo(session, acting(session, org), [Undo(handover_line_ids=line_ids)])
    assert sum(amounts(session, org)) == 0
