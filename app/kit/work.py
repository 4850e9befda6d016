"""What one unit of work has still to do when its block ends, and what it has to take back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.kit import chain

Subscriber = Callable[[Session, Sequence[Any]], None]
Subscribers = Mapping[type[Any], Sequence[Subscriber]]
WriteLast = Callable[[Session, Sequence[Any]], None]


class Marks(NamedTuple):
    """How much there was of each; of what is written last, all that waited."""

    chained: int
    after_commit: int
    stored: int
    last: tuple[tuple[WriteLast, Any], ...]


@dataclass
class Work:
    """What one unit of work has to write last and to seal, to wake and to remember when committed."""

    subscribers: Subscribers
    chained: list[chain.Chained] = field(default_factory=list)
    after_commit: list[tuple[str, UUID]] = field(default_factory=list)
    stored: list[tuple[set[Any], Iterable[Any]]] = field(default_factory=list)
    last: list[tuple[WriteLast, Any]] = field(default_factory=list)

    def end(self, session: Session) -> None:
        """What is written last, and then the links of all new rows."""
        write_last(session)
        chain.seal(session, self.chained)

    def marks(self) -> Marks:
        """How far everything has come, for ``back_to``."""
        counts = len(self.chained), len(self.after_commit), len(self.stored)
        return Marks(*counts, tuple(self.last))

    def back_to(self, marks: Marks) -> None:
        """Forgets what came after the marks: the part that it belonged to was taken back."""
        del self.chained[marks.chained :]
        del self.after_commit[marks.after_commit :]
        del self.stored[marks.stored :]
        self.last[:] = marks.last  # some of it may have been written meanwhile, and taken back


def at_last(session: Session, write: WriteLast, rows: Iterable[Any]) -> None:
    """Hands ``rows`` to ``write`` at the end of the unit of work, with those of other calls.

    For rows that many units change, such as sums: locked last and once, in an order that ``write``
    gives them, no two units wait for each other.
    """
    session.info["work"].last.extend((write, row) for row in rows)


def write_last(session: Session) -> None:
    """Writes what waits for the end now, because it is about to be read."""
    work: Work | None = session.info.get("work")
    if work is None or not work.last:
        return
    waiting, work.last[:] = list(work.last), []
    by_writer: dict[WriteLast, list[Any]] = {}
    for write, row in waiting:
        by_writer.setdefault(write, []).append(row)
    for write, rows in by_writer.items():
        write(session, rows)
