"""Limits of a trip, and how donors are shared between the pieces built from them."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from app.impact.rules import FulfilmentSource

EARLIEST = date(2000, 1, 1)
"""Before this a date is a slip of the finger."""

MOST_METRES = 20_000_000
"""Half-way round the earth."""

MOST_ORE = 10_000_000_000
"""100 million kroner: more than any piece or trip costs, and safe to add up in 64 bits."""

MOST_PIECES = 500
"""Pieces of one handover, or of one entry by hand."""

BY_HAND = (
    FulfilmentSource.REDESIGNED,
    FulfilmentSource.REDESIGNED_FROM_SURPLUS,
    FulfilmentSource.BOUGHT_USED,
    FulfilmentSource.NEW,
)
"""Sources entered by hand; internal reuse comes from the market or a move."""


class Way(StrEnum):
    """``out`` of where the pieces stood, or ``in`` where they arrived."""

    OUT = "out"
    IN = "in"


class ScanOutcome(StrEnum):
    """What became of one scan at a fetching or a delivery.

    The values of field work's ``Lead`` that are no piece mean the same. ``not_ordered``: nobody has
    an approved order for the piece; ``no_destination``: the order says no place or unit;
    ``elsewhere``: it was scanned in another place than it is meant for.
    """

    LOADED = "loaded"
    RECEIVED = "received"
    AGAIN = "again"
    ON_ITS_WAY = "on_its_way"
    RECEIVED_ALREADY = "received_already"
    NOT_ORDERED = "not_ordered"
    NO_DESTINATION = "no_destination"
    NOT_ON_ITS_WAY = "not_on_its_way"
    ELSEWHERE = "elsewhere"
    HAS_LEFT = "has_left"
    NOT_YOURS = "not_yours"
    BLANK = "blank"
    CANCELLED = "cancelled"
    SEVERAL = "several"
    UNKNOWN = "unknown"
    MISTYPED = "mistyped"


DONE = frozenset({ScanOutcome.LOADED, ScanOutcome.RECEIVED})
"""The piece came along."""

RETRIED = frozenset(
    {
        ScanOutcome.NO_DESTINATION,
        ScanOutcome.ELSEWHERE,
        ScanOutcome.UNKNOWN,
        ScanOutcome.MISTYPED,
        ScanOutcome.BLANK,
    }
)
"""What the person can mend and send again."""


def is_possible_day(day: date, today: date) -> bool:
    """Whether a handover can be dated so: tomorrow at most, since drivers enter it the day before."""
    return EARLIEST <= day <= today + timedelta(days=1)


def share_donors(donors: Sequence[tuple[UUID, int]], pieces: int) -> list[dict[UUID, int]]:
    """Which grams of which donor go into each of ``pieces`` like pieces.

    The donors are laid end to end, and the row is cut into equal lengths. Forty donors for forty
    pieces give one each, two for four give half each; every gram is used once, and no two pieces
    differ by more than one gram.
    """
    whole = sum(grams for _, grams in donors)
    shares: list[dict[UUID, int]] = [{} for _ in range(pieces)]
    start = 0
    piece = 0
    for donor_id, grams in donors:
        end = start + grams
        while start < end:
            cut = whole * (piece + 1) // pieces
            taken = min(end, cut) - start
            if taken:
                shares[piece][donor_id] = shares[piece].get(donor_id, 0) + taken
            start += taken
            if start >= cut and piece < pieces - 1:
                piece += 1
    return shares
