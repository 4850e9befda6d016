"""How much rests on which factor, and what another choice of factors would change. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from datetime import date
from fractions import Fraction
from operator import add
from typing import NamedTuple

from app.impact.rules import Figures, Tier

BOOKED, SET, NOW, DAY = "booked", "set", "now", "day"
"""As each entry was booked; the factor set alone; own factors of today; those of another day."""
CHOICES = (BOOKED, SET, NOW, DAY)
STRONG = frozenset({Tier.T1.value, Tier.T2.value})


@dataclass(frozen=True, slots=True)
class Choice:
    """Which factors are meant; ``day`` is for those that held at the end of a day (UTC)."""

    kind: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Weak:
    """What rests on a category's weak factors, in g CO2e and øre, and as parts of the whole.

    Of its ``uses``, ``not_calculated`` have no CO2e and ``unpriced`` no amount for want of a rate:
    where that is all of them the sum is empty, and never 0.
    """

    category_id: str
    co2e_tier: str | None
    price_tier: str | None
    co2e_g: int | None
    saved_ore: int | None
    co2e_share: Fraction
    saved_share: Fraction
    uses: int
    not_calculated: int
    unpriced: int

    @property
    def weight(self) -> Fraction:
        return max(self.co2e_share, self.saved_share)


class Row(NamedTuple):
    """Some uses of a category: the tiers they rest on, and what they come to."""

    category_id: str
    co2e_tier: str | None
    price_tier: str
    co2e_g: int
    saved_ore: int
    uses: int
    not_calculated: int


@dataclass(slots=True)
class _Of:
    """What one category comes to on the way."""

    co2e: int = 0
    saved: int = 0
    is_calculated: bool = False
    is_priced: bool = False
    uses: int = 0
    not_calculated: int = 0
    unpriced: int = 0
    co2e_tiers: set[str] = field(default_factory=set)
    price_tiers: set[str] = field(default_factory=set)


def weakest(rows: Iterable[Row]) -> list[Weak]:
    """The categories by how much rests on tiers below T2, the heaviest first.

    Parts are of the absolute values, so that what is negative weighs too; of nothing they are 0.
    What waits for a rate weighs nothing, and its category is told last.
    """
    found: dict[str, _Of] = defaultdict(_Of)
    all_co2e = all_saved = 0
    for row in rows:
        all_co2e += abs(row.co2e_g)
        all_saved += abs(row.saved_ore)
        own = found[row.category_id]
        own.uses += row.uses
        own.not_calculated += row.not_calculated
        own.is_calculated |= row.uses > row.not_calculated or bool(row.co2e_g)
        if row.price_tier == Tier.NO_RATE:
            own.unpriced += row.uses
        own.is_priced |= bool(row.saved_ore) or (row.price_tier != Tier.NO_RATE and row.uses > 0)
        if row.co2e_tier is not None and row.co2e_tier not in STRONG and row.co2e_g:
            own.co2e += row.co2e_g
            own.co2e_tiers.add(row.co2e_tier)
        if row.price_tier not in STRONG and row.saved_ore:
            own.saved += row.saved_ore
            own.price_tiers.add(row.price_tier)
        elif row.price_tier == Tier.NO_RATE and row.uses:
            own.price_tiers.add(row.price_tier)
    weak = [
        Weak(
            category_id,
            max(own.co2e_tiers, default=None),
            max(own.price_tiers, default=None),
            own.co2e if own.is_calculated or not own.uses else None,
            own.saved if own.is_priced or not own.uses else None,
            _part(own.co2e, all_co2e),
            _part(own.saved, all_saved),
            own.uses,
            own.not_calculated,
            own.unpriced,
        )
        for category_id, own in found.items()
        if own.co2e_tiers or own.price_tiers
    ]
    return sorted(weak, key=lambda each: (-each.weight, each.category_id))


def _part(value: int, whole: int) -> Fraction:
    return Fraction(abs(value), whole) if whole else Fraction(0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Before and after in whole g, g CO2e and øre; what is not calculated counts in neither.

    How many of the ``entries`` that is stands beside it: without CO2e (``not_calculated_…``), and
    without an amount for want of a rate (``unpriced_…``).
    """

    entries: int = 0
    waste_before: int = 0
    waste_after: int = 0
    co2e_before: int = 0
    co2e_after: int = 0
    saved_before: int = 0
    saved_after: int = 0
    not_calculated_before: int = 0
    not_calculated_after: int = 0
    unpriced_before: int = 0
    unpriced_after: int = 0

    @classmethod
    def between(cls, before: Figures, after: Figures) -> "Difference":
        return cls(
            1,
            before.waste_g.value,
            after.waste_g.value,
            before.co2e_g.value if before.co2e_g else 0,
            after.co2e_g.value if after.co2e_g else 0,
            before.saved_ore.value if before.saved_ore else 0,
            after.saved_ore.value if after.saved_ore else 0,
            int(before.co2e_g is None),
            int(after.co2e_g is None),
            int(before.saved_ore is None),
            int(after.saved_ore is None),
        )

    def plus(self, other: "Difference") -> "Difference":
        return Difference(*map(add, astuple(self), astuple(other)))

    def known(self, figure: str) -> int | None:
        """``co2e_before`` and so on; nothing where there are entries and none is calculated."""
        name, _, side = figure.partition("_")
        missing: int = getattr(self, f"{_MISSING[name]}_{side}")
        value: int = getattr(self, figure)
        return None if self.entries and missing == self.entries else value

    @property
    def changes(self) -> bool:
        return (self.waste_before, self.co2e_before, self.saved_before) != (
            self.waste_after,
            self.co2e_after,
            self.saved_after,
        )


_MISSING = {"co2e": "not_calculated", "saved": "unpriced"}
