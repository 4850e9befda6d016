"""Older figures beside the years that are calculated: one chart a quantity, told apart by their marks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.kit.charts_flow import Moment
from app.kit.i18n import N_, gettext
from app.reports.figures import Ranged
from app.reports.models import Quantity
from app.reports.organisation_figures import OrganisationReport, Saved
from app.reports.words import QUANTITIES, grams, kroner, quantity_amount

ENTERED, CALCULATED = N_("Registrert for hånd"), N_("Beregnet av Omløp")
BOOKED = N_("Ekstern inntekt uten merverdiavgift")
CALCULATED_MARKS = N_("Firkant: registrert for hånd. Prikk: beregnet av Omløp.")
BOOKED_MARKS = N_("Firkant: registrert for hånd. Prikk: ekstern inntekt uten merverdiavgift.")
_PER: Mapping[Quantity, int] = {
    Quantity.SALES: 100_000,
    Quantity.SAVED: 100_000,
    Quantity.CO2E: 1_000_000,
    Quantity.WASTE: 1_000_000,
    Quantity.PIECES: 1,
}
"""How many stored units there are in one of the chart: thousands of kroner, tonnes and pieces."""
_OF_SAVED: Mapping[Quantity, Callable[[Saved], Ranged | None]] = {
    Quantity.SAVED: lambda of: of.saved_ore,
    Quantity.CO2E: lambda of: of.co2e_g,
    Quantity.WASTE: lambda of: of.waste_g,
}


@dataclass(frozen=True, slots=True)
class Older:
    """One quantity over the years. ``rows`` are year, how the figure came about, figure, method."""

    id: str
    name: str
    unit: str
    marks: str
    moments: list[Moment]
    rows: list[tuple[str, str, str, str]]


def older(report: OrganisationReport) -> list[Older]:
    """The quantities that have older figures.

    A year that has both is drawn as it is calculated, and stands in the table both ways: the two are
    made by different methods and are never added up.
    """
    found = []
    for quantity in Quantity:
        entered = {
            each.year: each
            for each in report.historic
            if each.quantity == quantity and each.currency in {None, report.currency}
        }
        if entered:
            known = _known(report, quantity)
            found.append(
                Older(
                    id=f"older-{quantity.value}",
                    name=gettext(QUANTITIES[quantity]),
                    unit=_unit(quantity, report.currency),
                    marks=gettext(BOOKED_MARKS if quantity == Quantity.SALES else CALCULATED_MARKS),
                    moments=_moments(
                        {y: e.value for y, e in entered.items()}, known, _PER[quantity]
                    ),
                    rows=_rows(
                        report,
                        quantity,
                        {y: (e.value, e.method) for y, e in entered.items()},
                        known,
                    ),
                )
            )
    return found


def _unit(quantity: Quantity, currency: str) -> str:
    if quantity in {Quantity.SALES, Quantity.SAVED}:
        return gettext("tusen %(unit)s", unit=currency)
    if quantity == Quantity.PIECES:
        return gettext("møbler")
    return "t CO2e" if quantity == Quantity.CO2E else "t"


def _known(report: OrganisationReport, quantity: Quantity) -> dict[int, Ranged]:
    """By year, what Omløp has: from the ledger, or of sales from the accounts."""
    if quantity == Quantity.SALES:
        return {e.year: Ranged(e.net_ore, e.net_ore, e.net_ore) for e in report.external_income}
    if quantity == Quantity.PIECES:
        return {year: Ranged(n, n, n) for year, n in report.pieces_by_year.items()}
    of = _OF_SAVED[quantity]
    years = {int(row.name): of(row.received) for row in report.years if row.received.uses}
    return {year: figure for year, figure in years.items() if figure is not None}


def _moments(entered: Mapping[int, int], known: Mapping[int, Ranged], per: int) -> list[Moment]:
    years = entered.keys() | known.keys()
    if len(years) < 2:
        return []
    moments = []
    for year in range(min(years), max(years) + 1):
        figure = known.get(year)
        if figure is not None:
            value, low, high = (n / per for n in (figure.value, figure.low, figure.high))
            moments.append(Moment(str(year), value, low, high))
        elif year in entered:
            moments.append(Moment(str(year), entered[year] / per, is_entered=True))
        else:
            moments.append(Moment(str(year), None))
    return moments


def _about(quantity: Quantity, figure: Ranged, currency: str | None) -> str:
    """As savings are shown, with two digits; what is counted or sold has all of its own."""
    if quantity in {Quantity.SALES, Quantity.PIECES}:
        return quantity_amount(quantity, figure.value, currency)
    value, unit, _ = grams(figure) if currency is None else kroner(figure, currency)
    of = " CO2e" if quantity == Quantity.CO2E else ""
    return gettext("ca. %(n)s", n=f"{value}\xa0{unit}{of}")


def _rows(
    report: OrganisationReport,
    quantity: Quantity,
    entered: Mapping[int, tuple[int, str]],
    known: Mapping[int, Ranged],
) -> list[tuple[str, str, str, str]]:
    currency = report.currency if quantity in {Quantity.SALES, Quantity.SAVED} else None
    rows = [
        (year, ENTERED, quantity_amount(quantity, value, currency), method)
        for year, (value, method) in entered.items()
    ]
    source = BOOKED if quantity == Quantity.SALES else CALCULATED
    rows += [
        (year, source, _about(quantity, figure, currency), "–") for year, figure in known.items()
    ]
    rows.sort(key=lambda each: (each[0], each[1] != ENTERED))
    return [(str(year), gettext(how), amount, method) for year, how, amount, method in rows]
