"""What is aimed for, how far it is, how a year will end, and what to aim for next. No session.

Sums are in g, g CO2e and øre; shares are in percent, exact, of ``part`` in ``of``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Kind(StrEnum):
    """Few, and each of them counted by the program itself."""

    REUSE_SHARE = "reuse_share"
    REUSE_WITHOUT = "reuse_share_without_bought_used"
    WASTE = "waste_g"
    CO2E = "co2e_g"
    SAVED = "saved_ore"
    ANSWERED = "answered_share"


SHARES = frozenset({Kind.REUSE_SHARE, Kind.REUSE_WITHOUT, Kind.ANSWERED})
OF_PROJECTS = (Kind.REUSE_SHARE, Kind.REUSE_WITHOUT, Kind.WASTE, Kind.CO2E, Kind.SAVED)
"""Enquiries belong to units."""

MOST = 10**15
LEAST_DAYS = 30
"""Before so many days of a year have passed, a forecast would be a guess."""

STEP = Fraction(1, 10)
"""By how much the next goal is more: a tenth of a sum, a tenth of what a share lacks of 100 %."""


class Standing(StrEnum):
    REACHED = "reached"
    ON_COURSE = "on_course"
    BEHIND = "behind"
    MISSED = "missed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Amount:
    """What was counted: a sum, or ``part`` of ``of`` for a share.

    A sum is of ``uses``, and ``unknown`` of them have no figure and are not in it.
    """

    part: int
    of: int = 0
    uses: int = 0
    unknown: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            self.part + other.part,
            self.of + other.of,
            self.uses + other.uses,
            self.unknown + other.unknown,
        )

    @property
    def is_unknown(self) -> bool:
        """Whether none of what was counted has a figure: that is not 0."""
        return self.unknown > 0 and self.unknown >= self.uses and not self.part


@dataclass(frozen=True, slots=True)
class Promise:
    """A goal with what a share's is weighted by: what it was counted of in the year before."""

    target: Fraction
    weight: int


def measured(kind: Kind, amount: Amount) -> Fraction | None:
    """The sum itself, or the share in percent.

    Nothing where no figure is known, and where there is nothing to divide by: a year that took back
    more of an earlier one than it has itself can count less than nothing.
    """
    if kind not in SHARES:
        return None if amount.is_unknown else Fraction(amount.part)
    return Fraction(amount.part * 100, amount.of) if amount.of > 0 else None


def forecast(kind: Kind, so_far: Fraction | None, year: int, today: date) -> Fraction | None:
    """How the year ends if it goes on as it has.

    A share stays as it is. A sum grows evenly: ``forecast = so far × days of the year ÷ days
    passed``, today included. 300 t on 30 September 2026 (day 273 of 365) are 401 t. A year that is
    over is as it ended; nothing is said of one that has hardly begun.
    """
    if so_far is None or year > today.year:
        return None
    if year < today.year:
        return so_far
    passed, whole = days(year, today)
    if passed < LEAST_DAYS:
        return None
    return so_far if kind in SHARES else so_far * whole / passed


def days(year: int, today: date) -> tuple[int, int]:
    """How many days of the year have passed, today included, and how many it has."""
    first = date(year, 1, 1)
    whole = (date(year + 1, 1, 1) - first).days
    return max(0, min(whole, (today - first).days + 1)), whole


def proposed(kind: Kind, expected: Fraction | None, target: int | None) -> int | None:
    """Next year's goal from how this year ends and what was aimed for.

    Not reached: the same again. Reached, or no goal: a tenth more. For a sum ``expected × 1,1`` with
    two significant digits: 400 t → 440 t. For a share ``expected + (100 − expected) ÷ 10``, in whole
    percent: 80 % → 82 %. Nothing is proposed where nothing was counted.
    """
    if expected is None or expected <= 0:
        return None
    if target is not None and expected < target:
        return target
    if kind in SHARES:
        return min(100, round(expected + (100 - expected) * STEP))
    return two_digits(expected * (1 + STEP))


def two_digits(exact: Fraction) -> int:
    """A whole number with two significant digits, half-even; at least 1."""
    whole = round(exact)
    if whole < 100:
        return max(whole, 1)
    exponent = Decimal(whole).adjusted() - 1
    return int(round(exact / 10**exponent) * 10**exponent)


def promised(kind: Kind, promises: Iterable[Promise]) -> Promise | None:
    """What several goals come to together.

    Sums are added. Shares are weighted: ``Σ goal × weight ÷ Σ weight``; where no weight is known,
    each counts alike. 80 % of 300 pieces and 60 % of 100 are 75 %.
    """
    listed = list(promises)
    if not listed:
        return None
    weight = sum(each.weight for each in listed)
    if kind not in SHARES:
        return Promise(sum((each.target for each in listed), Fraction(0)), weight)
    if not weight:
        return Promise(sum((each.target for each in listed), Fraction(0)) / len(listed), 0)
    total = sum((each.target * each.weight for each in listed), Fraction(0))
    return Promise(total / weight, weight)


def standing(
    kind: Kind,
    target: int,
    so_far: Fraction | None,
    expected: Fraction | None,
    *,
    is_over: bool,
) -> Standing:
    """A sum is reached once and for all; a share can fall again until the year is over."""
    if so_far is not None and so_far >= target and (kind not in SHARES or is_over):
        return Standing.REACHED
    if is_over:
        return Standing.UNKNOWN if so_far is None else Standing.MISSED
    if expected is None:
        return Standing.UNKNOWN
    return Standing.ON_COURSE if expected >= target else Standing.BEHIND


def percent_of(so_far: Fraction | None, target: int) -> int:
    """How much of the goal there is, in whole percent rounded down: 100 only when it is reached."""
    if so_far is None or so_far <= 0:
        return 0
    return int(so_far * 100 / target)
