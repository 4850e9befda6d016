"""What a plan has set aside, and the plan that counts."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import ProductModel
from app.items.models import Item
from app.places.models import Place
from app.planning.models import FixedPlan
from app.projects.models import ProgrammeLine, Release
from app.projects.models_allocation import PlanAllocation


def fixed_of(session: Session, actor: Actor, project_id: UUID) -> FixedPlan | None:
    """The plan that counts: the newest one that was fixed."""
    return session.scalars(
        select(FixedPlan)
        .where(FixedPlan.org_id == actor.org_id, FixedPlan.project_id == project_id)
        .order_by(FixedPlan.fixed_at.desc(), FixedPlan.id.desc())
        .limit(1)
    ).first()


def allocations_visible_to(actor: Actor) -> Select[PlanAllocation]:
    """Standing ones: what was let go, delivered or taken is left out."""
    return select(PlanAllocation).where(
        PlanAllocation.org_id == actor.org_id, PlanAllocation.ended_at.is_(None)
    )


def allocated_pieces(actor: Actor, line_ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """Each piece that is set aside for one of the lines, with what a person knows it by."""
    return (
        select(
            PlanAllocation.programme_line_id,
            PlanAllocation.item_id,
            PlanAllocation.free_from,
            Item.name,
            Item.condition,
            Item.state,
            Item.owner_unit_id,
            Place.label.label("place"),
        )
        .join(Item, and_(Item.org_id == PlanAllocation.org_id, Item.id == PlanAllocation.item_id))
        .join(Place, and_(Place.org_id == Item.org_id, Place.id == Item.place_id))
        .where(
            PlanAllocation.org_id == actor.org_id,
            PlanAllocation.ended_at.is_(None),
            PlanAllocation.programme_line_id.in_(line_ids),
        )
        .order_by(Item.name, Item.id)
    )


def allocated_items(actor: Actor, project_id: UUID) -> Select[*tuple[Any, ...]]:
    """The pieces that a project's plan has set aside, with their lines and what is planned for them."""
    return (
        select(PlanAllocation.programme_line_id, Item, Release.fate, ProductModel)
        .outerjoin(
            Release,
            and_(Release.org_id == PlanAllocation.org_id, Release.id == PlanAllocation.release_id),
        )
        .join(Item, and_(Item.org_id == PlanAllocation.org_id, Item.id == PlanAllocation.item_id))
        .outerjoin(
            ProductModel,
            and_(ProductModel.org_id == Item.org_id, ProductModel.id == Item.product_model_id),
        )
        .join(
            ProgrammeLine,
            and_(
                ProgrammeLine.org_id == PlanAllocation.org_id,
                ProgrammeLine.id == PlanAllocation.programme_line_id,
            ),
        )
        .where(
            PlanAllocation.org_id == actor.org_id,
            PlanAllocation.ended_at.is_(None),
            ProgrammeLine.project_id == project_id,
        )
    )
