"""Looking for pieces on the market: like ones as one card with how many are left."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.items.models import Item
from app.items.queries import main_photo_ids
from app.items.rules import Condition
from app.items.search import (
    Question,
    Whose,
    answers_text,
    answers_vector,
    has_own_table,
    question,
)
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.kept import HashedOnce, MadeOf
from app.kit.paging import CursorUnknown
from app.kit.prepared import Ask, together
from app.marketplace import facets
from app.marketplace.commands import MarketSearch
from app.marketplace.commands_look import MarketLook, Sort
from app.marketplace.facets import Chosen, Facets
from app.marketplace.models import Listing, ListingItem
from app.marketplace.queries import available, by_id, listings_visible_to
from app.marketplace.rules import ListingState, Stage, Terms
from app.marketplace.search_looks import Worth, order_of
from app.marketplace.search_rows import AT_ONCE, ROWS, SIDES, TEXTS, measured
from app.marketplace.search_statements import (
    FACTS,
    KEYED,
    conditions_of,
    groups_of,
    on_offer,
    page_of,
    pieces_of,
)
from app.networks.queries import partners
from app.places.models import Place

_PHOTOGRAPHED = (Item.lot_id, Item.product_model_id)
_NOT_SHOWN = frozenset(column.key for column in _PHOTOGRAPHED)


@dataclass(frozen=True, slots=True)
class Tile(HashedOnce):
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
    stage: Stage
    next_stage: Stage | None
    next_stage_on: date | None
    photo_id: UUID | None

    __hash__ = HashedOnce.__hash__


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
    """One page of cards, how many listings match in all, and what they are by each facet.

    ``beside`` are the rows of what was asked for along with them.
    """

    cards: list[Shown]
    next: str | None
    total: int
    facets: Facets
    beside: list[list[Any]] = field(default_factory=list)


def search_market(
    session: Session,
    actor: Actor,
    wanted: MarketSearch,
    *,
    today: date,
    kind: type[Shown],
    cursor: str | None = None,
    limit: int = 24,
    is_shared: bool = False,
    beside: Sequence[Ask] = (),
) -> Found[Shown]:
    """Open listings with pieces left that match. ``count`` holds for them together.

    What the words name comes before what they only meet, and of both the newest first, unless a
    ``MarketLook`` asks for another order. These are read from the index by number until the page is
    full, and only those rows are joined to what a card shows. ``limit`` is at most 200.
    ``is_shared`` looks in the market of the partners instead, where a tile names the organisation in
    the place's stead. ``beside`` goes along in the same round trip.
    """
    look = wanted if isinstance(wanted, MarketLook) else None
    asked = conditions_of(session, wanted, actor, today, is_shared=is_shared)
    after = _place_of(cursor) if cursor else _Place()
    ordered = _Order(*order_of(session, look, actor.org_id)) if look else _Order()
    if cursor and (after.key is None) == (ordered.by in KEYED):
        raise CursorUnknown
    words = wanted.words.strip()
    stood_at = look.from_place_id if look else None
    org_id = None if is_shared else actor.org_id
    whose = partners(actor.org_id) if is_shared else actor.org_id
    found_by = _question(session, org_id, whose, words, after) if words else None
    page, groups = _asks(session, asked, found_by, after, limit, kind, ordered)
    nodes_of = {"org_id": actor.org_id, "chosen": wanted.place_id, "stood_at": stood_at}
    rows, like, nodes, *others = together(
        session, [page, groups, (facets.PLACES, nodes_of), *beside]
    )
    if words and not rows and not cursor:
        # Only a search that finds nothing can have a word in it that nobody uses.
        after = _Place(is_mended=True)
        found_by = _question(session, org_id, whose, words, after)
        asks = _asks(session, asked, found_by, after, limit, kind, ordered)
        rows, like = together(session, asks)
    counts, total = facets.counted(like, nodes, Chosen.of(wanted))
    shown = rows[:limit]
    further = after.then(shown[-1], ordered.by) if len(rows) > limit else None
    return Found(
        [_SHOWN[kind].of((row,)) for row in shown],
        further.cursor if further else None,
        total,
        counts,
        others,
    )


def _shown_as(kind: type[Tile]) -> MadeOf[Any]:
    return MadeOf(4_000, lambda rows: kind(*rows[0][2:]))


_SHOWN = {kind: _shown_as(kind) for kind in (Tile, Card)}


class _Order(NamedTuple):
    """What comes first, with what it is reckoned from."""

    by: Sort = Sort.RELEVANCE
    values: Mapping[str, float] = {}
    worth: Worth = ()


class _Place(NamedTuple):
    """Where a list goes on: behind the row of this number, among those that are near or far."""

    number: int | None = None
    is_far: bool = False
    is_mended: bool = False
    key: int | None = None

    @property
    def cursor(self) -> str:
        key = "" if self.key is None else f"k{self.key}."
        return f"{'m' * self.is_mended}{'f' * self.is_far}{key}{self.number}"

    def then(self, row: Any, order: Sort) -> "_Place":
        """Behind the row, in the same list."""
        if order in KEYED:
            return self._replace(number=row.number, key=int(row.far))
        return self._replace(number=row.number, is_far=bool(row.far))


_CURSOR = re.compile(r"(m?)(f?)(?:k(-?[0-9]{1,18})\.)?([0-9]{1,18})")
"""Beyond 18 digits no database has numbers."""


def _place_of(cursor: str) -> _Place:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise CursorUnknown
    key = None if found[3] is None else int(found[3])
    return _Place(int(found[4]), bool(found[2]), bool(found[1]), key)


def _question(
    session: Session, org_id: UUID | None, whose: Whose, words: str, after: _Place
) -> Question:
    return question(session, words, org_id=org_id, whose=whose, is_mended=after.is_mended)


def _asks(
    session: Session,
    asked: dict[str, Any],
    found_by: Question | None,
    after: _Place,
    limit: int,
    kind: type[Tile],
    ordered: _Order,
) -> tuple[Ask, Ask]:
    """The page, best matches first or in the order asked for, and the groups of all that matches."""
    paged = {**asked, **ordered.values}
    if after.number is not None:
        paged["after"] = after.number
        if after.key is not None:
            paged["after_key"] = after.key
    if found_by is not None:
        asked = {**asked, "words": found_by.every}
        if found_by.further is None or ordered.by is not Sort.RELEVANCE:
            paged["words"] = found_by.every
        else:
            paged["words"] = found_by.further
            if not after.is_far:
                paged["near"] = found_by.near
    page = page_of(session, paged, limit, kind.__match_args__, ordered.by, ordered.worth)
    return page, groups_of(session, asked)


def shared_said(
    session: Session, org_id: UUID, words: str, listing_ids: Collection[UUID]
) -> set[UUID]:
    """Which of the listings that partners show to the organisation the words find.

    Their rows alone are read, as the network's market does; words are mended to the partners'.
    """
    if not listing_ids:
        return set()
    asked = question(session, words, whose=partners(org_id), is_mended=True, is_loose=False).every
    query = select(ROWS.c.listing_id)
    if has_own_table(session):
        query = query.select_from(TEXTS).join(ROWS, ROWS.c.id == TEXTS.c.rowid)
        query = query.where(answers_text(TEXTS.name, asked))
    else:
        query = query.where(answers_vector(ROWS.c.words, asked))
    ids = sorted(listing_ids)
    return {
        each
        for start in range(0, len(ids), AT_ONCE)
        for each in session.scalars(
            query.where(
                ROWS.c.org_id.in_(partners(org_id)),
                ROWS.c.listing_id.in_(ids[start : start + AT_ONCE]),
            )
        )
    }


def newest_on_offer(session: Session, actor: Actor, today: date, most: int) -> list[Tile]:
    """What came onto the market last and is still free; ``most`` is at most 200."""
    asked = on_offer(actor, today)
    found, values = page_of(session, asked, most, Tile.__match_args__)
    return [Tile(*row[2:]) for row in found.rows(session, values)[:most]]


def pieces_on_offer(session: Session, actor: Actor, today: date) -> int:
    """How many pieces stand free on the market."""
    found, values = pieces_of(session, on_offer(actor, today))
    return int(found.rows(session, values)[0].pieces or 0)


def cards_of(session: Session, actor: Actor, listing_ids: Sequence[UUID]) -> dict[UUID, Card]:
    """Listings by id in whatever state they are, with what is left of each."""
    left = by_id(session, available(actor, listing_ids))
    return {each.listing_id: each for each in _cards(session, actor, listing_ids, left)}


def card_of(session: Session, actor: Actor, listing_id: UUID) -> Card:
    """One listing that the actor sees, in whatever state it is. Raises ``NotFound``."""
    seen = listings_visible_to(actor).where(Listing.id == listing_id)
    card = cards_of(session, actor, [listing_id]).get(listing_id)
    if card is None or session.scalar(seen.with_only_columns(Listing.id)) is None:
        raise NotFound(N_("Fant ikke annonsen."))
    return card


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
            *(column.label(name) for name, column in FACTS.items()),
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
