"""How entries are added up beside the ledger, and how a report adds those sums up again. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, Protocol, TypeAlias
from uuid import UUID, uuid5

from app.impact.rules import RangedPart, Rounded, Tier, combine
from app.ledger.rules import FIGURES

ALL_YEARS = 0
SUMMED = ("uses", "not_calculated", *FIGURES)
NAMESPACE = UUID("5d4b8a1e-6f0c-4c0b-9a55-2f1d5b0c7e36")
"""Of the ids of sums."""


class Cut(StrEnum):
    """What the entries of a sum have in common, besides year, view, source, category and tiers."""

    WHOLE = "whole"
    MONTH = "month"
    GIVER = "giver"
    RECEIVER = "receiver"
    PLACE = "place"
    PROJECT = "project"


COLUMN = {
    Cut.GIVER: "giver_unit_id",
    Cut.RECEIVER: "receiver_unit_id",
    Cut.PLACE: "place_id",
    Cut.PROJECT: "project_id",
}
"""The entry's column that a cut is made by."""
ALIKE = (
    "view",
    "source",
    "category_id",
    "mass_tier",
    "co2e_tier",
    "price_tier",
    "factor_set_id",
    "currency",
)
"""Columns that entries of one sum agree in, in every cut."""
KEY = ("org_id", "cut", "year", "month", "of_id", *ALIKE)
Key: TypeAlias = tuple[Any, ...]
"""The values of ``KEY``."""


def sum_id(key: Key) -> UUID:
    """The id of the sum with this key: the same on every machine."""
    return uuid5(NAMESPACE, "|".join("" if part is None else str(part) for part in key))


def added(
    rows: Iterable[Mapping[str, Any]],
    years: Mapping[UUID, int],
    to: dict[Key, list[int]] | None = None,
) -> dict[Key, list[int]]:
    """Entries, or groups of like ones, added up in every cut; values in the order of ``SUMMED``.

    ``years`` says of which year a period is. A group has ``uses`` and ``not_calculated`` of its own.
    With ``to`` they are added to what was added up before.
    """
    found: dict[Key, list[int]] = {} if to is None else to
    for row in rows:
        alike = tuple(row[name] for name in ALIKE)
        numbers = _numbers(row)
        for place in _places(row, years[row["period_id"]]):
            key = (row["org_id"], *place, *alike)
            sums = found.get(key)
            if sums is None:
                found[key] = list(numbers)
            else:
                for at, number in enumerate(numbers):
                    sums[at] += number
    return found


def _numbers(row: Mapping[str, Any]) -> list[int]:
    if "uses" in row:
        uses, missing = int(row["uses"]), int(row["not_calculated"])
    else:
        uses = 1 if row["reverses_id"] is None else -1
        missing = uses if row["co2e_g"] is None else 0
    return [uses, missing, *(int(row[name] or 0) for name in FIGURES)]


def _places(row: Mapping[str, Any], year: int) -> Iterator[tuple[Cut, int, int, UUID | None]]:
    day = row["handed_over_on"]
    yield Cut.WHOLE, year, 0, None
    yield Cut.MONTH, year, day.year * 100 + day.month, None
    for cut, column in COLUMN.items():
        yield cut, year, 0, row[column]


class Group(Protocol):
    """A sum, or several added up by the database; ``key`` is what they were added up by."""

    @property
    def key(self) -> Any: ...
    @property
    def category_id(self) -> str: ...
    @property
    def mass_tier(self) -> str: ...
    @property
    def co2e_tier(self) -> str | None: ...
    @property
    def price_tier(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def uses(self) -> int: ...
    @property
    def not_calculated(self) -> int: ...


QUANTITIES = {
    "waste_g": "mass_tier",
    "value_chain_waste_g": "mass_tier",
    "co2e_g": "co2e_tier",
    "saved_ore": "price_tier",
}
"""Figures with a range, and the tier that it comes from."""
WHOLE = ("mass_g", "new_price_ore", "reference_co2e_g", "uses", "not_calculated")
"""Figures without one."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One view of many entries: g, g CO2e and øre with range (savings method, section 10).

    ``uses`` are handovers that count; ``not_calculated`` of them have no CO2e, which is not in
    ``co2e_g`` then, and ``unpriced`` no amount for want of a rate. ``saved_ore`` and ``new_price_ore`` are of one currency.
    """

    waste_g: Rounded
    value_chain_waste_g: Rounded
    co2e_g: Rounded
    saved_ore: Rounded
    mass_g: int
    new_price_ore: int
    reference_co2e_g: int
    uses: int
    not_calculated: int
    unpriced: int = 0

    @property
    def is_calculated(self) -> bool:
        """Whether any of its CO2e is calculated at all: where none is, it is not 0."""
        return self.uses > self.not_calculated or self.co2e_g != _ZERO

    @property
    def is_priced(self) -> bool:
        """Whether any of it has an amount: where all wait for a rate, it is not 0."""
        return self.uses > self.unpriced or self.saved_ore != _ZERO


_ZERO = Rounded(0, 0, 0)
EMPTY = Sum(_ZERO, _ZERO, _ZERO, _ZERO, 0, 0, 0, 0, 0)


_RANGED = {
    name: attrgetter(name, f"{name}_low", f"{name}_high", "category_id", tier)
    for name, tier in QUANTITIES.items()
}
_WHOLE = attrgetter(*WHOLE)


def total(groups: Iterable[Group]) -> Sum:
    """Groups of one view added up; PostgreSQL gives sums of 64-bit integers as decimals."""
    listed = list(groups)
    if not listed:
        return EMPTY
    figures: dict[str, Any] = {name: combine(_parts(listed, get)) for name, get in _RANGED.items()}
    for name, numbers in zip(WHOLE, zip(*map(_WHOLE, listed), strict=True), strict=True):
        figures[name] = int(sum(numbers))
    figures["unpriced"] = sum(int(each.uses) for each in listed if each.price_tier == Tier.NO_RATE)
    return Sum(**figures)


def _parts(groups: Sequence[Group], get: Callable[[Group], Any]) -> Iterator[RangedPart]:
    """One part a category and tier: they are few where the groups are many."""
    sums: dict[tuple[str, str | None], list[Any]] = {}
    for each in groups:
        value, low, high, category, tier = get(each)
        known = sums.get((category, tier))
        if known is None:
            sums[category, tier] = [value, low, high]
        else:
            known[0] += value
            known[1] += low
            known[2] += high
    for (category, tier), (value, low, high) in sums.items():
        yield RangedPart(category, tier, int(value), int(low), int(high))


def totals(groups: Iterable[Group], under: Mapping[Any, Any] | None = None) -> dict[Any, Sum]:
    """By key: ``under`` says under which one another is shown, such as a unit's under its parent's.

    Ranges are combined anew over what is shown together: they can not be added up.
    """
    by_key: dict[Any, list[Group]] = defaultdict(list)
    for each in groups:
        key = each.key if under is None else under.get(each.key, each.key)
        by_key[key].append(each)
    return {key: total(own) for key, own in by_key.items()}
