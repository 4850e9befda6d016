"""What a piece's page shows of orders to suppliers: those it stands on, and the way to one."""

from typing import Any

from sqlalchemy import exists
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.queries_piece import Signs
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.queries import orders_visible_to
from app.workshop.service import HERE
from app.workshop.views import state_of

Panel = tuple[str, dict[str, Any]] | None
MOST = 5

SIGNS = Signs(
    columns=(
        (
            "was_on_order",
            exists().where(OrderPiece.org_id == Item.org_id, OrderPiece.item_id == Item.id),
        ),
    )
)
"""What the piece's page asks beforehand, in its own statement."""


def piece(session: Session, actor: Actor, item: Any) -> Panel:
    """The newest orders that the reader may see, and how to have the piece mended."""
    may_order = actor.may(Permission.SUPPLIER_ORDER, item.owner_unit_id) and item.state in HERE
    orders = _of_piece(session, actor, item) if item.was_on_order else []
    may_edit = actor.may(Permission.ITEM_EDIT, item.owner_unit_id) and item.state in HERE
    if not orders and not may_order and not may_edit:
        return None
    return "workshop/panel_piece.html", {
        "rows": [{"order": each, "state": state_of(each)} for each in orders],
        "item_id": item.id,
        "may_order": may_order,
        "may_edit": may_edit,
    }


def _of_piece(session: Session, actor: Actor, item: Any) -> list[SupplierOrder]:
    query = (
        orders_visible_to(actor)
        .join(
            OrderPiece,
            (OrderPiece.org_id == SupplierOrder.org_id)
            & (OrderPiece.supplier_order_id == SupplierOrder.id),
        )
        .where(OrderPiece.item_id == item.id)
        .order_by(SupplierOrder.number.desc())
        .limit(MOST)
    )
    return list(session.scalars(query))
