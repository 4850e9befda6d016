"""Which pieces may go together, and whether the van is full enough to go now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from app.handovers.rules import MOST_PIECES
from app.handovers.rules_run import Bulk, Load, load_of

MM3_PER_DM3 = 1_000_000
MOST_DM3 = 120_000
MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """When a van goes: full enough, or when somebody has waited long enough.

    ``capacity_dm3`` is what it holds in litres; furniture does not pack without air, so that
    ``least_percent`` of it is full. ``longest_days`` are counted from the order.
    """

    capacity_dm3: int
    least_percent: int
    longest_days: int


USUAL = LoadLimits(capacity_dm3=12_000, least_percent=60, longest_days=14)
"""A van of 12 m³, full by bounding boxes at 60 %, and two weeks: until the organisation says."""


class PoolState(StrEnum):
    FULL = "full"
    DUE = "due"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A piece that waits for a van: where it is wanted, by when, and since when.

    ``is_planned``: nobody ordered it, a project's plan has set it aside, and ``id`` is the piece's
    own; else it is the reservation's. Before ``free_from`` it can not be fetched.
    """

    id: UUID
    area_id: UUID
    wanted_date: date | None
    asked_on: date
    bulk: Bulk
    is_planned: bool = False
    free_from: date | None = None


@dataclass(frozen=True, slots=True)
class PoolDay:
    """What is wanted by a day; without one, whenever it suits."""

    day: date | None
    reservation_ids: tuple[UUID, ...]
    planned_ids: tuple[UUID, ...]
    load: Load


@dataclass(frozen=True, slots=True)
class Pool:
    """All that waits for one area. ``percent`` of the van's room; ``drive_by`` at the latest.

    ``first_ids`` and ``first_planned_ids`` go with the next van: those wanted first, until it is
    full. ``later`` more come free from ``later_from`` on; they fill no van yet.
    """

    area_id: UUID
    state: PoolState
    drive_by: date
    percent: int
    load: Load
    days: tuple[PoolDay, ...]
    first_ids: tuple[UUID, ...]
    first_planned_ids: tuple[UUID, ...]
    later: int
    later_from: date | None


def pools_of(waiting: Iterable[Waiting], limits: LoadLimits, today: date) -> list[Pool]:
    """One for each area: what has to go comes first, then by the last day it may wait for."""
    by_area: dict[UUID, list[Waiting]] = {}
    for each in waiting:
        by_area.setdefault(each.area_id, []).append(each)
    pools = [_pool(area_id, rows, limits, today) for area_id, rows in by_area.items()]
    return sorted(
        pools, key=lambda each: (each.state is PoolState.WAIT, each.drive_by, each.area_id)
    )


def _pool(area_id: UUID, rows: Sequence[Waiting], limits: LoadLimits, today: date) -> Pool:
    later = [each.free_from for each in rows if each.free_from and each.free_from > today]
    now = [each for each in rows if not each.free_from or each.free_from <= today]
    by_day: dict[date | None, list[Waiting]] = {}
    for each in now:
        by_day.setdefault(each.wanted_date, []).append(each)
    load = load_of([each.bulk for each in now])
    percent = percent_of(load, limits)
    drive_by = min((_latest(each, limits) for each in now), default=min(later, default=today))
    if percent >= limits.least_percent:
        state = PoolState.FULL
    else:
        state = PoolState.DUE if drive_by <= today else PoolState.WAIT
    first = _first_load(by_day, limits)
    return Pool(
        area_id=area_id,
        state=state,
        drive_by=max(drive_by, today),
        percent=percent,
        load=load,
        days=_days(by_day),
        first_ids=_ids(first, is_planned=False),
        first_planned_ids=_ids(first, is_planned=True),
        later=len(later),
        later_from=min(later, default=None),
    )


def _ids(rows: Iterable[Waiting], *, is_planned: bool) -> tuple[UUID, ...]:
    return tuple(each.id for each in rows if each.is_planned is is_planned)


def _first_load(
    by_day: Mapping[date | None, Sequence[Waiting]], limits: LoadLimits
) -> list[Waiting]:
    """As many as the van and a run sheet hold. What fills the van alone goes alone."""
    chosen: list[Waiting] = []
    volume_mm3 = 0
    for each in (row for day in _in_order(by_day) for row in by_day[day]):
        volume_mm3 += each.bulk.volume_mm3 or 0
        if len(chosen) == MOST_PIECES:
            break
        if chosen and volume_mm3 > limits.capacity_dm3 * MM3_PER_DM3:
            break
        chosen.append(each)
    return chosen


def _in_order(days: Iterable[date | None]) -> list[date | None]:
    """What is wanted whenever it suits comes last."""
    return sorted(days, key=lambda day: (day is None, day or date.min))


def _days(by_day: Mapping[date | None, Sequence[Waiting]]) -> tuple[PoolDay, ...]:
    return tuple(
        PoolDay(
            day,
            _ids(by_day[day], is_planned=False),
            _ids(by_day[day], is_planned=True),
            load_of([each.bulk for each in by_day[day]]),
        )
        for day in _in_order(by_day)
    )


def _latest(waiting: Waiting, limits: LoadLimits) -> date:
    """The day it is wanted; without one so long after it was asked for."""
    return waiting.wanted_date or waiting.asked_on + timedelta(days=limits.longest_days)


def percent_of(load: Load, limits: LoadLimits) -> int:
    """Of the van's room, rounded down: a van is not called full before it is."""
    return load.volume_mm3 * 100 // (limits.capacity_dm3 * MM3_PER_DM3)
