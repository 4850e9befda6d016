"""Two blocks, ``with db.read()`` and ``with db.write()``; nothing else opens or commits a session.

SQL that only one database understands stands here, in ``kit/bulk.py``, ``kit/walking.py``,
``kit/spelling.py``, ``kit/chain_child.py``, ``items/search.py`` and ``migrations/``.
"""

import importlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, cast
from uuid import UUID

import structlog
from pydantic_core import from_json, to_json
from sqlalchemy import URL, CursorResult, Engine, Result, create_engine, event, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from app.kit import libpq, lost
from app.kit.clock import Clock
from app.kit.hints import Hinting
from app.kit.pace import watched
from app.kit.prepared import (
    ALONE,
    LENT,
    Ask,
    Prepared,
    on_driver,
    rows_on,
    said_as_sqlalchemy,
    send_waiting,
)
from app.kit.work import Subscribers, Work
from app.kit.writers import LOCK_WAIT_SECONDS, Writers, sharing

log = structlog.get_logger()

try:  # no wheel on Linux arm64: the linked library is used there, and its version decides
    _sqlite: Any = importlib.import_module("pysqlite3")
except ImportError:
    _sqlite = sqlite3

STATEMENT_TIMEOUT_MS = 15_000
CACHE_KB, LONG_CACHE_KB = 16_000, 64_000
"""Pages of SQLite that a connection keeps in memory; and while a long unit of work is written."""
REMEMBERED = "remembered"
MOST_REMEMBERED = 50_000
"""Keys under one name; beyond them a process forgets and learns anew."""

# The driver's road for JSON: a quarter of the standard library's time, on both databases.
_JSON: dict[str, Any] = {
    "json_serializer": lambda value: to_json(value, inf_nan_mode="constants").decode(),
    "json_deserializer": from_json,
}

Enqueue = Callable[[str, UUID], None]


class WriteInWrite(RuntimeError):  # noqa: N818  (named by the fact)
    """A unit of work was opened inside another: a mistake in our code, never the user's."""


def safe_for_wal(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (sqlite.org/wal.html#walresetbug)."""
    mended: dict[tuple[int, ...], tuple[int, ...]] = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
    return version >= mended.get(version[:2], (3, 51, 3))


def sqlite_version() -> tuple[int, ...]:
    """Version of the SQLite that is linked, which is what counts, not the package's."""
    return tuple(int(part) for part in _sqlite.sqlite_version.split("."))


def _sqlite_engine(url: URL, *, readers: bool, writers: Writers | None = None) -> Engine:
    shared = {} if writers is None else {"factory": sharing(_sqlite)}
    engine = create_engine(
        url,
        module=_sqlite,
        poolclass=QueuePool,
        pool_size=44 if readers else 2,
        max_overflow=0,
        pool_timeout=LOCK_WAIT_SECONDS,
        pool_use_lifo=True,
        # A connection that is given back may hold what others have done and not yet committed.
        pool_reset_on_return=None if writers is not None else "rollback",
        connect_args={"check_same_thread": False, "cached_statements": 512, **shared},
        **_JSON,
    )
    engine.dialect.statement_compiler = Hinting

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # BEGIN is written below; savepoints then work
        for pragma in (
            f"busy_timeout={LOCK_WAIT_SECONDS * 1000}",
            f"journal_mode={'WAL' if safe_for_wal(sqlite_version()) else 'DELETE'}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # REPLACE deletes the old row, and must meet its triggers
            "trusted_schema=OFF",
            f"cache_size=-{CACHE_KB}",
            # 16 MB and not 4: pages that are changed again and again are written back once.
            "wal_autocheckpoint=4000",
            f"query_only={'ON' if readers else 'OFF'}",
        ):
            dbapi.execute("PRAGMA " + pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if writers is not None:
            on_driver(connection, "BEGIN IMMEDIATE", (), writers.begin_on)
        elif not readers:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif not connection.get_execution_options().get(ALONE):
            # No lock is asked for, so nothing can go wrong; the session's road is longer.
            connection.connection.dbapi_connection.execute("BEGIN")

    return engine


def _postgres_engine(url: URL, *, readers: bool) -> Engine:
    settings = {
        "statement_timeout": STATEMENT_TIMEOUT_MS,
        "lock_timeout": 3000,
        "timezone": "UTC",
        "default_transaction_isolation": r"repeatable\ read" if readers else r"read\ committed",
        "default_transaction_read_only": "on" if readers else "off",
    }
    engine = create_engine(
        url,
        pool_size=20,
        max_overflow=0,
        pool_timeout=LOCK_WAIT_SECONDS,
        pool_pre_ping=False,
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "autocommit": readers,
        },
        **_JSON,
    )
    lost.watch(engine)

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, given: Any, named: Any) -> Any:
        return libpq.Connection.connect(*given, **named)

    if readers:

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            # Written here as on SQLite: a glance is then one round trip, and not three.
            if not connection.get_execution_options().get(ALONE):
                connection.exec_driver_sql("BEGIN")

    else:

        @event.listens_for(engine, "rollback_savepoint")
        def _forget_waiting(connection: Any, _name: str, _context: None) -> None:
            if not connection.invalidated:  # a lost connection has taken with it what waited
                connection.connection.dbapi_connection.waiting.clear()

    return engine


def make_engine(url: str, *, readers: bool, writers: Writers | None = None) -> Engine:
    """An engine with the hooks of its database; migrations use the writers' one too.

    ``writers`` is the queue whose members share their commits, on SQLite.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, readers=readers, writers=writers)
    return _postgres_engine(parsed, readers=readers)


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        send_waiting(session)  # a savepoint ends with the errors of what was written in it


class Database:
    """The database of one process: readers, writers and, on SQLite, the writers' queue."""

    def __init__(
        self,
        url: str,
        *,
        subscribers: Subscribers | None = None,
        clock: Clock | None = None,
        enqueue: Enqueue | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        """``given`` is what the composition root gives to every session, in its ``info``."""
        self.url = url
        self._given = {REMEMBERED: {}, **(given or {})}
        self.clock = clock or Clock()
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._readers = make_engine(url, readers=True)
        self._lookers = self._readers.execution_options(**{ALONE: True})
        self._queue = Writers() if self.is_sqlite else None
        self._writers = make_engine(url, readers=False, writers=self._queue)
        self._in_hand: deque[PoolProxiedConnection] = deque()
        self._at_rest: deque[Session] = deque()
        self._subscribers: Subscribers = subscribers or {}
        self.enqueue = enqueue
        self._writing = threading.local()
        if self.is_sqlite and not safe_for_wal(sqlite_version()):
            log.warning("sqlite_without_wal", version=_sqlite.sqlite_version)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot that nothing can be written through."""
        info = {**self._given, "clock": self.clock}
        with self._session(self._readers, info) as session, session.begin():
            yield session

    @contextmanager
    def looks(self) -> Iterator[Session]:
        """As ``read``, without one snapshot for all: each statement stands alone.

        On PostgreSQL it saves two round trips. For hot pages whose parts need not be of the same
        moment; what is counted or compared is read in a ``read`` block. It takes no connection
        before something is asked.
        """
        try:
            session = self._at_rest.pop()
        except IndexError:
            session = self._session(self._lookers, {})
        session.info.update(self._given, clock=self.clock, **{LENT: self._asked_alone})
        try:
            yield session
        finally:
            if session.in_transaction():  # its beginning and its end are most of what it costs
                session.close()
            session.info.clear()
            self._at_rest.append(session)

    def glance(self, statement: Prepared, values: Mapping[str, Any]) -> list[Any]:
        """The rows of one statement that needs no snapshot with others, and so no transaction.

        A fifth of a ``read`` block with one, and on PostgreSQL one round trip instead of three: for
        sign-in, label lookup and the piece's page.
        """
        with self._one_lent() as pooled:
            return rows_on(pooled, self._readers.dialect, [(statement, values)])[0]

    def _asked_alone(self, session: Session, asked: Sequence[Ask]) -> list[list[Any]]:
        """What a ``looks`` block asks by prepared statements, so that its session need not begin."""
        with self._one_lent() as pooled, watched(session, pooled.dbapi_connection):
            return rows_on(pooled, self._readers.dialect, asked)

    @contextmanager
    def _one_lent(self) -> Iterator[PoolProxiedConnection]:
        pooled = self._lent()
        try:
            yield pooled
        finally:
            # One stays in hand: the pool's own way there and back costs more than a short answer.
            if self._in_hand or not pooled.is_valid:
                pooled.close()
            else:
                self._in_hand.append(pooled)

    def _lent(self) -> PoolProxiedConnection:
        """A reader's connection: the one in hand, else the pool's."""
        with suppress(IndexError):
            pooled = self._in_hand.pop()
            if not lost.is_lost(pooled.info):
                return pooled
            pooled.invalidate()
        with said_as_sqlalchemy(self._readers.dialect):
            return self._readers.raw_connection()

    @contextmanager
    def write(self, *, is_long: bool = False) -> Iterator[Session]:
        """One unit of work: commits when the block ends, leaves nothing behind when it raises.

        Short units that wait for each other share a commit on SQLite (``kit/writers.py``); one that
        ``is_long`` keeps nobody else's waiting. Raises ``Unavailable`` when the turn does not come
        for 5 seconds.
        """
        if getattr(self._writing, "on", False):
            raise WriteInWrite
        work = Work(self._subscribers)
        with self._own_turn(is_long=is_long):
            info = {**self._given, "work": work, "clock": self.clock}
            with (
                self._session(self._writers, info) as session,
                session.begin(),
                self._room(session) if is_long else nullcontext(),
            ):
                yield session
                work.end(session)
        for known, new in work.stored:
            if len(known) > MOST_REMEMBERED:
                known.clear()
            known.update(new)
        if self.enqueue is not None:
            for job, row_id in work.after_commit:
                self.enqueue(job, row_id)  # a lost call is found again by the sweep

    @contextmanager
    def _own_turn(self, *, is_long: bool) -> Iterator[None]:
        self._writing.on = True
        try:
            if self._queue is None:
                yield
            else:
                with self._queue.turn(is_alone=is_long):
                    yield
        finally:
            self._writing.on = False

    @contextmanager
    def _room(self, session: Session) -> Iterator[None]:
        """Memory for all pages that a long unit changes: else many are written more than once.

        They are let go with the commit, when the connection has its usual share again.
        """
        if not self.is_sqlite:
            yield
            return
        driver: Any = session.connection().connection.dbapi_connection
        driver.execute(f"PRAGMA cache_size=-{LONG_CACHE_KB}")
        try:
            yield
        finally:
            driver.execute(f"PRAGMA cache_size=-{CACHE_KB}")

    def _session(self, engine: Engine, info: dict[str, Any]) -> Session:
        return Session(engine, expire_on_commit=False, info=info)

    def has_room(self) -> bool:
        """Whether a reader's connection is free, so that who asks for one does not wait."""
        pool = cast("QueuePool", self._readers.pool)
        return pool.checkedout() < pool.size()

    def close(self) -> None:
        while self._in_hand:
            self._in_hand.pop().close()
        self._readers.dispose()
        self._writers.dispose()


def after_commit(session: Session, job: str, row_id: UUID) -> None:
    """Wakes ``job`` for a row when the unit of work is committed, and not if it is not."""
    session.info["work"].after_commit.append((job, row_id))


def known_stored(session: Session, name: str) -> set[Any]:
    """Keys of rows that are only ever added, and that this process knows to be in the database."""
    remembered: dict[str, set[Any]] = session.info.get(REMEMBERED, {})
    return remembered.setdefault(name, set())


def remember_stored(session: Session, name: str, keys: Iterable[Any]) -> None:
    """The keys of rows written now: they are known to be stored once the unit is committed."""
    session.info["work"].stored.append((known_stored(session, name), keys))


@contextmanager
def tried(session: Session, *, is_kept: bool = True) -> Iterator[None]:
    """A part of a unit of work that may fail alone, or that is only a trial.

    What it had to seal and to wake goes with it: a savepoint by itself would leave that behind.
    """
    work: Work = session.info["work"]
    marks = work.marks()
    part = session.begin_nested()
    is_done = False
    try:
        yield
        if is_kept:
            send_waiting(session)
        is_done = is_kept
    finally:
        if is_done:
            part.commit()
        else:
            part.rollback()
            work.back_to(marks)


def clock_of(session: Session) -> Clock:
    clock: Clock = session.info["clock"]
    return clock


def changed_rows(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE met: the proof that its condition held."""
    return cast("CursorResult[Any]", result).rowcount
