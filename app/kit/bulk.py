"""Many new rows at once: their ids, and the driver's shortest way into a table.

One seam for both databases: ``executemany`` on SQLite, ``COPY`` on PostgreSQL. A single row takes
the same road, without what SQLAlchemy does for every statement (15 µs instead of 100).
"""

import os
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, TableClause, insert
from sqlalchemy.orm import Session

from app.kit.prepared import on_driver

COPY_FROM = 20
"""Rows from which COPY is the shorter way: it is one statement more than a few INSERTs."""
COPY_AT_ONCE = 10_000
"""Rows of one COPY: the keys are checked as it ends, and a statement has its time limit."""


_VERSION, _VARIANT = 7 << 76, 2 << 62
_HIGH, _LOW = 0xFFF << 64, (1 << 62) - 1
"""Where the 74 random bits stand in an id: the rest is moment, version and variant."""


def new_ids(count: int) -> list[UUID]:
    """Ids of version 7 (RFC 9562) in rising order: the millisecond, then 74 random bits.

    New rows then stand side by side in every index, whether they come at once or one by one: fewer
    pages are read, changed and written back than with wholly random ids.
    """
    moment = time.time_ns() // 1_000_000 << 80 | _VERSION | _VARIANT
    random = os.urandom(10 * count)
    drawn = (int.from_bytes(random[at : at + 10]) for at in range(0, len(random), 10))
    return [
        UUID(int=each) for each in sorted(moment | bits & _HIGH | bits & _LOW for bits in drawn)
    ]


class _Insertion:
    """An ``INSERT`` of some columns of a table, in one database's words."""

    def __init__(self, table: TableClause, names: tuple[str, ...], dialect: Dialect) -> None:
        compiled: Any = insert(table).compile(dialect=dialect, column_keys=list(names))
        if set(compiled.bind_names.values()) != set(names):
            message = f"{table.name}: a column with a default is left out"
            raise ValueError(message)
        self.sql: str = compiled.string
        self.is_positional = compiled.positiontup is not None
        self.order: list[str] = compiled.positiontup or list(names)
        self.copy = f"COPY {table.name} ({', '.join(self.order)}) FROM STDIN"
        self.is_copied = dialect.name == "postgresql"
        self.convert = [
            table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
            for name in self.order
        ]

    def tuples(
        self, rows: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """The rows as the driver takes them, converted a column at a time."""
        columns: list[Any] = []
        for name, convert in zip(self.order, self.convert, strict=True):
            if name in shared:
                value = shared[name]
                columns.append(repeat(value if convert is None else convert(value), len(rows)))
                continue
            values = [row[name] for row in rows]
            columns.append(values if convert is None else [convert(value) for value in values])
        return list(zip(*columns, strict=True))

    def driver_s(self, tuples: list[tuple[Any, ...]]) -> Sequence[Any]:
        """The values of a statement each: in its order, or by name."""
        if self.is_positional:
            return tuples
        return [dict(zip(self.order, each, strict=True)) for each in tuples]


@lru_cache(maxsize=256)
def _insertion(table: TableClause, names: tuple[str, ...], dialect: Dialect) -> _Insertion:
    return _Insertion(table, names, dialect)


def insert_rows(
    session: Session,
    table: TableClause,
    rows: Sequence[Mapping[str, Any]],
    *,
    shared: Mapping[str, Any] | None = None,
    columns: Sequence[str] | None = None,
) -> None:
    """New rows that fill the same columns.

    ``shared`` are further columns, in which all rows hold the same; ``columns`` names those of the
    rows' own that are written, when it is not all. Raises what ``session.execute`` would, and ``ValueError`` when a column with a default is left
    out, since nothing here would fill it. What waits in the session is not written before.
    """
    if not rows:
        return
    connection = session.connection()
    common = shared or {}
    names = (*(rows[0] if columns is None else columns), *common)
    made = _insertion(table, names, connection.dialect)
    tuples = made.tuples(rows, common)
    if made.is_copied and len(rows) >= COPY_FROM:
        for start in range(0, len(tuples), COPY_AT_ONCE):
            some = tuples[start : start + COPY_AT_ONCE]
            with on_driver(connection, made.copy, some, is_many=True) as driver:
                _copy(driver, made.copy, some)
        return
    values = made.driver_s(tuples)
    with on_driver(connection, made.sql, values, is_many=len(values) > 1) as driver:
        cursor = driver.cursor()
        if len(values) == 1:
            cursor.execute(made.sql, values[0])
        else:
            cursor.executemany(made.sql, values)
        cursor.close()


def insert_unless_there(session: Session, table: TableClause, row: Mapping[str, Any]) -> bool:
    """A new row, unless one has its key already; gives whether it was written.

    A key that another transaction is about to write is waited for. No savepoint is needed, as
    after an error.
    """
    connection = session.connection()
    made = _insertion(table, tuple(row), connection.dialect)
    sql = f"{made.sql} ON CONFLICT DO NOTHING"
    (values,) = made.driver_s(made.tuples([row], {}))
    with on_driver(connection, sql, values) as driver:
        cursor = driver.cursor()
        cursor.execute(sql, values)
        is_written = bool(cursor.rowcount == 1)
        cursor.close()
    return is_written


def _copy(driver: Any, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with driver.cursor() as cursor, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)
