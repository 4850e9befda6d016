"""Which reads are short enough to be made on the event loop, and what ends one that is not.

A thread for a read costs a fifth of a short search: two threads hand the interpreter to each other at
every row that SQLite gives. On the loop nothing may take long, for everybody waits meanwhile. So a
read comes there only after one like it was short, and SQLite is stopped after a number of its own
steps: what was stopped is read again in a thread.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

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

    ``may_stay`` says whether a read can be stopped here, and so whether any is made on the loop;
    ``turns`` limits the threads that read at once. Called on the event loop alone.
    """

    def __init__(self, *, may_stay: bool, turns: CapacityLimiter | None = None) -> None:
        self._may_stay = may_stay
        self._turns = turns
        self._left: dict[Hashable, int] = {}

    def is_short(self, key: Hashable) -> bool:
        """Whether the next read of this kind is made on the event loop."""
        return self._may_stay and self._left.get(key) == 0

    async def read(self, key: Hashable, work: Callable[[bool], Given]) -> Given:
        """What ``work`` gives. It is told whether it is to be ``brief``, and may then be stopped."""
        if self.is_short(key):
            try:
                given, seconds = _timed(work, is_brief=True)
            except TooLong:
                self._left[key] = IN_THREADS
            else:
                self._note(key, seconds)
                return given
        in_thread = partial(_timed, work, is_brief=False)
        given, seconds = await to_thread.run_sync(in_thread, limiter=self._turns)
        self._note(key, seconds)
        return given

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


@contextmanager
def stopped(session: Session) -> Iterator[None]:
    """Ends SQLite's reading in this block with ``TooLong`` when it has gone on for too many steps."""
    driver: Any = connection_of(session).connection.dbapi_connection
    asked = count(1)
    is_over = False

    def must_end() -> bool:
        nonlocal is_over
        is_over = next(asked) > TIMES
        return is_over

    driver.set_progress_handler(must_end, STEPS)
    try:
        yield
    except DBAPIError as error:
        if not is_over:
            raise
        raise TooLong from error
    finally:
        driver.set_progress_handler(None, 0)
