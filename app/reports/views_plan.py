"""Plan against result as the report's page shows it."""

from collections.abc import Mapping
from typing import Any

from app.impact.rules import FIVE_SOURCES, View
from app.kit.i18n import gettext, number
from app.planning.names import ALTERNATIVES
from app.reports.figures import (
    Line,
    Planned,
    PlannedLine,
    ProjectSummary,
    Promised,
    Ranged,
    Savings,
)
from app.reports.words import (
    NOT_CALCULATED,
    about_grams,
    about_kroner,
    co2e_of,
    grams,
    kroner,
    saved_of,
    source_name,
)


def plan_shown(report: ProjectSummary) -> dict[str, Any] | None:
    """Nothing where no plan was fixed."""
    plan = report.plan
    if plan is None:
        return None
    by_id = {each.programme_line_id: each for each in plan.lines}
    return {
        "fixed_at": plan.fixed_at,
        "alternative": gettext(ALTERNATIVES[plan.alternative]),
        "rows": _whole(report, plan),
        "lines": [_line(each, by_id.get(each.id), report.currency) for each in report.lines],
        "has_line_figures": any(each.gross for each in plan.lines),
    }


def _whole(report: ProjectSummary, plan: Planned) -> list[tuple[str, str, str, str]]:
    """What it is, planned, what came of it, and the difference."""
    came = {each.source: each.pieces for each in report.sources}
    rows = [_pieces(gettext("Møbler"), plan.quantity, report.programme.fulfilled_pieces)]
    rows += [
        _pieces(source_name(each), plan.by_source[each], came[each])
        for each in (source.value for source in FIVE_SOURCES)
    ]
    words = {View.GROSS: gettext("brutto"), View.NET: gettext("netto")}
    for view, word in words.items():
        then: Promised = getattr(plan, view.value)
        now: Savings = getattr(report.totals, view.value)
        rows.append(
            (
                gettext("Unngått utslipp, %(view)s", view=word),
                about_grams(then.co2e_g),
                co2e_of(now),
                _signed(" ".join(grams(_between(then.co2e_g, now.co2e_g))[:2])),
            )
        )
        rows.append(
            (
                gettext("Unngått avfall, %(view)s", view=word),
                about_grams(then.waste_g),
                about_grams(now.waste_g),
                _signed(" ".join(grams(_between(then.waste_g, now.waste_g))[:2])),
            )
        )
        money = then.saved_ore
        rows.append(
            (
                gettext("Spart, %(view)s", view=word),
                gettext(NOT_CALCULATED) if money is None else about_kroner(money, report.currency),
                saved_of(now, report.currency),
                "–"
                if money is None or now.saved_ore is None
                else _signed(" ".join(kroner(_between(money, now.saved_ore), report.currency)[:2])),
            )
        )
    return rows


def _pieces(name: str, then: int, now: int) -> tuple[str, str, str, str]:
    return name, number(then), number(now), _signed(number(now - then))


def _signed(text: str) -> str:
    """With its plus: a difference that says nothing of its way would be read as either."""
    is_nothing = not any(each in "123456789" for each in text)
    return text if is_nothing or text[0] in "-−" else f"+{text}"


def _between(then: Ranged, now: Ranged) -> Ranged:
    apart = now.value - then.value
    return Ranged(apart, apart, apart)


def _line(line: Line, then: PlannedLine | None, currency: str) -> dict[str, Any]:
    gross = then.gross if then else None
    return {
        "line": line,
        "is_other": then is not None
        and (then.category_id, then.requirement) != (line.category_id, line.requirement),
        "then": None
        if then is None
        else " · ".join((then.category, *filter(None, [then.requirement]))),
        "planned": "–" if then is None else number(then.quantity),
        "planned_sources": "–" if then is None else sources_text(then.by_source),
        "sources": sources_text(line.by_source),
        "planned_co2e": "–" if gross is None else about_grams(gross.co2e_g),
        "planned_saved": "–"
        if gross is None or gross.saved_ore is None
        else about_kroner(gross.saved_ore, currency),
        "co2e": co2e_of(line.gross),
        "saved": saved_of(line.gross, currency),
    }


def sources_text(counts: Mapping[str, int]) -> str:
    """«12 internt ombruk · 3 nytt»."""
    found = [f"{number(n)} {source_name(each).lower()}" for each, n in counts.items() if n]
    return " · ".join(found) or "–"
