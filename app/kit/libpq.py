"""One prepared statement sent to PostgreSQL by libpq itself.

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

__all__ = ["Connection", "rows"]

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
    server = connection.pgconn
    if name not in known:
        _checked(connection, server.prepare(name.encode(), sql.encode()))
        known[name] = True
    sent: Any = [_sent(each) for each in values]
    result = server.exec_prepared(name.encode(), sent, result_format=Format.BINARY)
    _checked(connection, result)
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
