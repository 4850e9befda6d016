"""The organisation's report as its page shows it: numbers as texts, and each with a way behind it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.impact.rules import FulfilmentSource, View, two_significant
from app.kit.charts_flow import Moment
from app.kit.i18n import N_, date, gettext, number
from app.reports.figures import Ranged
from app.reports.organisation_figures import (
    OrganisationReport,
    Row,
    Saved,
    Wanted,
    YearRates,
)
from app.reports.organisation_trends import older
from app.reports.words import (
    QUANTITIES,
    VIEW_MEANINGS,
    VIEWS,
    about_grams,
    about_kroner,
    grams,
    kroner,
    percent_text,
    quantity_amount,
    source_name,
    statement,
)

PARTS: Mapping[str, str] = {
    "source": N_("Kilde"),
    "unit": N_("Enhet"),
    "place": N_("Sted"),
    "category": N_("Kategori"),
    "project": N_("Prosjekt"),
    "year": N_("År"),
    "month": N_("Måned"),
}
Href = Callable[[Mapping[str, str | None]], str]
"""The address of this report, or of the entries behind it, with some of the question changed."""


def report_context(report: OrganisationReport, here: Href, behind: Href) -> dict[str, Any]:
    wanted = report.wanted
    gave = report.total if report.given is None else report.given
    return {
        "report": report,
        "view_title": gettext(VIEWS[wanted.view]),
        "view_meaning": gettext(VIEW_MEANINGS[wanted.view]),
        "views": [
            (each.value, gettext(VIEWS[each]), here({"visning": each.value})) for each in View
        ],
        "co2e": None if report.total.co2e_g is None else grams(report.total.co2e_g),
        "waste": grams(gave.waste_g),
        "chain_waste": grams(gave.value_chain_waste_g),
        "saved": None
        if report.total.saved_ore is None
        else kroner(report.total.saved_ore, report.currency),
        "statement": None
        if report.total.co2e_g is None or not report.factor_sets
        else statement(report.total.co2e_g, report.factor_sets, wanted.view),
        "is_of_unit": report.given is not None,
        "part": gettext(PARTS[wanted.by]),
        "parts": [(each, gettext(text)) for each, text in PARTS.items()],
        "rows": [_row(report, each, here, behind) for each in report.rows],
        "by_source": _by_source(report),
        "bars": _bars(report),
        "moments": _moments(report),
        "year_rows": [_row(report, each, here, behind, by="year") for each in report.years],
        "income": [(str(each.year), each.net_ore) for each in report.external_income],
        "income_ore": sum(each.net_ore for each in report.external_income),
        "rates": [_rates(each) for each in report.rates],
        "base_year": next((each.base_year for each in report.rates if each.base_year), None),
        "older": older(report),
        "historic": report.historic,
        "unplaced": [
            (
                str(each.year),
                gettext(QUANTITIES[each.quantity]),
                quantity_amount(each.quantity, each.value, each.currency),
                each.method,
            )
            for each in report.historic
            if each.currency not in {None, report.currency}
        ],
        "waste_behind": behind({"rolle": "giver"} if report.given is not None else {}),
        "behind": behind({}),
        "rate": rate_text(report),
    }


def rate_text(report: OrganisationReport) -> str | None:
    """The rate that the report's amounts are by, with its day and source; exact as far as it ends."""
    found = report.converted
    if found is None:
        return None
    exact = Fraction(found.rate)
    is_whole = "/" not in found.rate
    text = number(Decimal(found.rate), len(found.rate.partition(".")[2])) if is_whole else None
    return gettext(
        N_("1 %(own)s %(equals)s %(rate)s %(currency)s, %(day)s, %(source)s"),
        own=found.own_currency,
        equals="=" if text else "≈",
        rate=text or number(round(Decimal(exact.numerator) / exact.denominator, 6), 6),
        currency=found.currency,
        day=date(found.day),
        source=found.source,
    )


def _row(
    report: OrganisationReport, row: Row, here: Href, behind: Href, *, by: str | None = None
) -> dict[str, Any]:
    part = by or report.wanted.by
    gave = row.received if row.given is None else row.given
    narrowed = narrower(report.wanted, part, row.key)
    is_narrower = (
        part in {"unit", "place", "source", "category", "year"}
        and row.key is not None
        and not row.is_alone
    )
    alone = {"alene": "1"} if row.is_alone else {}
    return {
        "name": row.name,
        "href": here(narrowed) if is_narrower and narrowed is not None else None,
        "uses": number(row.received.uses),
        "given_uses": None if row.given is None else number(row.given.uses),
        "co2e": _shown(row.received.co2e_g, row.received),
        "waste": _shown(gave.waste_g, gave),
        "saved": _paid(row.received, report.currency),
        "behind": behind({**narrowed, **alone})
        if narrowed is not None and row.received.uses
        else None,
        "waste_behind": behind({**narrowed, **alone, **({"rolle": "giver"} if row.given else {})})
        if narrowed is not None and gave.uses
        else None,
        "not_calculated": row.received.not_calculated,
    }


def narrower(wanted: Wanted, by: str, key: str | None) -> dict[str, str | None] | None:
    """The question for one row alone; nothing where it can not be asked."""
    if key is None:
        return {"uten": by} if by in {"unit", "place", "project"} else None
    if by == "month":
        return {"maaned": key}
    if by == "year":
        return {"fra": key, "til": key}
    name = {"unit": "enhet", "place": "sted", "source": "kilde", "category": "kategori"}.get(by)
    if by == "project":
        return {"prosjekt": key}
    if name is None:
        return None
    changes: dict[str, str | None] = {name: key}
    if by in {"source", "category"}:
        other = "category" if by == "source" else "source"
        changes["etter"] = other
    # Nothing can be asked of two of these at once.
    if by == "unit" and wanted.place_id is not None:
        changes["sted"] = None
    return changes


def _paid(of: Saved, currency: str) -> str:
    if of.saved_ore is None:
        return gettext("ikke beregnet")
    return about_kroner(of.saved_ore, currency) if of.uses or of.saved_ore.value else "–"


def _shown(figure: Ranged | None, of: Saved) -> str:
    if figure is None:
        return gettext("ikke beregnet")
    return about_grams(figure) if of.uses or figure.value else "–"


def _by_source(report: OrganisationReport) -> list[tuple[str, int, str]]:
    """For the bar of the five sources: uses, in their order."""
    if report.wanted.by != "source":
        return []
    uses = {row.key: row.received.uses for row in report.rows}
    whole = sum(max(0, each) for each in uses.values())
    named = [each for each in FulfilmentSource if each.value in uses]
    if not whole or len(named) > 6:
        return []
    return [
        (
            source_name(each),
            uses[each.value],
            f"{number(uses[each.value])} · {number(100 * uses[each.value] / whole, 0)}\xa0%",
        )
        for each in named
    ]


def _rates(found: YearRates) -> tuple[str, ...]:
    """One line: two digits of each rate, as of every figure that rests on estimates."""

    def shown(value: float | None, per: int) -> str:
        return "–" if value is None else number(two_significant(Decimal(str(value)) / per))

    def plain(value: int | None, per: int = 1) -> str:
        return "–" if value is None else number(Decimal(value) / per)

    against = found.against_base
    return (
        str(found.year),
        plain(found.employees),
        plain(found.person_years_hundredths, 100),
        plain(found.area_m2),
        shown(found.co2e_g_per_employee, 1000),
        shown(found.waste_g_per_100_employees, 1000),
        shown(found.saved_ore_per_employee, 100),
        shown(found.co2e_g_per_person_year, 1000),
        "–" if against is None else percent_text(round(against, 2)),
        shown(found.co2e_g_per_m2, 1000),
    )


MOST_BARS = 12


def _bars(report: OrganisationReport) -> list[tuple[str, int, str]]:
    """The largest parts by CO2e; those without are in the table alone."""
    if report.wanted.by in {"source", "year"}:
        return []
    known = [
        (row.name, row.received.co2e_g.value, about_grams(row.received.co2e_g))
        for row in report.rows
        if row.received.co2e_g is not None and row.received.co2e_g.value > 0
    ]
    return known[:MOST_BARS]


def _moments(report: OrganisationReport) -> list[Moment]:
    """Tonnes of CO2e a year, also the years between that have none."""
    by_year = {int(row.name): row.received.co2e_g for row in report.years}
    if len(by_year) < 2:
        return []
    found = []
    for year in range(min(by_year), max(by_year) + 1):
        figure = by_year.get(year)
        if figure is None:
            found.append(Moment(str(year), None))
        else:
            value, low, high = (g / 1_000_000 for g in (figure.value, figure.low, figure.high))
            found.append(Moment(str(year), value, low, high))
    return found
