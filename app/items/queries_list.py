"""The inventory as a table: filtered, sorted by any column, in pages or whole for a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, asc, desc, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import Category
from app.items import queries
from app.items.filters import InventoryFilter, narrowed
from app.items.inventory import (
    COLUMNS,
    InventoryColumn,
    is_from_model,
    with_sources,
)
from app.items.models import Item
from app.kit.paging import Order, Page, cursor_at, sorted_page
from app.kit.walking import InOrder
from app.places.models import Place

C = InventoryColumn
ROWS_AT_ONCE = 2_000
MOST_COUNTED = 10_000
"""A filtered table is counted to here: beyond, a person narrows rather than reads on."""


WALKED: Mapping[InventoryColumn, tuple[Any, str]] = {
    C.PLACE: (Place, "place_id"),
    C.CATEGORY: (Category, "category_id"),
}
"""Columns whose names stand in a small table, with an index of the pieces by its id."""


def is_narrowed(wanted: InventoryFilter) -> bool:
    return bool(wanted.chosen or wanted.q.strip())


@dataclass(frozen=True)
class Sorting:
    """By one column, and by the id where it is equal; the newest first unless said otherwise."""

    by: InventoryColumn = C.REGISTERED
    is_down: bool = True

    @property
    def order(self) -> Order:
        column = COLUMNS[self.by]
        may_miss = column.value() if column.is_nullable else None
        return Order(column.order, Item.__table__.c.id, self.is_down, may_miss)


@dataclass(frozen=True)
class Listed:
    """One row of the table: its values by column, its photo and its code."""

    row: Any
    photo_id: UUID | None
    code: str | None

    def value(self, key: InventoryColumn) -> Any:
        return self.code if key is C.CODE else getattr(self.row, key.value)

    def is_from_model(self, key: InventoryColumn) -> bool:
        """Whether the value is the product model's: it must not look like a measured one."""
        return bool(getattr(self.row, f"{key.value}_of_model", 0))


def _in_order(
    session: Session, actor: Actor, wanted: InventoryFilter, sorting: Sorting
) -> tuple[Select[Any], Order]:
    """The pieces of the filter and their order.

    By a name that many share, a whole inventory is walked name by name: each is written in its sorted
    form once, and nothing behind the page is read. A narrowed one is smaller than the walk.
    """
    if sorting.by not in WALKED or is_narrowed(wanted):
        return _pieces(session, actor, wanted, sorting.by), sorting.order
    whose, key = WALKED[sorting.by]
    names = select(whose.id, COLUMNS[sorting.by].order.label("key"))
    if whose is Place:
        names = names.where(Place.org_id == actor.org_id)
    down = sorting.is_down
    ordered = names.order_by(desc("key") if down else asc("key"))
    # Kept as it is by SQLite only when it is told so, as by PostgreSQL only when it is not.
    walked = ordered.cte("walked").prefix_with("MATERIALIZED", dialect="sqlite")
    pieces = Item.__table__
    query = queries.items_visible_to(actor).select_from(
        InOrder(walked, pieces, pieces.c[key] == walked.c.id)
    )
    found = query.where(*narrowed(session, actor, wanted))
    return found, Order(walked.c.key, pieces.c.id, down)


def _pieces(
    session: Session, actor: Actor, wanted: InventoryFilter, *read: InventoryColumn
) -> Select[Any]:
    query = with_sources(queries.items_visible_to(actor), {*wanted.columns, *read})
    return query.where(*narrowed(session, actor, wanted))


def pieces_in(session: Session, actor: Actor, wanted: InventoryFilter) -> Select[UUID]:
    """The ids of all pieces that the filter finds, in no order."""
    return _pieces(session, actor, wanted).with_only_columns(Item.id)


def ids_in(
    session: Session,
    actor: Actor,
    wanted: InventoryFilter,
    sorting: Sorting,
    *,
    cursor: str | None,
    limit: int,
) -> Page[UUID]:
    """Which pieces stand on a page: of the big table only what the order needs is read."""
    query, order = _in_order(session, actor, wanted, sorting)
    found = sorted_page(session, query, order, cursor=cursor, limit=limit)
    return Page([row_id for _, row_id in found.rows], found.next)


def cursor_of(
    session: Session, actor: Actor, wanted: InventoryFilter, sorting: Sorting, number: int
) -> str | None:
    """Where the table goes on behind its first ``number`` rows."""
    query, order = _in_order(session, actor, wanted, sorting)
    return cursor_at(session, query, order, number)


def count(session: Session, actor: Actor, wanted: InventoryFilter) -> int:
    """How many pieces the filter finds; a narrowed table is counted to ``MOST_COUNTED`` + 1."""
    query = _pieces(session, actor, wanted)
    if is_narrowed(wanted):
        some = query.with_only_columns(Item.id).limit(MOST_COUNTED + 1)
        return session.execute(select(func.count()).select_from(some.subquery())).scalar_one()
    return session.execute(query.with_only_columns(func.count())).scalar_one()


def _shown_columns() -> list[Any]:
    shown = [COLUMNS[key].value().label(key.value) for key in C if key not in (C.PHOTO, C.CODE)]
    of_model = [
        flag.label(f"{key.value}_of_model") for key in C if (flag := is_from_model(key)) is not None
    ]
    more = (Item.id, Item.lot_id, Item.product_model_id, Item.currency)
    return [*more, *shown, *of_model]


def rows_of(session: Session, actor: Actor, ids: Sequence[UUID]) -> list[Listed]:
    """The rows of these pieces in this order: three queries, however many. Mistakes are left out."""
    if not ids:
        return []
    query = with_sources(queries.items_visible_to(actor), C).with_only_columns(*_shown_columns())
    rows = {row.id: row for row in session.execute(query.where(Item.id.in_(ids)))}
    return listed(session, actor, [rows[each] for each in ids if each in rows])


def inventory(
    session: Session,
    actor: Actor,
    wanted: InventoryFilter,
    sorting: Sorting | None = None,
    *,
    cursor: str | None,
    limit: int,
) -> Page[Listed]:
    """One page of the table, the newest pieces first unless sorted otherwise."""
    found = ids_in(session, actor, wanted, sorting or Sorting(), cursor=cursor, limit=limit)
    return Page(rows_of(session, actor, found.rows), found.next)


def listed(session: Session, actor: Actor, rows: Sequence[Any]) -> list[Listed]:
    """Rows of pieces with their photos and codes: two queries, however many rows."""
    photos = queries.main_photo_ids(session, actor, rows)
    codes = queries.codes_of(session, actor, [row.id for row in rows])
    return [Listed(row, photos.get(row.id), codes.get(row.id)) for row in rows]


def everything(
    session: Session,
    actor: Actor,
    wanted: InventoryFilter,
    sorting: Sorting,
    columns: Sequence[InventoryColumn],
) -> Iterator[Any]:
    """All rows in the table's order, read from the database as they are used.

    Each has the columns in order, then the currency, then for each column with a model's value 1 or 0.
    """
    flags = [flag for key in columns if (flag := is_from_model(key)) is not None]
    query = with_sources(
        queries.items_visible_to(actor), {*wanted.columns, *columns, sorting.by}
    ).where(*narrowed(session, actor, wanted))
    order = sorting.order
    directed = [
        each.desc() if order.is_down else each.asc() for each in (order.column, order.row_id)
    ]
    empty_last = [] if order.may_miss is None else [order.may_miss.is_(None)]
    chosen = [COLUMNS[key].value().label(f"c{at}") for at, key in enumerate(columns)]
    return iter(
        session.execute(
            query.with_only_columns(*chosen, Item.currency, *flags)
            .order_by(*empty_last, *directed)
            .execution_options(yield_per=ROWS_AT_ONCE)
        )
    )
