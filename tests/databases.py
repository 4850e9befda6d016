"""Databases of the tests: one migrated database a run, each test rolled back; or one of its own.

``OMLOP_TEST_DATABASE_URL`` chooses PostgreSQL; without it everything runs on SQLite.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from app import wiring
from app.kit.clock import MovedClock
from app.kit.db import Database, make_engine
from app.kit.prepared import LENT, Prepared
from app.kit.work import Work
from app.schema import migrate

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SERVER_URL = os.environ.get("OMLOP_TEST_DATABASE_URL", "")


class RolledBackDatabase(Database):
    """The program's own ``read`` and ``write``, inside one transaction that the test rolls back."""

    def __init__(self, url: str, connection: Connection, clock: MovedClock) -> None:
        super().__init__(url, subscribers=wiring.SUBSCRIBERS, clock=clock, given=wiring.GIVEN)
        self._connection = connection
        self._one_at_a_time = threading.RLock()
        self.woken: list[tuple[str, Any]] = []
        self.enqueue = lambda job, row_id: self.woken.append((job, row_id))

    def _session(self, engine: Any, info: dict[str, Any]) -> Session:  # noqa: ARG002
        return Session(
            self._connection,
            expire_on_commit=False,
            info=info,
            join_transaction_mode="create_savepoint",
        )

    def glance(self, statement: Prepared, values: Mapping[str, Any]) -> list[Any]:
        with self.read() as session:
            return statement.rows(session, values)

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._one_at_a_time, super().read() as session:
            yield session

    @contextmanager
    def looks(self) -> Iterator[Session]:
        with self._one_at_a_time, super().looks() as session:
            del session.info[LENT]  # a connection of its own would not see what the test wrote
            yield session

    def has_room(self) -> bool:
        """All share one connection: nobody may step aside in the middle of using it."""
        return False

    @contextmanager
    def write(self, *, is_long: bool = False) -> Iterator[Session]:
        with self._one_at_a_time, super().write(is_long=is_long) as session:
            yield session


def new_url(folder: Path, *, copy_of: str = "") -> str:
    """A database of its own on the server in use: empty, or as another is while nobody uses it."""
    if not SERVER_URL:
        path = folder / f"{uuid4().hex}.db"
        if copy_of:
            shutil.copyfile(copy_of.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"
    name = f"omlop_{uuid4().hex[:12]}"
    template = f" TEMPLATE {copy_of.rsplit('/', 1)[1]}" if copy_of else ""
    server = make_engine(SERVER_URL, readers=False)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}{template}"))
    server.dispose()
    return SERVER_URL.rsplit("/", 1)[0] + "/" + name


@pytest.fixture(scope="session")
def model_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database that nobody uses, to be copied: a copy takes a tenth of migrating anew."""
    url = new_url(tmp_path_factory.mktemp("database"))
    migrate(url)
    return url


@pytest.fixture(scope="session")
def migrated_url(model_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One migrated database for all tests that are rolled back."""
    return new_url(tmp_path_factory.mktemp("database"), copy_of=model_url)


@pytest.fixture(scope="session")
def _connection(migrated_url: str) -> Iterator[Connection]:
    engine = make_engine(migrated_url, readers=False)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def clock() -> MovedClock:
    """Stands at 2 March 2026, 09:00 UTC, until the test moves it."""
    return MovedClock(START)


@pytest.fixture
def database(
    migrated_url: str, _connection: Connection, clock: MovedClock
) -> Iterator[RolledBackDatabase]:
    """What handlers, services and jobs get; everything in it is gone after the test."""
    outer = _connection.begin()
    database = RolledBackDatabase(migrated_url, _connection, clock)
    yield database
    outer.rollback()
    database.close()


@pytest.fixture
def session(database: RolledBackDatabase) -> Iterator[Session]:
    """A session to arrange with and to look through: as in a ``write`` block, never committed."""
    work = Work(wiring.SUBSCRIBERS)
    info = {**wiring.GIVEN, "work": work, "clock": database.clock}
    with database._session(None, info) as session, session.begin():
        yield session
        if session.is_active:
            work.end(session)


@pytest.fixture
def new_database(
    model_url: str, tmp_path: Path, clock: MovedClock
) -> Iterator[Callable[[], Database]]:
    """Makes databases of their own, for races, crashes and the read-only rule."""
    made: list[Database] = []

    def make() -> Database:
        url = new_url(tmp_path, copy_of=model_url)
        made.append(Database(url, subscribers=wiring.SUBSCRIBERS, clock=clock, given=wiring.GIVEN))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def module_database(
    model_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[MovedClock], Database]]:
    """As ``new_database``, kept for all tests of a file that only look."""
    made: list[Database] = []

    def make(clock: MovedClock) -> Database:
        url = new_url(tmp_path_factory.mktemp("database"), copy_of=model_url)
        made.append(Database(url, subscribers=wiring.SUBSCRIBERS, clock=clock, given=wiring.GIVEN))
        return made[-1]

    yield make
    for each in made:
        each.close()
