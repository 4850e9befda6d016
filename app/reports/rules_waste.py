"""A project's waste by fraction. Pure; grams in, grams out, and none is lost."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from app.disposals.rules import Fate, Fraction, fractions_of

Materials = Sequence[tuple[str, Decimal]]


def avoided_by_fraction(
    grams: Iterable[tuple[str, str, int]], materials_of: Callable[[str, str], Materials]
) -> Counter[Fraction]:
    """What was not thrown away, taken apart by the materials of its category.

    ``grams`` are factor set, category and mass. Waste below nothing, which corrections alone give,
    and what has no known materials are mixed. The sum is the sum of the masses.
    """
    sums: Counter[tuple[str, str]] = Counter()
    for factor_set, category, mass_g in grams:
        sums[factor_set, category] += mass_g
    found: Counter[Fraction] = Counter()
    for (factor_set, category), mass_g in sums.items():
        if mass_g < 0:
            found[Fraction.MIXED] += mass_g
        else:
            found.update(fractions_of(mass_g, materials_of(factor_set, category), Fate.RECYCLE))
    return found


def own_part(mass_g: int, own: int, whole: int) -> int:
    """The project's part of a decision's fraction by its number of pieces, half a gram up."""
    return (2 * mass_g * own + whole) // (2 * whole) if whole else 0
