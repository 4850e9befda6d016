"""Writers that wait for each other share a commit on SQLite, and nothing else."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from app.kit import chain, chain_walk, writers
from app.kit.db import Database
from app.kit.errors import Unavailable
from app.kit.events import EventRow
from tests.kit.test_database import happen, own
from tests.people import Organised

__all__ = ["own"]  # the fixture

Own = tuple[Database, Organised]
PATIENCE = 20


@pytest.fixture(autouse=True)
def sqlite_only(own: Own) -> None:
    if not own[0].is_sqlite:
        pytest.skip("PostgreSQL has many writers at once and no queue")


@pytest.fixture
def commits(own: Own, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many units each commit was of."""
    counted: list[int] = []
    end = writers._Group.end

    def counting(group: writers._Group) -> None:
        counted.append(group.units)
        end(group)

    monkeypatch.setattr(writers._Group, "end", counting)
    monkeypatch.setattr(writers, "LONGEST_SECONDS", PATIENCE)
    return counted


@contextmanager
def queued(database: Database, *calls: Callable[[], Any]) -> Iterator[list[Future[Any]]]:
    """The calls wait in line, in this order, behind a unit that ends as the block begins.

    Gives their futures, and last that of the unit they waited behind.
    """
    queue = database._queue
    assert queue is not None
    goes_on, is_in = threading.Event(), threading.Event()

    def lead() -> None:
        with database.write() as session:
            session.execute(text("SELECT 1"))
            is_in.set()
            assert goes_on.wait(PATIENCE)

    with ThreadPoolExecutor(len(calls) + 1) as pool:
        leader = pool.submit(lead)
        assert is_in.wait(PATIENCE)
        waiting = []
        for number, call in enumerate(calls, 1):
            waiting.append(pool.submit(call))
            until = time.monotonic() + PATIENCE
            while len(queue._queue) < number:
                assert time.monotonic() < until
                time.sleep(0.001)
        goes_on.set()
        yield [*waiting, leader]


def events(database: Database) -> int:
    with database.read() as session:
        return len(session.scalars(select(EventRow.id)).all())


def test_writers_that_wait_are_answered_after_one_commit(own: Own, commits: list[int]) -> None:
    database, org = own
    with queued(database, *[lambda: happen(database, org.org_id)] * 6) as waiting:
        assert [each.result(PATIENCE) for each in waiting] == [None] * 7
    assert commits == [7]
    assert events(database) == 6
    with database.read() as session:
        assert isinstance(
            chain_walk.verify(session, org.org_id, {"event": EventRow.metadata.tables["event"]}),
            chain.ChainHead,
        )


def test_one_that_fails_takes_nothing_of_the_others_with_it(own: Own, commits: list[int]) -> None:
    database, org = own

    def fail() -> None:
        with database.write() as session:
            session.execute(text("DELETE FROM chain_head"))
            message = "no"
            raise ValueError(message)

    good = [lambda: happen(database, org.org_id)] * 2
    with queued(database, good[0], fail, good[1]) as waiting:
        assert isinstance(waiting[1].exception(PATIENCE), ValueError)
        assert [waiting[0].result(PATIENCE), waiting[2].result(PATIENCE)] == [None, None]
    assert commits == [4]
    assert events(database) == 2


def test_nobody_is_answered_before_the_commit(own: Own, commits: list[int]) -> None:
    database, org = own
    holds, seen = threading.Event(), threading.Event()

    def hold() -> None:
        with database.write() as session:
            session.execute(text("SELECT 1"))
            seen.set()
            assert holds.wait(PATIENCE)

    with queued(database, lambda: happen(database, org.org_id), hold) as waiting:
        assert seen.wait(PATIENCE)
        assert not waiting[0].done()
        assert events(database) == 0
        holds.set()
        assert waiting[0].result(PATIENCE) is None
    assert events(database) == 1
    assert commits == [3]


def test_a_long_one_keeps_nobody_waiting_for_its_commit(own: Own, commits: list[int]) -> None:
    database, org = own

    def long() -> None:
        with database.write(is_long=True) as session:
            session.execute(text("SELECT 1"))

    short = [lambda: happen(database, org.org_id)] * 2
    with queued(database, short[0], long, short[1]) as waiting:
        assert [each.result(PATIENCE) for each in waiting] == [None] * 4
    assert commits == [2, 1, 1]


def test_all_hear_of_a_commit_that_fails_and_nothing_is_stored(
    own: Own, commits: list[int]
) -> None:
    database, org = own

    def defer() -> None:
        """A key that points to nothing, and that only the commit looks at."""
        with database.write() as session:
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
            session.execute(text("UPDATE chain_head SET org_id = 'x'"))

    with queued(database, lambda: happen(database, org.org_id), defer) as waiting:
        for each in waiting:
            assert isinstance(each.exception(PATIENCE), OperationalError)
    assert events(database) == 0
    happen(database, org.org_id)
    assert events(database) == 1


def test_a_full_disk_in_the_middle_is_told_to_all_it_takes_with_it(
    own: Own, commits: list[int]
) -> None:
    database, org = own

    def fill() -> None:
        with database.write() as session:
            session.execute(text("SELECT 1"))
            # As SQLite does by itself when there is no room: the whole transaction is gone.
            driver: Any = session.connection().connection.dbapi_connection
            driver.execute("ROLLBACK")
            raise OperationalError("INSERT", None, Exception("database or disk is full"))

    first, last = [lambda: happen(database, org.org_id)] * 2
    with queued(database, first, fill, last) as waiting:
        taken = waiting[0], waiting[1], waiting[3]
        for each in taken:
            assert isinstance(each.exception(PATIENCE), OperationalError)
        assert waiting[2].result(PATIENCE) is None
    assert events(database) == 1


def test_a_queue_that_does_not_move_says_so(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    database, org = own
    monkeypatch.setattr(writers, "LOCK_WAIT_SECONDS", 0.05)
    with ThreadPoolExecutor(1) as pool, database.write() as session:
        session.execute(text("SELECT 1"))
        waiting = pool.submit(happen, database, org.org_id)
        assert isinstance(waiting.exception(PATIENCE), Unavailable)
    happen(database, org.org_id)
    assert events(database) == 1


def test_who_loses_patience_during_the_commit_before_keeps_its_turn(
    own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, org = own
    monkeypatch.setattr(writers, "LOCK_WAIT_SECONDS", 0.2)
    end, slow = writers._Group.end, threading.Event()

    def slowly(group: writers._Group) -> None:
        if not slow.is_set():
            slow.set()
            time.sleep(0.6)  # a commit that outlasts the patience of the next in line
        end(group)

    monkeypatch.setattr(writers._Group, "end", slowly)

    def fail() -> None:
        with database.write() as session:
            session.execute(text("DELETE FROM chain_head"))
            message = "no"
            raise ValueError(message)

    with ThreadPoolExecutor(2) as pool:
        with database.write(is_long=True) as session:
            session.execute(text("SELECT 1"))
            failing = pool.submit(fail)
            while not database._queue._queue:  # type: ignore[union-attr]
                time.sleep(0.001)
        assert isinstance(failing.exception(PATIENCE), ValueError)
    happen(database, org.org_id)
    assert events(database) == 1


def test_a_unit_that_goes_on_after_all_was_taken_back_is_told_to_the_others(
    own: Own, commits: list[int]
) -> None:
    database, org = own

    def go_on() -> None:
        with database.write() as session:
            driver: Any = session.connection().connection.dbapi_connection
            driver.execute("ROLLBACK")

    with queued(database, lambda: happen(database, org.org_id), go_on) as waiting:
        for each in waiting:
            assert isinstance(each.exception(PATIENCE), OperationalError)
    assert events(database) == 0
    happen(database, org.org_id)
    assert events(database) == 1
