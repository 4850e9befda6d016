"""When a year of account may be closed. Pure."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum


class Hindrance(StrEnum):
    """Why a year can not be closed now."""

    CLOSED = "closed"
    NOT_OVER = "not_over"
    EARLIER_OPEN = "earlier_open"


def hindrance(
    year: int, is_closed: Mapping[int, bool], today: date
) -> tuple[Hindrance, int] | None:
    """What keeps the year from being closed, and the year that it concerns; nothing if nothing does.

    ``is_closed`` holds every year in which something is booked. Years close in their order, and none
    before it is over: what is handed over on its last day belongs in it.
    """
    if is_closed[year]:
        return Hindrance.CLOSED, year
    if today.year <= year:
        return Hindrance.NOT_OVER, year
    still_open = [each for each, closed in is_closed.items() if each < year and not closed]
    return (Hindrance.EARLIER_OPEN, min(still_open)) if still_open else None
