"""The report as JSON and CSV, for the API, the pages' twins and the command line alike."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from app.kit.exports import Column, Value, as_csv
from app.kit.i18n import gettext
from app.reports.figures import Piece, ProjectReport
from app.reports.words import source_name

SHAPE: TypeAdapter[ProjectReport] = TypeAdapter(ProjectReport)


def as_json(report: ProjectReport) -> str:
    """One top-level member a line: a person can read it, and a program does not mind."""
    plain: dict[str, Any] = SHAPE.dump_python(report, mode="json")
    members = [
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in plain.items()
    ]
    return "{\n" + ",\n".join(members) + "\n}\n"


def as_table(report: ProjectReport) -> Iterator[bytes]:
    """Every piece with its figures: kg and kroner as a spreadsheet adds them up."""
    columns = [
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
    return as_csv(columns, (_row(each) for each in report.pieces))


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
