"""Lists in pages: a cursor that points behind the last row shown, never an offset.

``keyset`` orders by named columns and ends with the id, so that pages neither skip nor repeat a
row when others are added meanwhile.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    tuple_,
)
from sqlalchemy.orm import Session

from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.kit.prepared import Prepared

Row = TypeVar("Row")

LIMIT = 50
MOST = 200


class CursorUnknown(Invalid):
    title = N_("Listen kan ikke fortsette herfra. Begynn på nytt.")


Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows a page.")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="Where to go on, from the Link header.")
]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, and the cursor of the next page (``None`` on the last)."""

    rows: list[Row]
    next: str | None


LongCursor = Annotated[
    str | None, Query(max_length=4_000, description="Where to go on, from the Link header.")
]
"""A cursor that may hold a text of the row it points behind."""

Key = Sequence[tuple[ColumnElement[Any], bool]]
"""Columns of the order, each with "descending?"; the last one is unique, and none is ever null."""


def _encode(values: Sequence[Any]) -> str:
    plain = [
        {"u": str(value)}
        if isinstance(value, UUID)
        else {"t": value.isoformat()}
        if isinstance(value, datetime)
        else {"d": value.isoformat()}
        if isinstance(value, date)
        else value
        for value in values
    ]
    text = json.dumps(plain, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, length: int) -> list[Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(raw)
        if not isinstance(values, list) or len(values) != length:
            raise CursorUnknown
        return [_value(each) for each in values]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise CursorUnknown from error


def _value(plain: Any) -> Any:
    if isinstance(plain, dict):
        if "u" in plain:
            return UUID(str(plain["u"]))
        if "d" in plain:
            return date.fromisoformat(plain["d"])
        moment = datetime.fromisoformat(plain["t"])
        if moment.tzinfo is None:
            raise CursorUnknown
        return moment.astimezone(UTC)  # as the column will, which may be before the year 1
    if isinstance(plain, int) and not isinstance(plain, bool) and abs(plain) < 1 << 63:
        return plain
    if isinstance(plain, str) and "\x00" not in plain:
        plain.encode()  # half a surrogate pair is no text to any database
        return plain
    if plain is None:
        return plain
    raise CursorUnknown


def keyset(
    session: Session,
    query: Select[Any],
    key: Key,
    *,
    cursor: str | None,
    limit: int,
    rows: Callable[[Any], Sequence[Row]],
    position: Callable[[Row], Sequence[Any]],
) -> Page[Row]:
    """One page of ``query`` in the order of ``key``.

    ``rows`` runs the finished query; ``position`` gives a row's values of the key's columns.
    """
    if cursor:
        query = query.where(_after(key, _place(key, cursor)))
    ordered = query.order_by(*_in_order(key)).limit(limit + 1)
    return _page(list(rows(session.execute(ordered))), limit, position)


class PreparedKeyset:
    """As ``keyset`` for a hot page: prepared, for a fixed ``limit``.

    ``query`` finds and orders the rows; ``shown`` makes of them what is read, in the same order. So
    what is only shown is joined to the rows of the page and not to all.
    """

    def __init__(
        self,
        query: Select[*tuple[Any, ...]],
        key: Key,
        *,
        limit: int,
        shown: Callable[[Subquery], Select[*tuple[Any, ...]]],
    ) -> None:
        self._key = key
        self._limit = limit
        ordered = query.order_by(*_in_order(key)).limit(literal_column(str(limit + 1)))
        behind = [bindparam(name, type_=key[at][0].type) for at, name in enumerate(self._names)]
        self._first = Prepared(shown(ordered.subquery()))
        self._next = Prepared(shown(ordered.where(_after(key, behind)).subquery()))

    @property
    def _names(self) -> list[str]:
        return [f"behind_{at}" for at in range(len(self._key))]

    def page(
        self,
        session: Session,
        values: Mapping[str, Any],
        *,
        cursor: str | None,
        position: Callable[[Any], Sequence[Any]],
    ) -> Page[Any]:
        """One page; ``values`` are those of the query's own parameters."""
        if cursor:
            place = dict(zip(self._names, _place(self._key, cursor), strict=True))
            found = self._next.rows(session, {**values, **place})
        else:
            found = self._first.rows(session, values)
        return _page(found, self._limit, position)


def _page(found: Sequence[Row], limit: int, position: Callable[[Row], Sequence[Any]]) -> Page[Row]:
    """What is shown of one row more than fits."""
    shown = list(found[:limit])
    return Page(shown, _encode(position(shown[-1])) if len(found) > limit else None)


def _in_order(key: Key) -> list[ColumnElement[Any]]:
    return [column.desc() if down else column.asc() for column, down in key]


def _place(key: Key, cursor: str) -> list[Any]:
    """The values of the row the cursor points behind. Raises ``CursorUnknown``."""
    values = _decode(cursor, len(key))
    for (column, _), value in zip(key, values, strict=True):
        wanted = column.type.python_type
        is_moment_for_day = wanted is date and isinstance(value, datetime)
        if not isinstance(value, wanted) or is_moment_for_day:
            raise CursorUnknown
    return values


def _after(key: Key, values: Sequence[Any]) -> ColumnElement[bool]:
    branches = []
    for index, (column, down) in enumerate(key):
        same = [key[i][0] == values[i] for i in range(index)]
        beyond = column < values[index] if down else column > values[index]
        branches.append(and_(*same, beyond))
    return or_(*branches)


@dataclass(frozen=True, slots=True)
class Order:
    """The order of one column: up or down, the row's id after it, empty values last either way.

    Value and id go the same way, so that an index over both gives any page at once. ``may_miss``
    is what is empty where the value is, and cheaper to ask; without it no value is ever empty.
    """

    column: ColumnElement[Any]
    row_id: ColumnElement[UUID]
    is_down: bool
    may_miss: ColumnElement[Any] | None = None

    @property
    def is_nullable(self) -> bool:
        return self.may_miss is not None


def sorted_page(
    session: Session, query: Select[Any], order: Order, *, cursor: str | None, limit: int
) -> Page[tuple[Any, Any]]:
    """One page of ``query``'s rows as (value, id).

    Rows with a value and rows without are two queries: one over both could use no index.
    """
    value, row_id = _place_in(order, cursor)
    found: list[tuple[Any, Any]] = []
    if cursor is None or value is not None:
        some = _with_value(query, order)
        if row_id is not None:
            some = some.where(_behind(order, value, row_id))
        found = _rows(session, some.order_by(*_directed(order)).limit(limit + 1))
        row_id = None
    if order.is_nullable and len(found) <= limit:
        some = _without_value(query, order)
        if row_id is not None:
            some = some.where(_behind_id(order, row_id))
        rest = limit + 1 - len(found)
        found += _rows(session, some.order_by(_directed(order)[1]).limit(rest))
    shown = found[:limit]
    return Page(shown, _encode(shown[-1]) if len(found) > limit else None)


def cursor_at(session: Session, query: Select[Any], order: Order, number: int) -> str | None:
    """The cursor behind the first ``number`` rows; nothing at the start or past the end."""
    if number <= 0:
        return None
    some = _with_value(query, order).order_by(*_directed(order))
    found = _rows(session, some.offset(number - 1).limit(1))
    if not found and order.is_nullable:
        valued = _with_value(query, order).with_only_columns(func.count()).order_by(None)
        before = session.execute(valued).scalar_one()
        some = _without_value(query, order).order_by(_directed(order)[1])
        found = _rows(session, some.offset(number - 1 - before).limit(1))
    return _encode(found[0]) if found else None


def _place_in(order: Order, cursor: str | None) -> tuple[Any, UUID | None]:
    """Value and id of the row the cursor points behind; no value where that row has none."""
    if cursor is None:
        return None, None
    value, row_id = _decode(cursor, 2)
    is_value = value is None if order.is_nullable else False
    if not (is_value or isinstance(value, order.column.type.python_type)):
        raise CursorUnknown
    if not isinstance(row_id, UUID):
        raise CursorUnknown
    return value, row_id


def _with_value(query: Select[Any], order: Order) -> Select[Any]:
    found = query.with_only_columns(order.column.label("value"), order.row_id.label("row_id"))
    return found if order.may_miss is None else found.where(order.may_miss.is_not(None))


def _without_value(query: Select[Any], order: Order) -> Select[Any]:
    nothing = null().label("value")
    found = query.with_only_columns(nothing, order.row_id.label("row_id"))
    return found.where(false() if order.may_miss is None else order.may_miss.is_(None))  # type: ignore[return-value]


def _directed(order: Order) -> list[ColumnElement[Any]]:
    columns = (order.column, order.row_id)
    return [each.desc() if order.is_down else each.asc() for each in columns]


def _behind(order: Order, value: Any, row_id: UUID) -> ColumnElement[bool]:
    """Said twice: SQLite finds the place in an index over an expression by the first half only."""
    last = literal(value, order.column.type)
    row, there = (
        tuple_(order.column, order.row_id),
        tuple_(last, literal(row_id, order.row_id.type)),
    )
    if order.is_down:
        return and_(order.column <= last, row < there)
    return and_(order.column >= last, row > there)


def _behind_id(order: Order, row_id: UUID) -> ColumnElement[bool]:
    return order.row_id < row_id if order.is_down else order.row_id > row_id


def _rows(session: Session, query: Select[Any]) -> list[tuple[Any, Any]]:
    return [(row.value, row.row_id) for row in session.execute(query)]
