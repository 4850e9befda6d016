"""The organisation's report as JSON, CSV and a workbook: real numbers, units in the headings."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.impact.models import FactorRow
from app.kit.exports import Column, Sheet, Value, as_book, as_csv
from app.kit.i18n import N_, gettext
from app.reports.figures import Ranged
from app.reports.models import Quantity
from app.reports.organisation_figures import OrganisationReport, Row
from app.reports.organisation_views import PARTS, rate_text
from app.reports.words import QUANTITIES, VIEW_MEANINGS, VIEWS, statement

SHAPE: TypeAdapter[OrganisationReport] = TypeAdapter(OrganisationReport)

METHOD = (
    N_("Tallene er summen av postene i besparelsesregnskapet: det offisielle tallet."),
    N_(
        "Avfall hører til giveren, utslipp og penger til mottakeren. Summen teller hver post én gang."
    ),
    N_(
        "Lavt og høyt er omtrent et 90 %-intervall: poster i samme kategori og kvalitet feiler sammen, "
        "ulike legges sammen som roten av kvadratene. Områder kan derfor ikke legges sammen."
    ),
    N_("Tomt felt for utslipp: ikke beregnet, fordi kategorien ikke har noen klimafaktor."),
    N_("Tomt felt for spart: ikke beregnet, fordi valutakursen manglet da møbelet ble mottatt."),
    N_("Eget avfall og avfall i verdikjeden legges aldri sammen."),
    N_("År er regnskapsåret som posten er ført i; måned er overleveringens egen."),
    N_("Unngåtte utslipp står ved siden av klimaregnskapet og trekkes aldri fra."),
)


def as_json(report: OrganisationReport) -> str:
    """One top-level member a line: a person can read it, and a program does not mind."""
    plain: dict[str, Any] = SHAPE.dump_python(report, mode="json")
    members = [
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in plain.items()
    ]
    return "{\n" + ",\n".join(members) + "\n}\n"


def as_table(report: OrganisationReport) -> Iterator[bytes]:
    """The rows; in another currency each says by which rate, since a table has no other place."""
    columns = _columns(report, report.wanted.by, report.rows)
    rows = [_row(each) for each in report.rows]
    rate = rate_text(report)
    if rate is not None:
        columns.append(Column("rate", gettext("Valutakurs"), 40))
        rows = [[*each, rate] for each in rows]
    return as_csv(columns, rows)


def as_workbook(session: Session, report: OrganisationReport) -> Iterator[bytes]:
    """What was asked for, every year, the method with what was asked, and the factors used."""
    sheets = [
        Sheet(
            gettext("Besparelser"),
            _columns(report, report.wanted.by, report.rows),
            [_row(each) for each in report.rows],
        ),
        Sheet(
            gettext("År for år"),
            _columns(report, "year", report.years),
            [_row(each) for each in report.years],
        ),
        _method(report),
        _factors(session, report),
    ]
    if report.external_income:
        income = [(each.year, Decimal(each.net_ore) / 100) for each in report.external_income]
        head = [
            Column("year", gettext("År"), 8),
            Column("net", gettext("Uten merverdiavgift (%(unit)s)", unit=report.currency), 24),
        ]
        sheets.insert(2, Sheet(gettext("Ekstern inntekt"), head, income))
    if report.historic:
        sheets.insert(2, _older(report))
    return as_book(sheets)


def _older(report: OrganisationReport) -> Sheet:
    """Figures of years before Omløp, each with its unit and its own method, in no sum."""
    head = [
        Column("year", gettext("År"), 8),
        Column("what", gettext("Hva"), 20),
        Column("value", gettext("Tall"), 16),
        Column("unit", gettext("Enhet"), 12),
        Column("method", gettext("Metode"), 80),
    ]
    return Sheet(
        gettext("Eldre tall"),
        head,
        [
            (
                each.year,
                gettext(QUANTITIES[each.quantity]),
                each.value
                if each.quantity == Quantity.PIECES
                else Decimal(each.value) / (100 if each.currency else 1000),
                each.currency or gettext(_UNITS[Quantity(each.quantity)]),
                each.method,
            )
            for each in report.historic
        ],
    )


_UNITS = {Quantity.CO2E: "kg CO2e", Quantity.WASTE: "kg", Quantity.PIECES: N_("møbler")}


def _columns(report: OrganisationReport, by: str, rows: Sequence[Row]) -> list[Column]:
    money = report.currency
    role = gettext("mottatt") if any(each.given is not None for each in rows) else ""

    def of(text: str) -> str:
        return f"{text}, {role}" if role else text

    columns = [
        Column("name", gettext(PARTS[by]), 32),
        Column("key", gettext("Id"), 14),
        Column("uses", of(gettext("Overleveringer")), 14),
        Column("not_calculated", gettext("Uten beregnet utslipp"), 14),
        Column("unpriced", gettext("Uten beregnet beløp"), 14),
        Column("co2e", of(gettext("Unngått utslipp (kg CO2e)")), 16),
        Column("co2e_low", gettext("Unngått utslipp, lavt (kg CO2e)"), 16),
        Column("co2e_high", gettext("Unngått utslipp, høyt (kg CO2e)"), 16),
        Column("saved", of(gettext("Spart (%(unit)s)", unit=money)), 16),
        Column("saved_low", gettext("Spart, lavt (%(unit)s)", unit=money), 16),
        Column("saved_high", gettext("Spart, høyt (%(unit)s)", unit=money), 16),
        Column("waste", of(gettext("Unngått avfall (kg)")), 16),
        Column("waste_low", gettext("Unngått avfall, lavt (kg)"), 16),
        Column("waste_high", gettext("Unngått avfall, høyt (kg)"), 16),
        Column("chain_waste", gettext("Avfall i verdikjeden (kg)"), 16),
        Column("mass", gettext("Masse (kg)"), 14),
        Column("new_price", gettext("Verdi som ny (%(unit)s)", unit=money), 16),
    ]
    if role:
        columns += [
            Column("given_uses", gettext("Overleveringer, gitt"), 14),
            Column("given_waste", gettext("Unngått avfall, gitt (kg)"), 16),
            Column("given_waste_low", gettext("Unngått avfall, gitt, lavt (kg)"), 16),
            Column("given_waste_high", gettext("Unngått avfall, gitt, høyt (kg)"), 16),
        ]
    return columns


def _row(row: Row) -> list[Value]:
    found = row.received
    values: list[Value] = [
        row.name,
        row.key,
        found.uses,
        found.not_calculated,
        found.unpriced,
        *_ranged(found.co2e_g, 1000),
        *_ranged(found.saved_ore, 100),
        *_ranged(found.waste_g, 1000),
        Decimal(found.value_chain_waste_g.value) / 1000,
        Decimal(found.mass_g) / 1000,
        Decimal(found.new_price_ore) / 100,
    ]
    if row.given is not None:
        values += [row.given.uses, *_ranged(row.given.waste_g, 1000)]
    return values


def _ranged(figure: Ranged | None, per: int) -> list[Value]:
    """Exact: grams are thousandths of a kg, øre hundredths of a krone. Not calculated is empty."""
    if figure is None:
        return [None, None, None]
    return [Decimal(each) / per for each in (figure.value, figure.low, figure.high)]


def _method(report: OrganisationReport) -> Sheet:
    wanted = report.wanted
    rows: list[tuple[str, Value]] = [
        (gettext("Virksomhet"), report.organisation),
        (gettext("Visning"), gettext(VIEWS[wanted.view])),
        (gettext("Hva visningen betyr"), gettext(VIEW_MEANINGS[wanted.view])),
        (gettext("Etter"), gettext(PARTS[wanted.by])),
        (gettext("Fra år"), wanted.first_year),
        (gettext("Til år"), wanted.last_year),
        (gettext("Enhet"), None if wanted.unit_id is None else str(wanted.unit_id)),
        (gettext("Sted"), None if wanted.place_id is None else str(wanted.place_id)),
        (gettext("Kilde"), wanted.source),
        (gettext("Kategori"), wanted.category_id),
        (gettext("Valuta"), report.currency),
        (gettext("Valutakurs"), rate_text(report)),
        (gettext("Faktorsett"), ", ".join(report.factor_sets)),
        (gettext("Kjedens hode"), f"{report.chain_seq}: {report.chain_head}"),
    ]
    if report.total.co2e_g is not None and report.factor_sets:
        said = statement(report.total.co2e_g, report.factor_sets, wanted.view)
        rows.append((gettext("Utsagn"), said))
    rows += [(gettext("Metode"), gettext(text)) for text in METHOD]
    head = [Column("what", gettext("Hva"), 24), Column("value", gettext("Verdi"), 110)]
    return Sheet(gettext("Metode"), head, rows)


def _factors(session: Session, report: OrganisationReport) -> Sheet:
    """Every row of the sets, column by column as it was published; the numbers are exact texts."""
    head = [
        Column("set", gettext("Faktorsett"), 10),
        Column("table", gettext("Tabell"), 14),
        Column("key", gettext("Nøkkel"), 22),
        Column("column", gettext("Felt"), 24),
        Column("value", gettext("Verdi"), 40),
    ]
    rows = session.execute(
        select(FactorRow.factor_set_id, FactorRow.table, FactorRow.key, FactorRow.columns)
        .where(FactorRow.factor_set_id.in_(report.factor_sets))
        .order_by(FactorRow.factor_set_id, FactorRow.table, FactorRow.key)
    )
    return Sheet(
        gettext("Faktorer"),
        head,
        [
            (row.factor_set_id, row.table, row.key, name, _number(text))
            for row in rows
            for name, text in row.columns.items()
            if text not in {None, ""}
        ],
    )


def _number(text: Any) -> Value:
    """A number as a number, so that a spreadsheet can calculate with it."""
    plain = str(text)
    try:
        found = Decimal(plain)
    except ArithmeticError:
        return plain
    return found if found.is_finite() else plain
