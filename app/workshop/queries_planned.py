"""What a project plans to have mended or built of, for an order that meets its programme."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import Category
from app.catalogue.rules import Work
from app.items.models import Item
from app.items.queries_piece import category_column
from app.items.rules import Fate, ItemState
from app.projects.models import ProgrammeLine, Release
from app.projects.models_allocation import PlanAllocation
from app.projects.queries import standing_count
from app.projects.queries_release import is_live
from app.projects.rules import ReleaseState
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.rules import OPEN

FATE_FOR: Mapping[Work, Fate] = {
    Work.CLEAN_OR_REPAIR: Fate.REDESIGN,
    Work.REUPHOLSTER_OR_REDESIGN: Fate.REDESIGN,
    Work.DISMANTLE: Fate.PARTS,
    Work.BUILD_FROM_SURPLUS: Fate.PARTS,
}
"""What a release says is to become of pieces that such an order is about."""

MOST = 500
"""Pieces of one order."""


@dataclass(frozen=True, slots=True)
class PlannedFor:
    """So many pieces of a category are planned for the work and wait for an order."""

    category_id: str
    category: str
    pieces: int


def planned_for(
    session: Session, actor: Actor, line_id: UUID | None, work: Work
) -> list[PlannedFor]:
    """By category, of the project that the programme line belongs to; the most numerous first."""
    if line_id is None or work not in FATE_FOR:
        return []
    count = func.count().label("pieces")
    query = _waiting(actor, line_id, work).join(Category, Category.id == Item.category_id)
    rows = session.execute(
        query.with_only_columns(Item.category_id, category_column().label("name"), count)
        .group_by(Item.category_id, category_column())
        .order_by(count.desc(), Item.category_id)
    )
    return [PlannedFor(row.category_id, row.name, row.pieces) for row in rows]


def planned_pieces(
    session: Session, actor: Actor, line_id: UUID | None, work: Work, category_id: str
) -> list[UUID]:
    """Those of one category, as many as an order takes."""
    if line_id is None or work not in FATE_FOR:
        return []
    query = _waiting(actor, line_id, work).where(Item.category_id == category_id)
    return list(session.scalars(query.order_by(Item.id).limit(MOST)))


def _waiting(actor: Actor, line_id: UUID, work: Work) -> Select[*tuple[Any, ...]]:
    """On no order that is open, and set aside for nobody."""
    is_ordered = exists().where(
        OrderPiece.org_id == Item.org_id,
        OrderPiece.item_id == Item.id,
        OrderPiece.ended_at.is_(None),
    )
    project_id = select(ProgrammeLine.project_id).where(
        ProgrammeLine.org_id == actor.org_id, ProgrammeLine.id == line_id
    )
    return (
        select(Item.id)
        .join(Release, and_(Release.org_id == Item.org_id, Release.item_id == Item.id))
        .where(
            Item.org_id == actor.org_id,
            Release.project_id == project_id.scalar_subquery(),
            Release.fate == FATE_FOR[work],
            Release.state != ReleaseState.ALLOCATED,
            is_live(),
            Item.state.in_((ItemState.IN_USE, ItemState.AVAILABLE)),
            ~is_ordered,
        )
    )


def lacking(session: Session, actor: Actor, line: ProgrammeLine) -> int:
    """What neither stands there, is set aside, nor is asked for from suppliers; never below one."""
    met = sum(row[1] for row in session.execute(standing_count(actor, [line.id])))
    aside = session.scalar(
        select(func.count()).where(
            PlanAllocation.org_id == actor.org_id,
            PlanAllocation.programme_line_id == line.id,
            PlanAllocation.ended_at.is_(None),
        )
    )
    ordered = session.scalar(
        select(func.coalesce(func.sum(SupplierOrder.quantity), 0)).where(
            SupplierOrder.org_id == actor.org_id,
            SupplierOrder.programme_line_id == line.id,
            SupplierOrder.state.in_(OPEN),
        )
    )
    return max(1, line.quantity - met - (aside or 0) - int(ordered or 0))
