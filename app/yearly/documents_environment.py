"""The certification's report as JSON, CSV and Excel."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import TypeAdapter

from app.disposals.names import FRACTIONS
from app.disposals.rules import Fraction
from app.goals.names import KINDS, STANDINGS
from app.goals.rules import SHARES, Kind
from app.kit.exports import Column, Sheet, Value, as_book, as_csv
from app.kit.i18n import N_, gettext
from app.ledger.rules_report import Factor, factor_sheet, texts
from app.reports.words import WASTE_RANGE, source_name
from app.yearly.documents import kilos_of, kroner_of
from app.yearly.environment import BySource, EnvironmentalReport, Waste

SHAPE: TypeAdapter[EnvironmentalReport] = TypeAdapter(EnvironmentalReport)
CALCULATED = N_(
    "Unngått avfall er beregnet av massen og materialene til det som ble ombrukt, og trekkes ikke "
    "fra det som er veid."
)
WITHOUT = N_("Ombruksandel uten kjøpt brukt")
WITH = N_("Ombruksandel med kjøpt brukt")
CODES = N_("Koder etter NS 9431 og EAL står bare der noen har sammenlignet dem med listene.")


def as_json(report: EnvironmentalReport) -> str:
    return json.dumps(SHAPE.dump_python(report, mode="json"), ensure_ascii=False, indent=1) + "\n"


def as_workbook(report: EnvironmentalReport, factors: Sequence[Factor]) -> Iterator[bytes]:
    words = texts(report.currency)
    return as_book(
        [
            _reuse(report),
            _waste(report),
            _goals(report),
            _words(report, words["method"]),
            factor_sheet(words, factors),
        ]
    )


def as_table(report: EnvironmentalReport) -> Iterator[bytes]:
    """One row a figure, with the codes of waste where they are verified."""
    columns = [
        Column("section", gettext(N_("Del"))),
        Column("what", gettext(N_("Hva")), 36),
        Column("figure", gettext(N_("Tall")), 30),
        Column("value", gettext(N_("Verdi"))),
        Column("low", gettext(N_("Lav"))),
        Column("high", gettext(N_("Høy"))),
        Column("unit", gettext(N_("Enhet"))),
        Column("ns_code", gettext(N_("NS 9431"))),
        Column("eal_code", gettext(N_("EAL"))),
        Column("verified_by", gettext(N_("Sjekket av"))),
        Column("verified_on", gettext(N_("Sjekket dato"))),
    ]
    none: list[Value] = [None] * 4
    unranged: list[Value] = [None] * 2
    rows: list[list[Value]] = []
    pieces = gettext(N_("antall"))
    for source in report.sources:
        reuse, name = gettext(N_("Ombruk og innkjøp")), source_name(source.source)
        rows += [
            [reuse, name, gettext(N_("Møbler")), source.pieces, *unranged, pieces, *none],
            [reuse, name, gettext(N_("Masse")), kilos_of(source.mass_g), *unranged, "kg", *none],
            [reuse, name, gettext(N_("Andel")), percent(source), *unranged, "%", *none],
        ]
    if report.reuse is not None:
        reuse, whole = gettext(N_("Ombruk og innkjøp")), gettext(N_("Alle kilder"))
        for name, share in (
            (WITHOUT, report.reuse.without_bought_used),
            (WITH, report.reuse.with_bought_used),
        ):
            percentage = Decimal(str(share)) * 100
            rows.append([reuse, whole, gettext(name), percentage, *unranged, "%", *none])
    for waste in report.waste:
        code: list[Value] = [
            waste.ns_code,
            waste.eal_code,
            waste.verified_by,
            waste.verified_on,
        ]
        name = gettext(FRACTIONS[Fraction(waste.fraction)])
        section = gettext(N_("Avfall"))
        avoided, delivered = gettext(N_("Unngått, beregnet")), gettext(N_("Levert"))
        rows += [
            [section, name, avoided, *_avoided(waste), "kg", *code],
            [section, name, delivered, kilos_of(waste.delivered_g), *unranged, "kg", *code],
        ]
    of_all = report.waste_avoided
    rows.append(
        [
            gettext(N_("Avfall")),
            gettext(N_("Alle typer")),
            gettext(N_("Unngått, beregnet")),
            *(kilos_of(each) for each in (of_all.value, of_all.low, of_all.high)),
            "kg",
            *none,
        ]
    )
    for line in _goals(report).rows:
        what, target, so_far, unit, _ = line
        section = gettext(N_("Mål"))
        rows += [
            [section, what, gettext(N_("Mål")), target, *unranged, unit, *none],
            [section, what, gettext(N_("Resultat")), so_far, *unranged, unit, *none],
        ]
    if report.note.text:
        said = gettext(N_("Kommentar"))
        rows.append([said, None, None, report.note.text, *unranged, None, *none])
    return as_csv(columns, rows)


def _avoided(waste: Waste) -> list[Value]:
    """The figure, its low and its high."""
    found = (waste.avoided_g, waste.avoided_g_low, waste.avoided_g_high)
    return [kilos_of(each) for each in found]


def percent(source: BySource) -> Decimal | None:
    return None if source.share is None else Decimal(str(source.share)) * 100


def _reuse(report: EnvironmentalReport) -> Sheet:
    columns = [
        Column("source", gettext(N_("Kilde")), 28),
        Column("pieces", gettext(N_("Møbler (antall)"))),
        Column("mass", gettext(N_("Masse (kg)"))),
        Column("share", gettext(N_("Andel av antall (%)")), 20),
        Column("waste", gettext(N_("Unngått avfall (kg)")), 20),
        Column("co2e", gettext(N_("Unngått utslipp (kg CO2e)")), 26),
        Column("saved", gettext(N_("Spart (%(unit)s)"), unit=report.currency)),
    ]
    rows: list[list[Value]] = [
        [
            source_name(each.source),
            each.pieces,
            kilos_of(each.mass_g),
            percent(each),
            kilos_of(each.waste_g),
            kilos_of(each.co2e_g) if each.pieces > each.not_calculated or each.co2e_g else None,
            None if each.saved_ore is None else kroner_of(each.saved_ore),
        ]
        for each in report.sources
    ]
    return Sheet(gettext(N_("Ombruk og innkjøp")), columns, rows)


def _waste(report: EnvironmentalReport) -> Sheet:
    columns = [
        Column("fraction", gettext(N_("Avfallstype")), 34),
        Column("avoided", gettext(N_("Unngått, beregnet (kg)")), 24),
        Column("avoided_low", gettext(N_("Unngått, lavt (kg)")), 20),
        Column("avoided_high", gettext(N_("Unngått, høyt (kg)")), 20),
        Column("delivered", gettext(N_("Levert (kg)"))),
        Column("ns_code", gettext(N_("NS 9431"))),
        Column("eal_code", gettext(N_("EAL"))),
        Column("verified_by", gettext(N_("Sjekket av")), 24),
        Column("verified_on", gettext(N_("Sjekket dato"))),
    ]
    rows: list[list[Value]] = [
        [
            gettext(FRACTIONS[Fraction(each.fraction)]),
            *_avoided(each),
            kilos_of(each.delivered_g),
            each.ns_code,
            each.eal_code,
            each.verified_by,
            each.verified_on,
        ]
        for each in report.waste
    ]
    return Sheet(gettext(N_("Avfall")), columns, rows)


def _shares(report: EnvironmentalReport) -> list[list[Value]]:
    """Both readings of the reuse share with their formulas."""
    if report.reuse is None:
        return []
    return [
        [gettext(WITHOUT), report.reuse.formula_without],
        [gettext(WITH), report.reuse.formula_with],
    ]


def _goals(report: EnvironmentalReport) -> Sheet:
    columns = [
        Column("what", gettext(N_("Mål for")), 28),
        Column("target", gettext(N_("Mål"))),
        Column("so_far", gettext(N_("Resultat"))),
        Column("unit", gettext(N_("Enhet"))),
        Column("standing", gettext(N_("Status"))),
    ]
    rows: list[list[Value]] = []
    for each in report.goals:
        scale = 1 if each.kind in SHARES else 100 if each.kind is Kind.SAVED else 1000
        unit = "kg CO2e" if each.kind is Kind.CO2E else "kg"
        if each.kind in SHARES:
            unit = "%"
        elif each.kind is Kind.SAVED:
            unit = report.currency
        rows.append(
            [
                gettext(KINDS[each.kind]),
                None if each.target is None else Decimal(each.target) / scale,
                None if each.so_far is None else Decimal(str(each.so_far)) / scale,
                unit,
                gettext(STANDINGS[each.standing][0]) if each.standing else None,
            ]
        )
    return Sheet(gettext(N_("Mål")), columns, rows)


def _words(report: EnvironmentalReport, explained: Sequence[list[Value]]) -> Sheet:
    columns = [
        Column("what", gettext(N_("Hva")), 24),
        Column("value", gettext(N_("Verdi")), 100),
    ]
    rows: list[list[Value]] = [
        [gettext(N_("Virksomhet")), report.organisation],
        [gettext(N_("År")), report.year],
        [gettext(N_("Laget")), report.made_on],
        [gettext(N_("Kommentar")), report.note.text],
        [gettext(N_("Avfall")), gettext(CALCULATED)],
        [gettext(N_("Avfall")), gettext(WASTE_RANGE)],
        [gettext(N_("Koder")), gettext(CODES)],
        *_shares(report),
        *explained,
    ]
    return Sheet(gettext(N_("Kommentar og metode")), columns, rows)
