"""A year as its page shows it: every number already a text in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from starlette.requests import Request

from app.impact.rules import View
from app.inbox.names import KINDS, OUTCOMES
from app.inbox.rules import Kind, Outcome
from app.kit.i18n import N_, gettext, number
from app.kit.page import url
from app.projects.names import KINDS as PROJECT_KINDS
from app.projects.names import PROJECT_STATES
from app.projects.rules import ProjectKind, ProjectState
from app.reports.figures import Savings
from app.reports.words import (
    VIEW_MEANINGS,
    VIEWS,
    about_grams,
    co2e_of,
    grams,
    kroner,
    saved_of,
    statement,
)
from app.reports.words_pictures import pairs_shown
from app.yearly.figures import Days, YearlyReport
from app.yearly.names import WAYS
from app.yearly.rules import Way


def shown(request: Request, report: YearlyReport) -> dict[str, Any]:
    """What the template needs beside the report itself."""
    asked = report.enquiries
    path = partial(url, request)
    return {
        "has_anything": bool(
            asked.total or report.projects or report.basis.ledger_entries or report.orders
        ),
        "kinds": _parts({gettext(KINDS[Kind(each)]): n for each, n in asked.by_kind.items()}),
        "outcomes": _parts(
            {gettext(OUTCOMES[Outcome(each)]): n for each, n in asked.by_outcome.items()}
        ),
        "to_reply": _days(asked.days_to_reply),
        "to_end": _days(asked.days_to_end),
        "views": [_view(report, view, path) for view in View],
        "behind": entries_path(path, report.year),
        "projects": [
            {
                "project": each,
                "href": url(request, "projects:show", project_id=each.id),
                "kind": gettext(PROJECT_KINDS[ProjectKind(each.kind)]),
                "state": gettext(PROJECT_STATES[ProjectState(each.state)][0]),
                "saved": saved_of(each.gross, report.currency),
                "co2e": co2e_of(each.gross),
                "behind": entries_path(path, report.year, project=each.id),
            }
            for each in report.projects
        ],
        "pairs": pairs_shown(path, report.mended),
    }


def _parts(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    return [(label, count, number(count)) for label, count in counts.items()]


def _days(days: Days) -> dict[str, Any]:
    def said(value: float | None) -> str:
        return "–" if value is None else number(value, 0 if value == int(value) else 1)

    return {"count": number(days.count), "median": said(days.median), "most": said(days.p90)}


def entries_path(
    path: Callable[..., str],
    year: int,
    view: View = View.GROSS,
    sources: Sequence[str] = (),
    project: UUID | None = None,
) -> str:
    """Where the entries stand that a figure of the year is the sum of."""
    query = {
        "visning": view.value,
        "fra": year,
        "til": year,
        "kilder": list(sources) or None,
        "prosjekt": project,
    }
    return path("reports:organisation_entries", query=query)


def _view(report: YearlyReport, view: View, path: Callable[..., str]) -> dict[str, Any]:
    whole: Savings = getattr(report.totals, view.value)
    rows = []
    for each in report.ways:
        own: Savings = getattr(each, view.value)
        behind = entries_path(path, report.year, view, each.sources) if own.entries else None
        rows.append((behind, *_row(gettext(WAYS[Way(each.way)]), own, report.currency)))
    return {
        "view": view.value,
        "title": gettext(VIEWS[view]),
        "meaning": gettext(VIEW_MEANINGS[view]),
        "savings": whole,
        "saved": whole.saved_ore and kroner(whole.saved_ore, report.currency),
        "waste": grams(whole.waste_g),
        "co2e": grams(whole.co2e_g),
        "is_calculated": whole.is_calculated,
        "statement": statement(whole.co2e_g, report.basis.factor_sets, view),
        "rows": rows,
        "sum": _row(gettext(N_("Sum")), whole, report.currency),
    }


def _row(name: str, found: Savings, currency: str) -> tuple[str, ...]:
    """Name, pieces, money, waste and CO2e, the last three with two significant digits and range."""
    return (
        name,
        number(found.entries),
        saved_of(found, currency),
        about_grams(found.waste_g) if found.entries or found.waste_g.value else "–",
        co2e_of(found),
    )
