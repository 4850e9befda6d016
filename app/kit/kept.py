"""Rows that come again and again: read once, and what is made of them made once."""

from collections.abc import Callable, Hashable, Sequence
from operator import is_
from typing import Any, ClassVar, Generic, TypeVar

Convert = Callable[[Any], Any]
Made = TypeVar("Made")


class Kept:
    """Rows read before, by what the driver gave of them: a row that comes again is not read again.

    Reading is converting its values, a third of what a list with many columns costs. What is kept
    can not be stale: it is found by all that stands in the row. Statements with the same columns
    may share one. ``most`` rows are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows: dict[Any, Any] = {}

    def read(self, plain: Any, read: Convert) -> Any:
        row = self._rows.get(plain)
        if row is None:
            row = read(plain)
            if len(self._rows) >= self._most:
                self._rows.clear()
            self._rows[plain] = row
        return row


class MadeOf(Generic[Made]):
    """What is made of kept rows, found by the rows themselves: to hash what stands in them takes longer.

    Rows that nobody keeps are others each time, and it is made anew. ``most`` are remembered.
    """

    def __init__(self, most: int, make: Callable[..., Made]) -> None:
        self._most = most
        self._make = make
        self._made: dict[Hashable, tuple[Sequence[Any], Made]] = {}

    def of(self, rows: Sequence[Any], *further: Hashable) -> Made:
        """``make(rows, *further)``, or what it gave before."""
        key = (*map(id, rows), *further)
        found = self._made.get(key)
        # The rows are held here, so that no other can have come to stand in their place.
        if found is None or not all(map(is_, found[0], rows)):
            if len(self._made) >= self._most:
                self._made.clear()
            found = self._made[key] = rows, self._make(rows, *further)
        return found[1]


class HashedOnce:
    """For frozen dataclasses that are a key again and again. They name this ``__hash__`` their own."""

    __slots__ = ("_hash",)
    _hash: int
    __match_args__: ClassVar[tuple[str, ...]]

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = hash(tuple(getattr(self, name) for name in self.__match_args__))
            object.__setattr__(self, "_hash", found)
            return found
