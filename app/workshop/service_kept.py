"""What others do with pieces of an order: those at a supplier stay there, and those mended are booked."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.handovers.events import PieceReceived, PieceReturned
from app.handovers.models import HandoverLine
from app.impact.rules import FulfilmentSource
from app.items.events import ItemBackFromWorkshop, ItemDismantled, ItemPickedUp
from app.kit.errors import Conflict
from app.kit.events import subjects
from app.kit.i18n import N_
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.rules import AT_SUPPLIER


class PieceAtSupplier(Conflict):
    title = N_("Møbelet er hos en leverandør. Før leveringen, eller avlys oppdraget, først.")


def keep_at_supplier(
    session: Session, events: Sequence[ItemBackFromWorkshop | ItemDismantled | ItemPickedUp]
) -> None:
    """Subscribes to what moves pieces: an order that was sent has its own. Raises ``PieceAtSupplier``.

    A delivery and a calling off let go of the pieces before they move them.
    """
    of_order = and_(
        SupplierOrder.org_id == OrderPiece.org_id, SupplierOrder.id == OrderPiece.supplier_order_id
    )
    for org_id, item_ids in subjects(events).items():
        held = session.scalar(
            select(OrderPiece.item_id)
            .join(SupplierOrder, of_order)
            .where(
                OrderPiece.org_id == org_id,
                OrderPiece.item_id.in_(item_ids),
                OrderPiece.ended_at.is_(None),
                SupplierOrder.state.in_(AT_SUPPLIER),
            )
            .limit(1)
        )
        if held is not None:
            raise PieceAtSupplier(id=str(held))


def on_received(session: Session, events: Sequence[PieceReceived]) -> None:
    """Subscribes before the ledger: what was mended while nobody used it is booked with its reuse."""
    for org_id, line_ids in subjects(events).items():
        rows = session.execute(
            select(OrderPiece, HandoverLine.handover_id)
            .join(
                HandoverLine,
                (HandoverLine.org_id == OrderPiece.org_id)
                & (HandoverLine.item_id == OrderPiece.item_id),
            )
            .where(
                HandoverLine.org_id == org_id,
                HandoverLine.id.in_(line_ids),
                HandoverLine.source == FulfilmentSource.INTERNAL_REUSE,
                OrderPiece.had_no_user,
                OrderPiece.handover_id.is_(None),
            )
        )
        for piece, handover_id in rows:
            piece.handover_id = handover_id
    session.flush()  # the ledger reads it


def on_returned(session: Session, events: Sequence[PieceReturned]) -> None:
    """The piece has no user again: the handover that finds it another bears the work."""
    of_pieces: dict[UUID, set[tuple[UUID, UUID]]] = {}
    for event in events:
        of_pieces.setdefault(event.org_id, set()).add((event.handover_id, event.item_id))
    for org_id, returned in of_pieces.items():
        rows = session.scalars(
            select(OrderPiece).where(
                OrderPiece.org_id == org_id,
                OrderPiece.handover_id.in_({handover_id for handover_id, _ in returned}),
            )
        )
        for piece in rows:
            # The row of an undone delivery keeps its handover: the order finds by it what is undone.
            if piece.had_no_user and (piece.handover_id, piece.item_id) in returned:
                piece.handover_id = None
