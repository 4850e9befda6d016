"""Connections that PostgreSQL closed while they waited in the pool, as in a restart.

The socket knows it: something can be read where nothing was asked. Looking there before use costs no
round trip, 1 µs, and a connection that is lost is replaced before anything is sent on it. So nothing
has to be tried twice: not a read, and never a write that may have been done.
"""

import select
from collections.abc import MutableMapping
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

_WATCH = object()


def watch(engine: Engine) -> None:
    """From now on the engine's pool replaces what is lost before it lends it out."""

    @event.listens_for(engine, "checkout")
    def _checkout(driver: Any, record: Any, _pooled: Any) -> None:
        if _WATCH not in record.info:  # just made: it is not judged, or there might be no end
            poll = record.info[_WATCH] = select.poll()
            poll.register(driver.fileno(), select.POLLIN)
        elif is_lost(record.info):
            raise DisconnectionError


def is_lost(info: MutableMapping[Any, Any]) -> bool:
    """Whether the server has ended it, by what the pool remembers of the idle connection."""
    poll = info.get(_WATCH)
    return poll is not None and bool(poll.poll(0))
