"""Pictures of before and after, scoped by the actor."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.models import Item, Photo, PhotoFile, PhotoTaken
from app.items.queries import photos_visible_to
from app.projects.models import Fulfilment, ProgrammeLine, Release
from app.projects.rules import ReleaseState
from app.reports.figures import Mended

Span = tuple[datetime, datetime]


class Pair(NamedTuple):
    """The first picture of before and of after; like pieces have one ``lot_id``."""

    mended: Mended
    lot_id: UUID


def pairs(
    session: Session,
    actor: Actor,
    *,
    most: int,
    among: Select[UUID] | None = None,
    taken: Span | None = None,
) -> list[Pair]:
    """Pieces with both pictures, those with the newest picture of after first.

    ``among`` narrows to pieces by their ids, ``taken`` to pictures of after from its first moment to
    before its last. Pictures of a lot stand for one of its pieces. Three statements.
    """
    subject = func.coalesce(Photo.item_id, Photo.lot_id)
    own = photos_visible_to(actor).where(Photo.taken.is_not(None), subject.is_not(None))
    pieces = select(Item).where(Item.org_id == actor.org_id)
    if among is not None:
        pieces = pieces.where(Item.id.in_(among))
        lots = pieces.with_only_columns(Item.lot_id)
        own = own.where(or_(Photo.item_id.in_(among), Photo.lot_id.in_(lots)))
    has_before = own.where(Photo.taken == PhotoTaken.BEFORE).with_only_columns(subject)
    after = own.where(Photo.taken == PhotoTaken.AFTER, subject.in_(has_before))
    if taken is not None:
        after = after.where(Photo.created_at >= taken[0], Photo.created_at < taken[1])
    newest = list(
        session.scalars(
            after.with_only_columns(subject.label("subject"))
            .group_by(subject)
            .order_by(func.max(Photo.created_at).desc(), subject)
            .limit(most)
        )
    )
    if not newest:
        return []
    photos: dict[tuple[UUID | None, PhotoTaken | None], UUID] = {}
    shown = own.where(subject.in_(newest)).order_by(Photo.position, Photo.id)
    for each in session.scalars(shown):
        is_before = each.taken is PhotoTaken.BEFORE
        if is_before or taken is None or taken[0] <= each.created_at < taken[1]:
            photos.setdefault((each.item_id or each.lot_id, each.taken), each.id)
    named = pieces.where(or_(Item.id.in_(newest), Item.lot_id.in_(newest))).order_by(Item.id)
    items: dict[UUID, Item] = {}
    for item in session.scalars(named):
        items.setdefault(item.lot_id, item)
        items[item.id] = item
    return [
        Pair(
            Mended(
                item_id=items[key].id,
                name=items[key].name,
                before_photo_id=photos[key, PhotoTaken.BEFORE],
                after_photo_id=photos[key, PhotoTaken.AFTER],
            ),
            items[key].lot_id,
        )
        for key in newest
        if key in items
    ]


def one_of_each_lot(found: Collection[Pair], most: int) -> tuple[Mended, ...]:
    """The first of each lot, ``most`` of them."""
    alike: dict[UUID, Mended] = {}
    for each in found:
        alike.setdefault(each.lot_id, each.mended)
    return tuple(alike.values())[:most]


def pieces_of_project(actor: Actor, project_id: UUID) -> Select[UUID]:
    """Those that meet its programme, and those that it releases."""
    met = (
        select(Fulfilment.item_id)
        .join(
            ProgrammeLine,
            (ProgrammeLine.org_id == Fulfilment.org_id)
            & (ProgrammeLine.id == Fulfilment.programme_line_id),
        )
        .where(Fulfilment.org_id == actor.org_id, Fulfilment.undone_at.is_(None))
        .where(ProgrammeLine.project_id == project_id)
    )
    released = select(Release.item_id).where(
        Release.org_id == actor.org_id,
        Release.project_id == project_id,
        Release.item_id.is_not(None),
        Release.state != ReleaseState.CANCELLED,
    )
    both = union(met, released).subquery("pieces")
    return select(both.c.item_id)


def files_of(session: Session, actor: Actor, photo_ids: Collection[UUID]) -> list[PhotoFile]:
    """A picture's file as a page shows it: the medium size, until there is one the first.

    Nothing of what was removed.
    """
    rows = session.scalars(
        select(PhotoFile)
        .join(Photo, (Photo.org_id == PhotoFile.org_id) & (Photo.id == PhotoFile.photo_id))
        .where(
            PhotoFile.org_id == actor.org_id,
            PhotoFile.photo_id.in_(photo_ids),
            PhotoFile.name.in_(("medium", "large_jpeg")),
            Photo.removed_at.is_(None),
        )
    )
    found: dict[UUID, PhotoFile] = {}
    for each in rows:
        if each.photo_id not in found or each.name == "medium":
            found[each.photo_id] = each
    return list(found.values())


def still_there(session: Session, actor: Actor, photo_ids: Collection[UUID]) -> set[UUID]:
    """Which of them were not removed since."""
    if not photo_ids:
        return set()
    own = photos_visible_to(actor).where(Photo.id.in_(photo_ids))
    return set(session.scalars(own.with_only_columns(Photo.id)))


def photos_of(found: Collection[Mended]) -> list[UUID]:
    return [each for pair in found for each in (pair.before_photo_id, pair.after_photo_id)]
