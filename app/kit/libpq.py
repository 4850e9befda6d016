"""Prepared statements sent to PostgreSQL by libpq itself, one at a time or several at once.

psycopg's cursor is made for every statement there may be: it looks at each value's type, keeps
count of what to prepare, and waits in Python. For the short statements of hot paths that is most of
the time spent: measured, 76 µs of a cursor and 25 µs of libpq for the piece's wide row. Several that
do not need each other's answers are one round trip (libpq's pipeline). The answers are read by
psycopg's own loaders, in binary.
"""

import itertools
import json
import select
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import DataError, OperationalError
from psycopg.adapt import AdaptersMap, Transformer
from psycopg.errors import InFailedSqlTransaction, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.types.json import Json
from psycopg.types.string import ByteaBinaryLoader

from app.kit.aside import stepping

DRIVER = "psycopg"
"""The driver of the dialects whose connections are taken here."""

_numbers = itertools.count()
_WELL = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class NothingChanged(Exception):  # noqa: N818  (named by the fact)
    """A statement that waited and had to change a row met none. Nothing after it may be kept."""


class Connection(psycopg.Connection[Any]):
    """psycopg's, with what was prepared on it past psycopg, and with statements that wait.

    After a rollback psycopg lets the server forget every statement, ours too: so must we. What
    waits is sent before anything else is, by whomever, with the commit at the latest, and is
    forgotten by a rollback.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.prepared: set[bytes] = set()
        self.waiting: list[Sent] = []
        self.reader = Transformer(self)
        self.raw_reader = Transformer(_Raw(self))

    def wait(self, gen: Any, *given: Any, **named: Any) -> Any:
        """Where psycopg's own statements pass by, before they are sent."""
        if self.waiting:
            run(self, [])
        return super().wait(gen, *given, **named)

    def commit(self) -> None:
        if any(statement.has_to_change for statement, _ in self.waiting):
            run(self, [])  # it may forbid what would be committed in the same round trip
        if self.waiting:
            run(self, [(_COMMIT, ())])
        elif self.pgconn.transaction_status == TransactionStatus.INERROR:
            message = "the transaction has failed: a commit would take it back"
            raise InFailedSqlTransaction(message)
        else:
            super().commit()

    def rollback(self) -> None:
        self.waiting.clear()
        super().rollback()

    def _deallocate(self, name: bytes | None) -> Any:
        if name is None:
            self.prepared.clear()
        return super()._deallocate(name)


class _Raw:
    """What a reader goes by that leaves ids as they came."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.adapters = AdaptersMap(connection.adapters)
        self.adapters.register_loader("uuid", ByteaBinaryLoader)


class Statement:
    """SQL whose values stand as ``$1``, ``$2`` …, with the name it is prepared under.

    One that ``has_to_change`` a row is only sent by way of ``waiting``. Of one that ``is_raw`` ids
    are given as their 16 bytes.
    """

    def __init__(self, sql: str, *, has_to_change: bool = False, is_raw: bool = False) -> None:
        self.sql = sql.encode()
        self.has_to_change = has_to_change
        self.is_raw = is_raw
        self.name = f"omlop_{next(_numbers)}".encode()


Sent = tuple[Statement, Sequence[Any]]
"""A statement with its values."""

_COMMIT = Statement("COMMIT")


class Answer(NamedTuple):
    """What a statement gave back: rows, or how many rows it changed."""

    rows: list[tuple[Any, ...]]
    changed: int


def run(connection: Connection, asked: Sequence[Sent]) -> list[Answer]:
    """The statements in order, behind those that wait, in one round trip once all are prepared.

    Raises psycopg's errors, those of what waited too, and ``NothingChanged``. A transaction is begun
    where the connection works in one and none is open. Statements after one that fails are not done.
    """
    server = connection.pgconn
    begins = not connection.autocommit and server.transaction_status == TransactionStatus.IDLE
    waited, connection.waiting = connection.waiting, []
    if not asked and not waited:
        return []
    if len(asked) == 1 and not begins and not waited and stepping() is None:
        statement, values = asked[0]
        if statement.name not in connection.prepared:
            _checked(connection, server.prepare(statement.name, statement.sql))
            connection.prepared.add(statement.name)
        result = server.exec_prepared(statement.name, _texts(values), result_format=Format.BINARY)
        return [_answer(connection, statement, result)]
    try:
        return _piped(connection, [*waited, *asked], begins=begins)[len(waited) :]
    finally:
        if server.pipeline_status and server.status != ConnStatus.BAD:
            server.exit_pipeline_mode()


def _piped(
    connection: Connection,
    sent: Sequence[Sent],
    *,
    begins: bool,
) -> list[Answer]:
    server = connection.pgconn
    prepared = {each.name: each for each, _ in sent if each.name not in connection.prepared}
    texts = [_texts(values) for _, values in sent]
    server.enter_pipeline_mode()
    if begins:
        server.send_query_params(b"BEGIN", None)
    for name, statement in prepared.items():
        server.send_prepare(name, statement.sql)
    for (statement, _), values in zip(sent, texts, strict=True):
        server.send_query_prepared(statement.name, values, result_format=Format.BINARY)
    server.pipeline_sync()
    found = _results(connection)
    skipped = int(begins)
    for name, result in zip(prepared, found[skipped:], strict=False):
        if result.status in _WELL:
            connection.prepared.add(name)
    before = skipped + len(prepared)
    for result in found[:before]:
        _checked(connection, result)
    answers = []
    # In their order: what comes after a row that was not there may fail because it was not.
    for (statement, _), result in zip(sent, found[before:], strict=False):
        answer = _answer(connection, statement, result)
        if statement.has_to_change and not answer.changed:
            raise NothingChanged
        answers.append(answer)
    return answers


def _results(connection: Connection) -> list[Any]:
    """One result a statement, up to the end of the pipeline.

    Waits by ``poll``: ``get_result`` would wait too, but for the whole process, since it keeps the
    interpreter's lock. Whoever we wait for may be another thread of ours.
    """
    server = connection.pgconn
    socket = select.poll()
    socket.register(server.socket, select.POLLIN | select.POLLOUT)
    while server.flush():  # no room for all of it yet
        for _, ready in socket.poll():
            if ready & ~select.POLLOUT:
                server.consume_input()
    socket.modify(server.socket, select.POLLIN)
    aside = stepping()
    found: list[Any] = []
    while True:
        while server.is_busy():
            if aside is None:
                socket.poll()
            else:
                aside.until_readable(server.socket)
            server.consume_input()
        result = server.get_result()
        if result is None:  # between two statements
            if server.status == ConnStatus.BAD:
                message = "the connection is lost"
                raise OperationalError(message)
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return found
        found.append(result)


def _texts(values: Sequence[Any]) -> Any:
    """As libpq takes them: what a value says of itself is what the server reads.

    Raises ``DataError`` for a NUL, which libpq would take for the end.
    """
    texts: list[bytes | None] = []
    for value in values:
        kind = type(value)
        if value is None:
            texts.append(None)
        elif kind is UUID:
            texts.append(str(value).encode())
        elif kind is int:
            texts.append(b"%d" % value)
        else:
            text = (json.dumps(value.obj) if isinstance(value, Json) else str(value)).encode()
            if b"\0" in text:
                message = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
                raise DataError(message)
            texts.append(text)
    return texts


def _answer(connection: Connection, statement: Statement, result: Any) -> Answer:
    _checked(connection, result)
    if result.status == ExecStatus.COMMAND_OK:
        return Answer([], result.command_tuples or 0)
    reader = connection.raw_reader if statement.is_raw else connection.reader
    reader.set_pgresult(result, format=Format.BINARY)
    rows = list(reader.load_rows(0, result.ntuples, tuple))
    return Answer(rows, len(rows))


def _checked(connection: Connection, result: Any) -> None:
    if connection.pgconn.status == ConnStatus.BAD:
        message = "the connection is lost"
        raise OperationalError(message)
    if result.status not in _WELL:
        raise error_from_result(result)
