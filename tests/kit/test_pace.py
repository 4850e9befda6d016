"""Short reads stay on the event loop, long ones leave it, and SQLite is stopped in the middle."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import Integer, column, func, literal, select, text
from sqlalchemy.exc import DBAPIError

from app.kit import pace
from app.kit.aside import stepping
from app.kit.db import Database
from app.kit.pace import IN_THREADS, Pace, TooLong, stopped
from app.kit.prepared import Prepared

ENDLESS = text(
    "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) SELECT max(k) FROM n"
)
SHORT = text("WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n LIMIT 500) SELECT 1")

Where = tuple[bool, int]
"""Whether a read had to be brief, and the thread it ran in."""


def _where(is_brief: bool) -> Where:  # noqa: FBT001  (as ``Pace`` calls it)
    return is_brief, threading.get_ident()


def _long(is_brief: bool) -> Where:  # noqa: FBT001
    until = time.thread_time() + 2 * pace.SHORT_SECONDS
    while time.thread_time() < until:
        pass
    return _where(is_brief)


def _read(reads: Pace, *works: Callable[[bool], Where], key: str = "a") -> list[Where]:
    async def each() -> list[Where]:
        return [await reads.read(key, work) for work in works]

    return asyncio.run(each())


def _here(found: Where) -> bool:
    is_brief, thread = found
    assert is_brief == (thread == threading.get_ident())  # only who stands in the way is stopped
    return is_brief


def test_a_read_comes_to_the_loop_after_a_short_one() -> None:
    reads = Pace()
    assert [_here(each) for each in _read(reads, _where, _where, _where)] == [False, True, True]
    assert not reads.is_short("b")


def test_after_a_long_one_many_go_to_a_thread() -> None:
    reads = Pace()
    found = _read(reads, _where, _long, *[_where] * (IN_THREADS + 1))
    assert [_here(each) for each in found[:3]] == [False, True, False]
    assert [_here(each) for each in found[2:]].index(True) == IN_THREADS - 1


def test_a_long_first_one_keeps_the_next_away() -> None:
    assert [_here(each) for each in _read(Pace(), _long, _where)] == [False, False]


def test_where_no_connection_is_free_all_go_to_a_thread() -> None:
    reads = Pace(has_room=lambda: False)
    assert not any(_here(each) for each in _read(reads, *[_where] * 4))
    assert reads.is_short("a")


def test_a_read_that_steps_aside_is_not_long_by_what_others_do_meanwhile() -> None:
    here, there = socket.socketpair()

    def waits(is_brief: bool) -> Where:  # noqa: FBT001
        aside = stepping()
        if aside is not None:
            aside.until_readable(here.fileno())
        return _where(is_brief)

    async def both() -> list[Where]:
        reads = Pace(has_room=lambda: True)
        found = [await reads.read("a", waits)]
        second = asyncio.create_task(reads.read("a", waits))
        await asyncio.sleep(0)
        _long(is_brief=False)
        there.send(b".")
        found.append(await second)
        return [*found, await reads.read("a", waits)]

    with here, there:
        assert [_here(each) for each in asyncio.run(both())] == [False, True, True]


def test_what_was_stopped_is_read_again_in_a_thread() -> None:
    def stops(is_brief: bool) -> Where:  # noqa: FBT001
        if is_brief:
            raise TooLong
        return _where(is_brief)

    reads = Pace()
    found = _read(reads, _where, stops, _where)
    assert [_here(each) for each in found] == [False, False, False]


def test_an_error_of_the_read_comes_out() -> None:
    def fails(_is_brief: bool) -> Where:  # noqa: FBT001
        raise LookupError

    reads = Pace()
    _read(reads, _where)
    with pytest.raises(LookupError):
        _read(reads, fails)
    with pytest.raises(LookupError):
        _read(Pace(), fails)


def test_few_keys_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_KEYS", 3)
    reads = Pace()
    for key in "abcd":
        _read(reads, _where, key=key)
    assert [reads.is_short(key) for key in "abcd"] == [False, False, False, True]


@pytest.fixture
def sqlite(database: Database) -> Database:
    if not database.is_sqlite:
        pytest.skip("only SQLite asks after its own steps whether to go on")
    return database


def test_sqlite_is_stopped_and_goes_on_after_it(sqlite: Database) -> None:
    with sqlite.looks() as session:
        with pytest.raises(TooLong), stopped(session):
            session.execute(ENDLESS)
        assert session.scalar(text("SELECT 1")) == 1


def test_what_is_short_is_never_stopped_however_often_it_comes(sqlite: Database) -> None:
    # A statement that is kept goes on counting its steps where it ended the last time.
    times = 2 * pace.STEPS * pace.TIMES // 5_000
    with sqlite.looks() as session:
        for _ in range(times):
            with stopped(session):
                session.execute(SHORT).all()


def test_who_reads_after_it_may_take_long(sqlite: Database) -> None:
    with sqlite.looks() as session:
        with stopped(session):
            session.execute(SHORT).all()
        long = str(ENDLESS).replace(" FROM n)", f" FROM n LIMIT {pace.STEPS * pace.TIMES})")
        assert session.scalar(text(long)) == pace.STEPS * pace.TIMES


def test_what_is_asked_on_a_lent_connection_is_stopped_too(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    if not database.is_sqlite:
        pytest.skip("only SQLite asks after its own steps whether to go on")
    k = column("k", Integer())
    n = select(literal(1).label("k")).cte("n", recursive=True)
    endless = Prepared(
        select(func.max(k).label("most")).select_from(n.union_all(select(n.c.k + 1)))
    )
    with database.looks() as session, pytest.raises(TooLong), stopped(session):
        endless.rows(session, {})
    short = Prepared(select(literal(1).label("one")))
    with database.looks() as session:
        with stopped(session):
            assert short.rows(session, {}) == [(1,)]
        session.execute(SHORT)
        with pytest.raises(TooLong), stopped(session):
            endless.rows(session, {})


def test_another_error_is_not_taken_for_a_stop(sqlite: Database) -> None:
    with (
        sqlite.looks() as session,
        pytest.raises(DBAPIError, match="no such table"),
        stopped(session),
    ):
        session.execute(text("SELECT 1 FROM nowhere"))
