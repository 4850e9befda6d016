"""What an organisation's report has of sizes and of years before Omløp."""

from collections.abc import Sequence
from fractions import Fraction

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.ledger.rules_sums import Sum
from app.reports.models import HistoricFigure, YearSize
from app.reports.organisation_figures import Historic, YearRates
from app.reports.rules_rates import Amounts, Size, base_year, rates
from app.reports.service_basis import historic_visible_to, sizes_visible_to


def year_rates(session: Session, actor: Actor, by_year: dict[int, Sum]) -> tuple[YearRates, ...]:
    """The years whose size is recorded, the first first."""
    rows: Sequence[YearSize] = session.scalars(
        sizes_visible_to(actor).order_by(YearSize.year)
    ).all()
    sizes = {
        each.year: Size(each.employees, each.person_years_hundredths, each.area_m2) for each in rows
    }
    amounts = {
        year: Amounts(
            each.waste_g.value,
            each.co2e_g.value if each.is_calculated or not each.uses else None,
            each.saved_ore.value if each.is_priced or not each.uses else None,
        )
        for year, each in by_year.items()
    }
    base = base_year(sizes, amounts)
    found = rates(sizes, amounts)
    return tuple(
        YearRates(
            year=each.year,
            employees=each.employees,
            person_years_hundredths=each.person_years_hundredths,
            area_m2=each.area_m2,
            source=each.source,
            base_year=base,
            co2e_g_per_employee=_plain(found[each.year].co2e_g_per_employee),
            saved_ore_per_employee=_plain(found[each.year].saved_ore_per_employee),
            waste_g_per_100_employees=_plain(found[each.year].waste_g_per_100_employees),
            co2e_g_per_person_year=_plain(found[each.year].co2e_g_per_person_year),
            against_base=_plain(found[each.year].against_base),
            co2e_g_per_m2=_plain(found[each.year].co2e_g_per_m2),
        )
        for each in rows
    )


def _plain(exact: Fraction | None) -> float | None:
    return None if exact is None else float(round(exact, 4))


def historic(session: Session, actor: Actor) -> tuple[Historic, ...]:
    """All older figures, those of one quantity together and the oldest first."""
    order = (HistoricFigure.quantity, HistoricFigure.year)
    return tuple(
        Historic(each.year, each.quantity.value, each.value, each.currency, each.method)
        for each in session.scalars(historic_visible_to(actor).order_by(*order))
    )
