"""Where pieces came from and went, and waste by fraction, as sheets of the report's workbook."""

from decimal import Decimal

from app.kit.exports import Column, Sheet
from app.kit.i18n import gettext
from app.reports.figures import LATER_WITHIN, ProjectReport, Waste
from app.reports.views_went import fraction_name
from app.reports.words import source_name


def went_sheets(report: ProjectReport) -> list[Sheet]:
    """None of a report that was frozen before it had these parts: its file stays as it was."""
    found = []
    if report.routes is not None:
        columns = [
            Column("from_unit", gettext("Fra enhet"), 30),
            Column("from_place", gettext("Fra sted"), 40),
            Column("to_unit", gettext("Til enhet"), 30),
            Column("to_place", gettext("Til sted"), 40),
            Column("source", gettext("Kilde"), 24),
            Column("pieces", gettext("Møbler")),
        ]
        rows = [
            [
                each.from_unit,
                each.from_place,
                each.to_unit,
                each.to_place,
                source_name(each.source),
                each.pieces,
            ]
            for each in report.routes
        ]
        found.append(Sheet(gettext("Fra og til"), columns, rows))
    if report.waste is not None:
        # The sheet of a report that was frozen without ranges stays as it was.
        is_ranged = (report.edition or 1) >= LATER_WITHIN["waste"]["avoided_g_low"]
        ranged = (
            Column("avoided_kg_low", gettext("Unngått, lavt (kg)"), 20),
            Column("avoided_kg_high", gettext("Unngått, høyt (kg)"), 20),
        )
        columns = [
            Column("fraction", gettext("Avfallstype"), 34),
            Column("avoided_kg", gettext("Unngått, beregnet (kg)")),
            *(ranged if is_ranged else ()),
            Column("delivered_kg", gettext("Levert (kg)")),
            Column("ns_code", gettext("NS 9431"), 12),
            Column("eal_code", gettext("EAL"), 12),
        ]
        waste = [
            [
                fraction_name(each),
                Decimal(each.avoided_g) / 1000,
                *(Decimal(end) / 1000 for end in ends(each) if is_ranged),
                Decimal(each.delivered_g) / 1000,
                each.ns_code,
                each.eal_code,
            ]
            for each in report.waste
        ]
        found.append(Sheet(gettext("Avfall"), columns, waste))
    return found


def ends(waste: Waste) -> tuple[int, int]:
    return waste.avoided.low, waste.avoided.high
