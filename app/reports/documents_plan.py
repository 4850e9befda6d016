"""Plan against result as CSV and as a sheet of the report's workbook: exact numbers."""

from collections.abc import Iterator
from decimal import Decimal

from app.impact.rules import FIVE_SOURCES
from app.kit.exports import Column, Sheet, Value, as_csv
from app.kit.i18n import gettext
from app.reports.figures import PlannedLine, ProjectReport, Promised, Savings
from app.reports.words import source_name


def plan_table(report: ProjectReport) -> Iterator[bytes]:
    """A row a programme line; no row where no plan was fixed."""
    return as_csv(_columns(report), _rows(report))


def plan_sheets(report: ProjectReport) -> list[Sheet]:
    """None where no plan was fixed, so that what was frozen before has the file it had."""
    if report.plan is None:
        return []
    return [Sheet(gettext("Plan mot resultat"), _columns(report), _rows(report))]


def _columns(report: ProjectReport) -> list[Column]:
    both = ("planned", gettext("planlagt")), ("real", gettext("resultat"))
    sources = [
        Column(f"{key}_{each.value}", f"{source_name(each)}, {word} ({gettext('antall')})", 24)
        for each in FIVE_SOURCES
        for key, word in both
    ]
    figures = [
        Column(f"{key}_{view}_{name}", f"{heading} {said}, {word} ({unit})", 24)
        for view, said in (("gross", gettext("brutto")), ("net", gettext("netto")))
        for name, heading, unit in (
            ("co2e", gettext("Unngått utslipp"), "kg CO2e"),
            ("waste", gettext("Unngått avfall"), "kg"),
            ("saved", gettext("Spart"), report.currency),
        )
        for key, word in both
    ]
    return [
        Column("category", gettext("Kategori"), 30),
        Column("requirement", gettext("Krav"), 30),
        Column("planned_category", gettext("Kategori i planen"), 30),
        Column("planned_requirement", gettext("Krav i planen"), 30),
        Column("planned", gettext("Planlagt (antall)")),
        Column("fulfilled", gettext("Dekket (antall)")),
        *sources,
        *figures,
        Column("programme_line_id", gettext("Linje-id"), 36),
    ]


def _rows(report: ProjectReport) -> list[list[Value]]:
    if report.plan is None:
        return []
    planned = {each.programme_line_id: each for each in report.plan.lines}
    rows: list[list[Value]] = []
    for line in report.lines:
        then: PlannedLine | None = planned.get(line.id)
        counts: list[Value] = []
        for each in FIVE_SOURCES:
            counts += [then.by_source[each.value] if then else None, line.by_source[each.value]]
        rows.append(
            [
                line.category,
                line.requirement,
                then.category if then else None,
                then.requirement if then else None,
                then.quantity if then else None,
                line.fulfilled,
                *counts,
                *_figures(then.gross if then else None, line.gross),
                *_figures(then.net if then else None, line.net),
                line.id,
            ]
        )
    return rows


def _figures(then: Promised | None, now: Savings) -> list[Value]:
    saved = then.saved_ore if then else None
    co2e = now.known_co2e_g
    return [
        _scaled(then.co2e_g.value, 1000) if then else None,
        _scaled(co2e.value, 1000) if co2e else None,
        _scaled(then.waste_g.value, 1000) if then else None,
        _scaled(now.waste_g.value, 1000),
        _scaled(saved.value, 100) if saved else None,
        _scaled(now.saved_ore.value, 100) if now.saved_ore else None,
    ]


def _scaled(number: int, per: int) -> Decimal:
    return Decimal(number) / per
