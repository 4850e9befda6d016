"""Who saw a piece last, where and when: what a scan leaves behind without changing the piece."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session, load_only

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.commands import Command
from app.items.models import Item
from app.kit.columns import UtcDateTime

_NAMES = ("last_seen_place_id", "last_seen_at", "last_seen_by_id")


def at_first(
    is_labelled: bool,  # noqa: FBT001 - one of the row's own values
    place_id: UUID,
    at: datetime,
    person_id: UUID | None,
) -> dict[str, Any]:
    """The columns of a new piece: whoever stuck a blank label on it and read it has seen it."""
    return dict(zip(_NAMES, (place_id, at, person_id) if is_labelled else (None,) * 3, strict=True))


class See(Command):
    """The piece was scanned in the place."""

    item_id: UUID
    place_id: UUID
    seen_at: datetime


def see(session: Session, actor: Actor, commands: Sequence[See]) -> None:
    """Keeps the newest sighting of each piece; one that arrives late never replaces a newer one.

    A registration is dated by the server, also one that waited on a phone: a scan that the same
    person made is taken for the later of the two.
    The version stays: whoever is editing the piece meanwhile has nothing to compare.

    Which sighting is the newest is the database's to say: pieces that are loaded already forget
    theirs, and read it again when they are asked; many at once by ``with_sightings``.
    """
    actor.must(Permission.ITEM_EDIT)
    keep_sightings(session, actor, commands)


def keep_sightings(session: Session, actor: Actor, sightings: Sequence[See]) -> None:
    """As ``see``, for verbs of others that have checked who may: a receiver edits no piece."""
    if not sightings:
        return
    item = Item.__table__
    seen_at = bindparam("seen_at", type_=UtcDateTime)
    session.flush()  # what was changed on the pieces before goes first, in the order it was made
    session.connection().execute(
        update(Item)
        .where(item.c.org_id == actor.org_id, item.c.id == bindparam("seen_id"))
        .where(
            or_(
                item.c.last_seen_at.is_(None),
                item.c.last_seen_at <= seen_at,
                and_(
                    item.c.last_seen_at == item.c.created_at,
                    item.c.last_seen_by_id == actor.person_id,
                ),
            )
        )
        .values(
            last_seen_at=seen_at,
            last_seen_place_id=bindparam("seen_in"),
            last_seen_by_id=actor.person_id,
        ),
        [
            {"seen_id": each.item_id, "seen_in": each.place_id, "seen_at": each.seen_at}
            for each in sorted(sightings, key=lambda one: (one.seen_at, one.item_id))
        ],
    )
    for item_id in {each.item_id for each in sightings}:
        loaded = session.identity_map.get(session.identity_key(Item, item_id))
        if loaded is not None:
            session.expire(loaded, _NAMES)


def with_sightings(session: Session, actor: Actor, items: Iterable[Item]) -> None:
    """What pieces have forgotten since they were scanned is read again, by one query for all."""
    ids = [each.id for each in items if not vars(each).keys() >= set(_NAMES)]
    if ids:
        own = select(Item).where(Item.org_id == actor.org_id, Item.id.in_(ids))
        only = load_only(Item.last_seen_at, Item.last_seen_place_id, Item.last_seen_by_id)
        session.scalars(own.options(only)).all()
