"""What workshops did with the pieces that handovers are of: what it took, and what it cost."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.catalogue.rules import Work
from app.impact.rules import NewPart, RedesignLevel
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.queries import materials_of
from app.workshop.rules import MENDED, each_ore


@dataclass(frozen=True, slots=True)
class Used:
    """What one piece took in the workshop: new parts, power, and the parts taken off it."""

    energy_wh: int
    new_parts: tuple[NewPart, ...]
    removed: tuple[NewPart, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """Work on one piece before it found its user. ``used`` is there where it stands for itself."""

    level: RedesignLevel
    used: Used | None
    removed_g: int
    cost_ore: int


def used_by_handover(
    session: Session, org_id: UUID, handover_ids: Collection[UUID]
) -> Mapping[UUID, Used]:
    """What was recorded, by the handover it led to; two statements at most.

    A handover that is not here came from no order, or nothing was recorded with it.
    """
    made = select(SupplierOrder.id, SupplierOrder.handover_id, SupplierOrder.energy_wh).where(
        SupplierOrder.org_id == org_id,
        SupplierOrder.handover_id.in_(handover_ids),
        SupplierOrder.has_inputs,
    )
    of_order = and_(
        OrderPiece.org_id == SupplierOrder.org_id, OrderPiece.supplier_order_id == SupplierOrder.id
    )
    treated = (
        select(SupplierOrder.id, OrderPiece.handover_id, SupplierOrder.energy_wh)
        .join(OrderPiece, of_order)
        .where(
            SupplierOrder.org_id == org_id,
            OrderPiece.handover_id.in_(handover_ids),
            SupplierOrder.has_inputs,
        )
    )
    rows = session.execute(made.union(treated)).all()
    used = _used(session, org_id, {row[0]: row[2] for row in rows})
    return {row[1]: used[row[0]] for row in rows if row[1] is not None}


def mended_by_piece(
    session: Session, org_id: UUID, handover_ids: Collection[UUID]
) -> Mapping[tuple[UUID, UUID], Sequence[Mended]]:
    """By handover and piece, what was done while the piece had no user; three statements at most."""
    of_order = and_(
        SupplierOrder.org_id == OrderPiece.org_id, SupplierOrder.id == OrderPiece.supplier_order_id
    )
    rows = session.execute(
        select(OrderPiece, SupplierOrder)
        .join(SupplierOrder, of_order)
        .where(OrderPiece.org_id == org_id, OrderPiece.handover_id.in_(handover_ids))
        .order_by(OrderPiece.id)
    ).all()
    if not rows:
        return {}
    orders = list({row[1].id: row[1] for row in rows}.values())
    used = _used(session, org_id, {each.id: each.energy_wh for each in orders})
    counted = session.execute(
        select(OrderPiece.supplier_order_id, func.count())
        .where(
            OrderPiece.org_id == org_id,
            OrderPiece.supplier_order_id.in_([each.id for each in orders]),
            OrderPiece.outcome.in_(MENDED),
        )
        .group_by(OrderPiece.supplier_order_id)
    )
    came = {row[0]: row[1] for row in counted}
    found: dict[tuple[UUID, UUID], list[Mended]] = defaultdict(list)
    for piece, order in rows:
        whole = order.price_ore if order.invoiced_ore is None else order.invoiced_ore
        assert piece.handover_id is not None  # it was asked for by it
        found[piece.handover_id, piece.item_id].append(
            Mended(
                level=order.level or _level(order),
                used=used[order.id] if order.has_inputs else None,
                removed_g=sum(each.mass_g for each in used[order.id].removed),
                cost_ore=each_ore(whole or 0, came.get(order.id, 0)),
            )
        )
    return found


def _level(order: SupplierOrder) -> RedesignLevel:
    """What is assumed where nothing was said: as for what is handed over with the delivery."""
    is_light = order.work is Work.CLEAN_OR_REPAIR
    return RedesignLevel.CLEANING if is_light else RedesignLevel.LIGHT_REFURBISHMENT


def _used(session: Session, org_id: UUID, orders: Mapping[UUID, int | None]) -> dict[UUID, Used]:
    """By the order, of its power for one piece."""
    if not orders:
        return {}
    parts: dict[tuple[UUID, bool], list[NewPart]] = defaultdict(list)
    for each in session.scalars(materials_of(org_id, orders.keys())):
        of = each.supplier_order_id, each.is_removed
        parts[of].append(NewPart(each.material, each.mass_g))
    return {
        order_id: Used(energy_wh or 0, tuple(parts[order_id, False]), tuple(parts[order_id, True]))
        for order_id, energy_wh in orders.items()
    }
