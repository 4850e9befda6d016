"""Orders to suppliers to arrange with: drafted, quoted, sent and confirmed by the program's verbs."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models_supplier import Supplier
from app.catalogue.rules import Work
from app.catalogue.service_supplier import (
    MakeAgreement,
    RegisterSupplier,
    make_agreement,
    register_supplier,
)
from app.impact.rules import View
from app.kit.db import clock_of
from app.ledger.models import LedgerEntry
from app.workshop import commands as do
from app.workshop.models import Quote, SupplierOrder
from app.workshop.service import confirm_order, draft_order, send_order
from app.workshop.service_quote import add_quote, choose_quote
from tests.people import Organised


def a_supplier(
    session: Session, actor: Actor, name: str, rank: int | None = None, work: Work | None = None
) -> Supplier:
    """A supplier; with a rank it has an agreement for the work this year."""
    supplier = register_supplier(session, actor, RegisterSupplier(name=name))
    if rank is not None:
        today = clock_of(session).today()
        command = MakeAgreement(
            supplier_id=supplier.id,
            work=work or Work.REUPHOLSTER_OR_REDESIGN,
            reference="2026/1",
            rank=rank,
            valid_from=today - timedelta(days=30),
            valid_until=today + timedelta(days=300),
        )
        make_agreement(session, actor, command)
    return supplier


def drafted(session: Session, actor: Actor, org: Organised, **changes: Any) -> SupplierOrder:
    command = {
        "work": Work.REUPHOLSTER_OR_REDESIGN,
        "title": "Trekke om",
        "unit_id": org.unit_id,
        **changes,
    }
    return draft_order(session, actor, do.DraftOrder.model_validate(command))


def quoted(
    session: Session, actor: Actor, order: SupplierOrder, supplier: Supplier, price_ore: int
) -> Quote:
    add_quote(
        session,
        actor,
        do.AddQuote(supplier_order_id=order.id, supplier_id=supplier.id, price_ore=price_ore),
    )
    query = select(Quote).where(
        Quote.supplier_order_id == order.id, Quote.supplier_id == supplier.id
    )
    return session.scalars(query).one()


def chosen(session: Session, actor: Actor, order: SupplierOrder, price_ore: int) -> SupplierOrder:
    """With one quote, taken."""
    supplier = a_supplier(session, actor, f"Verksted {order.number}")
    quote = quoted(session, actor, order, supplier, price_ore)
    return choose_quote(
        session, actor, do.ChooseQuote(supplier_order_id=order.id, quote_id=quote.id)
    )


def confirmed(
    session: Session, actor: Actor, order: SupplierOrder, price_ore: int
) -> SupplierOrder:
    """Sent, and taken on by the supplier."""
    chosen(session, actor, order, price_ore)
    send_order(session, actor, of(order))
    return confirm_order(session, actor, do.ConfirmOrder(supplier_order_id=order.id))


def of(order: SupplierOrder) -> do.OfOrder:
    return do.OfOrder(supplier_order_id=order.id)


def delivery(session: Session, order: SupplierOrder, **changes: Any) -> do.DeliverOrder:
    today: date = clock_of(session).today()
    command = {"supplier_order_id": order.id, "delivered_on": today, **changes}
    return do.DeliverOrder.model_validate(command)


def ids_of(items: Any) -> list[UUID]:
    return [each.id for each in items]


def entries(session: Session, view: View = View.GROSS) -> list[LedgerEntry]:
    return list(session.scalars(select(LedgerEntry).where(LedgerEntry.view == view)))
