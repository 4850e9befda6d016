"""The statements of a market search. Which parts a search has decides which; each is prepared once."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation, Unit
from app.catalogue.models import Category
from app.items.models import Assessment, Item, Photo
from app.items.queries_assessed import is_suitable
from app.items.rules import Condition
from app.items.search import answers_text, answers_vector, has_own_table
from app.kit.kept import Kept
from app.kit.prepared import Ask, Prepared
from app.marketplace import search_looks
from app.marketplace.commands import MarketSearch
from app.marketplace.commands_look import MarketLook, Sort
from app.marketplace.models import Listing, ListingItem
from app.marketplace.queries_stages import audience, is_for
from app.marketplace.rules_stages import ORDER, SHARED
from app.marketplace.search_looks import Worth
from app.marketplace.search_rows import ROWS, SIDES, TEXTS
from app.networks.queries import partners
from app.places.models import Place

PAGES = (24, 50, 200)
"""Cards that are read at once: a statement for each, since a limit that varies is planned anew."""

_GROUPS = Kept(4_000)

FACTS: dict[str, Any] = {
    "listing_id": Listing.id,
    "state": Listing.state,
    "from_date": Listing.from_date,
    "until_date": Listing.until_date,
    "terms": Listing.terms,
    "price_ore": Listing.price_ore,
    "text": Listing.text,
    "created_at": Listing.created_at,
    "stage": Listing.stage,
    "next_stage": Listing.next_stage,
    "next_stage_on": Listing.next_stage_on,
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


def _all_suitable() -> ColumnElement[bool]:
    """Every piece that is left of it, the one that shows it first: patients are to use any of them."""
    wanted = bindparam("suitability", type_=Assessment.suitability.type)
    unlike = exists().where(
        ListingItem.org_id == ROWS.c.org_id,
        ListingItem.listing_id == ROWS.c.listing_id,
        ListingItem.left_at.is_(None),
        ~is_suitable(wanted, org_id=ListingItem.org_id, item_id=ListingItem.item_id),
    )
    return is_suitable(wanted, org_id=ROWS.c.org_id, item_id=ROWS.c.item_id) & ~unlike


_FACETED: dict[str, ColumnElement[bool]] = {
    "category_id": ROWS.c.category_id == bindparam("category_id"),
    "place_id": ROWS.c.place_id.in_(_place_tree()),
    "condition": ROWS.c.condition.in_(
        [bindparam(name, type_=ROWS.c.condition.type) for name in _ANY_OF]
    ),
}
CONDITIONS: dict[str, ColumnElement[bool]] = {
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
    "suitability": _all_suitable(),
    "after": ROWS.c.id < bindparam("after", type_=BigInteger()),
    **search_looks.CONDITIONS,
    **search_looks.NARROWING,
    **is_for(ROWS.c.unit_only),
}
"""Each part of a search as a condition on the search row; its value is the parameter's."""

_NOT_COUNTED_BY = frozenset(
    (*_FACETED, *_ANY_OF, *search_looks.CONDITIONS, *search_looks.FROM, "after", "after_key")
)
"""What narrows the page and not the groups that the facets are added up from."""


def _parts(session: Session, asked: Iterable[str]) -> frozenset[str]:
    """What a statement is built by, once for all searches with the same parts."""
    names = {"condition" if name in _ANY_OF else name for name in asked}
    return frozenset(names | {"own_table"} if has_own_table(session) else names)


def on_offer(actor: Actor, today: date, *, is_shared: bool = False) -> dict[str, Any]:
    """What the actor sees of the market, or of its partners', as the statements' parameters."""
    if is_shared:
        return {"partner_of": actor.org_id, "today": today}
    return {"org_id": actor.org_id, "today": today, **audience(actor)}


def conditions_of(
    session: Session, wanted: MarketSearch, actor: Actor, today: date, *, is_shared: bool = False
) -> dict[str, Any]:
    """The search without its words and its order, as the parameters of its statements."""
    asked = on_offer(actor, today, is_shared=is_shared)
    asked.update({name: value for name, value in wanted if name in CONDITIONS and value})
    if wanted.condition:
        del asked["condition"]
        asked.update(zip(_ANY_OF, _filled(wanted.condition), strict=True))
    if isinstance(wanted, MarketLook):
        asked.update(search_looks.asked_by(session, wanted, actor.org_id, today))
    return asked


def page_of(
    session: Session,
    asked: dict[str, Any],
    limit: int,
    names: tuple[str, ...],
    order: Sort = Sort.RELEVANCE,
    worth: Worth = (),
) -> Ask:
    """One row more than ``limit`` at least: number, whether it is far, and the fields of ``names``.

    With ``near`` among the parts, what answers it comes first, and then what answers ``words``.
    By an ``order`` with a key, ``far`` is that key.
    """
    most = next(each for each in PAGES if each >= limit)
    return _page_of(_parts(session, asked), most + 1, names, order, worth), asked


def groups_of(session: Session, asked: dict[str, Any]) -> Ask:
    """How many of all that match are alike in all that there is a facet for."""
    counted = {name: value for name, value in asked.items() if name not in _NOT_COUNTED_BY}
    counted["soon"] = search_looks.soon(asked["today"])
    if "ready_by" in asked:
        counted["named_day"] = asked["ready_by"]
    return _groups_of(_parts(session, counted)), counted


_FOUND = "INDEXED BY ix_listing_search_row_found"
_SHARED = "INDEXED BY ix_listing_search_row_shared"


def _found(parts: frozenset[str], *columns: Any, by: str = "words") -> Select[*tuple[Any, ...]]:
    """Search rows on offer that match, by the parts named."""
    rows = select(*columns).select_from(ROWS)
    if by in parts:
        if "own_table" in parts:
            rows = select(*columns).select_from(TEXTS).join(ROWS, ROWS.c.id == TEXTS.c.rowid)
            rows = rows.where(answers_text(TEXTS.name, bindparam(by)))
        else:
            rows = rows.where(answers_vector(ROWS.c.words, bindparam(by)))
    elif "partner_of" in parts:
        rows = rows.with_hint(ROWS, _SHARED, "sqlite")  # and not all that the partners have
    return rows.where(
        *_whose(parts),
        ROWS.c.pieces > literal_column("0"),  # a literal, so that the partial index is used
        ROWS.c.until_date.is_(None) | (ROWS.c.until_date >= bindparam("today")),
        *(condition for name, condition in CONDITIONS.items() if name in parts),
    )


def _whose(parts: frozenset[str], row: Any = ROWS.c) -> Sequence[ColumnElement[bool]]:
    """The organisation's own, or what those it shares a network with show there."""
    if "org_id" in parts:
        return [row.org_id == bindparam("org_id")]
    if "partner_of" not in parts:
        return []
    shared = str(ORDER.index(SHARED[0]))  # a literal, so that the partial index is used
    return [
        row.org_id.in_(partners(bindparam("partner_of"))),
        row.reach >= literal_column(shared),
    ]


_NARROW = frozenset(
    ("words", "own_table", "org_id", "today", "soon", "named_day", "home_unit", "overseer")
)
"""A search with nothing else in it is added up without a look at the rows themselves."""


@lru_cache(maxsize=500)
def _groups_of(parts: frozenset[str]) -> Prepared:
    """Rows that are alike are counted by their number, and one of each says what they are.

    A number is grouped for a third of what the columns cost that it stands for, and an index holds it.
    """
    counts = (func.count().label("listings"), func.max(ROWS.c.id).label("one"))
    is_narrow = parts <= _NARROW and {"words", "own_table"} <= parts
    # The full-text table knows the organisation; of what is found, each one is asked for it again.
    of_all = parts - {"org_id"} if is_narrow else parts
    like = _found(of_all, ROWS.c.alike, *counts).group_by(ROWS.c.alike)
    if is_narrow:
        like = like.with_hint(ROWS, _FOUND, "sqlite")
    found, one = like.subquery("found"), ROWS.alias("one")
    traits = search_looks.traits_and_wait(one.c, is_day_named="named_day" in parts)
    counted = (
        select(
            one.c.category_id,
            one.c.place_id,
            one.c.condition,
            traits.label("traits"),
            found.c.listings,
        )
        .join_from(found, one, one.c.id == found.c.one)
        .where(*_whose(parts, one.c))
    )
    return Prepared(counted, kept=_GROUPS)


def pieces_of(session: Session, asked: dict[str, Any]) -> Ask:
    """How many pieces match in all."""
    return _pieces_of(_parts(session, asked)), asked


@lru_cache(maxsize=10)
def _pieces_of(parts: frozenset[str]) -> Prepared:
    return Prepared(_found(parts, func.sum(ROWS.c.pieces).label("pieces")))


@lru_cache(maxsize=50)
def _kept(_names: tuple[str, ...]) -> Kept:
    """One for all statements with these columns."""
    return Kept(4_000)


_KEY = ("id", "org_id", "listing_id", "item_id", "place_id", "pieces", *SIDES)


def _newest(parts: frozenset[str], most: int, *, is_far: bool, by: str = "words") -> Any:
    """The newest that match, no more than fill a page."""
    columns = [ROWS.c[name] for name in _KEY]
    number = TEXTS.c.rowid if {by, "own_table"} <= parts else ROWS.c.id
    far = literal_column("1" if is_far else "0", Integer()).label("far")
    newest = _found(parts, *columns, far, by=by).order_by(number.desc())
    return newest.limit(literal_column(str(most)))


KEYED = (Sort.NEAREST, Sort.SAVING)


def _in_order(parts: frozenset[str], most: int, order: Sort, worth: Worth) -> Any:
    """The first by a key of their own, no more than fill a page; alike ones, the newest first."""
    far = search_looks.how_far() if order is Sort.NEAREST else None
    key = search_looks.key_of(order, worth, far)
    rows = _found(parts - {"after"}, *(ROWS.c[name] for name in _KEY), key.label("far"))
    if far is not None:
        rows = rows.outerjoin(far, far.c.id == ROWS.c.place_id)
    if "after" in parts:
        last = bindparam("after_key", type_=BigInteger())
        after = ROWS.c.id < bindparam("after", type_=BigInteger())
        rows = rows.where((key > last) | ((key == last) & after))
    rows = rows.order_by(key, ROWS.c.id.desc()).limit(literal_column(str(most)))
    return rows.subquery("found")


def _best(parts: frozenset[str], most: int) -> Any:
    """What is near, and what is far where that does not fill a page."""
    if "near" not in parts:
        return _newest(parts, most, is_far="words" in parts).subquery("found")
    near = _newest(parts, most, is_far=False, by="near").subquery("near")
    far = _newest(parts - {"after"}, most, is_far=True).subquery("far")
    # Without an order of its own the second half is not read where the first is enough.
    both = union_all(select(near), select(far)).limit(literal_column(str(most)))
    return both.subquery("found")


@lru_cache(maxsize=500)
def _page_of(
    parts: frozenset[str], most: int, names: tuple[str, ...], order: Sort, worth: Worth
) -> Prepared:
    found = _in_order(parts, most, order, worth) if order in KEYED else _best(parts, most)
    shown = {
        **FACTS,
        "count": found.c.pieces,
        **{side: found.c[side] for side in SIDES},
        "photo_id": main_photo(),
    }
    if "partner_of" in parts:
        shown["place_label"] = Organisation.name
    # The place is joined to what is found and not to its piece, which PostgreSQL else reads once
    # for each place of the organisation.
    page = (
        select(
            found.c.id.label("number"), found.c.far, *(shown[name].label(name) for name in names)
        )
        .select_from(found)
        .join(Listing, and_(Listing.org_id == found.c.org_id, Listing.id == found.c.listing_id))
        .join(Item, and_(Item.org_id == found.c.org_id, Item.id == found.c.item_id))
        .join(Place, and_(Place.org_id == found.c.org_id, Place.id == found.c.place_id))
        .order_by(found.c.far, found.c.id.desc())
    )
    if "partner_of" in parts:  # the place is the giver's own to know
        page = page.join(Organisation, Organisation.id == found.c.org_id)
    if "category_name" in names:
        page = page.join(Category, Category.id == Item.category_id)
    if "giver_name" in names:
        page = page.join(Unit, and_(Unit.org_id == Item.org_id, Unit.id == Item.owner_unit_id))
    return Prepared(page, kept=_kept(names))


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
