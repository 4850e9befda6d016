"""A project's or a year's waste by fraction. Pure; grams in, grams out, and none is lost."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction as Exact
from typing import TypeAlias

from app.disposals.rules import OF_MATERIAL, Fate, Fraction, fractions_of
from app.impact.rules import spread
from app.reports.figures import Ranged

Materials: TypeAlias = Sequence[tuple[str, Decimal]]


@dataclass(frozen=True, slots=True)
class WastePart:
    """Avoided waste in g of the entries of one factor set, category and tier of mass."""

    factor_set_id: str
    category_id: str
    tier: str
    value: int
    low: int
    high: int


def avoided_by_fraction(
    parts: Iterable[WastePart], materials_of: Callable[[str, str], Materials]
) -> Mapping[Fraction, Ranged]:
    """What was not thrown away, taken apart by the materials of its category.

    Waste below nothing, which corrections alone give, and what has no known materials are mixed. The
    sum is the sum of the masses. A fraction's range is its part of the range of the masses, added up
    as they are (savings method, section 10); materials have no range of their own. All fractions of
    a chair are heavier when the chair is, so the ranges of fractions are never added up.
    """
    by_category: dict[tuple[str, str], list[WastePart]] = defaultdict(list)
    for each in parts:
        by_category[each.factor_set_id, each.category_id].append(each)
    sums: Counter[Fraction] = Counter()
    spreads: dict[Fraction, list[tuple[tuple[str, str], Exact, Exact]]] = defaultdict(list)
    for (factor_set_id, category_id), own in by_category.items():
        grams = sum(each.value for each in own)
        materials = materials_of(factor_set_id, category_id) if grams >= 0 else ()
        sums.update(fractions_of(grams, materials, Fate.RECYCLE))
        for fraction, share in _shares(materials).items():
            spreads[fraction] += [
                (
                    (category_id, each.tier),
                    share * (each.value - each.low),
                    share * (each.high - each.value),
                )
                for each in own
            ]
    found = {}
    for fraction in Fraction:
        below, above = spread(spreads[fraction])
        grams = sums[fraction]
        found[fraction] = Ranged(grams, grams - below, grams + above)
    return found


def _shares(materials: Materials) -> Mapping[Fraction, Exact]:
    if not materials:
        return {Fraction.MIXED: Exact(1)}
    found: dict[Fraction, Exact] = defaultdict(Exact)
    for material, share in materials:
        found[OF_MATERIAL.get(material, Fraction.MIXED)] += Exact(share)
    return found


def own_part(mass_g: int, own: int, whole: int) -> int:
    """The project's part of a decision's fraction by its number of pieces, half a gram up."""
    return (2 * mass_g * own + whole) // (2 * whole) if whole else 0
