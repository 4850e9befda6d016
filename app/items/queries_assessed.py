"""What experts have said of pieces, and which pieces are suitable by the newest of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select

from app.accounts.actor import Actor
from app.items.models import Assessment, Item
from app.items.queries import items_visible_to
from app.items.rules import PRESENT, Suitability, Suitable


def assessments_visible_to(actor: Actor) -> Select[Assessment]:
    return select(Assessment).where(Assessment.org_id == actor.org_id)


def assessments_of(actor: Actor, item_id: UUID) -> Select[Assessment]:
    """A piece's own, the newest day first."""
    return (
        assessments_visible_to(actor)
        .where(Assessment.item_id == item_id)
        .order_by(Assessment.assessed_on.desc(), Assessment.created_at.desc(), Assessment.id.desc())
    )


def still_here(actor: Actor, lot_id: UUID) -> Select[Item]:
    """The pieces of a registration that have not left."""
    return items_visible_to(actor).where(Item.lot_id == lot_id, Item.state.in_(PRESENT))


def is_suitable(
    wanted: Suitable | ColumnElement[Suitability],
    *,
    org_id: Any = Item.org_id,
    item_id: Any = Item.id,
) -> ColumnElement[bool]:
    """Whether the piece's newest assessment says so; a piece without one is not.

    ``wanted`` may be a parameter. What has both surface and barrier has each of them.
    """
    found: ColumnElement[bool] = exists().where(
        Assessment.org_id == org_id,
        Assessment.item_id == item_id,
        Assessment.is_newest,
        Assessment.suitability.in_([wanted, Suitability.BOTH]),
    )
    return found
