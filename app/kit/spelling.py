"""The columns by which a database gives rows to whoever hashes very many of them.

Made here, one row costs an object for each of its values, and most of them are what the row before
had. The database gives the ids that are a row's own, and the rest as one array (``chain_rows.py``).
"""

from collections.abc import Iterable, Sequence
from typing import Any

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
    type_coerce,
)
from sqlalchemy.orm import Session

from app.kit.chain_rows import DASHED, DIGITS, MOMENT, PLAIN, UUID_TEXT, Shape
from app.kit.columns import OF_MANY, EnumText, UtcDateTime
from app.kit.db import is_sqlite


def digits(session: Session, column: ColumnElement[Any]) -> ColumnElement[str]:
    """An id as its 32 digits, which is how SQLite stores it: a hundred thousand need no objects."""
    if is_sqlite(session):
        return type_coerce(column, Text)
    return func.replace(cast(column, Text), "-", "", type_=Text)


def as_bytes(text: ColumnElement[str], dialect: str) -> ColumnElement[Any]:
    """The text as it is hashed, which saves SQLite's reader the way to Python's text and back.

    PostgreSQL sends bytes as twice as many digits: there it stays text.
    """
    # As text to SQLAlchemy, which would look at each value else.
    return type_coerce(cast(text, LargeBinary), Text) if dialect == "sqlite" else text


def dialect_of(session: Session) -> str:
    """Which database spells here."""
    return session.get_bind().dialect.name


def shape_of(table: Table) -> Shape | None:
    """How the table's rows are asked for; nothing where a type is not known here.

    An id that every row has is its own, but for one that very many rows have in common. The
    organisation's is the link's own, by which the row is found.
    """
    columns = sorted(table.columns, key=lambda column: column.key)
    nested = [column.key for column in columns if isinstance(column.type, JSON)]
    kinds = {column.key: _kind(column.type) for column in columns}
    if len(nested) != 1 or None in kinds.values():
        return None
    own = [
        column.key
        for column in columns
        if kinds[column.key] == UUID_TEXT
        and not column.nullable
        and column.key != "org_id"
        and column.info != OF_MANY
    ]
    apart = {*own, *nested, "org_id"}
    return Shape(
        table.name,
        [name for name in own if name < nested[0]],
        nested[0],
        [name for name in own if name > nested[0]],
        [(name, kind or "") for name, kind in kinds.items() if name not in apart],
    )


def asked_for(
    table: Table, shape: Shape, dialect: str, *, is_raw: bool
) -> list[ColumnElement[Any]]:
    """The columns of a shape. Who reads ids and JSON as text by itself has them ``is_raw``, uncast."""
    is_sqlite = dialect == "sqlite"
    as_it_is = is_sqlite or is_raw

    def stored(name: str) -> ColumnElement[str]:
        return type_coerce(table.c[name], Text) if as_it_is else cast(table.c[name], Text)

    shared = array_of((table.c[name] for name, _ in shape.shared), dialect)
    return [
        *map(stored, shape.before),
        as_bytes(stored(shape.nested), dialect),
        *map(stored, shape.behind),
        # A link has a row in one table: of the others PostgreSQL need not make an array of nothing.
        shared if is_sqlite else case((table.c.id.is_not(None), shared)),
    ]


def array_of(columns: Iterable[ColumnElement[Any]], dialect: str) -> ColumnElement[Any]:
    """Values as one JSON array, by whose text like rows are known: an object for each costs more.

    As text to SQLAlchemy. SQLite refuses what is neither number nor text.
    """
    if dialect == "sqlite":
        stored = (type_coerce(each, Text) for each in columns)
        return as_bytes(func.json_array(*stored, type_=Text), dialect)
    return cast(func.json_build_array(*columns), Text)


def id_length(dialect: str) -> int:
    """Letters of an id as it is asked for."""
    return DIGITS if dialect == "sqlite" else DASHED


def _kind(of: Any) -> str | None:
    """How a column's values are spelled; empty for JSON, which is not spelled here."""
    known: Sequence[tuple[type[Any], str]] = (
        (JSON, ""),
        (Uuid, UUID_TEXT),
        (UtcDateTime, MOMENT),
        (Date, PLAIN),
        (Integer, PLAIN),
        (EnumText, PLAIN),
        (String, PLAIN),
    )
    return next((kind for each, kind in known if isinstance(of, each)), None)
