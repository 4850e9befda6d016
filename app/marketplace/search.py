"""Looking for pieces on the market: like ones as one card with how many are left.

Which parts a search has decides its statements; each is compiled once and runs as a prepared one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
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
from app.kit.prepared import Ask, Kept, Prepared, together
from app.marketplace import facets
from app.marketplace.commands import MarketSearch
from app.marketplace.facets import Facets
from app.marketplace.models import Listing, ListingItem
from app.marketplace.queries import available, by_id
from app.marketplace.rules import ListingState, Terms
from app.marketplace.search_rows import ROWS, SIDES, TEXTS, measured
from app.places.models import Place

PAGES = (24, 50, 200)
"""Cards that are read at once: a statement for each, since a limit that varies is planned anew."""

MOST_DIGITS = 18
"""Of a cursor: beyond it no database has numbers."""

_GROUPS = Kept(4_000)

_PHOTOGRAPHED = (Item.lot_id, Item.product_model_id)
_NOT_SHOWN = frozenset(column.key for column in _PHOTOGRAPHED)


@dataclass(frozen=True, slots=True)
class Tile:
    """As much of a listing as a search shows; the facts are those of one of its like pieces."""

    listing_id: UUID
    count: int
    terms: Terms
    price_ore: int | None
    name: str
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    place_label: str
    photo_id: UUID | None


@dataclass(frozen=True, slots=True)
class Card(Tile):
    """A listing with all that is said of it in lists and to other programs."""

    state: ListingState
    from_date: date
    until_date: date | None
    text: str | None
    created_at: datetime
    item_id: UUID
    category_id: str
    category_name: str
    maker: str | None
    model: str | None
    colour: str | None
    material: str | None
    place_id: UUID
    giver_unit_id: UUID
    giver_name: str


Shown = TypeVar("Shown", bound=Tile)
"""``Tile`` or ``Card``."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Shown]):
    """One page of cards, how many listings match in all, and what they are by each facet."""

    cards: list[Shown]
    next: str | None
    total: int
    facets: Facets


def search_market(
    session: Session,
    actor: Actor,
    wanted: MarketSearch,
    *,
    today: date,
    kind: type[Shown],
    cursor: str | None = None,
    limit: int = 24,
) -> Found[Shown]:
    """Open listings with pieces left that match, newest first. ``count`` holds for them together.

    The newest are read from the index by number until the page is full, and only those rows are
    joined to what a card shows. ``limit`` is at most 200.
    """
    asked: dict[str, Any] = {"org_id": actor.org_id, "today": today}
    asked.update({name: value for name, value in wanted if name in _CONDITIONS and value})
    if wanted.condition:
        del asked["condition"]
        asked.update(zip(_ANY_OF, _filled(wanted.condition), strict=True))
    words = wanted.words.strip()
    if words:
        asked["words"] = question(session, words, org_id=actor.org_id, is_mended=False)
    if cursor:
        asked["after"] = _after(cursor)
    places = {"org_id": actor.org_id, "chosen": wanted.place_id}
    rows, groups, nodes = together(
        session,
        [_page(session, asked, limit, kind), _groups(session, asked), (facets.PLACES, places)],
    )
    if words and not rows and not cursor:
        # Only a search that finds nothing can have a word in it that nobody uses.
        asked["words"] = question(session, words, org_id=actor.org_id)
        again = [_page(session, asked, limit, kind), _groups(session, asked)]
        rows, groups = together(session, again)
    counts, total = facets.counted(
        tuple(groups),
        tuple(nodes),
        category_id=wanted.category_id,
        place_id=wanted.place_id,
        conditions=tuple(wanted.condition),
    )
    shown = rows[:limit]
    has_more = len(rows) > limit
    return Found(
        [kind(*row[1:]) for row in shown], str(shown[-1][0]) if has_more else None, total, counts
    )


def newest_on_offer(session: Session, actor: Actor, today: date, most: int) -> list[Tile]:
    """What came onto the market last and is still free; ``most`` is at most 200."""
    found, asked = _page(session, {"org_id": actor.org_id, "today": today}, most, Tile)
    rows = found.rows(session, asked)
    return [Tile(*row[1:]) for row in rows[:most]]


def pieces_on_offer(session: Session, actor: Actor, today: date) -> int:
    """How many pieces stand free on the market."""
    [found] = _all_pieces().rows(session, {"org_id": actor.org_id, "today": today})
    return int(found.pieces or 0)


_KEPT: dict[tuple[str, ...], Kept] = {each.__match_args__: Kept(4_000) for each in (Tile, Card)}
_FACTS: dict[str, Any] = {
    "listing_id": Listing.id,
    "state": Listing.state,
    "from_date": Listing.from_date,
    "until_date": Listing.until_date,
    "terms": Listing.terms,
    "price_ore": Listing.price_ore,
    "text": Listing.text,
    "created_at": Listing.created_at,
    "item_id": Item.id,
    "name": Item.name,
    "category_id": Item.category_id,
    "category_name": Category.name_nb,
    "maker": Item.maker,
    "model": Item.model,
    "colour": Item.colour,
    "material": Item.material,
    "condition": Item.condition,
    "place_id": Item.place_id,
    "place_label": Place.label,
    "giver_unit_id": Item.owner_unit_id,
    "giver_name": Unit.name,
}
"""Of a card's fields those that are a column as it stands, whichever of its pieces shows it."""


def _after(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > MOST_DIGITS:
        raise CursorUnknown
    return int(cursor)


_ANY_OF = tuple(f"condition_{n}" for n in range(len(Condition)))
"""A prepared statement has no lists of varying length: the last condition fills up the places."""


def _filled(conditions: Sequence[Condition]) -> list[Condition]:
    chosen = list(dict.fromkeys(conditions))
    return chosen + chosen[-1:] * (len(_ANY_OF) - len(chosen))


def _place_tree() -> Select[UUID]:
    """The place and everything below it."""
    chosen = (Place.org_id == bindparam("org_id"), Place.id == bindparam("place_id"))
    tree = select(Place.id).where(*chosen).cte("place_tree", recursive=True)
    below = select(Place.id).join(tree, Place.parent_id == tree.c.id)
    tree = tree.union_all(below.where(Place.org_id == bindparam("org_id")))
    return select(tree.c.id)


_FACETED: dict[str, ColumnElement[bool]] = {
    "category_id": ROWS.c.category_id == bindparam("category_id"),
    "place_id": ROWS.c.place_id.in_(_place_tree()),
    "condition": ROWS.c.condition.in_(
        [bindparam(name, type_=ROWS.c.condition.type) for name in _ANY_OF]
    ),
}
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    **_FACETED,
    "group": ROWS.c.category_id.in_(
        select(Category.id).where(Category.group == bindparam("group"))
    ),
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

_NOT_COUNTED_BY = frozenset((*_FACETED, *_ANY_OF, "after"))
"""What narrows the page and not the groups that the facets are added up from."""


def _parts(session: Session, asked: Iterable[str]) -> frozenset[str]:
    """What a statement is built by, once for all searches with the same parts."""
    names = {"condition" if name in _ANY_OF else name for name in asked}
    return frozenset(names | {"own_table"} if has_own_table(session) else names)


def _page(session: Session, asked: dict[str, Any], limit: int, kind: type[Tile]) -> Ask:
    most = next(each for each in PAGES if each >= limit)
    return _page_of(_parts(session, asked), most + 1, kind.__match_args__), asked


def _groups(session: Session, asked: dict[str, Any]) -> Ask:
    counted = {name: value for name, value in asked.items() if name not in _NOT_COUNTED_BY}
    return _groups_of(_parts(session, counted)), counted


def _found(parts: frozenset[str], *columns: Any) -> Select[*tuple[Any, ...]]:
    """Search rows on offer that match, by the parts named."""
    rows = select(*columns).select_from(ROWS)
    if "words" in parts:
        if "own_table" in parts:
            rows = select(*columns).select_from(TEXTS).join(ROWS, ROWS.c.id == TEXTS.c.rowid)
            rows = rows.where(answers_text(TEXTS.name, bindparam("words")))
        else:
            rows = rows.where(answers_vector(ROWS.c.words, bindparam("words")))
    return rows.where(
        ROWS.c.org_id == bindparam("org_id"),
        ROWS.c.pieces > literal_column("0"),  # a literal, so that the partial index is used
        ROWS.c.until_date.is_(None) | (ROWS.c.until_date >= bindparam("today")),
        *(condition for name, condition in _CONDITIONS.items() if name in parts),
    )


@lru_cache(maxsize=500)
def _groups_of(parts: frozenset[str]) -> Prepared:
    like = (ROWS.c.category_id, ROWS.c.place_id, ROWS.c.condition)
    counted = _found(parts, *like, func.count().label("listings")).group_by(*like)
    return Prepared(counted, kept=_GROUPS)


@lru_cache(maxsize=1)
def _all_pieces() -> Prepared:
    return Prepared(_found(frozenset(), func.sum(ROWS.c.pieces).label("pieces")))


@lru_cache(maxsize=500)
def _page_of(parts: frozenset[str], most: int, names: tuple[str, ...]) -> Prepared:
    """The number of each row, then the fields of ``Tile`` or ``Card``."""
    kept = ("id", "org_id", "listing_id", "item_id", "place_id", "pieces", *SIDES)
    columns = [ROWS.c[name] for name in kept]
    is_text = {"words", "own_table"} <= parts
    number = TEXTS.c.rowid if is_text else ROWS.c.id
    newest = _found(parts, *columns).order_by(number.desc())
    found = newest.limit(literal_column(str(most))).subquery("found")
    shown = {
        **_FACTS,
        "count": found.c.pieces,
        **{side: found.c[side] for side in SIDES},
        "photo_id": main_photo(),
    }
    # The place is joined to what is found and not to its piece, which PostgreSQL else reads once
    # for each place of the organisation.
    page = (
        select(found.c.id.label("number"), *(shown[name].label(name) for name in names))
        .select_from(found)
        .join(Listing, and_(Listing.org_id == found.c.org_id, Listing.id == found.c.listing_id))
        .join(Item, and_(Item.org_id == found.c.org_id, Item.id == found.c.item_id))
        .join(Place, and_(Place.org_id == found.c.org_id, Place.id == found.c.place_id))
        .order_by(found.c.id.desc())
    )
    if names == Card.__match_args__:
        page = page.join(Category, Category.id == Item.category_id)
        page = page.join(Unit, and_(Unit.org_id == Item.org_id, Unit.id == Item.owner_unit_id))
    return Prepared(page, kept=_KEPT[names])


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
            *(column.label(name) for name, column in _FACTS.items()),
            *(measured(side).label(side) for side in SIDES),
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
