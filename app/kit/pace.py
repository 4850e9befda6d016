"""Which reads are short enough to be made on the event loop, and what ends one that is not.

A thread for a read costs a fifth of a short search: two threads hand the interpreter to each other at
every row that SQLite gives, and at each answer of PostgreSQL. On the loop nothing may take long, for
everybody waits meanwhile. So a read comes there only after one like it was short. SQLite is stopped
after a number of its own steps: what was stopped is read again in a thread. While PostgreSQL answers,
the loop goes on with others (``kit/aside.py``), so it need not be stopped.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kit.aside import Aside
from app.kit.prepared import connection_of

SHORT_SECONDS = 0.01
STEPS, TIMES = 15_000, 10
"""SQLite asks after so many steps of its machine whether to go on, and may so many times: 3 to 6 ms,
six times what a search of 20,000 pieces takes. It counts on where a statement ended the last time."""
IN_THREADS = 50
"""Reads that go to a thread after a long one, before the loop is tried again."""
MOST_KEYS = 10_000

Given = TypeVar("Given")


class TooLong(Exception):  # noqa: N818  (named by the fact)
    """The read was stopped: it is none for the event loop."""


class Pace:
    """How long reads took lately, by what they are alike in, such as whose market is searched.

    ``turns`` limits the threads that read at once. ``has_room`` says on PostgreSQL whether a
    connection is free: to wait for one would hold up the loop, and who has it may wait for the loop.
    Called on the event loop alone.
    """

    def __init__(
        self,
        *,
        turns: CapacityLimiter | None = None,
        has_room: Callable[[], bool] | None = None,
    ) -> None:
        self._turns = turns
        self._has_room = has_room
        self._left: dict[Hashable, int] = {}

    def is_short(self, key: Hashable) -> bool:
        """Whether the last reads of this kind were short."""
        return self._left.get(key) == 0

    async def read(self, key: Hashable, work: Callable[[bool], Given]) -> Given:
        """What ``work`` gives. It is told whether it is to be ``brief``, and may then be stopped."""
        if self.is_short(key) and (self._has_room is None or self._has_room()):
            try:
                given, seconds = await self._read_here(work)
            except TooLong:
                self._left[key] = IN_THREADS
            else:
                self._note(key, seconds)
                return given
        in_thread = partial(_timed, work, is_brief=False)
        given, seconds = await to_thread.run_sync(in_thread, limiter=self._turns)
        self._note(key, seconds)
        return given

    async def _read_here(self, work: Callable[[bool], Given]) -> tuple[Given, float]:
        if self._has_room is None:
            return _timed(work, is_brief=True)
        aside = Aside(partial(_timed, work, is_brief=True))
        given, seconds = await aside.done()
        return given, seconds - aside.away_seconds

    def _note(self, key: Hashable, seconds: float) -> None:
        left = IN_THREADS if seconds > SHORT_SECONDS else self._left.get(key, 1)
        if len(self._left) >= MOST_KEYS:
            self._left.clear()
        self._left[key] = max(left - 1, 0)


def _timed(work: Callable[[bool], Given], *, is_brief: bool) -> tuple[Given, float]:
    """With the time that this thread needed: the wait for others says nothing of the read."""
    before = time.thread_time()
    given = work(is_brief)
    return given, time.thread_time() - before


_STOP = "stop"


@contextmanager
def stopped(session: Session) -> Iterator[None]:
    """Ends SQLite's reading in this block with ``TooLong`` when it has gone on for too many steps."""
    stop = session.info[_STOP] = _Stop()
    try:
        if session.in_transaction():
            stop.set_on(connection_of(session).connection.dbapi_connection)
        yield
    except DBAPIError as error:
        if not stop.is_over:
            raise
        raise TooLong from error
    finally:
        del session.info[_STOP]
        stop.forget()


@contextmanager
def watched(session: Session, driver: Any) -> Iterator[None]:
    """For statements of the session's block on another connection than its own."""
    stop: _Stop | None = session.info.get(_STOP)
    if stop is not None:
        stop.set_on(driver)
    try:
        yield
    finally:
        if stop is not None:
            stop.forget()


@event.listens_for(Session, "after_begin")
def _after_begin(session: Session, _transaction: Any, connection: Any) -> None:
    stop: _Stop | None = session.info.get(_STOP)
    if stop is not None:
        stop.set_on(connection.connection.dbapi_connection)


class _Stop:
    """SQLite's question on a connection whether to go on, and how often it has been asked."""

    def __init__(self) -> None:
        self._asked = count(1)
        self._drivers: list[Any] = []
        self.is_over = False

    def set_on(self, driver: Any) -> None:
        if hasattr(driver, "set_progress_handler"):  # PostgreSQL's has none
            driver.set_progress_handler(self._must_end, STEPS)
            self._drivers.append(driver)

    def _must_end(self) -> bool:
        self.is_over = next(self._asked) > TIMES
        return self.is_over

    def forget(self) -> None:
        while self._drivers:
            self._drivers.pop().set_progress_handler(None, 0)
