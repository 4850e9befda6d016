"""Many new rows at once: their ids, and the driver's shortest way into a table.

One seam for both databases: ``executemany`` on SQLite, ``COPY`` on PostgreSQL. A single row takes
the same road, without what SQLAlchemy does for every statement (15 µs instead of 100). What needs
no lock, ``made_ready`` does before there is one.
"""

import gc
import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import accumulate, islice
from typing import Any
from uuid import UUID, SafeUUID

from sqlalchemy import Connection, Dialect, TableClause, insert
from sqlalchemy.orm import Session

from app.kit import libpq
from app.kit.chance import drawn, now_ms
from app.kit.prepared import answers_of, connection_of, dollars, on_driver, send

COPY_FROM = 20
"""Rows from which COPY is the shorter way: it is one statement more than a few INSERTs."""
COPY_AT_ONCE = 10_000
"""Rows of one COPY: the keys are checked as it ends, and a statement has its time limit."""


class _Collector:
    """Whether the garbage collector runs, when several ask for a pause of it."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._pauses = 0
        self._was_on = False

    def pause(self) -> None:
        with self._mutex:
            if not self._pauses:
                self._was_on = gc.isenabled()
                gc.disable()
            self._pauses += 1

    def go_on(self) -> None:
        with self._mutex:
            self._pauses -= 1
            if not self._pauses and self._was_on:
                gc.enable()


_collector = _Collector()


@contextmanager
def without_collecting() -> Iterator[None]:
    """Many thousand objects are made and none is garbage: the collector took a third of the time."""
    _collector.pause()
    try:
        yield
    finally:
        _collector.go_on()


_VERSION, _VARIANT = 7 << 76, 2 << 62
_HIGH, _LOW = 0xFFF << 64, (1 << 62) - 1
"""Where the 74 bits stand in an id that are neither moment nor version nor variant."""
_FIRST_BYTES, _STEP_BYTES = 9, 4
_put_int, _put_safety = (vars(UUID)[name].__set__ for name in ("int", "is_safe"))


def new_ids(count: int) -> list[UUID]:
    """Ids of version 7 (RFC 9562) in rising order: the millisecond, then 74 bits.

    The first is random, and each that follows lies a random step above the one before (RFC 9562,
    6.2, method 2). New rows then stand side by side in every index, whether they come at once or one
    by one: fewer pages are read, changed and written back than with wholly random ids.
    """
    moment = now_ms() << 80 | _VERSION | _VARIANT
    steps = array("I", drawn(_STEP_BYTES * count))
    first = int.from_bytes(drawn(_FIRST_BYTES))
    rising = accumulate(map((1).__add__, steps), initial=first)  # no step is 0
    return [_id(moment | bits << 2 & _HIGH | bits & _LOW) for bits in islice(rising, count)]


def _id(bits: int) -> UUID:
    """As ``UUID(int=bits)``, in half the time: what that checks is known of our own."""
    made: UUID = object.__new__(UUID)
    _put_int(made, bits)
    _put_safety(made, SafeUUID.unknown)
    return made


class _Insertion:
    """An ``INSERT`` of some columns of a table, in one database's words."""

    def __init__(self, table: TableClause, names: tuple[str, ...], dialect: Dialect) -> None:
        self.is_copied = dialect.name == "postgresql"
        words = dollars(dialect) if self.is_copied else dialect
        compiled: Any = insert(table).compile(dialect=words, column_keys=list(names))
        if set(compiled.bind_names.values()) != set(names):
            message = f"{table.name}: a column with a default is left out"
            raise ValueError(message)
        self.sql: str = compiled.string
        self.order: list[str] = compiled.positiontup
        self.copied_as = _copied_as(table, self.order, words) if self.is_copied else None
        format_ = "" if self.copied_as is None else " (FORMAT BINARY)"
        self.copy = f"COPY {table.name} ({', '.join(self.order)}) FROM STDIN{format_}"
        self.statement = libpq.Statement(self.sql)
        unless_there = f"{self.sql} ON CONFLICT DO NOTHING"
        self.unless_there = libpq.Statement(unless_there)
        self.believed_new = libpq.Statement(unless_there, has_to_change=True)
        self.convert = [
            table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
            for name in self.order
        ]


_COPIED_AS = {
    "BIGINT": "int8",
    "BOOLEAN": "bool",
    "DATE": "date",
    "INTEGER": "int4",
    "JSON": "json",
    "TEXT": "text",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "UUID": "uuid",
    "VARCHAR": "varchar",
}
"""Types that psycopg writes in binary, by SQLAlchemy's word and by PostgreSQL's."""


def _copied_as(table: TableClause, names: Sequence[str], dialect: Dialect) -> Sequence[str] | None:
    """The columns' types for a binary COPY; nothing where one of them can only be written as text."""
    words = [table.columns[name].type.compile(dialect).partition("(")[0] for name in names]
    if not _COPIED_AS.keys() >= set(words):
        return None
    return [_COPIED_AS[word] for word in words]


@lru_cache(maxsize=256)
def _insertion(table: TableClause, names: tuple[str, ...], dialect: Dialect) -> _Insertion:
    return _Insertion(table, names, dialect)


class Batch:
    """New rows of a table in the driver's values, a list for each column: ready to be written."""

    def __init__(self, made: _Insertion | None, columns: list[list[Any]], count: int) -> None:
        self.made = made
        self.columns = columns
        self.count = count

    def put(self, at: int, name: str, value: Any) -> None:
        """Another value into one row, by its index."""
        assert self.made is not None
        order = self.made.order.index(name)
        convert = self.made.convert[order]
        self.columns[order][at] = value if convert is None else convert(value)

    def fill(self, name: str, value: Any) -> None:
        """Another value into every row."""
        if self.made is not None:
            order = self.made.order.index(name)
            convert = self.made.convert[order]
            self.columns[order] = [value if convert is None else convert(value)] * self.count

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One at a time: many that live at once would set off the garbage collector."""
        return zip(*self.columns, strict=True)


def columns_ready(
    session: Session,
    table: TableClause,
    columns: Mapping[str, Sequence[Any]],
    *,
    shared: Mapping[str, Any] | None = None,
) -> Batch:
    """New rows, given by column and converted; nothing is written or locked.

    ``shared`` are further columns, in which all rows hold the same. Raises ``ValueError`` when a
    column with a default is left out, since nothing here would fill it.
    """
    common = shared or {}
    count = len(next(iter(columns.values())))
    if not count:
        return Batch(None, [], 0)
    made = _insertion(table, (*columns, *common), session.get_bind().dialect)
    converted: list[list[Any]] = []
    for name, convert in zip(made.order, made.convert, strict=True):
        if name in common:
            value = common[name]
            converted.append([value if convert is None else convert(value)] * count)
        else:
            values = columns[name]
            converted.append(list(values) if convert is None else [convert(v) for v in values])
    return Batch(made, converted, count)


def made_ready(
    session: Session,
    table: TableClause,
    rows: Sequence[Mapping[str, Any]],
    *,
    shared: Mapping[str, Any] | None = None,
    columns: Sequence[str] | None = None,
) -> Batch:
    """``columns_ready`` for rows that fill the same columns.

    ``columns`` names those of the rows' own that are written, when it is not all.
    """
    if not rows:
        return Batch(None, [], 0)
    own = {name: [row[name] for row in rows] for name in (columns or rows[0])}
    return columns_ready(session, table, own, shared=shared)


def insert_rows(
    session: Session,
    table: TableClause,
    rows: Sequence[Mapping[str, Any]],
    *,
    shared: Mapping[str, Any] | None = None,
    columns: Sequence[str] | None = None,
) -> None:
    """``made_ready`` and ``insert_ready`` at once."""
    insert_ready(session, made_ready(session, table, rows, shared=shared, columns=columns))


def insert_ready(session: Session, batch: Batch) -> None:
    """Writes the rows. What waits in the session is not written before.

    Raises what ``session.execute`` would.
    """
    made = batch.made
    if made is None:
        return
    if made.is_copied and batch.count < COPY_FROM:
        send(session, [(made.statement, row) for row in batch.rows()])
        return
    connection = connection_of(session)
    if made.is_copied:
        rows = batch.rows()
        while some := list(islice(rows, COPY_AT_ONCE)):
            on_driver(connection, made.copy, some, partial(_copy, made, some), is_many=True)
        return
    write_all(connection, made.sql, batch.rows(), is_many=batch.count > 1)


def write_all(
    connection: Connection, sql: str, rows: Iterable[Sequence[Any]], *, is_many: bool = True
) -> None:
    """A statement of the driver's own words for each of the rows."""

    def write(driver: Any) -> None:
        cursor = driver.cursor()
        if is_many:
            cursor.executemany(sql, rows)
        else:
            for row in rows:
                cursor.execute(sql, row)
        cursor.close()

    on_driver(connection, sql, rows, write, is_many=is_many)


def insert_unless_there(session: Session, table: TableClause, row: Mapping[str, Any]) -> bool:
    """A new row, unless one has its key already; gives whether it was written.

    A key that another transaction is about to write is waited for. No savepoint is needed, as
    after an error.
    """
    batch = made_ready(session, table, [row])
    made = batch.made
    assert made is not None
    (values,) = batch.rows()
    if made.is_copied:
        (answer,) = answers_of(session, [(made.unless_there, values)])
        return answer.changed == 1
    sql = made.unless_there.sql.decode()

    def write(driver: Any) -> bool:
        cursor = driver.cursor()
        cursor.execute(sql, values)
        is_written = bool(cursor.rowcount == 1)
        cursor.close()
        return is_written

    return on_driver(connection_of(session), sql, values, write)


def insert_believed_new(session: Session, table: TableClause, row: Mapping[str, Any]) -> bool:
    """As ``insert_unless_there``, without a round trip of its own on PostgreSQL.

    There it always says that the row was written. If it was not, ``libpq.NothingChanged`` comes out
    of the next statement that is answered, or of the commit, and the unit of work has failed.
    """
    batch = made_ready(session, table, [row])
    made = batch.made
    assert made is not None
    if not made.is_copied:
        return insert_unless_there(session, table, row)
    send(session, [(made.believed_new, values) for values in batch.rows()])
    return True


def add_to_rows(
    session: Session, table: TableClause, rows: Sequence[Mapping[str, Any]], added: Sequence[str]
) -> None:
    """New rows; where one has the ``id`` already, the ``added`` columns of both are added up.

    Rows are locked in the order that they are given in. What waits in the session is not written
    before.
    """
    batch = made_ready(session, table, rows)
    made = batch.made
    if made is None:
        return
    statement = _adding(made, table, tuple(added))
    if made.is_copied:
        send(session, [(statement, row) for row in batch.rows()])
        return
    connection = connection_of(session)
    write_all(connection, statement.sql.decode(), batch.rows(), is_many=batch.count > 1)


@lru_cache(maxsize=32)
def _adding(made: _Insertion, table: TableClause, added: tuple[str, ...]) -> libpq.Statement:
    sums = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in added)
    return libpq.Statement(f"{made.sql} ON CONFLICT (id) DO UPDATE SET {sums}")


def _copy(made: _Insertion, rows: Sequence[tuple[Any, ...]], driver: Any) -> None:
    with driver.cursor() as cursor, cursor.copy(made.copy) as copy:
        if made.copied_as is not None:
            copy.set_types(made.copied_as)
        for row in rows:
            copy.write_row(row)
