"""What a delivery books, and what it must not: never more than the work saved."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.rules import Work
from app.handovers.models import Handover, HandoverLine
from app.handovers.service import HandOver, Receive, Undo, hand_over, receive, undo
from app.impact.rules import FulfilmentSource
from app.items.commands import OfItem
from app.items.models import Item
from app.items.rules import ItemState
from app.items.service_lifecycle import back_from_workshop, send_to_workshop
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.ledger.rules import booked as as_booked
from app.ledger.rules import differences
from app.workshop.commands import CancelOrder
from app.workshop.service import cancel_order
from app.workshop.service_deliver import deliver_order
from app.workshop.service_kept import PieceAtSupplier
from tests.factories import CHAIR, an_item, some_items
from tests.people import Organised
from tests.workshop.orders import confirmed, delivery, drafted, entries, ids_of

ActorOf = Callable[..., Actor]


def test_parts_taken_off_do_not_take_the_place_of_what_the_work_took(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    items = [an_item(session, org) for _ in range(3)]
    removed = [{"material": "textile", "mass_g": 1000}]
    for item, power in zip(items, (None, 0, 3000), strict=True):
        order = drafted(session, manager, org, item_ids=[item.id])
        confirmed(session, manager, order, 100_000)
        command = delivery(session, order, level="reupholstery", removed=removed, energy_wh=power)
        deliver_order(session, manager, command)
    trip = 15 * 20 * 0.78225
    booked = entries(session)
    assert {each.co2e_g for each in booked} == {round(73_345.995 - trip - 0.28 * 60_000)}
    assert {each.waste_g for each in booked} == {14_000}


def test_cleaning_for_the_same_user_saves_no_purchase(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    item = an_item(session, org)

    def washed(place_id: UUID | None, **said: object) -> Item:
        order = drafted(
            session,
            manager,
            org,
            work=Work.CLEAN_OR_REPAIR,
            item_ids=[item.id],
            place_id=place_id,
            purchase_cancelled=bool(said.pop("purchase_cancelled", False)),
        )
        confirmed(session, manager, order, 10_000)
        deliver_order(session, manager, delivery(session, order, **said))
        return item

    for place_id in (None, org.room_id):
        assert washed(place_id).state is ItemState.IN_USE
    assert entries(session) == []
    washed(None, would_discard=True)
    assert [each.waste_g for each in entries(session)] == [15_000]
    washed(None, purchase_cancelled=True)
    assert sorted(each.waste_g for each in entries(session)) == [0, 15_000]


def test_what_comes_to_a_storage_has_no_user_and_is_not_booked_yet(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    used, idle = an_item(session, org), an_item(session, org, is_free=True)
    order = drafted(session, manager, org, item_ids=[used.id, idle.id], place_id=org.storage_id)
    confirmed(session, manager, order, 100_000)
    done = deliver_order(session, manager, delivery(session, order))
    assert done.handover_id is None
    assert entries(session) == []
    assert {(each.state, each.place_id) for each in (used, idle)} == {
        (ItemState.AVAILABLE, org.storage_id)
    }


def test_what_was_mended_without_a_user_is_subtracted_as_it_finds_one(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    """R = 0.28·G and the price of the work, once; given back, the next reuse bears it."""
    manager = actor()
    item = an_item(session, org, is_free=True)
    order = drafted(session, manager, org, item_ids=[item.id])
    confirmed(session, manager, order, 300_000)
    removed = [{"material": "textile", "mass_g": 1000}]
    command = delivery(session, order, level="reupholstery", removed=removed, invoiced_ore=250_000)
    deliver_order(session, manager, command)
    assert entries(session) == []
    trip = HandOver(
        handed_over_on=clock_of(session).today(),
        item_ids=[item.id],
        to_unit_id=org.unit_id,
        to_place_id=org.room_id,
        costs_complete=True,
    )
    wanted = round(73_345.995 - 15 * 20 * 0.78225 - 0.28 * 60_000)
    for again in (False, True):
        (handover,) = hand_over(session, manager, [trip])
        line = session.scalars(
            select(HandoverLine).where(HandoverLine.handover_id == handover.id)
        ).one()
        receive(session, manager, [Receive(handover_line_ids=[line.id])])
        entry = entries(session)[-1]
        assert (entry.source, entry.co2e_g) == (FulfilmentSource.INTERNAL_REUSE, wanted)
        assert entry.waste_g == 14_000
        assert entry.saved_ore == round(450_000 - 250_000 + 14_000 * 0.25)
        assert differences(as_booked(entry).entry) == []
        if not again:
            undo(session, manager, [Undo(handover_line_ids=[line.id])])


def test_some_come_and_are_paid_for_and_the_rest_are_missing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    items = some_items(session, org, 4)
    order = drafted(session, manager, org, item_ids=ids_of(items))
    confirmed(session, manager, order, 300_000)
    items[3].state = ItemState.SOLD  # it left while it was there
    session.flush()
    command = delivery(session, order, not_returned_ids=[items[2].id], invoiced_ore=100_000)
    deliver_order(session, manager, command)
    assert [each.state for each in items] == [
        ItemState.IN_USE,
        ItemState.IN_USE,
        ItemState.LOST,
        ItemState.SOLD,
    ]
    lines = session.scalars(select(HandoverLine)).all()
    assert {each.item_id: each.redesign_ore for each in lines} == {
        items[0].id: 50_000,
        items[1].id: 50_000,
    }
    bought = drafted(
        session,
        manager,
        org,
        work=Work.BUY_USED,
        category_id=CHAIR,
        quantity=5,
        place_id=org.room_id,
    )
    confirmed(session, manager, bought, 100_000)
    with pytest.raises(Invalid) as refused:
        deliver_order(session, manager, delivery(session, bought, received=6))
    assert "received" in refused.value.by_field
    done = deliver_order(session, manager, delivery(session, bought, received=2))
    came = session.scalars(
        select(HandoverLine).where(HandoverLine.handover_id == done.handover_id)
    ).all()
    assert (done.received, [each.price_ore for each in came]) == (2, [50_000, 50_000])


def test_what_a_supplier_has_is_moved_by_its_order_alone(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    before, sent = some_items(session, org, 2)
    send_to_workshop(session, manager, [OfItem(item_id=before.id)])
    order = drafted(session, manager, org, item_ids=[before.id, sent.id])
    confirmed(session, manager, order, 100)
    trip = HandOver(
        handed_over_on=clock_of(session).today(),
        item_ids=[sent.id],
        to_unit_id=org.unit_id,
        to_place_id=org.room_id,
    )
    with pytest.raises(PieceAtSupplier), session.begin_nested():
        hand_over(session, manager, [trip])
    with pytest.raises(PieceAtSupplier), session.begin_nested():
        back_from_workshop(session, manager, [OfItem(item_id=sent.id)])
    session.expire_all()
    cancel_order(session, manager, CancelOrder(supplier_order_id=order.id, why="Nei takk"))
    assert (before.state, sent.state) == (ItemState.IN_WORKSHOP, ItemState.IN_USE)


def test_pieces_of_several_rooms_go_back_each_to_its_own_with_one_trip_between_them(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    items = [*some_items(session, org, 2), an_item(session, org, place_id=org.building_id)]
    places = [each.place_id for each in items]
    order = drafted(session, manager, org, item_ids=ids_of(items))
    confirmed(session, manager, order, 300_000)
    textile = [{"material": "textile", "mass_g": 1000}]
    command = delivery(session, order, materials=textile, transport_ore=1000)
    deliver_order(session, manager, command)
    assert [each.place_id for each in items] == places
    trips = session.scalars(select(Handover).order_by(Handover.number)).all()
    shares = sorted(each.transport_ore or 0 for each in trips)
    assert shares in ([334, 666], [333, 667])  # a third, whichever room is first
    wanted = round(73_345.995 - 15 * 20 * 0.78225 - 1.15 * 1000 * 10)
    assert [each.co2e_g for each in entries(session)] == [wanted] * 3
