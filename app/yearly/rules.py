"""Which projects are a year's, how its savings are parted, and when it begins. No session."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum

from app.impact.rules import FulfilmentSource
from app.kit.clock import OSLO

S = FulfilmentSource


class Way(StrEnum):
    """How a furniture manager parts the money of a year."""

    REUSE = "reuse"
    MENDED = "reupholstered_or_redesigned"
    BOUGHT_USED = "bought_used"
    LEFT = "left"
    NEW = "new"


WAYS: Mapping[Way, tuple[FulfilmentSource, ...]] = {
    Way.REUSE: (S.INTERNAL_REUSE,),
    Way.MENDED: (S.REDESIGNED, S.REDESIGNED_FROM_SURPLUS),
    Way.BOUGHT_USED: (S.BOUGHT_USED,),
    Way.LEFT: (S.SOLD, S.DONATED, S.RECYCLED, S.DISPOSED),
    Way.NEW: (S.NEW,),
}
"""Every source is in exactly one of them, so that the parts add up to the whole."""


def days_of(year: int) -> tuple[date, date]:
    """Its first and its last day."""
    return date(year, 1, 1), date(year, 12, 31)


def moments_of(year: int) -> tuple[datetime, datetime]:
    """Where it begins and where the next one does, by the clock in Norway."""
    begins = (datetime(each, 1, 1, tzinfo=OSLO).astimezone(UTC) for each in (year, year + 1))
    return next(begins), next(begins)


def is_of_year(began: date, ended: date | None, year: int) -> bool:
    """Whether a project ran on a day of the year: one that has not ended goes on."""
    first, last = days_of(year)
    return began <= last and (ended is None or ended >= first)
