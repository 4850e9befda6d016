"""Days on which people are at work: time limits count these, so that none runs out over Easter."""

from datetime import date, timedelta

SATURDAY = 5
_FIXED = frozenset({(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)})
_FROM_EASTER = frozenset({-3, -2, 0, 1, 39, 49, 50})
"""Maundy Thursday, Good Friday, Easter Sunday and Monday, Ascension, Whit Sunday and Monday."""


def easter_sunday(year: int) -> date:
    """By the Gregorian rule (Meeus, Jones and Butcher)."""
    century, in_century = divmod(year, 100)
    golden = year % 19
    skipped = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + skipped + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (in_century // 4) - moon - in_century % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no Norwegian public holiday."""
    if day.weekday() >= SATURDAY or (day.month, day.day) in _FIXED:
        return False
    return (day - easter_sunday(day.year)).days not in _FROM_EASTER


def last_day_before(day: date, count: int) -> date:
    """The last day of which ``day`` is the ``count``-th working day after, or a later one."""
    before = day
    while after_working_days(before, count) > day:
        before -= timedelta(days=1)
    return before


def after_working_days(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
