"""Adding up ranges (section 10) and showing them with two significant digits (section 14)."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import isqrt
from typing import TypeAlias

from app.impact.formulas import Rounded

Exact: TypeAlias = int | Fraction


@dataclass(frozen=True, slots=True)
class RangedPart:
    """An entry's figure, or the sum of entries of one category and tier, with its range."""

    category_code: str | None
    tier: str | None
    value: int
    low: int
    high: int


def combine(parts: Iterable[RangedPart]) -> Rounded:
    """The sum with its range: straight within a (category, tier) group, root of squares between.

    Entries of one category and tier rest on the same factor and err together. Reversing entries
    hold negated values in every column and so take their original out of the group.
    """
    listed = list(parts)
    total = sum(each.value for each in listed)
    below, above = spread(
        ((each.category_code, each.tier), each.value - each.low, each.high - each.value)
        for each in listed
    )
    return Rounded(total, total - below, total + above)


def spread(parts: Iterable[tuple[Hashable, Exact, Exact]]) -> tuple[int, int]:
    """How far a sum may lie below and above itself; each part has its group and its own two.

    The two are rounded once, so parts may be exact shares of a figure.
    """
    below: dict[Hashable, Exact] = defaultdict(int)
    above: dict[Hashable, Exact] = defaultdict(int)
    for group, under, over in parts:
        below[group] += under
        above[group] += over
    return (
        _root(sum(each * each for each in below.values())),
        _root(sum(each * each for each in above.values())),
    )


def _root(square: Exact) -> int:
    """The square root rounded to the nearest whole, half-even; that of a whole is never a half."""
    floor = isqrt(int(square))
    beyond = 4 * square - (4 * floor * (floor + 1) + 1)
    return floor + 1 if beyond > 0 or (beyond == 0 and floor % 2) else floor


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as it is shown, never stored: the number and its unit (`g`, `kg` or `t`)."""

    amount: Decimal
    unit: str


_UNITS = (("g", Decimal(1)), ("kg", Decimal(1000)), ("t", Decimal(1_000_000)))


def two_significant(number: Decimal) -> Decimal:
    """Two significant digits, half-even: 2.92116 → 2.9, 168500 → 170000."""
    if not number:
        return Decimal(0)
    step = Decimal(1).scaleb(number.adjusted() - 1)
    found = (number / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step
    # 9.96 becomes 10, which has three digits with its decimal.
    place = min(Decimal(1), Decimal(1).scaleb(found.adjusted() - 1))
    return found.quantize(place)


def two_digits(value_g: int, unit: str | None = None) -> Shown:
    """A mass or emission in g with two significant digits, in the unit its size asks for.

    `unit` fixes the unit, so that the low and high of a range stand in that of the figure.
    """
    grams = Decimal(value_g)
    if unit is None:
        # 999 600 g is shown as 1.0 t and not as 1000 kg: size is judged after rounding.
        size = abs(two_significant(grams))
        unit = next((name for name, per in reversed(_UNITS) if size >= per), "g")
    return Shown(two_significant(grams / dict(_UNITS)[unit]), unit)


def two_digits_range(figure: Rounded) -> tuple[Shown, Shown, Shown]:
    """Value, low and high, all three in the unit of the value."""
    value = two_digits(figure.value)
    return value, two_digits(figure.low, value.unit), two_digits(figure.high, value.unit)


def two_digits_money(ore: int) -> Decimal:
    """Whole kroner with two significant digits."""
    return two_significant(Decimal(ore) / 100)
