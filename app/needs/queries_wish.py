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
from app.marketplace.queries import by_id
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
        select(Find.found_at, Find.stands)
        .where(
            Find.org_id == actor.org_id,
            or_(Find.need_line_id.in_(lines), Find.wish_id == wish_id),
        )
        .order_by(Find.found_at.desc(), Find.id)
        .limit(SHOWN)
    )
    newest = [(row.found_at, each) for row in rows for each in row.stands][:SHOWN]
    items = {
        row.id: row
        for row in session.execute(
            select(Item.id, Item.name, Item.condition, Place.label)
            .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
            .where(
                Item.org_id == actor.org_id,
                Item.id.in_({UUID(each["item_id"]) for _, each in newest}),
            )
        )
    }
    wanted = {UUID(each["project_id"]) for _, each in newest if "project_id" in each}
    named = select(Project.id, Project.name).where(Project.org_id == actor.org_id)
    projects = by_id(session, named.where(Project.id.in_(wanted))) if wanted else {}
    return [
        Shown(
            item_id=item.id,
            listing_id=UUID(each["listing_id"]) if "listing_id" in each else None,
            project=projects.get(UUID(each["project_id"])) if "project_id" in each else None,
            name=item.name,
            condition=item.condition,
            place=item.label,
            pieces=each["pieces"],
            found_at=found_at,
        )
        for found_at, each in newest
        if (item := items.get(UUID(each["item_id"]))) is not None
    ]
