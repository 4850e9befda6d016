"""Places, as the actor may see them."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit import codes
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.places.models import Place, PlaceKind


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
