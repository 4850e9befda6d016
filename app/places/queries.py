"""Places, as the actor may see them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit import codes
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.places.models import Place, PlaceKind
from app.places.rules import Position


class PlaceCodeUnknown(NotFound):
    """No place has the code, or another organisation's: the two are not told apart."""

    title = N_("Ingen av virksomhetens steder har denne koden.")


def places_visible_to(actor: Actor) -> Select[Place]:
    """All places of the actor's organisation."""
    return select(Place).where(Place.org_id == actor.org_id)


def place_choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """``(id, readable path)`` of every place, for a select."""
    found = session.execute(
        places_visible_to(actor).with_only_columns(Place.id, Place.label).order_by(Place.label)
    )
    return [(str(place_id), label) for place_id, label in found]


def places_with_codes(session: Session, actor: Actor) -> list[tuple[str, str, str]]:
    """As ``place_choices``, and the code on each one's label: a phone knows a room by it offline.

    "-" where a place has none.
    """
    found = session.execute(
        places_visible_to(actor)
        .with_only_columns(Place.id, Place.label, Place.code)
        .order_by(Place.label)
    )
    return [(str(place_id), label, code or "-") for place_id, label, code in found]


def place_by_code(session: Session, actor: Actor, typed: str) -> Place:
    """The place whose label was scanned or typed. Raises ``CodeMistyped``, ``PlaceCodeUnknown``."""
    code = codes.read_code(typed)
    place = session.scalar(places_visible_to(actor).where(Place.code == code))
    if place is None:
        raise PlaceCodeUnknown(code=code)
    return place


def subtree_ids(actor: Actor, place_id: UUID) -> Select[UUID]:
    """The place and everything below it, as a sub-query for ``IN``."""
    tree = (
        select(Place.id)
        .where(Place.org_id == actor.org_id, Place.id == place_id)
        .cte("place_tree", recursive=True)
    )
    below = select(Place.id).where(Place.org_id == actor.org_id, Place.parent_id == tree.c.id)
    tree = tree.union_all(below)
    return select(tree.c.id)


def is_storage(session: Session, org_id: UUID, place_id: UUID) -> bool:
    """Whether what arrives here is free afterwards."""
    kind = session.scalar(select(Place.kind).where(Place.org_id == org_id, Place.id == place_id))
    return kind == PlaceKind.STORAGE


LEVELS = 8
"""Places stand no deeper than this; a walk upwards that goes on is a mistake in the data."""


def positions_of(session: Session, org_id: UUID, ids: Collection[UUID]) -> dict[UUID, Position]:
    """Where places are: by their own position, else that of the nearest place around them.

    One query for each level that has to be walked. Places without any are left out.
    """
    found: dict[UUID, Position] = {}
    waiting = {each: each for each in ids}
    for _ in range(LEVELS):
        if not waiting:
            break
        rows = {
            row.id: row
            for row in session.execute(
                select(Place.id, Place.parent_id, Place.latitude_udeg, Place.longitude_udeg).where(
                    Place.org_id == org_id, Place.id.in_(set(waiting.values()))
                )
            )
        }
        further: dict[UUID, UUID] = {}
        for place_id, at in waiting.items():
            row = rows.get(at)
            if row is None:
                continue
            if row.latitude_udeg is not None and row.longitude_udeg is not None:
                found[place_id] = row.latitude_udeg, row.longitude_udeg
            elif row.parent_id is not None:
                further[place_id] = row.parent_id
        waiting = further
    return found


def areas_of(session: Session, org_id: UUID, ids: Collection[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """Id and name of the property each place is on; of the topmost place where none is named.

    One query for each level that has to be walked. Unknown places are left out.
    """
    found: dict[UUID, tuple[UUID, str]] = {}
    waiting = {each: each for each in ids}
    for _ in range(LEVELS):
        if not waiting:
            break
        rows = {
            row.id: row
            for row in session.execute(
                select(Place.id, Place.parent_id, Place.kind, Place.name).where(
                    Place.org_id == org_id, Place.id.in_(set(waiting.values()))
                )
            )
        }
        known = {place_id: rows[at] for place_id, at in waiting.items() if at in rows}
        found |= {place_id: (row.id, row.name) for place_id, row in known.items()}
        waiting = {
            place_id: row.parent_id
            for place_id, row in known.items()
            if row.kind != PlaceKind.PROPERTY and row.parent_id is not None
        }
    return found
