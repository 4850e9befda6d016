"""Prepared statements sent to PostgreSQL by libpq itself: one, or several in one round trip.

psycopg's cursor is made for every statement there may be: it looks at each value's type, keeps
count of what to prepare, and waits in Python. For the one statement of a hot page that is most of
the time spent: measured, 76 µs of a cursor and 25 µs of libpq for the piece's wide row. The answer
is read by psycopg's own loaders, in binary.
"""

from collections.abc import MutableMapping, Sequence
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format

__all__ = ["Connection", "rows", "rows_together"]

Known = MutableMapping[Any, Any]
"""What is remembered as long as the connection lives."""


def _sent(value: Any) -> bytes | None:
    """As text: what a ``str``, number, id, date or moment says of itself is what the server reads."""
    return None if value is None else str(value).encode()


def rows(
    connection: Connection[Any], known: Known, name: str, sql: str, values: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """The rows of ``sql``, whose values stand as ``$1``, ``$2`` …; no transaction is begun.

    It is prepared under ``name`` when this connection meets it first. Raises psycopg's errors.
    """
    _prepare(connection, known, name, sql)
    result = connection.pgconn.exec_prepared(
        name.encode(), _all_sent(values), result_format=Format.BINARY
    )
    _checked(connection, result)
    return _read(connection, known, result)


def rows_together(
    connection: Connection[Any], known: Known, asked: Sequence[tuple[str, str, Sequence[Any]]]
) -> list[list[tuple[Any, ...]]]:
    """As ``rows`` for each name, statement and values, which cross the line at once.

    Each still stands alone. The first error is raised, and then none of the rows are given.
    """
    for name, sql, _ in asked:
        _prepare(connection, known, name, sql)
    server = connection.pgconn
    server.enter_pipeline_mode()
    for name, _, values in asked:
        server.send_query_prepared(name.encode(), _all_sent(values), result_format=Format.BINARY)
    server.pipeline_sync()
    results = []
    for _ in asked:
        results.append(server.get_result())
        server.get_result()  # nothing, which ends the statement's results
    server.get_result()  # the sync's own
    if connection.pgconn.status != ConnStatus.BAD:
        server.exit_pipeline_mode()
    for result in results:
        _checked(connection, result)
    return [_read(connection, known, result) for result in results]


def _prepare(connection: Connection[Any], known: Known, name: str, sql: str) -> None:
    if name not in known:
        _checked(connection, connection.pgconn.prepare(name.encode(), sql.encode()))
        known[name] = True


def _all_sent(values: Sequence[Any]) -> Any:
    return [_sent(each) for each in values]


def _read(connection: Connection[Any], known: Known, result: Any) -> list[tuple[Any, ...]]:
    reader: Any = known.get(Transformer)
    if reader is None:
        reader = known[Transformer] = Transformer(connection)
    reader.set_pgresult(result, format=Format.BINARY)
    return list(reader.load_rows(0, result.ntuples, tuple))


def _checked(connection: Connection[Any], result: Any) -> None:
    if connection.pgconn.status == ConnStatus.BAD:
        raise OperationalError("the connection is lost")
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise error_from_result(result)
