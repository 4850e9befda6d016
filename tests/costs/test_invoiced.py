"""The supplier's invoice that comes after the delivery: savings and shares follow it, nothing is changed."""

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.catalogue.rules import Work
from app.costs.rules import Kind, Payer
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, Undo, hand_over, receive, undo
from app.impact.rules import View
from app.kit.errors import Forbidden
from app.ledger.rules import booked as as_booked
from app.ledger.rules import differences, standing
from app.ledger.verification_entries import entries_hold
from app.workshop.commands import InvoiceOrder
from app.workshop.models import SupplierOrder
from app.workshop.service import OrderOver
from app.workshop.service_deliver import deliver_order
from app.workshop.service_invoice import invoice_order
from tests.costs.arranged import TODAY, a_rule, booked
from tests.costs.test_delivered import RECEIVER, reupholstered
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, an_item
from tests.marketplace.stalls import acting
from tests.people import Organised
from tests.workshop.orders import confirmed, delivery, drafted, entries

SignedInAs = Callable[..., TestClient]


def invoiced(session: Session, org: Organised, order: SupplierOrder, ore: int) -> SupplierOrder:
    command = InvoiceOrder(supplier_order_id=order.id, invoiced_ore=ore)
    return invoice_order(session, acting(session, org), command)


def saved(session: Session, view: View) -> list[int]:
    """What stands, and that every row still follows from its own inputs."""
    rows = entries(session, view)
    assert not [name for each in rows for name in differences(as_booked(each).entry)]
    amounts = [each.entry.saved_ore for each in standing(as_booked(row) for row in rows)]
    return sorted(each for each in amounts if each is not None)


def paid(session: Session, org: Organised, payer: Payer, kind: Kind = Kind.WORK) -> int:
    return sum(each.amount_ore for each in booked(session, org, kind) if each.payer is payer)


def test_an_invoice_that_comes_late_corrects_the_saving_and_who_pays(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.WORK: (30, 70, 0)})
    order = reupholstered(session, org, costs_complete=True)
    before = {view: saved(session, view) for view in View}
    old = [each.id for each in booked(session, org)]
    assert invoiced(session, org, order, 160_000).invoiced_ore == 160_000
    # 1,000 kr for three became 1,600: each piece was 333.33 and is 533.33, in both views.
    for view in View:
        assert saved(session, view) == [each - 20_000 for each in before[view]]
        assert len(entries(session, view)) == 9, "each turned, and booked again"
    assert paid(session, org, Payer.GIVER) + paid(session, org, Payer.RECEIVER) == 160_000
    assert paid(session, org, Payer.GIVER) == 15_999 + 15_999 + 16_000  # 30 % of each, down
    rows = booked(session, org)
    assert set(old) < {each.id for each in rows}
    assert sorted(each.reverses_id for each in rows if each.reverses_id) == sorted(old)
    assert {each.payer_cost_centre for each in rows if each.payer is Payer.RECEIVER} == {"P-9"}
    lines = session.scalars(select(HandoverLine.redesign_ore)).all()
    assert set(lines) == {53_333}
    assert entries_hold(session, org.org_id) == 18, "each follows from its own inputs"
    # The same again changes nothing; another one is counted from the newest.
    count = len(rows)
    invoiced(session, org, order, 160_000)
    assert len(booked(session, org)) == count
    invoiced(session, org, order, 0)
    assert paid(session, org, Payer.GIVER) == paid(session, org, Payer.RECEIVER) == 0
    assert saved(session, View.GROSS) == [each + 33_333 for each in before[View.GROSS]]
    invoiced(session, org, order, 100_000)
    assert paid(session, org, Payer.GIVER) + paid(session, org, Payer.RECEIVER) == 100_000
    assert saved(session, View.NET) == before[View.NET]


def test_a_piece_whose_receipt_was_undone_gets_no_part_of_the_invoice(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.WORK: RECEIVER})
    order = reupholstered(session, org)
    wrong = booked(session, org)[0].handover_line_id
    assert wrong is not None
    undo(session, acting(session, org), [Undo(handover_line_ids=[wrong])])
    invoiced(session, org, order, 300_000)
    assert paid(session, org, Payer.RECEIVER) == 200_000
    assert len(saved(session, View.NET)) == 2
    rows = booked(session, org)
    assert sum(each.amount_ore for each in rows if each.handover_line_id == wrong) == 0


def test_what_was_bought_costs_what_the_invoice_says(session: Session, org: Organised) -> None:
    """Nothing was agreed, so nothing was shared before; the rule of the delivery's day is used."""
    a_rule(session, org, {Kind.PURCHASE: RECEIVER})
    manager = acting(session, org)
    order = drafted(session, manager, org, work=Work.BUY_USED, category_id=CHAIR, quantity=2)
    confirmed(session, manager, order, 0)
    told = delivery(session, order, to_place_id=org.room_id, costs_complete=True)
    deliver_order(session, manager, told)
    assert booked(session, org) == []
    before = saved(session, View.GROSS)
    invoiced(session, org, order, 90_001)
    assert paid(session, org, Payer.RECEIVER, Kind.PURCHASE) == 90_001
    assert saved(session, View.GROSS) == [each - 45_000 for each in before]  # 450.005, half-even


def test_the_reuse_of_what_was_mended_before_it_had_a_user_bears_the_invoice(
    session: Session, org: Organised
) -> None:
    a_rule(session, org, {Kind.WORK: RECEIVER})
    manager = acting(session, org)
    item = an_item(session, org)
    order = drafted(session, manager, org, item_ids=[item.id], place_id=org.storage_id)
    confirmed(session, manager, order, 60_000)
    deliver_order(session, manager, delivery(session, order))
    trip = HandOver(
        item_ids=[item.id],
        to_unit_id=org.other_unit_id,
        to_place_id=org.room_id,
        handed_over_on=TODAY,
        costs_complete=True,
    )
    (handover,) = hand_over(session, manager, [trip])
    ids: list[UUID] = list(
        session.scalars(select(HandoverLine.id).where(HandoverLine.handover_id == handover.id))
    )
    receive(session, manager, [Receive(handover_line_ids=ids)])
    (before,) = saved(session, View.NET)
    invoiced(session, org, order, 75_000)
    assert saved(session, View.NET) == [before - 15_000]
    assert paid(session, org, Payer.RECEIVER) == 75_000
    line = session.scalars(select(HandoverLine).where(HandoverLine.id == ids[0])).one()
    assert line.redesign_ore is None, "the reuse itself cost nothing"


def test_an_invoice_is_entered_by_who_orders_and_after_the_delivery(
    session: Session, org: Organised
) -> None:
    manager = acting(session, org)
    order = drafted(session, manager, org, item_ids=[an_item(session, org).id])
    with pytest.raises(OrderOver):
        invoiced(session, org, order, 1)
    confirmed(session, manager, order, 1_000)
    deliver_order(session, manager, delivery(session, order))
    command = InvoiceOrder(supplier_order_id=order.id, invoiced_ore=2_000)
    with pytest.raises(Forbidden):
        invoice_order(session, acting(session, org, Role.EMPLOYEE), command)
    assert order.invoiced_ore is None


def test_the_page_takes_a_late_invoice_once_and_its_twin_does_too(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        a_rule(session, org, {Kind.WORK: RECEIVER})
        order_id = reupholstered(session, org, 2).id
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    address = f"/oppdrag/{order_id}"
    assert "Før fakturaen" in manager.get(address).text
    refused = manager.post(f"{address}/faktura", data={"key": "a", "invoiced_kr": "mye"})
    assert refused.status_code == 422
    assert 'value="mye"' in refused.text
    assert 'href="#field-invoiced_kr"' in refused.text
    for _ in range(2):
        sent = manager.post(f"{address}/faktura", data={"key": "b", "invoiced_kr": "1 500,50"})
        assert sent.status_code == 303
    assert "Rett fakturaen" in manager.get(address).text
    body = {"supplier_order_id": str(order_id), "invoiced_ore": 90_000}
    answer = manager.post("/api/v1/supplier-orders/invoice", json=body)
    assert (answer.status_code, answer.json()["invoiced_ore"]) == (200, 90_000)
    other = {**body, "supplier_order_id": str(org.unit_id)}
    assert manager.post("/api/v1/supplier-orders/invoice", json=other).status_code == 404
    with database.read() as session:
        turned = [each for each in booked(session, org) if each.reverses_id]
        assert sum(each.amount_ore for each in booked(session, org)) == 90_000
        assert len(turned) == 4
