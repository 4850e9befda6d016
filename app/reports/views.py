"""A report as its pages show it: every number already a text in the reader's language."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.impact.rules import View
from app.kit.charts_flow import Flow, Step
from app.kit.codes import grouped
from app.kit.i18n import gettext, number
from app.reports.figures import ProjectSummary, Savings
from app.reports.service import SomePieces
from app.reports.views_plan import plan_shown, sources_text
from app.reports.views_went import routes_shown, waste_shown
from app.reports.words import (
    LINE_STATES,
    TIERS,
    VIEW_MEANINGS,
    VIEWS,
    WASTE_RANGE,
    about_grams,
    co2e_of,
    grams,
    kroner,
    percent_text,
    plain_mass,
    source_name,
    statement,
)

TONES = {"open": "warning", "fulfilled": "success", "cancelled": "neutral"}


def report_context(report: ProjectSummary) -> dict[str, Any]:
    """Everything the report's page needs."""
    return {
        "report": report,
        "headline": _headline(report),
        "parts": _parts(report),
        "sources": [_source(report, each.source) for each in report.sources],
        "views": [_view(report, view) for view in View],
        "lines": _lines(report),
        "tiers": [
            {
                **asdict(each),
                "meaning": gettext(TIERS[each.tier]),
                "share": None if each.co2e_share is None else percent_text(each.co2e_share),
            }
            for each in report.coverage.tiers
        ],
        "tier_parts": [
            (each.tier, max(0, each.co2e_g), percent_text(each.co2e_share))
            for each in report.coverage.tiers
            if each.co2e_share
        ],
        "best_share": _percent(report.coverage.best_share),
        "scenario": _scenario(report),
        "flows": _flows(report),
        "routes": routes_shown(report.routes or ()),
        "waste": waste_shown(report.waste or ()),
        "waste_avoided": about_grams(report.totals.gross.waste_g),
        "waste_range": gettext(WASTE_RANGE),
        "plan": plan_shown(report),
        "co2e_of": co2e_of,
    }


def pieces_context(some: SomePieces, total: int) -> dict[str, Any]:
    """Pieces of the report with the numbers of the first and the last among all ``total``."""
    before = total - some.left
    return {
        "pieces": [
            {
                "piece": each,
                "source": source_name(each.source),
                "code": grouped(each.code) if each.code else None,
                "gross_co2e": None if each.gross_co2e_g is None else plain_mass(each.gross_co2e_g),
                "net_co2e": None if each.net_co2e_g is None else plain_mass(each.net_co2e_g),
            }
            for each in some.pieces
        ],
        "first_piece": before + 1,
        "last_piece": before + len(some.pieces),
    }


def _percent(share: float | None) -> str | None:
    return None if share is None else percent_text(share)


def _headline(report: ProjectSummary) -> dict[str, Any] | None:
    total = report.reuse.by_pieces
    if total is None:
        return None
    goal = report.project.goal_percent
    return {
        "without": percent_text(total.without_bought_used),
        "with": percent_text(total.with_bought_used),
        "goal": goal,
        "is_reached": goal is not None and total.with_bought_used * 100 >= goal,
    }


def _parts(report: ProjectSummary) -> list[tuple[str, int, str]]:
    """For the chart: sources in their order, each with its pieces and share beside it."""
    shares = report.shares.by_pieces or {}
    return [
        (
            source_name(each.source),
            each.pieces,
            f"{number(each.pieces)} · {percent_text(shares.get(each.source, 0.0))}",
        )
        for each in report.sources
    ]


def _source(report: ProjectSummary, source: str) -> dict[str, Any]:
    (found,) = [each for each in report.sources if each.source == source]

    def share(by: Mapping[str, float] | None) -> str:
        return "–" if by is None else percent_text(by[source])

    return {
        "source": source,
        "name": source_name(source),
        "pieces": found.pieces,
        "by_pieces": share(report.shares.by_pieces),
        "by_kg": share(report.shares.by_kg),
        "by_nok": share(report.shares.by_nok),
        "mass_g": found.mass_g,
        "price_ore": found.new_price_ore,
        "gross": found.gross,
        "net": found.net,
        "gross_co2e": co2e_of(found.gross),
        "net_co2e": co2e_of(found.net),
    }


def _view(report: ProjectSummary, view: View) -> dict[str, Any]:
    found: Savings = getattr(report.totals, view.value)
    return {
        "view": view.value,
        "title": gettext(VIEWS[view]),
        "meaning": gettext(VIEW_MEANINGS[view]),
        "co2e": grams(found.co2e_g),
        "waste": grams(found.waste_g),
        "chain_waste": grams(found.value_chain_waste_g),
        "saved": found.saved_ore and kroner(found.saved_ore, report.currency),
        "is_calculated": found.entries > found.not_calculated,
        "statement": statement(found.co2e_g, report.basis.factor_sets, view),
        "savings": found,
    }


def _lines(report: ProjectSummary) -> list[dict[str, Any]]:
    return [
        {
            "line": each,
            "state": gettext(LINE_STATES[each.state]),
            "tone": TONES[each.state],
            "sources": sources_text(each.by_source),
            "co2e": co2e_of(each.gross),
        }
        for each in report.lines
    ]


def _scenario(report: ProjectSummary) -> list[Step]:
    """From all bought new down to what it came to, by what each source avoided (F4)."""
    found = report.scenario
    falls = [(source_name(each.source), each.gross.co2e_g.value) for each in report.sources]
    rest = found.avoided_g - sum(avoided for _, avoided in falls)
    return [
        Step(
            gettext("Referanse: alt kjøpt nytt"),
            found.reference_g,
            plain_mass(found.reference_g),
            True,
        ),
        *(
            Step(name, -avoided, plain_mass(-avoided))
            for name, avoided in (*falls, (gettext("Annet"), rest))
            if avoided
        ),
        Step(
            gettext("Faktisk: transport, redesign og nytt"),
            found.actual_g,
            plain_mass(found.actual_g),
            True,
        ),
    ]


def _flows(report: ProjectSummary) -> list[Flow]:
    """Pieces from each source to what they are; lines of one category together."""
    pieces: Counter[tuple[str, str]] = Counter()
    for line in report.lines:
        for source, count in line.by_source.items():
            if count:
                pieces[source_name(source), line.category] += count
    return [Flow(source, category, count) for (source, category), count in pieces.items()]
