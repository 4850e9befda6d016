"""Work on the event loop that steps aside while PostgreSQL answers, without a thread.

The work is written as if it waited. It runs in a greenlet of its own, which ``libpq`` leaves where it
would wait for the socket; the loop goes on with others and comes back when something can be read.
Only our own prepared statements step aside. The driver's may be sent under a lock of the pool's, that
others on the same thread would then wait for without end.
"""

import asyncio
import select
import time
from collections.abc import Callable
from typing import Any, cast

from greenlet import getcurrent, greenlet


class Aside(greenlet):  # type: ignore[misc]
    """A piece of work that the event loop leaves and goes on with. It is done once."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(work)
        # The request's own context, with its language: a greenlet begins with an empty one.
        self.gr_context = getcurrent().gr_context
        self._is_hurried = False
        self.away_seconds = 0.0
        """What the thread needed for others meanwhile."""

    def until_readable(self, descriptor: int) -> None:
        """For the work itself: the loop has its turn until the socket can be read."""
        if self._is_hurried:
            socket = select.poll()
            socket.register(descriptor, select.POLLIN)
            socket.poll()
            return
        before = time.thread_time()
        cast("greenlet", self.parent).switch(descriptor)
        self.away_seconds += time.thread_time() - before

    async def done(self) -> Any:
        """What the work gives or raises.

        It is brought to its end even when its request is cancelled: half an answer would else be
        left on its connection.
        """
        given = self.switch()
        cancelled: asyncio.CancelledError | None = None
        while not self.dead:
            try:
                await _readable(given)
            except asyncio.CancelledError as error:
                self._is_hurried, cancelled = True, error
            given = self.switch()
        if cancelled is not None:
            raise cancelled
        return given


def stepping() -> Aside | None:
    """The work in which this is called, where it may step aside."""
    current = getcurrent()
    return current if isinstance(current, Aside) else None


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    come = loop.create_future()
    loop.add_reader(descriptor, _tell, come)
    try:
        await come
    finally:
        loop.remove_reader(descriptor)


def _tell(come: "asyncio.Future[None]") -> None:
    if not come.done():
        come.set_result(None)
