"""The report as JSON, CSV and Excel: exact numbers, with their units in the headings."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import TypeAdapter

from app.impact.rules import FulfilmentSource, View
from app.inbox.names import KINDS, OUTCOMES
from app.inbox.rules import Kind, Outcome
from app.kit.exports import Column, Sheet, Value, as_book, as_csv
from app.kit.i18n import N_, gettext
from app.ledger.rules_report import Factor, factor_sheet, texts
from app.projects.names import KINDS as PROJECT_KINDS
from app.projects.names import PROJECT_STATES
from app.projects.rules import ProjectKind, ProjectState
from app.reports.figures import Savings
from app.reports.words import VIEWS, source_name
from app.yearly.figures import YearlyReport
from app.yearly.names import WAYS
from app.yearly.rules import Way

SHAPE: TypeAdapter[YearlyReport] = TypeAdapter(YearlyReport)


def as_json(report: YearlyReport) -> str:
    return json.dumps(SHAPE.dump_python(report, mode="json"), ensure_ascii=False, indent=1) + "\n"


def as_table(report: YearlyReport) -> Iterator[bytes]:
    """One row a figure: what it is of, what it is, its number and unit."""
    columns = [
        Column("figure", gettext(N_("Tall")), 36),
        Column("part", gettext(N_("Del")), 48),
        Column("value", gettext(N_("Verdi")), 16),
        Column("unit", gettext(N_("Enhet")), 12),
    ]
    return as_csv(columns, rows_of(report))


def as_workbook(report: YearlyReport, factors: Sequence[Factor]) -> Iterator[bytes]:
    """The figures, the savings, the projects, the method and the factors, a sheet each."""
    words = texts(report.currency)
    return as_book(
        [
            _summary(report),
            _savings(report),
            _projects(report),
            _method(report, words["method"]),
            factor_sheet(words, factors),
        ]
    )


def rows_of(report: YearlyReport) -> list[list[Value]]:
    """Every figure of the report in one table, as the summary sheet and the CSV have it."""
    asked = report.enquiries
    number, days = gettext(N_("antall")), gettext(N_("dager"))
    enquiries, visits = gettext(N_("Henvendelser")), gettext(N_("Befaringer"))
    rows: list[list[Value]] = [
        [enquiries, gettext(N_("Alle")), asked.total, number],
        [enquiries, gettext(N_("Åpne")), asked.open, number],
        [enquiries, gettext(N_("Avsluttet")), asked.closed, number],
        [enquiries, gettext(N_("Trukket")), asked.withdrawn, number],
        [enquiries, gettext(N_("Møbler i de avsluttede")), asked.pieces, number],
        [visits, gettext(N_("Gjennomført")), asked.visits, number],
    ]
    for name, of in (
        (N_("Dager til første svar"), asked.days_to_reply),
        (N_("Dager til avsluttet"), asked.days_to_end),
    ):
        rows.append([gettext(name), gettext(N_("Median")), of.median, days])
        rows.append([gettext(name), gettext(N_("Ni av ti")), of.p90, days])
    rows += [
        [gettext(N_("Hva det gjaldt")), gettext(KINDS[Kind(kind)]), count, number]
        for kind, count in asked.by_kind.items()
    ]
    rows += [
        [gettext(N_("Utfall")), gettext(OUTCOMES[Outcome(outcome)]), count, number]
        for outcome, count in asked.by_outcome.items()
    ]
    rows += [
        [gettext(N_("Bestillinger fra markedet")), gettext(N_("Sendt")), report.orders, number],
        [gettext(N_("Behov")), gettext(N_("Meldt")), report.needs, number],
        [gettext(N_("Prosjekter")), gettext(N_("I gang i året")), len(report.projects), number],
    ]
    for view in View:
        for each in (*report.ways, None):
            label = gettext(N_("Sum")) if each is None else gettext(WAYS[Way(each.way)])
            found: Savings = getattr(report.totals if each is None else each, view.value)
            for heading, value, unit in _measures(found, report.currency):
                rows.append([f"{gettext(VIEWS[view])}: {heading}", label, value, unit])
    sold = gettext(N_("Ekstern inntekt"))
    net = gettext(N_("Uten merverdiavgift"))
    return [*rows, [sold, net, kroner_of(report.external_income.net_ore), report.currency]]


def kilos_of(g: int) -> Decimal:
    """Exact: grams are thousandths."""
    return Decimal(g) / 1000


def kroner_of(ore: int) -> Decimal:
    return Decimal(ore) / 100


def _measures(found: Savings, currency: str) -> list[tuple[str, Value, str]]:
    co2e = found.known_co2e_g
    return [
        (gettext(N_("møbler")), found.entries, gettext(N_("antall"))),
        (
            gettext(N_("spart")),
            kroner_of(found.saved_ore.value) if found.saved_ore else None,
            currency,
        ),
        (gettext(N_("unngått avfall")), kilos_of(found.waste_g.value), "kg"),
        (
            gettext(N_("unngått utslipp")),
            kilos_of(co2e.value) if co2e else None,
            "kg CO2e",
        ),
    ]


def _summary(report: YearlyReport) -> Sheet:
    columns = [
        Column("figure", gettext(N_("Tall")), 60),
        Column("part", gettext(N_("Del")), 34),
        Column("value", gettext(N_("Verdi")), 16),
        Column("unit", gettext(N_("Enhet")), 12),
    ]
    return Sheet(gettext(N_("Sammendrag")), columns, rows_of(report))


def _saving_columns(currency: str) -> list[Column]:
    return [
        Column("pieces", gettext(N_("Møbler (antall)")), 16),
        Column("saved", gettext(N_("Spart (%(unit)s)"), unit=currency), 16),
        Column("saved_low", gettext(N_("Spart, lav (%(unit)s)"), unit=currency), 18),
        Column("saved_high", gettext(N_("Spart, høy (%(unit)s)"), unit=currency), 18),
        Column("waste", gettext(N_("Unngått avfall (kg)")), 18),
        Column("co2e", gettext(N_("Unngått utslipp (kg CO2e)")), 24),
        Column("co2e_low", gettext(N_("Utslipp, lav (kg CO2e)")), 22),
        Column("co2e_high", gettext(N_("Utslipp, høy (kg CO2e)")), 22),
        Column("not_calculated", gettext(N_("Uten beregnet utslipp (antall)")), 26),
    ]


def _saving_cells(found: Savings) -> list[Value]:
    co2e = (found.co2e_g.value, found.co2e_g.low, found.co2e_g.high)
    paid = found.saved_ore
    saved = (None,) * 3 if paid is None else (paid.value, paid.low, paid.high)
    return [
        found.entries,
        *(None if n is None else kroner_of(n) for n in saved),
        kilos_of(found.waste_g.value),
        *(kilos_of(n) if found.is_calculated else None for n in co2e),
        found.not_calculated,
    ]


def _savings(report: YearlyReport) -> Sheet:
    columns = [
        Column("way", gettext(N_("Hvordan")), 30),
        Column("view", gettext(N_("Visning")), 46),
        *_saving_columns(report.currency),
    ]
    rows: list[list[Value]] = []
    for view in View:
        shown = gettext(VIEWS[view])
        for each in report.ways:
            own: Savings = getattr(each, view.value)
            rows.append([gettext(WAYS[Way(each.way)]), shown, *_saving_cells(own)])
        whole: Savings = getattr(report.totals, view.value)
        rows.append([gettext(N_("Sum")), shown, *_saving_cells(whole)])
    return Sheet(gettext(N_("Besparelse")), columns, rows)


def _projects(report: YearlyReport) -> Sheet:
    sources = list(report.projects[0].by_source) if report.projects else []
    columns = [
        Column("number", gettext(N_("Nr.")), 8),
        Column("name", gettext(N_("Prosjekt")), 36),
        Column("kind", gettext(N_("Slag")), 16),
        Column("state", gettext(N_("Tilstand")), 14),
        Column("began_on", gettext(N_("Begynte")), 12),
        Column("ended_on", gettext(N_("Avsluttet")), 12),
        *(Column(each, f"{source_name(each)} ({gettext(N_('antall'))})", 24) for each in sources),
        *_saving_columns(report.currency),
    ]
    rows = [
        [
            each.number,
            each.name,
            gettext(PROJECT_KINDS[ProjectKind(each.kind)]),
            gettext(PROJECT_STATES[ProjectState(each.state)][0]),
            each.began_on,
            each.ended_on,
            *each.by_source.values(),
            *_saving_cells(each.gross),
        ]
        for each in report.projects
    ]
    return Sheet(gettext(N_("Prosjekter")), columns, rows)


def _method(report: YearlyReport, explained: Sequence[list[Value]]) -> Sheet:
    basis = report.basis
    sources = ", ".join(each.value for each in FulfilmentSource)
    rows: list[list[Value]] = [
        [gettext(N_("Virksomhet")), report.organisation],
        [gettext(N_("År")), report.year],
        *explained,
        [gettext(N_("Sammenligning")), gettext(COMPARED)],
        [gettext(N_("Faktorsett")), ", ".join(basis.factor_sets)],
        [gettext(N_("Poster i besparelsesregnskapet")), basis.ledger_entries],
        [gettext(N_("Unike møbler")), basis.unique_items],
        [gettext(N_("Kildene i JSON")), sources],
        [gettext(N_("Kjedens hode")), f"{basis.chain_seq}: {basis.chain_head}"],
        [gettext(N_("Laget")), basis.made_at],
    ]
    columns = [
        Column("what", gettext(N_("Hva")), 40),
        Column("value", gettext(N_("Verdi")), 100),
    ]
    return Sheet(gettext(N_("Metode")), columns, rows)


COMPARED = N_(
    "Sammenlignet med å kjøpe tilsvarende nytt. Unngåtte utslipp er ikke trukket fra i "
    "klimaregnskapet."
)
