"""Looking for pieces on the market: like ones as one card with how many are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.items.models import Item, Photo
from app.items.queries import main_photo_ids
from app.items.rules import Condition
from app.items.search import answers_text, answers_vector, has_own_table, question
from app.kit.paging import CursorUnknown
from app.marketplace.commands import MarketSearch
from app.marketplace.models import Listing, ListingItem
from app.marketplace.queries import available, by_id
from app.marketplace.rules import ListingState, Terms
from app.marketplace.search_rows import ROWS, SIDES, TEXTS, measured
from app.places.models import Place
from app.places.queries import subtree_ids

MOST_COUNTED = 500
"""A search that finds more says "500": nobody turns that many cards over."""

MOST_DIGITS = 18
"""Of a cursor: beyond it no database has numbers."""

_PHOTOGRAPHED = (Item.lot_id, Item.product_model_id)
_NOT_SHOWN = frozenset(column.key for column in _PHOTOGRAPHED)


@dataclass(frozen=True, slots=True)
class Card:
    """A listing as it is shown; the facts are those of one of its like pieces."""

    listing_id: UUID
    count: int
    state: ListingState
    from_date: date
    until_date: date | None
    terms: Terms
    price_ore: int | None
    text: str | None
    created_at: datetime
    item_id: UUID
    name: str
    category_id: str
    category_name: str
    maker: str | None
    model: str | None
    colour: str | None
    material: str | None
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    place_id: UUID
    place_label: str
    giver_unit_id: UUID
    giver_name: str
    photo_id: UUID | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of cards, and how many listings match, up to ``MOST_COUNTED``."""

    cards: list[Card]
    next: str | None
    total: int


def search_market(
    session: Session,
    actor: Actor,
    wanted: MarketSearch,
    *,
    today: date,
    cursor: str | None = None,
    limit: int = 24,
) -> Found:
    """Open listings with pieces left that match, newest first. ``count`` holds for them together.

    The newest are read from the index by number until the page is full, and only those rows are
    joined to what a card shows; what matches in all is counted as far as ``MOST_COUNTED``.
    """
    asked: dict[str, Any] = {"org_id": actor.org_id, "today": today, "most": limit + 1}
    asked.update({name: value for name, value in wanted if name in _CONDITIONS and value})
    words = wanted.words.strip()
    if words:
        asked["words"] = question(session, words, org_id=actor.org_id, is_mended=False)
    if cursor:
        asked["after"] = _after(cursor)
    places = subtree_ids(actor, wanted.place_id) if wanted.place_id else None
    rows = _page(session, asked, places)
    if words and not rows and not cursor:
        # Only a search that finds nothing can have a word in it that nobody uses.
        asked["words"] = question(session, words, org_id=actor.org_id)
        rows = _page(session, asked, places)
    shown = rows[:limit]
    total = len(shown)
    has_more = len(rows) > limit
    if cursor or has_more:
        asked.pop("after", None)
        total = _counted(session, asked, places)
    return Found(
        [Card(*tuple(row)[1:]) for row in shown], str(shown[-1][0]) if has_more else None, total
    )


def _after(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > MOST_DIGITS:
        raise CursorUnknown
    return int(cursor)


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "category_id": ROWS.c.category_id == bindparam("category_id"),
    "group": ROWS.c.category_id.in_(
        select(Category.id).where(Category.group == bindparam("group"))
    ),
    "condition": ROWS.c.condition.in_(bindparam("condition", expanding=True)),
    "width_min_mm": ROWS.c.width_mm >= bindparam("width_min_mm"),
    "width_max_mm": ROWS.c.width_mm <= bindparam("width_max_mm"),
    "depth_min_mm": ROWS.c.depth_mm >= bindparam("depth_min_mm"),
    "depth_max_mm": ROWS.c.depth_mm <= bindparam("depth_max_mm"),
    "height_min_mm": ROWS.c.height_mm >= bindparam("height_min_mm"),
    "height_max_mm": ROWS.c.height_mm <= bindparam("height_max_mm"),
    "count": ROWS.c.pieces >= bindparam("count"),
    "after": ROWS.c.id < bindparam("after", type_=BigInteger()),
}
"""Each part of a search as a condition on the search row; its value is the parameter's."""


def _names(session: Session, asked: dict[str, Any]) -> frozenset[str]:
    """What a query is built by, once for all searches with the same parts."""
    return frozenset((*asked, "own_table") if has_own_table(session) else asked)


def _page(
    session: Session, asked: dict[str, Any], places: Select[UUID] | None
) -> Sequence[Row[Any]]:
    make = _page_of if places is None else _page_of.__wrapped__
    return session.execute(make(_names(session, asked), places), asked).all()


def _counted(session: Session, asked: dict[str, Any], places: Select[UUID] | None) -> int:
    make = _count_of if places is None else _count_of.__wrapped__
    return session.scalar(make(_names(session, asked), places), asked) or 0


def _found(
    names: frozenset[str], places: Select[UUID] | None, *columns: Any
) -> Select[*tuple[Any, ...]]:
    """Search rows on offer that match, by the parameters named, newest first."""
    rows = select(*columns).select_from(ROWS)
    number: ColumnElement[int] = ROWS.c.id
    if "words" in names:
        if "own_table" in names:
            rows = select(*columns).select_from(TEXTS).join(ROWS, ROWS.c.id == TEXTS.c.rowid)
            rows = rows.where(answers_text(TEXTS.name, bindparam("words")))
            number = TEXTS.c.rowid
        else:
            rows = rows.where(answers_vector(ROWS.c.words, bindparam("words")))
    rows = rows.where(
        ROWS.c.org_id == bindparam("org_id"),
        ROWS.c.pieces > literal_column("0"),  # a literal, so that the partial index is used
        ROWS.c.until_date.is_(None) | (ROWS.c.until_date >= bindparam("today")),
        *(condition for name, condition in _CONDITIONS.items() if name in names),
    )
    if places is not None:
        rows = rows.where(ROWS.c.place_id.in_(places))
    return rows.order_by(number.desc())


@lru_cache(maxsize=500)
def _count_of(names: frozenset[str], places: Select[UUID] | None) -> Select[int]:
    found = _found(names, places, ROWS.c.id).order_by(None).limit(MOST_COUNTED)
    return select(func.count()).select_from(found.subquery())


@lru_cache(maxsize=500)
def _page_of(names: frozenset[str], places: Select[UUID] | None) -> Select[*tuple[Any, ...]]:
    """The number of each row, then the fields of ``Card`` in their order."""
    kept = ("id", "org_id", "listing_id", "item_id", "pieces", *SIDES)
    columns = [ROWS.c[name] for name in kept]
    found = _found(names, places, *columns).limit(bindparam("most")).subquery("found")
    return (
        select(
            found.c.id,
            Listing.id,
            found.c.pieces,
            Listing.state,
            Listing.from_date,
            Listing.until_date,
            Listing.terms,
            Listing.price_ore,
            Listing.text,
            Listing.created_at,
            Item.id,
            Item.name,
            Item.category_id,
            Category.name_nb,
            Item.maker,
            Item.model,
            Item.colour,
            Item.material,
            Item.condition,
            found.c.width_mm,
            found.c.depth_mm,
            found.c.height_mm,
            Item.place_id,
            Place.label,
            Item.owner_unit_id,
            Unit.name,
            main_photo(),
        )
        .select_from(found)
        .join(Listing, and_(Listing.org_id == found.c.org_id, Listing.id == found.c.listing_id))
        .join(Item, and_(Item.org_id == found.c.org_id, Item.id == found.c.item_id))
        .join(Category, Category.id == Item.category_id)
        .join(Place, and_(Place.org_id == Item.org_id, Place.id == Item.place_id))
        .join(Unit, and_(Unit.org_id == Item.org_id, Unit.id == Item.owner_unit_id))
        .order_by(found.c.id.desc())
    )


def main_photo() -> ColumnElement[UUID]:
    """As ``main_photo_ids``, in the query itself: its own photo, else its lot's, else its model's."""

    def first(shown: Any, subject: Any) -> Any:
        return (
            select(Photo.id)
            .where(Photo.org_id == Item.org_id, shown == subject, Photo.removed_at.is_(None))
            .order_by(Photo.position, Photo.created_at, Photo.id)
            .limit(1)
            .correlate(Item)
            .scalar_subquery()
        )

    return func.coalesce(
        first(Photo.item_id, Item.id),
        first(Photo.lot_id, Item.lot_id),
        first(Photo.product_model_id, Item.product_model_id),
    )


def cards_of(session: Session, actor: Actor, listing_ids: Sequence[UUID]) -> dict[UUID, Card]:
    """Listings by id in whatever state they are, with what is left of each."""
    left = by_id(session, available(actor, listing_ids))
    return {each.listing_id: each for each in _cards(session, actor, listing_ids, left)}


def _one_piece_each(actor: Actor, listing_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    """Of each listing the first piece, those that have left it last."""
    order = (ListingItem.left_at.is_not(None), ListingItem.item_id)
    place = func.row_number().over(partition_by=ListingItem.listing_id, order_by=order)
    numbered = (
        select(ListingItem.listing_id, ListingItem.item_id, place.label("place"))
        .where(ListingItem.org_id == actor.org_id, ListingItem.listing_id.in_(listing_ids))
        .subquery()
    )
    return (
        select(
            Listing.id.label("listing_id"),
            Listing.state,
            Listing.from_date,
            Listing.until_date,
            Listing.terms,
            Listing.price_ore,
            Listing.text,
            Listing.created_at,
            Item.id.label("item_id"),
            Item.name,
            Item.category_id,
            Category.name_nb.label("category_name"),
            Item.maker,
            Item.model,
            Item.colour,
            Item.material,
            Item.condition,
            *(measured(side).label(side) for side in SIDES),
            Item.place_id,
            Place.label.label("place_label"),
            Item.owner_unit_id.label("giver_unit_id"),
            Unit.name.label("giver_name"),
            *_PHOTOGRAPHED,
        )
        .join(numbered, and_(numbered.c.listing_id == Listing.id, numbered.c.place == 1))
        .join(Item, and_(Item.org_id == Listing.org_id, Item.id == numbered.c.item_id))
        .join(Category, Category.id == Item.category_id)
        .join(Place, and_(Place.org_id == Item.org_id, Place.id == Item.place_id))
        .join(Unit, and_(Unit.org_id == Item.org_id, Unit.id == Item.owner_unit_id))
        .where(Listing.org_id == actor.org_id, Listing.id.in_(listing_ids))
    )


@dataclass(frozen=True, slots=True)
class _Pictured:
    """What a piece's photo is found by: its own, its lot's or its model's."""

    id: UUID
    lot_id: UUID
    product_model_id: UUID | None


def _cards(
    session: Session, actor: Actor, listing_ids: Sequence[UUID], left: dict[UUID, int]
) -> list[Card]:
    if not listing_ids:
        return []
    rows = session.execute(_one_piece_each(actor, listing_ids)).mappings().all()
    pictured: Any = [
        _Pictured(row["item_id"], row["lot_id"], row["product_model_id"]) for row in rows
    ]
    photos = main_photo_ids(session, actor, pictured)
    found: dict[UUID, Card] = {}
    for row in rows:
        facts = {name: row[name] for name in row if name not in _NOT_SHOWN}
        listing_id = row["listing_id"]
        found[listing_id] = Card(
            count=left.get(listing_id, 0), photo_id=photos.get(row["item_id"]), **facts
        )
    return [found[each] for each in listing_ids if each in found]
