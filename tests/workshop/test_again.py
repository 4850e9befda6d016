"""Deliveries that are taken back and entered anew, and drafts that are changed before they are sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.catalogue.rules import Work
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, Undo, hand_over, receive, undo
from app.items.models import Code, Item
from app.items.queries import codes_of
from app.items.rules import ItemState
from app.kit.db import clock_of
from app.kit.errors import Invalid, Stale
from app.ledger.models import LedgerEntry
from app.workshop import commands as do
from app.workshop.models import OrderMaterial, OrderOffcut, OrderPiece, SupplierOrder
from app.workshop.rules import OrderState
from app.workshop.service import OrderOver, PieceOnOrder, send_order
from app.workshop.service_again import DeliveryStands, reopen_order
from app.workshop.service_deliver import deliver_order
from app.workshop.service_edit import edit_order
from app.workshop.service_quote import choose_quote
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, an_item, some_items
from tests.people import Organised
from tests.workshop.orders import (
    a_supplier,
    chosen,
    confirmed,
    delivery,
    drafted,
    entries,
    ids_of,
    of,
    quoted,
)

ActorOf = Callable[..., Actor]
SignedInAs = Callable[..., TestClient]


def lines_of(session: Session, order: SupplierOrder) -> list[HandoverLine]:
    query = select(HandoverLine).where(HandoverLine.handover_id == order.handover_id)
    return list(session.scalars(query.order_by(HandoverLine.id)))


def take_back(session: Session, actor: Actor, lines: list[HandoverLine]) -> None:
    undo(session, actor, [Undo(handover_line_ids=ids_of(lines))])


def booked(session: Session) -> int:
    """Grams of CO2e that stand in the gross view, reversals included."""
    return sum(each.co2e_g or 0 for each in entries(session))


def test_a_delivery_that_was_taken_back_is_entered_anew_with_what_it_really_took(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    items = some_items(session, org, 3)
    order = drafted(session, manager, org, item_ids=ids_of(items))
    confirmed(session, manager, order, 300_000)
    textile = [{"material": "textile", "mass_g": 9_000}]
    apart = {"dismantled_ids": [items[2].id], "offcuts": [{"fraction": "metal", "mass_g": 9_000}]}
    deliver_order(session, manager, delivery(session, order, materials=textile, **apart))
    with pytest.raises(DeliveryStands):
        reopen_order(session, manager, of(order))
    first, second = lines_of(session, order)
    take_back(session, manager, [first])
    with pytest.raises(DeliveryStands):
        reopen_order(session, manager, of(order))
    take_back(session, manager, [second])
    assert booked(session) == 0
    other = drafted(session, manager, org, item_ids=[items[0].id])
    with pytest.raises(PieceOnOrder), session.begin_nested():
        reopen_order(session, manager, of(order))
    session.expire_all()
    other.state = OrderState.CANCELLED
    session.scalars(
        select(OrderPiece).where(OrderPiece.supplier_order_id == other.id)
    ).one().ended_at = clock_of(session).now()
    again = reopen_order(session, manager, of(order))
    assert (again.state, again.done_on, again.handover_id) == (OrderState.CONFIRMED, None, None)
    states = [each.state for each in items]
    assert states == [ItemState.IN_WORKSHOP, ItemState.IN_WORKSHOP, ItemState.DISMANTLED]
    for model in (OrderMaterial, OrderOffcut):
        assert session.scalar(select(func.count()).select_from(model)) == 0
    right = [{"material": "textile", "mass_g": 900}]
    deliver_order(session, manager, delivery(session, order, materials=right))
    assert {each.redesign_ore for each in lines_of(session, order)} == {150_000}
    trip = 15 * 20 * 0.78225
    assert booked(session) == 2 * round(73_345.995 - trip - 1.15 * 900 * 10)
    with pytest.raises(OrderOver):
        deliver_order(session, manager, delivery(session, order))


def test_what_was_registered_with_a_mistaken_delivery_is_registered_anew(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    bought = {"work": Work.BUY_USED, "category_id": CHAIR, "quantity": 3, "place_id": org.room_id}
    with database.write() as session:
        order = drafted(session, actor(), org, **bought)
        confirmed(session, actor(), order, 90_000)
        deliver_order(session, actor(), delivery(session, order, received=2))
        lines = lines_of(session, order)
        take_back(session, actor(), lines[:1])
        address, rest = f"/oppdrag/{order.id}", lines[1:]
    client = signed_in_as(Role.FURNITURE_MANAGER)
    assert "1 av 2 møbler er angret. Angre resten også" in client.get(address).text
    assert client.post(f"{address}/igjen", data={"key": "a"}).status_code == 409
    with database.write() as session:
        take_back(session, actor(), [session.merge(each) for each in rest])
    # Who may not delete pieces is shown no button, and may not do it by its address either.
    others = signed_in_as(Role.PROJECT_MANAGER)
    assert f"{address}/igjen" not in others.get(address).text
    assert others.post(f"{address}/igjen", data={"key": "b"}).status_code == 403
    shown = client.get(address).text
    assert "Møblene som ble registrert med leveringen, slettes." in shown
    assert client.post(f"{address}/igjen", data={"key": "c"}).status_code == 303
    assert "Registrer levering" in client.get(address).text
    today = database.clock.today().isoformat()
    body = {"supplier_order_id": address.rsplit("/", 1)[1], "delivered_on": today}
    done = client.post("/api/v1/supplier-orders/deliver", json=body)
    assert (done.status_code, done.json()["received"]) == (200, 3)
    with database.read() as session:
        states = session.execute(select(Item.state, func.count()).group_by(Item.state)).all()
        assert dict(states) == {ItemState.DELETED: 2, ItemState.IN_USE: 3}
        waste = session.scalar(select(func.sum(LedgerEntry.value_chain_waste_g)))
        assert waste  # three stand, two are reversed


def edited(order: SupplierOrder, **changes: Any) -> do.EditOrder:
    command = {
        "supplier_order_id": order.id,
        "version": order.version,
        "title": order.title,
        **changes,
    }
    return do.EditOrder.model_validate(command)


def test_a_draft_is_changed_and_its_price_is_agreed_anew(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    one, two, third = some_items(session, org, 3)
    order = drafted(session, manager, org, item_ids=[one.id, two.id])
    chosen(session, manager, order, 200_000)
    session.flush()
    stale = edited(order, item_ids=[one.id, two.id], title="For sent")
    day = clock_of(session).today() + timedelta(days=9)
    edit_order(
        session, manager, edited(order, item_ids=[one.id, two.id], title="Ny", wanted_date=day)
    )
    assert (order.title, order.wanted_date, order.price_ore) == ("Ny", day, 200_000)
    session.flush()
    with pytest.raises(Stale):
        edit_order(session, manager, stale)
    passed = edited(order, item_ids=[one.id], wanted_date=day - timedelta(days=20))
    with pytest.raises(Invalid) as refused:
        edit_order(session, manager, passed)
    assert list(refused.value.by_field) == ["wanted_date"]
    with pytest.raises(Invalid) as empty:
        edit_order(session, manager, edited(order, item_ids=[]))
    assert list(empty.value.by_field) == ["item_ids"]
    edit_order(session, manager, edited(order, item_ids=[two.id, third.id, one.id], title="Tre"))
    assert (order.quantity, order.supplier_id, order.price_ore) == (3, None, None)
    other = drafted(session, manager, org, item_ids=[an_item(session, org).id])
    with pytest.raises(PieceOnOrder):
        session.flush()
        edit_order(session, manager, edited(other, item_ids=[one.id]))
    session.refresh(order)
    edit_order(session, manager, edited(order, item_ids=[third.id]))
    supplier = a_supplier(session, manager, "Ny")
    quote = quoted(session, manager, order, supplier, 90_000)
    from_new = do.ChooseQuote(supplier_order_id=order.id, quote_id=quote.id)
    choose_and_send(session, manager, order, from_new)
    assert [each.state for each in (one, two, third)] == [
        ItemState.IN_USE,
        ItemState.IN_USE,
        ItemState.IN_WORKSHOP,
    ]
    session.flush()
    with pytest.raises(OrderOver):
        edit_order(session, manager, edited(order, item_ids=[third.id], title="For sent"))


def test_of_two_who_swap_pieces_of_a_draft_the_last_is_told_of_the_first(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    one, two, third = some_items(session, org, 3)
    order = drafted(session, manager, org, item_ids=[one.id])
    session.flush()
    stale = edited(order, item_ids=[third.id])
    edit_order(session, manager, edited(order, item_ids=[two.id]))
    session.flush()
    with pytest.raises(Stale):
        edit_order(session, manager, stale)


def choose_and_send(
    session: Session, manager: Actor, order: SupplierOrder, command: do.ChooseQuote
) -> None:
    choose_quote(session, manager, command)
    send_order(session, manager, of(order))


def test_the_form_of_a_draft_shows_what_it_says_and_what_somebody_else_changed(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        items = some_items(session, org, 2)
        order = drafted(session, actor(), org, item_ids=ids_of(items), text="Grått trekk")
        codes = list(codes_of(session, actor(), ids_of(items)).values())
        address = f"/oppdrag/{order.id}"
    client = signed_in_as(Role.FURNITURE_MANAGER)
    assert f'href="{address}/endre"' in client.get(address).text
    form = client.get(f"{address}/endre").text
    assert "Grått trekk" in form
    assert signed_in_as(Role.EMPLOYEE).get(f"{address}/endre").status_code == 403
    body = {"key": "a", "version": "1", "title": "Én stol", "codes": codes[0]}
    assert client.post(f"{address}/endre", data={**body, "codes": "FEIL"}).status_code == 422
    assert client.post(f"{address}/endre", data=body).status_code == 303
    late = client.post(f"{address}/endre", data={**body, "key": "b", "title": "Annen"})
    assert late.status_code == 412
    assert "Noen andre har endret dette" in late.text
    told = client.get(f"/api/v1/supplier-orders/{address.rsplit('/', 1)[1]}").json()
    assert (told["title"], told["quantity"], told["text"]) == ("Én stol", 1, None)


def test_a_piece_whose_label_was_cancelled_stays_on_the_draft_that_is_saved(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        coded, plain = some_items(session, org, 2)
        order = drafted(session, actor(), org, item_ids=ids_of([coded, plain]))
        code = codes_of(session, actor(), [coded.id])[coded.id]
        label = session.scalars(select(Code).where(Code.item_id == plain.id)).one()
        label.cancelled_at = clock_of(session).now()
        order_id, plain_id = order.id, plain.id
    client = signed_in_as(Role.FURNITURE_MANAGER)
    address = f"/oppdrag/{order_id}/endre"
    assert f'name="uncoded" value="{plain_id}"' in client.get(address).text
    body = {"version": "1", "title": "Stoler", "uncoded": [str(plain_id), "feil"]}
    assert client.post(address, data={**body, "key": "a", "codes": code}).status_code == 303
    told = client.get(f"/api/v1/supplier-orders/{order_id}").json()
    assert (told["title"], told["quantity"]) == ("Stoler", 2)
    alone = {**body, "key": "b", "codes": "", "version": str(told["version"])}
    assert client.post(address, data=alone).status_code == 303
    assert client.get(f"/api/v1/supplier-orders/{order_id}").json()["quantity"] == 1


def test_a_delivery_of_what_had_no_user_is_entered_anew_until_each_has_one(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        item = an_item(session, org, is_free=True)
        order = drafted(session, actor(), org, item_ids=[item.id])
        confirmed(session, actor(), order, 100_000)
        deliver_order(session, actor(), delivery(session, order))
        address, item_id = f"/oppdrag/{order.id}", item.id
    client = signed_in_as(Role.FURNITURE_MANAGER)
    assert f"{address}/igjen" in client.get(address).text
    assert client.post(f"{address}/igjen", data={"key": "a"}).status_code == 303
    with database.write() as session:
        assert session.get_one(Item, item_id).state is ItemState.IN_WORKSHOP
        order = session.scalars(select(SupplierOrder)).one()
        deliver_order(session, actor(), delivery(session, order))
        trip = HandOver(
            handed_over_on=clock_of(session).today(),
            item_ids=[item_id],
            to_unit_id=org.unit_id,
            to_place_id=org.room_id,
        )
        (handover,) = hand_over(session, actor(), [trip])
        lines = session.scalars(select(HandoverLine).where(HandoverLine.handover_id == handover.id))
        receive(session, actor(), [Receive(handover_line_ids=ids_of(lines))])
    assert f"{address}/igjen" not in client.get(address).text
    assert client.post(f"{address}/igjen", data={"key": "b"}).status_code == 409
