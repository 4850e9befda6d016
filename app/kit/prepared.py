"""Statements of hot pages, compiled once and run on the driver's own cursor.

SQLAlchemy still writes the SQL and converts values both ways, once for each database. What is left
out is what it does for every run: cache key, execution context, result object. Measured on SQLite,
one row by key: 14 µs instead of 80 µs of ``session.execute``.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Connection,
    Dialect,
    Insert,
    Select,
    Update,
    Uuid,
    literal_column,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import visitors

from app.kit import libpq
from app.kit.kept import Convert, Kept

ALONE = "omlop_each_statement_alone"
"""The option of a connection on which nothing writes a BEGIN."""
LENT = "connection_lent_for_each"
"""In a session's info: what asks statements on a connection that is lent for them alone."""
Found = TypeVar("Found")
Statement = Select[*tuple[Any, ...]] | Update | Insert


_id = lru_cache(maxsize=8192)(UUID)
"""Ids that come again and again, as those of units and places: 1.2 µs to read, 0.1 when known."""
_id_of_bytes = lru_cache(maxsize=8192)(lambda value: UUID(bytes=value))


def _is_id(kind: Any) -> bool:
    return isinstance(kind, Uuid) and kind.as_uuid


def _spelled_out(statement: Statement, dialect: Dialect) -> Statement:
    """The statement with its constants in its words; only what differs each time stays a value.

    A value can not be compared with the condition of a partial index beforehand. SQLite therefore
    plans such a statement anew whenever it is bound, which took the market's first statement from
    0.03 to 0.11 ms, and PostgreSQL's plan for any value leaves the index out.
    """

    def spelled(found: Any, **_: Any) -> Any:
        if not isinstance(found, BindParameter) or found.required or found.expanding:
            return None
        write = found.type.dialect_impl(dialect).literal_processor(dialect)
        if write is None or found.value is None or found.callable is not None:
            return None
        return literal_column(write(found.value), found.type)

    replaced: Any = cast("Any", visitors).replacement_traverse(statement, {}, spelled)
    return cast("Statement", replaced)


class _Compiled:
    """The statement in one database's words."""

    def __init__(self, statement: Statement, dialect: Dialect, kept: Kept | None) -> None:
        self._kept = kept
        compiled: Any = _spelled_out(statement, dialect).compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        self.sql: str = compiled.string
        self.dialect = dialect
        self._order: list[str] | None = compiled.positiontup
        binds = {name: bind.type for bind, name in compiled.bind_names.items()}
        self._convert: dict[str, Convert | None] = {
            name: kind.dialect_impl(dialect).bind_processor(dialect) for name, kind in binds.items()
        }
        constants = compiled.construct_params(_check=False)
        self._values = {name: self._bound(name, value) for name, value in constants.items()}
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        self.row = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]  # noqa: PYI024
        results = [column.type.dialect_impl(dialect) for column in columns]
        self._results = [
            (at, convert)
            for at, kind in enumerate(results)
            if (convert := self._reader_of(kind)) is not None
        ]

    def _reader_of(self, kind: Any) -> Convert | None:
        """What makes the column's value of the driver's; nothing where the driver gives it itself."""
        read: Convert | None = kind.result_processor(self.dialect, None)
        if read is None or not _is_id(kind):
            return read
        return lambda value: None if value is None else _id(value)

    def _bound(self, name: str, value: Any) -> Any:
        convert = self._convert[name]
        return value if convert is None else convert(value)

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them: in the statement's order, or by name."""
        all_values = dict(self._values)
        for name, value in values.items():
            convert = self._convert[name]
            all_values[name] = value if convert is None else convert(value)
        order = self._order
        return all_values if order is None else [all_values[name] for name in order]

    def changed(self, driver: Any, values: Mapping[str, Any]) -> int:
        cursor = driver.cursor()
        try:
            cursor.execute(self.sql, self.bound(values))
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def rows(self, driver: Any, values: Mapping[str, Any]) -> list[Any]:
        cursor = driver.cursor()
        try:
            cursor.execute(self.sql, self.bound(values))
            found = cursor.fetchall()
        finally:
            cursor.close()
        return self.read(found)

    def read(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        """The driver's rows with the columns' own values in them."""
        kept = self._kept
        if kept is None:
            return [self._row(each) for each in found]
        return [kept.read(each, self._row) for each in found]

    def _row(self, plain: Sequence[Any]) -> Any:
        values = list(plain)
        for at, convert in self._results:
            values[at] = convert(values[at])
        return self.row(*values)


class _OnServer(_Compiled):
    """In PostgreSQL's own words, to be sent without the driver's cursor."""

    def __init__(self, statement: Statement, dialect: Dialect, kept: Kept | None) -> None:
        super().__init__(statement, dollars(dialect), kept)
        self.statement = libpq.Statement(self.sql, is_raw=kept is not None)

    def _reader_of(self, kind: Any) -> Convert | None:
        """Ids of kept rows come as bytes: hashed in a fifth of the time, and seldom read at all."""
        if self._kept is not None and _is_id(kind):
            return lambda value: None if value is None else _id_of_bytes(value)
        return super()._reader_of(kind)

    def _run(self, driver: Any, values: Mapping[str, Any]) -> libpq.Answer:
        return libpq.run(driver, [(self.statement, self.bound(values))])[0]

    def rows(self, driver: Any, values: Mapping[str, Any]) -> list[Any]:
        return self.read(self._run(driver, values).rows)

    def changed(self, driver: Any, values: Mapping[str, Any]) -> int:
        return self._run(driver, values).changed


def dollars(dialect: Dialect) -> Dialect:
    """The same database, with values written as ``$1``: as ``libpq`` takes them."""
    plain: Callable[..., Dialect] = type(dialect)
    return plain(paramstyle="numeric_dollar")


class Prepared:
    """A ``select`` of columns whose values come as ``bindparam``; each column has its own name.

    It has no lists of varying length. An ``update`` of a table, or an ``insert`` of what a ``select``
    gives, can be prepared too. ``kept`` is for
    rows that come again and again, and whose values can all be hashed.
    """

    def __init__(self, statement: Statement, *, kept: Kept | None = None) -> None:
        self.statement = statement
        self._kept = kept
        self._by_dialect: dict[type[Dialect], _Compiled] = {}

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[Any]:
        """All rows as named tuples. Raises what ``session.execute`` would."""
        return together(session, [(self, values)])[0]

    def first(self, session: Session, values: Mapping[str, Any]) -> Any | None:
        """The first row, or nothing."""
        return next(iter(self.rows(session, values)), None)

    def changed(self, session: Session, values: Mapping[str, Any]) -> int:
        """How many rows the ``update`` met. Objects in the session do not follow it."""
        session.flush()
        connection = connection_of(session)
        compiled = self.compiled(connection.dialect)
        return on_driver(
            connection, compiled.sql, values, lambda driver: compiled.changed(driver, values)
        )

    def change(self, session: Session, values: Mapping[str, Any]) -> None:
        """The change whose count nobody asks for: it may wait, as ``send`` says."""
        compiled = self.compiled(connection_of(session).dialect)
        if isinstance(compiled, _OnServer):
            session.flush()
            send(session, [(compiled.statement, compiled.bound(values))])
        else:
            self.changed(session, values)

    def compiled(self, dialect: Dialect) -> _Compiled:
        """The statement in the database's words, made once."""
        found = self._by_dialect.get(type(dialect))
        if found is None:
            make = _OnServer if dialect.driver == libpq.DRIVER else _Compiled
            # Two threads that compile at the same time make the same.
            found = self._by_dialect[type(dialect)] = make(self.statement, dialect, self._kept)
        return found


Ask = tuple[Prepared, Mapping[str, Any]]
"""A statement with its values."""


def together(session: Session, asked: Sequence[Ask]) -> list[list[Any]]:
    """The rows of statements that need nothing of one another, in one round trip on PostgreSQL."""
    lend: Callable[[Session, Sequence[Ask]], list[list[Any]]] | None = session.info.get(LENT)
    if lend is not None and not session.in_transaction():
        return lend(session, asked)
    session.flush()  # what waits in the session is seen, as by any query through it
    connection = connection_of(session)
    dialect = connection.dialect
    for query, values in asked:
        _tell_listeners(connection, query.compiled(dialect).sql, values)
    driver = _driver_s(connection.connection)
    try:
        return _all_rows(driver, dialect, asked)
    except Exception as error:
        _raise_as_sqlalchemy(error, _sql_of(asked, dialect), dialect, connection, driver)
        raise


def rows_on(
    pooled: PoolProxiedConnection, dialect: Dialect, asked: Sequence[Ask]
) -> list[list[Any]]:
    """As ``together``, on a connection that the pool has just lent out and outside a transaction."""
    driver = _driver_s(pooled)
    try:
        return _all_rows(driver, dialect, asked)
    except Exception as error:
        _raise_as_sqlalchemy(error, _sql_of(asked, dialect), dialect, pooled, driver)
        raise


def _all_rows(driver: Any, dialect: Dialect, asked: Sequence[Ask]) -> list[list[Any]]:
    compiled = [(query.compiled(dialect), values) for query, values in asked]
    sent = [
        (each.statement, each.bound(values))
        for each, values in compiled
        if isinstance(each, _OnServer)
    ]
    if not sent:
        return [each.rows(driver, values) for each, values in compiled]
    answers = libpq.run(driver, sent)
    return [each.read(answer.rows) for (each, _), answer in zip(compiled, answers, strict=True)]


def _sql_of(asked: Sequence[Ask], dialect: Dialect) -> str:
    return "; ".join(query.compiled(dialect).sql for query, _ in asked)


_CONNECTION = "connection_in_use"


def send(session: Session, sent: Sequence[libpq.Sent]) -> None:
    """Statements for PostgreSQL that give nothing back: they wait for the next that does.

    In the end they go with the commit, in its round trip. Errors come out there; who has to meet
    them earlier asks for ``send_waiting``.
    """
    connection = connection_of(session)
    for statement, values in sent:
        _tell_listeners(connection, statement.sql.decode(), values)
    driver: Any = _driver_s(connection.connection)
    driver.waiting += sent


def send_waiting(session: Session) -> None:
    """Sends what waits, if anything does: its errors come out here."""
    connection = connection_of(session)
    if connection.dialect.driver == libpq.DRIVER:
        _run(connection, [])


def answers_of(session: Session, asked: Sequence[libpq.Sent]) -> list[libpq.Answer]:
    """What PostgreSQL answers to the statements, which are sent at once."""
    connection = connection_of(session)
    for statement, values in asked:
        _tell_listeners(connection, statement.sql.decode(), values)
    return _run(connection, asked)


def _run(connection: Connection, asked: Sequence[libpq.Sent]) -> list[libpq.Answer]:
    driver: Any = _driver_s(connection.connection)
    try:
        return libpq.run(driver, asked)
    except Exception as error:
        sql = b"; ".join(statement.sql for statement, _ in asked).decode()
        _raise_as_sqlalchemy(error, sql, connection.dialect, connection, driver)
        raise


def connection_of(session: Session) -> Connection:
    """The connection of the session's block. Asking the session each time costs 12 µs a statement."""
    inner = session.get_nested_transaction()  # the session begins a savepoint when it is asked
    known, connection = session.info.get(_CONNECTION, (inner, None))
    if connection is None or known is not inner:
        connection = session.connection()
        session.info[_CONNECTION] = inner, connection
    return cast("Connection", connection)


def _driver_s(pooled: Any) -> Any:
    """The driver's own connection of one that the pool has lent out."""
    return pooled.dbapi_connection


def on_driver(
    connection: Connection,
    sql: str,
    values: Any,
    call: Callable[[Any], Found],
    *,
    is_many: bool = False,
) -> Found:
    """What ``call`` gives of the driver's connection; who counts statements is told of it.

    What the driver raises comes out as ``session.execute`` would raise it.
    """
    _tell_listeners(connection, sql, values, is_many=is_many)
    try:
        return call(_driver_s(connection.connection))
    except Exception as error:
        driver = _driver_s(connection.connection)
        _raise_as_sqlalchemy(error, sql, connection.dialect, connection, driver)
        raise


def _tell_listeners(
    connection: Connection, sql: str, values: Any, *, is_many: bool = False
) -> None:
    for listener in connection.dispatch.before_cursor_execute:
        listener(connection, None, sql, values, None, is_many)


@contextmanager
def said_as_sqlalchemy(dialect: Any) -> Iterator[None]:
    """What the driver says when there is no server to connect to, as ``session.execute`` says it."""
    try:
        yield
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            None, None, error, dialect.loaded_dbapi.Error, dialect=dialect
        ) from error


def _raise_as_sqlalchemy(
    error: Exception, sql: str, dialect: Any, connection: Any, driver: DBAPIConnection
) -> None:
    """The driver's error in the wrapping that handlers know; a lost connection leaves the pool."""
    if not isinstance(error, dialect.loaded_dbapi.Error):
        return
    is_lost = dialect.is_disconnect(error, driver, None)
    if is_lost:
        connection.invalidate(error)
    raise DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        connection_invalidated=is_lost,
        dialect=dialect,
    ) from error
