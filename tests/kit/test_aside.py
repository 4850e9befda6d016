"""Work that steps aside on the event loop: others go on, and nothing of it is lost."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Float, Integer, bindparam, cast, func, select
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Organisation
from app.kit.aside import Aside, stepping
from app.kit.db import Database
from app.kit.prepared import Prepared, together
from tests.people import organised

READER: ContextVar[str] = ContextVar("READER", default="nobody")
SLEEPS = Prepared(select(func.pg_sleep(bindparam("seconds", type_=Float())).label("slept")))
LOOKS = Prepared(select(Organisation.id).where(Organisation.name == bindparam("name")))
FAILS = Prepared(select(cast(Organisation.name, Integer).label("number")))


def _wait(here: socket.socket) -> str:
    aside = stepping()
    assert aside is not None
    aside.until_readable(here.fileno())
    return here.recv(10).decode()


def test_others_go_on_and_each_has_its_own_answer_and_context() -> None:
    pairs = [socket.socketpair() for _ in range(3)]

    async def ask(number: int) -> tuple[str, str, str]:
        READER.set(f"reader {number}")

        def work() -> tuple[str, str, str]:
            before = READER.get()
            answer = _wait(pairs[number][0])
            return before, answer, READER.get()

        found: tuple[str, str, str] = await Aside(work).done()
        return found

    async def all_of_them() -> list[tuple[str, str, str]]:
        asked = [asyncio.create_task(ask(number)) for number in range(3)]
        for number in (2, 0, 1):
            await asyncio.sleep(0)
            pairs[number][1].send(b"%d" % number)
        return await asyncio.gather(*asked)

    assert asyncio.run(all_of_them()) == [
        (f"reader {number}", str(number), f"reader {number}") for number in range(3)
    ]
    assert READER.get() == "nobody"
    for pair in pairs:
        for end in pair:
            end.close()


def test_an_error_of_the_work_comes_out_before_and_after_it_stepped_aside() -> None:
    here, there = socket.socketpair()

    def fails(*, waits: bool) -> None:
        if waits:
            _wait(here)
        raise LookupError

    async def one(*, waits: bool) -> None:
        there.send(b".")
        await Aside(lambda: fails(waits=waits)).done()

    with here, there:
        for waits in (False, True):
            with pytest.raises(LookupError):
                asyncio.run(one(waits=waits))


def test_what_is_cancelled_is_brought_to_its_end_first() -> None:
    here, there = socket.socketpair()
    ended: list[str] = []

    def work() -> None:
        try:
            ended.append(_wait(here))
            ended.append(_wait(here))
        finally:
            ended.append("closed")

    async def main() -> None:
        task = asyncio.create_task(Aside(work).done())
        await asyncio.sleep(0.01)
        there.send(b"1")
        task.cancel()
        threading.Timer(0.05, there.send, [b"2"]).start()
        with pytest.raises(asyncio.CancelledError):
            await task

    with here, there:
        asyncio.run(main())
    assert ended == ["1", "2", "closed"]


def test_what_others_need_meanwhile_is_not_its_own_time() -> None:
    here, there = socket.socketpair()

    async def main() -> float:
        aside = Aside(lambda: _wait(here))
        task = asyncio.create_task(aside.done())
        await asyncio.sleep(0)
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        there.send(b".")
        await task
        return aside.away_seconds

    with here, there:
        assert asyncio.run(main()) >= 0.05
    assert stepping() is None


@pytest.fixture
def postgres(new_database: Callable[[], Database]) -> Database:
    database = new_database()
    if database.is_sqlite:
        pytest.skip("SQLite answers within the process: there is nothing to wait for")
    return database


def _asked(database: Database, *asked: tuple[Prepared, dict[str, Any]]) -> list[list[Any]]:
    with database.looks() as session:
        return together(session, asked)


def test_the_loop_goes_on_while_postgresql_answers(postgres: Database) -> None:
    half = (SLEEPS, {"seconds": 0.5})

    async def main() -> tuple[int, list[Any]]:
        beats = 0
        asked = [
            asyncio.ensure_future(Aside(lambda: _asked(postgres, half)).done()),
            asyncio.ensure_future(Aside(lambda: _asked(postgres, half, half)).done()),
        ]
        while not all(each.done() for each in asked):
            beats += 1
            await asyncio.sleep(0.01)
        return beats, [each.result() for each in asked]

    beats, found = asyncio.run(main())
    assert beats > 20
    assert [len(each) for each in found] == [1, 2]


def test_an_error_of_postgresql_comes_out_and_the_connection_works_on(postgres: Database) -> None:
    known, fails = (LOOKS, {"name": "?"}), (FAILS, dict[str, Any]())
    with postgres.write() as session:
        organised(session, postgres.clock)

    async def main() -> None:
        for asked in ([fails], [known, fails, known]):
            with pytest.raises(DBAPIError):
                await Aside(partial(_asked, postgres, *asked)).done()
            assert await Aside(lambda: _asked(postgres, known, known)).done() == [[], []]

    asyncio.run(main())
