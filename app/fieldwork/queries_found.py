"""What a scan leads to: a piece, several with the same foreign code, a blank label, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.fieldwork.reading import LONGEST, Read, ReadKind, spellings
from app.items import queries_codes, search
from app.items.models import Item, ItemIdentifier
from app.items.queries import items_visible_to
from app.items.queries_batches import Withdrawn, withdrawn
from app.items.queries_piece import CODE, MAIN_PHOTO, category_column
from app.items.rules import PRESENT
from app.kit.i18n import locale
from app.kit.prepared import Prepared
from app.places.models import Place
from app.places.queries import places_visible_to

MOST_LIKE = 20
"""An EAN is on every chair of its model: so many are shown, and the rest are in the inventory."""

MOST_FOUND = 10


class Outcome(StrEnum):
    PIECE = "piece"
    PLACE = "place"
    BLANK = "blank"
    GONE = "gone"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"
    WRONG_CHECK = "wrong-check"
    FOREIGN = "foreign"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece as a scan shows it: the columns with names, its photo, its label's code."""

    item: Any
    photo_id: UUID | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """``seen`` is one piece, or those with the foreign code; ``organisation_name`` whose label.

    ``withdrawn`` says who took a cancelled label back.
    """

    outcome: Outcome
    read: Read
    seen: Sequence[Seen] = ()
    place: Place | None = None
    organisation_name: str = ""
    is_more: bool = field(default=False)
    withdrawn: Withdrawn | None = None


def looked_up(session: Session, actor: Actor, read: Read) -> Hit:
    """What the actor may know of it. A foreign code that looks like one of ours is found too."""
    if read.kind in (ReadKind.PIECE, ReadKind.PLACE):
        found = queries_codes.find_by_code(session, read.code)
        if found is not None:
            return _of_label(session, actor, read, found)
        place = session.scalar(places_visible_to(actor).where(Place.code == read.code))
        if place is not None:
            return Hit(Outcome.PLACE, read, place=place)
    if len(read.text) > LONGEST:
        return Hit(Outcome.TOO_LONG, read)
    seen = _identified(session, actor, read.text)
    if seen:
        return Hit(Outcome.FOREIGN, read, seen[:MOST_LIKE], is_more=len(seen) > MOST_LIKE)
    return Hit(_NOTHING[read.kind], read)


_NOTHING = {
    ReadKind.PIECE: Outcome.UNKNOWN,
    ReadKind.PLACE: Outcome.UNKNOWN,
    ReadKind.WRONG_CHECK: Outcome.WRONG_CHECK,
    ReadKind.FOREIGN: Outcome.FOREIGN,
}


def _of_label(session: Session, actor: Actor, read: Read, found: queries_codes.Found) -> Hit:
    if found.org_id != actor.org_id:
        return Hit(Outcome.ELSEWHERE, read, organisation_name=found.organisation_name)
    if found.is_gone:
        return Hit(Outcome.GONE, read, withdrawn=withdrawn(session, actor, read.code))
    if found.item_id is None:
        return Hit(Outcome.BLANK, read)
    own = {"org_id": actor.org_id, "item_id": found.item_id}
    rows = _piece(locale()).rows(session, own)
    return Hit(Outcome.PIECE, read, [_seen(row) for row in rows])


def _identified(session: Session, actor: Actor, text: str) -> list[Seen]:
    """The pieces that carry this foreign code, the newest first; one more than are shown."""
    values = spellings(text)
    if not any(values):
        return []
    carriers = (
        select(ItemIdentifier.item_id)
        .where(ItemIdentifier.org_id == actor.org_id, ItemIdentifier.value.in_(values))
        .scalar_subquery()
    )
    query = _shown(items_visible_to(actor)).where(Item.id.in_(carriers)).limit(MOST_LIKE + 1)
    return [_seen(row) for row in session.execute(query)]


def pieces_for_words(session: Session, actor: Actor, words: str) -> list[Seen]:
    """The pieces that a person may mean, to bind a foreign code to one of them."""
    if not words.strip():
        return []
    query = _shown(items_visible_to(actor)).where(
        Item.state.in_(sorted(PRESENT)), search.matching(session, words, org_id=actor.org_id)
    )
    return [_seen(row) for row in session.execute(query.limit(MOST_FOUND))]


@lru_cache
def _piece(language: str) -> Prepared:
    one = select(Item).where(Item.org_id == bindparam("org_id"), Item.id == bindparam("item_id"))
    return Prepared(_shown(one, language))


def _shown(pieces: Select[Item], language: str | None = None) -> Select[*tuple[Any, ...]]:
    """The pieces with what a scan shows of them, the newest first."""
    return (
        pieces.with_only_columns(
            Item.id,
            Item.name,
            Item.state,
            Item.condition,
            Item.owner_unit_id,
            category_column(language).label("category_name"),
            Place.label.label("place_label"),
            Unit.name.label("holder_name"),
            MAIN_PHOTO.label("photo_id"),
            CODE.label("code"),
        )
        .join(Category, Category.id == Item.category_id)
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .join(Unit, (Unit.org_id == Item.org_id) & (Unit.id == Item.holder_unit_id))
        .order_by(Item.created_at.desc(), Item.id.desc())
    )


def _seen(row: Any) -> Seen:
    return Seen(row, row.photo_id, row.code)
