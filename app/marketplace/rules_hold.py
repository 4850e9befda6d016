"""How long what was approved is held for who got it. No session."""

from datetime import date, datetime

from app.kit.clock import end_of
from app.kit.workdays import after_working_days

HELD_FOR = 10
"""So many working days, where the organisation has not said another number."""
REMINDED_BEFORE = 2
"""So many working days before the last one both sides are reminded."""
MOST_DAYS = 120
LONGEST = 366
"""An extension ends within so many days."""


def held_until(today: date, working_days: int, *later: date | None) -> datetime:
    """The moment the hold ends: after so many working days, the day itself not counted.

    What is wanted, or free, only on a ``later`` day is held from that day on.
    """
    start = max([today, *(each for each in later if each is not None)])
    return end_of(after_working_days(start, working_days))


def reminded_from(today: date) -> datetime:
    """Holds that end by this moment are reminded of today."""
    return end_of(after_working_days(today, REMINDED_BEFORE))
