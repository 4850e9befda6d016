"""A person's wishes, and what was found for them and for needs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.models import Item
from app.items.rules import Condition
from app.needs.models import NeedLine
from app.needs.models_wish import Find, Wish
from app.places.models import Place
from app.projects.models import Project

SHOWN = 20


def wishes_of(actor: Actor) -> Select[Wish]:
    """One's own: what somebody looks for is nobody else's business."""
    return select(Wish).where(Wish.org_id == actor.org_id, Wish.person_id == actor.person_id)


def open_wishes(actor: Actor) -> Select[Wish]:
    return wishes_of(actor).where(Wish.ended_at.is_(None))


def found_of(session: Session, actor: Actor, wish_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many pieces were found for each wish."""
    rows = session.execute(
        select(Find.wish_id, func.sum(Find.pieces))
        .where(Find.org_id == actor.org_id, Find.wish_id.in_(wish_ids))
        .group_by(Find.wish_id)
    )
    return {row[0]: int(row[1]) for row in rows if row[0] is not None}


class Shown(NamedTuple):
    """A find as people see it. With a listing it is on the market; with a project it comes later."""

    item_id: UUID
    listing_id: UUID | None
    project: str | None
    name: str
    condition: Condition
    place: str
    pieces: int
    found_at: datetime


def finds(
    session: Session, actor: Actor, *, need_id: UUID | None = None, wish_id: UUID | None = None
) -> list[Shown]:
    """The newest of a need the actor sees, or of a wish of the actor's own."""
    lines = select(NeedLine.id).where(NeedLine.org_id == actor.org_id, NeedLine.need_id == need_id)
    rows = session.execute(
        select(
            Find.item_id,
            Find.listing_id,
            Project.name.label("project"),
            Item.name,
            Item.condition,
            Place.label,
            Find.pieces,
            Find.found_at,
        )
        .join(Item, (Item.org_id == Find.org_id) & (Item.id == Find.item_id))
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .outerjoin(Project, (Project.org_id == Find.org_id) & (Project.id == Find.project_id))
        .where(
            Find.org_id == actor.org_id,
            or_(Find.need_line_id.in_(lines), Find.wish_id == wish_id),
        )
        .order_by(Find.found_at.desc(), Find.id)
        .limit(SHOWN)
    )
    return [Shown(*row) for row in rows]
