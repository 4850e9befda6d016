"""Where ids and codes come from: the system's randomness, which nobody can foresee.

Who plays a story that has to be the same every time gives a source of their own for as long as it
takes (``given``): the demo does. Secrets (passwords, sessions, tokens) are never drawn here.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random
from uuid import UUID, uuid4


class _Source:
    """What is drawn from it, and the milliseconds in its ids, follow from the seed alone."""

    def __init__(self, seed: str, start_ms: int) -> None:
        self.random = Random(seed)  # noqa: S311  (foreseeable is what it is for)
        self.now_ms = start_ms


_given: ContextVar[_Source | None] = ContextVar("chance", default=None)


@contextmanager
def given(seed: str, start_ms: int) -> Iterator[None]:
    """Everything drawn inside, in this thread, is the same each time. Never where people work.

    ``start_ms`` is the moment, in milliseconds since 1970, that ids drawn inside begin at.
    """
    token = _given.set(_Source(seed, start_ms))
    try:
        yield
    finally:
        _given.reset(token)


def drawn(count: int) -> bytes:
    """So many random bytes."""
    source = _given.get()
    return os.urandom(count) if source is None else source.random.randbytes(count)


def new_id() -> UUID:
    """A random id (version 4)."""
    source = _given.get()
    return uuid4() if source is None else UUID(bytes=source.random.randbytes(16), version=4)


def now_ms() -> int:
    """The moment that goes into ids that rise with time, in milliseconds; no date to show."""
    source = _given.get()
    if source is None:
        return time.time_ns() // 1_000_000
    source.now_ms += 1
    return source.now_ms
