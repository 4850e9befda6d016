"""Limits of a trip, and how donors are shared between the pieces built from them."""

from collections.abc import Sequence
from datetime import date, timedelta
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
