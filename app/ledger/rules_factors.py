"""How much rests on which factor, and what another choice of factors would change. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

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
    """What rests on a category's weak factors, in g CO2e and øre, and as parts of the whole."""

    category_id: str
    co2e_tier: str | None
    price_tier: str | None
    co2e_g: int
    saved_ore: int
    co2e_share: Fraction
    saved_share: Fraction

    @property
    def weight(self) -> Fraction:
        return max(self.co2e_share, self.saved_share)


Row = tuple[str, str | None, str, int, int]
"""Category, tier of its CO2e, tier of its price, g CO2e, øre."""


def weakest(rows: Iterable[Row]) -> list[Weak]:
    """The categories by how much rests on tiers below T2, the heaviest first.

    Parts are of the absolute values, so that what is negative weighs too; of nothing they are 0.
    """
    co2e: dict[str, int] = defaultdict(int)
    saved: dict[str, int] = defaultdict(int)
    tiers: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    all_co2e = all_saved = 0
    for category_id, co2e_tier, price_tier, grams, ore in rows:
        all_co2e += abs(grams)
        all_saved += abs(ore)
        if co2e_tier is not None and co2e_tier not in STRONG and grams:
            co2e[category_id] += grams
            tiers[category_id][0].add(co2e_tier)
        if price_tier not in STRONG and ore:
            saved[category_id] += ore
            tiers[category_id][1].add(price_tier)
    found = [
        Weak(
            category_id,
            max(tiers[category_id][0], default=None),
            max(tiers[category_id][1], default=None),
            co2e[category_id],
            saved[category_id],
            _part(co2e[category_id], all_co2e),
            _part(saved[category_id], all_saved),
        )
        for category_id in tiers
    ]
    return sorted(found, key=lambda each: (-each.weight, each.category_id))


def _part(value: int, whole: int) -> Fraction:
    return Fraction(abs(value), whole) if whole else Fraction(0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Before and after in whole g, g CO2e and øre; what is not calculated counts in neither."""

    entries: int = 0
    waste_before: int = 0
    waste_after: int = 0
    co2e_before: int = 0
    co2e_after: int = 0
    saved_before: int = 0
    saved_after: int = 0

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
        )

    def plus(self, other: "Difference") -> "Difference":
        return Difference(
            self.entries + other.entries,
            self.waste_before + other.waste_before,
            self.waste_after + other.waste_after,
            self.co2e_before + other.co2e_before,
            self.co2e_after + other.co2e_after,
            self.saved_before + other.saved_before,
            self.saved_after + other.saved_after,
        )

    @property
    def changes(self) -> bool:
        return (self.waste_before, self.co2e_before, self.saved_before) != (
            self.waste_after,
            self.co2e_after,
            self.saved_after,
        )
