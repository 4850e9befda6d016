"""Which rows of the market are alike in all that there is a facet for, as one number. No session."""

from datetime import date, timedelta
from hashlib import blake2b
from uuid import UUID

_MARGIN = timedelta(days=1)
"""Midnight comes at different moments: a day is over when it is so everywhere."""


def alike(
    org_id: UUID,
    category_id: str,
    place_id: UUID,
    condition: str,
    traits: int,
    first_day: date | None,
    today: date,
) -> int:
    """The same for rows that every search counts together, and for no others.

    It is 63 bits of a digest: of a million rows that all differ, two have the same number in one of
    ten million markets. A first day that is over when the row is written says nothing any more, so
    what came in the course of years is not told apart by its days.
    """
    day = first_day if first_day is not None and first_day >= today - _MARGIN else None
    facts = f"{org_id.hex} {category_id} {place_id.hex} {condition} {traits} {day}"
    return int.from_bytes(blake2b(facts.encode(), digest_size=8).digest(), "big") >> 1
