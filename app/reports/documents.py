"""The report as JSON and CSV, for the API, the pages' twins and the command line alike."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from app.kit.exports import Column, Sheet, Value, as_book, as_csv
from app.kit.i18n import gettext
from app.ledger.rules_report import Factor, factor_sheet, texts
from app.reports.documents_plan import plan_sheets
from app.reports.documents_went import went_sheets
from app.reports.figures import LATER, LATER_WITHIN, Piece, ProjectReport, Ranged, Savings
from app.reports.words import LINE_STATES, source_name

SHAPE: TypeAdapter[ProjectReport] = TypeAdapter(ProjectReport)


def as_json(report: ProjectReport) -> str:
    """One top-level member a line: a person can read it, and a program does not mind.

    What an earlier edition has not, stays out: a frozen report has the same bytes again.
    """
    edition = report.edition or 1
    plain: dict[str, Any] = SHAPE.dump_python(report, mode="json")
    for name, later in LATER_WITHIN.items():
        for row in plain[name] or ():
            for each in [each for each, brought in later.items() if brought > edition]:
                del row[each]
    members = [
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in plain.items()
        if LATER.get(name, 1) <= edition
    ]
    return "{\n" + ",\n".join(members) + "\n}\n"


def as_table(report: ProjectReport) -> Iterator[bytes]:
    """Every piece with its figures: kg and kroner as a spreadsheet adds them up."""
    return as_csv(_columns(report), (_row(each) for each in report.pieces))


def as_workbook(report: ProjectReport, factors: Sequence[Factor]) -> Iterator[bytes]:
    """The pieces, the sources, the programme's lines, the method and the factors, a sheet each."""
    money = [
        gettext("Spart brutto (%(unit)s)", unit=report.currency),
        gettext("Spart netto (%(unit)s)", unit=report.currency),
    ]
    savings = [
        Column(name, heading)
        for name, heading in (
            ("gross_co2e_kg", gettext("CO2e brutto (kg)")),
            ("net_co2e_kg", gettext("CO2e netto (kg)")),
            ("gross_waste_kg", gettext("Avfall brutto (kg)")),
            ("net_waste_kg", gettext("Avfall netto (kg)")),
            ("gross_saved", money[0]),
            ("net_saved", money[1]),
        )
    ]
    sources = [
        Column("source", gettext("Kilde"), 24),
        Column("pieces", gettext("Møbler")),
        Column("mass_kg", gettext("Masse (kg)")),
        *savings,
    ]
    lines = [
        Column("category", gettext("Kategori"), 30),
        Column("requirement", gettext("Krav"), 30),
        Column("state", gettext("Tilstand")),
        Column("quantity", gettext("Behov")),
        Column("fulfilled", gettext("Dekket")),
        *savings,
    ]
    method = [Column("what", gettext("Tema"), 28), Column("text", gettext("Forklaring"), 120)]
    words = texts(report.currency)
    return as_book(
        [
            Sheet(gettext("Møbler"), _columns(report), (_row(each) for each in report.pieces)),
            Sheet(
                gettext("Kilder"),
                sources,
                [
                    [
                        source_name(each.source),
                        each.pieces,
                        _scaled(each.mass_g, 1000),
                        *_both(each.gross, each.net),
                    ]
                    for each in report.sources
                ],
            ),
            Sheet(
                gettext("Behovsprogram"),
                lines,
                [
                    [
                        each.category,
                        each.requirement,
                        gettext(LINE_STATES[each.state]),
                        each.quantity,
                        each.fulfilled,
                        *_both(each.gross, each.net),
                    ]
                    for each in report.lines
                ],
            ),
            *plan_sheets(report),
            *went_sheets(report),
            Sheet(words["sheets"]["method"], method, words["method"]),
            factor_sheet(words, factors),
        ]
    )


def _both(gross: Savings, net: Savings) -> list[Value]:
    found: list[Value] = []
    for name, scale in (("known_co2e_g", 1000), ("waste_g", 1000), ("saved_ore", 100)):
        figures: list[Ranged | None] = [getattr(each, name) for each in (gross, net)]
        found += [None if each is None else _scaled(each.value, scale) for each in figures]
    return found


def _columns(report: ProjectReport) -> list[Column]:
    return [
        Column("code", gettext("Kode"), 14),
        Column("name", gettext("Møbel"), 30),
        Column("category", gettext("Kategori"), 24),
        Column("source", gettext("Kilde"), 24),
        Column("fulfilled_on", gettext("Dekket dato"), 12),
        Column("mass_kg", gettext("Masse (kg)"), 12),
        Column("new_price", gettext("Verdi som ny (%(unit)s)", unit=report.currency), 14),
        Column("gross_co2e_kg", gettext("CO2e brutto (kg)"), 14),
        Column("net_co2e_kg", gettext("CO2e netto (kg)"), 14),
        Column("gross_waste_kg", gettext("Avfall brutto (kg)"), 14),
        Column("net_waste_kg", gettext("Avfall netto (kg)"), 14),
        Column("gross_saved", gettext("Spart brutto (%(unit)s)", unit=report.currency), 14),
        Column("net_saved", gettext("Spart netto (%(unit)s)", unit=report.currency), 14),
        Column("co2e_tier", gettext("Kvalitet CO2e"), 10),
        Column("factor_set", gettext("Faktorsett"), 10),
        Column("item_id", gettext("Møbel-id"), 36),
        Column("programme_line_id", gettext("Linje-id"), 36),
        Column("gross_entry_id", gettext("Post brutto"), 36),
        Column("net_entry_id", gettext("Post netto"), 36),
    ]


def _row(piece: Piece) -> list[Value]:
    return [
        piece.code,
        piece.name,
        piece.category,
        source_name(piece.source),
        piece.fulfilled_on,
        _scaled(piece.mass_g, 1000),
        _scaled(piece.new_price_ore, 100),
        _scaled(piece.gross_co2e_g, 1000),
        _scaled(piece.net_co2e_g, 1000),
        _scaled(piece.gross_waste_g, 1000),
        _scaled(piece.net_waste_g, 1000),
        _scaled(piece.gross_saved_ore, 100),
        _scaled(piece.net_saved_ore, 100),
        piece.co2e_tier,
        piece.factor_set_id,
        piece.item_id,
        piece.programme_line_id,
        piece.gross_entry_id,
        piece.net_entry_id,
    ]


def _scaled(number: int | None, per: int) -> Decimal | None:
    """Exact: grams are thousandths of a kg, øre hundredths of a krone. Unknown stays empty."""
    return None if number is None else Decimal(number) / per
