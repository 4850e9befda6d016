"""A row's canonical JSON spelled by the database itself, for whoever reads very many of them.

Made here, one row costs an object for each of its values. The database gives the same text in two
parts, with the row's one JSON column between them as it is stored. It says nothing of its own: a
text that is not the one that was hashed is looked at again, value by value, by ``chain.canonical``.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    case,
    cast,
    func,
    literal,
    type_coerce,
)
from sqlalchemy.orm import Session

from app.kit.columns import EnumText, UtcDateTime
from app.kit.db import is_sqlite

Spelled = Callable[[ColumnElement[Any]], ColumnElement[str]]


def digits(session: Session, column: ColumnElement[Any]) -> ColumnElement[str]:
    """An id as its 32 digits, which is how SQLite stores it: a hundred thousand need no objects."""
    if is_sqlite(session):
        return type_coerce(column, Text)
    return func.replace(cast(column, Text), "-", "", type_=Text)


class Spelling(NamedTuple):
    """What stands before the JSON column, the column as it is stored, and what stands after it."""

    before: ColumnElement[str]
    json: ColumnElement[str]
    after: ColumnElement[str]


def as_bytes(text: ColumnElement[str], dialect: str) -> ColumnElement[Any]:
    """The text as it is hashed, which saves SQLite's reader the way to Python's text and back.

    PostgreSQL sends bytes as twice as many digits: there it stays text.
    """
    # As text to SQLAlchemy, which would look at each value else.
    return type_coerce(cast(text, LargeBinary), Text) if dialect == "sqlite" else text


def dialect_of(session: Session) -> str:
    """Which database spells here."""
    return session.get_bind().dialect.name


def spelling(table: Table, dialect: str) -> Spelling | None:
    """The table's rows as ``chain.canonical`` spells them; nothing where a type is not known here."""
    columns = sorted(table.columns, key=lambda column: column.key)
    nested = [column for column in columns if isinstance(column.type, JSON)]
    kinds = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    spelled = [_kind(column.type) for column in columns]
    if len(nested) != 1 or None in spelled:
        return None
    at = columns.index(nested[0])
    texts = [
        kinds[kind](column) if kind else literal("")
        for column, kind in zip(columns, spelled, strict=True)
    ]
    names = [json.dumps(column.key) for column in columns]
    form = func.printf if dialect == "sqlite" else func.format

    def part(start: int, end: int, first: str, last: str) -> ColumnElement[str]:
        said = ",".join(f"{name}:%s" for name in names[start:end])
        return form(first + said + last, *texts[start:end], type_=Text)

    comma = "," if at else ""
    return Spelling(
        part(0, at, "{", f"{comma}{names[at]}:"),
        cast(nested[0], Text) if dialect != "sqlite" else type_coerce(nested[0], Text),
        part(at + 1, len(columns), "," if at + 1 < len(columns) else "", "}"),
    )


def _kind(of: Any) -> str | None:
    """How a column's values are spelled; empty for JSON, which is not spelled here."""
    known: Sequence[tuple[type[Any], str]] = (
        (JSON, ""),
        (Uuid, "uuid"),
        (UtcDateTime, "moment"),
        (Date, "plain"),
        (Integer, "plain"),
        (EnumText, "plain"),
        (String, "plain"),
    )
    return next((kind for each, kind in known if isinstance(of, each)), None)


def _sqlite_plain(column: ColumnElement[Any]) -> ColumnElement[str]:
    # ``json_quote`` writes numbers and texts as JSON has them, and refuses what is neither.
    return func.json_quote(type_coerce(column, Text), type_=Text)


def _sqlite_uuid(column: ColumnElement[Any]) -> ColumnElement[str]:
    raw = type_coerce(column, Text)
    quoted = func.json_quote(raw)
    rest = [func.substr(raw, start, 4, type_=Text) for start in (9, 13, 17)]
    # The last part has no end: what is too long shows, also behind a NUL, at which ``printf`` ends.
    parts = (*rest, func.substr(quoted, 22, type_=Text))
    told: ColumnElement[str] = func.substr(quoted, 1, 9, type_=Text)
    for part in parts:  # half of what ``printf`` takes
        told = told.op("||")(literal("-")).op("||")(part)
    return case((raw.is_(None), "null"), else_=told)


def _sqlite_moment(column: ColumnElement[Any]) -> ColumnElement[str]:
    raw = type_coerce(column, Text)
    quoted = func.json_quote(raw)
    # What is stored with a T is not as we store it, and must not come out as if it were.
    moment = func.replace(func.replace(func.replace(quoted, "T", "?"), " ", "T"), ".000000", "")
    # A quotation mark of the value's own has a stroke before it, which stays and shows.
    told = func.rtrim(moment, '"', type_=Text).op("||")(literal('+00:00"'))
    return case((raw.is_(None), "null"), else_=told)


def _postgresql_plain(column: ColumnElement[Any]) -> ColumnElement[str]:
    return func.coalesce(cast(func.to_json(column), Text), "null", type_=Text)


def _postgresql_moment(column: ColumnElement[Any]) -> ColumnElement[str]:
    utc = func.timezone("UTC", column)
    parts = func.to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.US')
    told = func.format('"%s+00:00"', func.replace(parts, ".000000", ""), type_=Text)
    return case((column.is_(None), "null"), else_=told)


_SQLITE: dict[str, Spelled] = {
    "plain": _sqlite_plain,
    "uuid": _sqlite_uuid,
    "moment": _sqlite_moment,
}
_POSTGRESQL: dict[str, Spelled] = {
    "plain": _postgresql_plain,
    "uuid": _postgresql_plain,
    "moment": _postgresql_moment,
}
