"""What a price list would make of the prices that count now. Pure.

The rule: a category gets the median of its rows, and the lowest and highest of them as its range;
one row gets the range of its tier. A product model gets its own row's price.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from app.transfer.classify import is_wide
from app.transfer.price_sheet import PriceRow, PriceRows

MOST_SOURCE = 200


class Now(NamedTuple):
    """A price as it counts now. ``version`` is asked for when it is set again."""

    version: int
    ore: int | None
    low: int | None
    high: int | None
    currency: str
    year: int | None
    source: str
    tier: str | None


class Target(NamedTuple):
    """The price that a category or model would get, by its key: a code, or a model's id.

    ``low`` and ``high`` are empty for a model. ``rows`` are their numbers in the sheet; ``read``
    counts those that are of the category by what the article is called.
    """

    key: str
    is_model: bool
    ore: int
    low: int | None
    high: int | None
    currency: str
    year: int
    source: str
    tier: str | None
    rows: Sequence[int]
    read: int
    before: Now

    @property
    def is_change(self) -> bool:
        now = self.before
        given = (self.ore, self.low, self.high, self.currency, self.year, self.source, self.tier)
        return given != (now.ore, now.low, now.high, now.currency, now.year, now.source, now.tier)


def median(ores: Sequence[int]) -> int:
    """The middle one; of two in the middle their mean, rounded half-even."""
    ordered = sorted(ores)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return round(Fraction(ordered[middle - 1] + ordered[middle], 2))


def by_category(rows: Sequence[PriceRow]) -> dict[str, list[PriceRow]]:
    """A category that holds all sorts has no price of one model that was put there."""
    found: dict[str, list[PriceRow]] = defaultdict(list)
    for each in rows:
        if each.category_id is not None and not is_wide(each.category_id):
            found[each.category_id].append(each)
    return found


def category_target(code: str, rows: Sequence[PriceRow], tier: str, now: Now) -> Target:
    """A range is left to the tier where there is one row."""
    ores = [each.ore for each in rows]
    several = len(rows) > 1
    return Target(
        code,
        is_model=False,
        ore=median(ores),
        low=min(ores) if several else None,
        high=max(ores) if several else None,
        currency=rows[0].currency,
        year=rows[0].year,
        source=_sources(rows),
        tier=tier,
        rows=[each.number for each in rows],
        read=sum(each.is_read for each in rows),
        before=now,
    )


def model_targets(
    found: PriceRows, now: Mapping[UUID, Now], currency: str
) -> tuple[list[Target], int]:
    """Models' prices, and how many models are left since their price is in another currency."""
    rows: dict[UUID, list[PriceRow]] = defaultdict(list)
    for each in found.rows:
        if each.model_id is not None:
            rows[each.model_id].append(each)
    other = sum(each[0].currency != currency for each in rows.values())
    return [
        Target(
            str(model_id),
            is_model=True,
            ore=each[0].ore,
            low=None,
            high=None,
            currency=currency,
            year=each[0].year,
            source=_sources(each),
            tier=None,
            rows=[row.number for row in each],
            read=0,
            before=now[model_id],
        )
        for model_id, each in rows.items()
        if each[0].currency == currency
    ], other


def _sources(rows: Sequence[PriceRow]) -> str:
    return "; ".join(dict.fromkeys(each.source for each in rows))[:MOST_SOURCE].strip()


def as_json(target: Target) -> dict[str, Any]:
    return {**target._asdict(), "before": target.before._asdict(), "is_change": target.is_change}


def from_json(kept: Mapping[str, Any]) -> Target:
    fields = {name: kept[name] for name in Target._fields}
    return Target(**{**fields, "before": Now(**kept["before"])})
