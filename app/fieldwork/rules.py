"""What a scanned text can be, where scanned pieces go, and how far a phone's clock is believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Lead(StrEnum):
    """What a scanned text leads to.

    ``unknown`` is a code of nobody, of others, or a foreign one that no piece has; ``several`` a
    foreign code that more than one piece has.
    """

    PIECE = "piece"
    PLACE = "place"
    BLANK = "blank"
    CANCELLED = "cancelled"
    SEVERAL = "several"
    UNKNOWN = "unknown"
    MISTYPED = "mistyped"


@dataclass(frozen=True, slots=True)
class Scan:
    """One text as it was scanned, and the piece or place it leads to."""

    text: str
    lead: Lead
    item_id: UUID | None = None
    place_id: UUID | None = None


class MoveOutcome(StrEnum):
    """What became of one scan of a move. The values of ``Lead`` that are no piece mean the same.

    ``moved_since``: the scan waited for coverage, and somebody has moved or seen the piece after it.
    """

    MOVED = "moved"
    FOUND = "found"
    HERE_ALREADY = "here_already"
    AGAIN = "again"
    NO_PLACE = "no_place"
    MOVED_SINCE = "moved_since"
    HAS_LEFT = "has_left"
    NOT_YOURS = "not_yours"
    BLANK = "blank"
    CANCELLED = "cancelled"
    SEVERAL = "several"
    UNKNOWN = "unknown"
    MISTYPED = "mistyped"


ARRIVED = frozenset({MoveOutcome.MOVED, MoveOutcome.FOUND, MoveOutcome.HERE_ALREADY})
"""The piece is in the place now. ``found`` was lost until this scan."""

RETRIED = frozenset(
    {
        MoveOutcome.MOVED_SINCE,
        MoveOutcome.NO_PLACE,
        MoveOutcome.UNKNOWN,
        MoveOutcome.MISTYPED,
        MoveOutcome.BLANK,
    }
)
"""What the person can mend, or mean all the same, and send again."""


def destinations(scans: Sequence[Scan], place_id: UUID | None = None) -> list[UUID | None]:
    """Where each scan goes, in their order.

    Pieces go to the place scanned before them; ``place_id`` was chosen before the first scan.
    When the first thing scanned was a piece, they go to the place scanned *after* them instead.
    A piece that no such place follows goes nowhere: a guess would put it in the wrong room.
    """
    named = [scan.lead for scan in scans if scan.lead in (Lead.PIECE, Lead.PLACE)]
    comes_after = place_id is None and named[:1] == [Lead.PIECE]
    found: list[UUID | None] = []
    now = place_id
    for scan in reversed(scans) if comes_after else scans:
        if scan.lead is Lead.PLACE:
            now = scan.place_id
        found.append(now)
    return found[::-1] if comes_after else found


OLDEST = timedelta(days=30)


LABELS = "labels"
"""Names a list of pieces that was kept to print their labels: nothing was done to them."""


def scanned_at(said: datetime | None, now: datetime) -> datetime:
    """When a scan was made, as far as a phone's clock can be believed.

    A clock that is ahead, or a scan more than 30 days old, counts as now.
    """
    if said is None or said > now or said < now - OLDEST:
        return now
    return said
