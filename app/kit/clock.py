"""The only place that asks what time it is, so that a test can move the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


class Clock:
    """Time in UTC; due dates in the organisation's zone."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self, zone: ZoneInfo = OSLO) -> date:
        return self.now().astimezone(zone).date()


def end_of(day: date, zone: ZoneInfo = OSLO) -> datetime:
    """The moment at which the day is over there, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return midnight.astimezone(UTC)


def last_day_of(limit: datetime, zone: ZoneInfo = OSLO) -> date:
    """The last day before a limit, as ``end_of`` makes them."""
    return (limit - timedelta(microseconds=1)).astimezone(zone).date()


class MovedClock(Clock):
    """A clock that stands where it was put: tests move it, the demo plays its past with it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, step: timedelta) -> None:
        self.at += step
