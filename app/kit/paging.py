"""Lists in pages: a cursor that points behind the last row shown, never an offset.

``keyset`` orders by named columns and ends with the id, so that pages neither skip nor repeat a
row when others are added meanwhile.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import Session

from app.kit.errors import Invalid
from app.kit.i18n import N_

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


Key = Sequence[tuple[ColumnElement[Any], bool]]
"""Columns of the order, each with "descending?"; the last one is unique, and none is ever null."""


def _encode(values: Sequence[Any]) -> str:
    plain = [
        {"u": str(value)}
        if isinstance(value, UUID)
        else {"t": value.isoformat()}
        if isinstance(value, datetime)
        else value
        for value in values
    ]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str, length: int) -> list[Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(raw)
        if not isinstance(values, list) or len(values) != length:
            raise CursorUnknown
        return [_value(each) for each in values]
    except (ValueError, binascii.Error, TypeError, KeyError) as error:
        raise CursorUnknown from error


def _value(plain: Any) -> Any:
    if isinstance(plain, dict):
        if "u" in plain:
            return UUID(plain["u"])
        moment = datetime.fromisoformat(plain["t"])
        if moment.tzinfo is None:
            raise CursorUnknown
        return moment
    if isinstance(plain, str | int) and not isinstance(plain, bool):
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
        values = _decode(cursor, len(key))
        for (column, _), value in zip(key, values, strict=True):
            expected = column.type.python_type
            if not isinstance(value, expected):
                raise CursorUnknown
        query = query.where(_after(key, values))
    ordered = query.order_by(*(c.desc() if down else c.asc() for c, down in key)).limit(limit + 1)
    found = list(rows(session.execute(ordered)))
    more = len(found) > limit
    shown = found[:limit]
    return Page(shown, _encode(position(shown[-1])) if more else None)


def _after(key: Key, values: Sequence[Any]) -> ColumnElement[bool]:
    branches = []
    for index, (column, down) in enumerate(key):
        same = [key[i][0] == values[i] for i in range(index)]
        beyond = column < values[index] if down else column > values[index]
        branches.append(and_(*same, beyond))
    return or_(*branches)
