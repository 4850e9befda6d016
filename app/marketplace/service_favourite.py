"""Favourites: listings that a person wants to find again. Nobody else sees them, and nobody is told."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.bulk import insert_unless_there
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.i18n import N_
from app.kit.prepared import Ask, Prepared
from app.marketplace.commands import OfListing
from app.marketplace.models import Listing
from app.marketplace.models_favourite import Favourite
from app.marketplace.queries import listings_visible_to

MOST = 200
"""Favourites of one person: more than that is a search."""


class TooManyFavourites(Conflict):
    title = N_("Du har så mange favoritter som det er plass til. Fjern noen først.")


def favourites_of(actor: Actor) -> Select[Favourite]:
    """The actor's own, the newest first."""
    return (
        select(Favourite)
        .where(Favourite.org_id == actor.org_id, Favourite.person_id == actor.person_id)
        .order_by(Favourite.created_at.desc(), Favourite.id)
    )


_KEPT = Prepared(
    select(Favourite.listing_id).where(
        Favourite.org_id == bindparam("org_id"), Favourite.person_id == bindparam("person_id")
    )
)


def kept_by(actor: Actor) -> Ask:
    """The ids of all the actor's favourites, to be asked for along with something else."""
    return _KEPT, {"org_id": actor.org_id, "person_id": actor.person_id}


def is_favourite(session: Session, actor: Actor, listing_id: UUID) -> bool:
    found = favourites_of(actor).with_only_columns(Favourite.id)
    return session.scalar(found.where(Favourite.listing_id == listing_id)) is not None


def keep(session: Session, actor: Actor, commands: Sequence[OfListing]) -> list[UUID]:
    """Makes the listings favourites; what is one already stays as it was.

    Raises ``NotFound`` for a listing that the actor does not see, and ``TooManyFavourites``.
    """
    actor.must(Permission.ITEM_READ)
    person_id = _person_of(actor)
    wanted = {each.listing_id for each in commands}
    _must_see(session, actor, wanted)
    now = clock_of(session).now()
    for listing_id in sorted(wanted):
        row = {
            "id": new_id(),
            "org_id": actor.org_id,
            "person_id": person_id,
            "listing_id": listing_id,
            "created_at": now,
        }
        insert_unless_there(session, Favourite.metadata.tables[Favourite.__tablename__], row)
    if _count(session, actor) > MOST:
        raise TooManyFavourites
    return [each.listing_id for each in commands]


def drop(session: Session, actor: Actor, commands: Sequence[OfListing]) -> list[UUID]:
    """Favourites no longer; what was none is left as it is.

    Raises ``NotFound`` for a listing that is neither seen nor a favourite.
    """
    actor.must(Permission.ITEM_READ)
    person_id = _person_of(actor)
    wanted = {each.listing_id for each in commands}
    mine = favourites_of(actor).with_only_columns(Favourite.listing_id).order_by(None)
    dropped = set(session.scalars(mine.where(Favourite.listing_id.in_(wanted))))
    _must_see(session, actor, wanted - dropped)
    session.execute(
        delete(Favourite).where(
            Favourite.org_id == actor.org_id,
            Favourite.person_id == person_id,
            Favourite.listing_id.in_(dropped),
        )
    )
    return [each.listing_id for each in commands]


def _must_see(session: Session, actor: Actor, listing_ids: set[UUID]) -> None:
    seen = listings_visible_to(actor).with_only_columns(Listing.id)
    if set(session.scalars(seen.where(Listing.id.in_(listing_ids)))) != listing_ids:
        raise NotFound(N_("Fant ikke annonsen."))


def _count(session: Session, actor: Actor) -> int:
    mine = favourites_of(actor).with_only_columns(Favourite.id).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(mine)) or 0


def _person_of(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise Forbidden
    return actor.person_id
