"""A person's wishes, and what was found for them and for needs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.items.models import Item
from app.items.rules import Condition
from app.kit.db import clock_of
from app.marketplace.models import Listing, ListingItem
from app.marketplace.queries import by_id
from app.marketplace.queries_outside import partner_listings
from app.needs.models import NeedLine
from app.needs.models_wish import Find, Wish
from app.places.models import Place
from app.projects.models import Project

SHOWN = 20
READ = 200
"""Of so many finds the newest that stand are shown: what has gone takes nobody's place."""


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
    """A find as people see it. With a listing it is on the market; with a project it comes later.

    What a partner shows has its ``giver`` and no piece or place of ours.
    """

    item_id: UUID | None
    listing_id: UUID | None
    project: str | None
    name: str
    condition: Condition
    place: str
    giver: str | None
    pieces: int
    found_at: datetime


def finds(
    session: Session, actor: Actor, *, need_id: UUID | None = None, wish_id: UUID | None = None
) -> list[Shown]:
    """The newest of a need the actor sees, or of a wish of the actor's own.

    Of partners only what they show still.
    """
    lines = select(NeedLine.id).where(NeedLine.org_id == actor.org_id, NeedLine.need_id == need_id)
    rows = session.execute(
        select(Find.found_at, Find.stands)
        .where(
            Find.org_id == actor.org_id,
            or_(Find.need_line_id.in_(lines), Find.wish_id == wish_id),
        )
        .order_by(Find.found_at.desc(), Find.id)
        .limit(READ)
    ).all()
    theirs_of = {
        UUID(each["listing_id"]) for row in rows for each in row.stands if "giver_org_id" in each
    }
    given = _given(session, actor, theirs_of)
    newest = [
        (row.found_at, each)
        for row in rows
        for each in row.stands
        if "giver_org_id" not in each or UUID(each["listing_id"]) in given
    ][:SHOWN]
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
    shown: list[Shown] = []
    for found_at, each in newest:
        listing_id = UUID(each["listing_id"]) if "listing_id" in each else None
        item = items.get(UUID(each["item_id"])) if "giver_org_id" not in each else None
        theirs = given.get(listing_id) if "giver_org_id" in each and listing_id else None
        row = item or theirs
        if row is None:
            continue
        shown.append(
            Shown(
                item_id=item.id if item else None,
                listing_id=listing_id,
                project=projects.get(UUID(each["project_id"])) if "project_id" in each else None,
                name=row.name,
                condition=row.condition,
                place=item.label if item else "",
                giver=theirs.giver if theirs else None,
                pieces=each["pieces"],
                found_at=found_at,
            )
        )
    return shown


def _given(session: Session, actor: Actor, listing_ids: Collection[UUID]) -> Mapping[UUID, Any]:
    """Partners' listings that the network shows, with what their pieces are called."""
    if not listing_ids:
        return {}
    seen = partner_listings(actor, clock_of(session).today()).where(Listing.id.in_(listing_ids))
    rows = session.execute(
        select(
            ListingItem.listing_id,
            Organisation.name.label("giver"),
            func.min(Item.name).label("name"),
            func.min(Item.condition).label("condition"),
        )
        .join(Item, (Item.org_id == ListingItem.org_id) & (Item.id == ListingItem.item_id))
        .join(Organisation, Organisation.id == ListingItem.org_id)
        .where(ListingItem.listing_id.in_(seen.with_only_columns(Listing.id)))
        .group_by(ListingItem.listing_id, Organisation.name)
    )
    return {row.listing_id: row for row in rows}
