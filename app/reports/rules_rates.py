"""Savings for each employee, person-year and square metre: exact, and nothing where nothing divides."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Size:
    """Of one year; person-years in hundredths. What is unknown is empty."""

    employees: int | None
    person_years_hundredths: int | None
    area_m2: int | None


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of one year, in g, g CO2e and øre; CO2e and money are empty where they are not calculated."""

    waste_g: int
    co2e_g: int | None
    saved_ore: int | None


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one year, exact. ``against_base`` is CO2e per person-year over that of the base year."""

    co2e_g_per_employee: Fraction | None
    saved_ore_per_employee: Fraction | None
    waste_g_per_100_employees: Fraction | None
    co2e_g_per_person_year: Fraction | None
    against_base: Fraction | None
    co2e_g_per_m2: Fraction | None


def rate(amount: int | None, of: int | None, per: int = 1) -> Fraction | None:
    """``amount`` for each ``per`` of ``of``; none where either is unknown or there is nothing."""
    if amount is None or not of or of < 0:
        return None
    return Fraction(amount * per, of)


def base_year(sizes: Mapping[int, Size], amounts: Mapping[int, Amounts]) -> int | None:
    """The first year whose CO2e per person-year is known and above nothing."""
    for year in sorted(sizes):
        if _per_person_year(sizes[year], amounts.get(year)):
            return year
    return None


def _per_person_year(size: Size, amount: Amounts | None) -> Fraction | None:
    co2e = None if amount is None else amount.co2e_g
    return rate(co2e, size.person_years_hundredths, 100)


def rates(sizes: Mapping[int, Size], amounts: Mapping[int, Amounts]) -> dict[int, Rates]:
    """By year, those with a size alone; a year without entries has saved nothing."""
    base = base_year(sizes, amounts)
    base_rate = None if base is None else _per_person_year(sizes[base], amounts.get(base))
    found = {}
    for year, size in sorted(sizes.items()):
        of = amounts.get(year, Amounts(0, 0, 0))
        mine = rate(of.co2e_g, size.person_years_hundredths, 100)
        found[year] = Rates(
            co2e_g_per_employee=rate(of.co2e_g, size.employees),
            saved_ore_per_employee=rate(of.saved_ore, size.employees),
            waste_g_per_100_employees=rate(of.waste_g, size.employees, 100),
            co2e_g_per_person_year=mine,
            against_base=mine / base_rate if mine is not None and base_rate else None,
            co2e_g_per_m2=rate(of.co2e_g, size.area_m2),
        )
    return found
