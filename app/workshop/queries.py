"""Orders to suppliers, as the actor may see them, and what stands on them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.queries import units_below_led_by
from app.accounts.rules import Permission
from app.handovers.models import HandoverLine
from app.items.models import Item
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.workshop.models import OrderMaterial, OrderOffcut, OrderPiece, Quote, SupplierOrder
from app.workshop.rules import OPEN


def orders_visible_to(actor: Actor) -> Select[SupplierOrder]:
    """Those of units one orders or reports for, or leads, and what one drafted oneself."""
    query = select(SupplierOrder).where(SupplierOrder.org_id == actor.org_id)
    seen: list[ColumnElement[bool]] = [
        SupplierOrder.person_id == actor.person_id,
        SupplierOrder.unit_id.in_(units_below_led_by(actor)),
    ]
    for permission in (Permission.SUPPLIER_ORDER, Permission.EXPORT):
        if actor.may(permission):
            units = actor.permissions[permission]
            if units is None:
                return query
            seen.append(SupplierOrder.unit_id.in_(units))
    return query.where(or_(*seen))


def order_of(session: Session, actor: Actor, order_id: UUID) -> SupplierOrder:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(orders_visible_to(actor).where(SupplierOrder.id == order_id))
    if found is None:
        raise NotFound(N_("Fant ikke oppdraget."))
    return found


def open_orders(actor: Actor) -> Select[SupplierOrder]:
    """What waits for an act by those who order, in the units one orders for."""
    query = select(SupplierOrder).where(
        SupplierOrder.org_id == actor.org_id, SupplierOrder.state.in_(OPEN)
    )
    units = actor.permissions[Permission.SUPPLIER_ORDER]
    return query if units is None else query.where(SupplierOrder.unit_id.in_(units))


def pieces_of(actor: Actor, order_ids: Collection[UUID]) -> Select[OrderPiece]:
    return (
        select(OrderPiece)
        .where(OrderPiece.org_id == actor.org_id, OrderPiece.supplier_order_id.in_(order_ids))
        .order_by(OrderPiece.supplier_order_id, OrderPiece.id)
    )


def quotes_of(actor: Actor, order_ids: Collection[UUID]) -> Select[Quote]:
    """The cheapest first."""
    return (
        select(Quote)
        .where(Quote.org_id == actor.org_id, Quote.supplier_order_id.in_(order_ids))
        .order_by(Quote.price_ore, Quote.id)
    )


def materials_of(org_id: UUID, order_ids: Collection[UUID]) -> Select[OrderMaterial]:
    return (
        select(OrderMaterial)
        .where(OrderMaterial.org_id == org_id, OrderMaterial.supplier_order_id.in_(order_ids))
        .order_by(OrderMaterial.is_removed, OrderMaterial.mass_g.desc(), OrderMaterial.material)
    )


def offcuts_of(actor: Actor, order_ids: Collection[UUID]) -> Select[OrderOffcut]:
    return (
        select(OrderOffcut)
        .where(OrderOffcut.org_id == actor.org_id, OrderOffcut.supplier_order_id.in_(order_ids))
        .order_by(OrderOffcut.mass_g.desc(), OrderOffcut.fraction)
    )


def delivered_lines(order: SupplierOrder) -> Select[HandoverLine]:
    """The pieces that the order's delivery handed to somebody, undone ones too."""
    handed = select(OrderPiece.handover_id).where(
        OrderPiece.org_id == order.org_id,
        OrderPiece.supplier_order_id == order.id,
        # The others were handed on later, by somebody else.
        ~OrderPiece.had_no_user,
    )
    return select(HandoverLine).where(
        HandoverLine.org_id == order.org_id,
        or_(HandoverLine.handover_id == order.handover_id, HandoverLine.handover_id.in_(handed)),
    )


def lot_made(order: SupplierOrder) -> Select[UUID]:
    """What its delivery registered, in one lot: a label is printed for each."""
    made = delivered_lines(order).where(HandoverLine.undone_at.is_(None))
    return (
        select(Item.lot_id)
        .where(
            Item.org_id == order.org_id,
            Item.id.in_(made.with_only_columns(HandoverLine.item_id)),
        )
        .limit(1)
    )


def lines_of_order(org_id: UUID, order_id: UUID) -> Select[HandoverLine]:
    """The handed pieces that bear the order's price: the delivery's, and what found a user later."""
    of_order = (
        OrderPiece.org_id == org_id,
        OrderPiece.supplier_order_id == order_id,
        OrderPiece.handover_id == HandoverLine.handover_id,
        OrderPiece.item_id == HandoverLine.item_id,
    )
    delivered = (
        select(SupplierOrder.handover_id)
        .where(SupplierOrder.org_id == org_id, SupplierOrder.id == order_id)
        .scalar_subquery()
    )
    is_of_order = or_(
        HandoverLine.handover_id == delivered, select(OrderPiece.id).where(*of_order).exists()
    )
    return (
        select(HandoverLine)
        .where(HandoverLine.org_id == org_id, is_of_order)
        .order_by(HandoverLine.id)
    )


def parts_of(org_id: UUID, item_ids: Collection[UUID]) -> Select[Item]:
    """Pieces that sit on these."""
    return (
        select(Item)
        .where(Item.org_id == org_id, Item.parent_id.in_(item_ids))
        .order_by(Item.name, Item.id)
    )
