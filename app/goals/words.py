"""Goals as pages show them: every number a text, every formula with its numbers put in."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.goals.figures import Line, Number, Overview, Subject
from app.goals.names import KINDS, MEANINGS, STANDINGS
from app.goals.rules import SHARES, Kind
from app.kit.i18n import N_, gettext, money_ore, number
from app.kit.units import typed_scaled
from app.reports.figures import Ranged
from app.reports.words import grams, kroner, percent_text

FORM_UNITS: Mapping[Kind, tuple[str, int]] = {
    Kind.REUSE_SHARE: ("%", 1),
    Kind.REUSE_WITHOUT: ("%", 1),
    Kind.WASTE: ("kg", 1000),
    Kind.CO2E: ("kg CO2e", 1000),
    Kind.SAVED: ("kr", 100),
    Kind.ANSWERED: ("%", 1),
}
"""What a goal is typed in, and how many of the stored units that is."""


SHARE_OF_GOAL = N_("%(so_far)s, som er %(percent)s %% av målet på %(target)s")
GOAL_OF_SHARE = N_("%(so_far)s. Målet er %(target)s")
NOTHING_YET = N_("Ingenting å regne andelen av ennå. Målet er %(target)s")
NOT_CALCULATED = N_("Ikke beregnet: kategoriene har ingen klimafaktor. Målet er %(target)s")


def aim_text(kind: Kind, target: Number, currency: str) -> str:
    """A goal as it was set: every digit."""
    if kind in SHARES:
        return percent_text(Fraction(target) / 100)
    if kind is Kind.SAVED:
        return money_ore(round(target), currency)
    exact, unit = Decimal(round(target)) / 1000, "kg"
    if exact >= 1000:
        exact, unit = exact / 1000, "t"
    text = f"{number(exact)}\xa0{unit}"
    return f"{text} CO2e" if kind is Kind.CO2E else text


def count_text(kind: Kind, figure: Number | None, currency: str) -> str:
    """What was counted or is expected: a share, else two significant digits."""
    if figure is None:
        return "–"
    if kind in SHARES:
        return percent_text(Fraction(figure) / 100)
    whole = Ranged(round(figure), round(figure), round(figure))
    value, unit, _ = kroner(whole, currency) if kind is Kind.SAVED else grams(whole)
    if not round(figure):
        text = f"0\xa0{unit}"
    else:
        text = gettext(N_("ca. %(n)s %(unit)s"), n=value, unit=unit)
    return f"{text} CO2e" if kind is Kind.CO2E else text


def line_of(line: Line, currency: str, passed: tuple[int, int] | None = None) -> dict[str, Any]:
    """One kind of goal in words; with the days that have ``passed``, of how many, its formulas too."""
    kind = line.kind
    shown: dict[str, Any] = {
        "kind": kind.value,
        "name": gettext(KINDS[kind]),
        "meaning": gettext(MEANINGS[kind]),
        "target": None if line.target is None else aim_text(kind, line.target, currency),
        "so_far": gettext(N_("ikke beregnet"))
        if line.so_far is None and kind not in SHARES
        else count_text(kind, line.so_far, currency),
        "counted": gettext(N_("%(part)s av %(of)s"), part=number(line.part), of=number(line.of))
        if kind in SHARES and line.of > 0
        else None,
        "forecast": count_text(kind, line.forecast, currency),
        "next": None if line.next_goal is None else aim_text(kind, line.next_goal, currency),
        "promised": None if line.promised is None else aim_text(kind, line.promised, currency),
        "lacks": line.target is not None
        and line.promised is not None
        and line.promised < line.target,
        "percent": min(line.percent or 0, 100),
    }
    if passed is not None:
        shown["forecast_formula"] = _forecast_formula(line, currency, *passed)
        shown["next_formula"] = _next_formula(line, currency)
    if line.target is not None and line.standing is not None:
        word, tone, icon = STANDINGS[line.standing]
        shown |= {"standing": gettext(word), "tone": tone, "icon": icon}
        said = SHARE_OF_GOAL if kind not in SHARES else GOAL_OF_SHARE
        if line.so_far is None:
            said = NOTHING_YET if kind in SHARES else NOT_CALCULATED
        shown["text"] = gettext(
            said, so_far=shown["so_far"], target=shown["target"], percent=line.percent or 0
        )
    return shown


def _forecast_formula(line: Line, currency: str, passed: int, whole: int) -> str | None:
    """Nothing where there is no forecast, or nothing to be calculated for it."""
    if line.forecast is None or line.kind in SHARES or passed == whole:
        return None
    return gettext(
        N_("%(so_far)s × %(whole)s ÷ %(passed)s = %(forecast)s"),
        so_far=count_text(line.kind, line.so_far, currency),
        whole=number(whole),
        passed=number(passed),
        forecast=count_text(line.kind, line.forecast, currency),
    )


def _next_formula(line: Line, currency: str) -> str | None:
    if line.next_goal is None or line.forecast is None:
        return None
    said = count_text(line.kind, line.forecast, currency)
    following = aim_text(line.kind, line.next_goal, currency)
    if line.target is not None and line.forecast < line.target:
        return gettext(
            N_("%(forecast)s er under målet: %(next)s igjen"), forecast=said, next=following
        )
    if line.kind in SHARES:
        text = N_("%(forecast)s + (100 %% − %(forecast)s) ÷ 10 = %(next)s")
        return gettext(text, forecast=said, next=following)
    return gettext(N_("%(forecast)s × 1,1 = %(next)s"), forecast=said, next=following)


def subject_of(
    subject: Subject, currency: str, passed: tuple[int, int] | None = None
) -> dict[str, Any]:
    return {
        "id": subject.id,
        "name": subject.name,
        "depth": subject.depth,
        "has_goals": subject.has_goals,
        "may_set": subject.may_set,
        "lines": [line_of(each, currency, passed) for each in subject.lines],
    }


def typed(subject: Subject) -> dict[str, str]:
    """The goals as their form's fields."""
    form = {"version": str(subject.version)}
    for line in subject.lines:
        form[f"goal-{line.kind}"] = typed_scaled(line.target, FORM_UNITS[line.kind][1])
    return form


def suggestions(subject: Subject) -> dict[str, str]:
    """What this year's result proposes for the next, in the unit that it is typed in."""
    return {
        line.kind.value: number(Decimal(line.next_goal) / FORM_UNITS[line.kind][1])
        for line in subject.lines
        if line.next_goal is not None
    }


def _is_on_slide(line: Line, lines: Sequence[Line]) -> bool:
    """One of the two reuse shares: the one that is aimed for, else the one with bought used."""
    if line.kind in (Kind.CO2E, Kind.WASTE, Kind.SAVED):
        return True
    aimed = {each.kind for each in lines if each.target is not None}
    is_without = Kind.REUSE_WITHOUT in aimed and Kind.REUSE_SHARE not in aimed
    left_out = Kind.REUSE_SHARE if is_without else Kind.REUSE_WITHOUT
    return line.so_far is not None and line.kind is not left_out


def slide_text(shown: Overview) -> dict[str, Any]:
    """What the picture for sharing says, and its text for those who do not see it."""
    figures = [
        line_of(line, shown.currency) for line in shown.whole if _is_on_slide(line, shown.whole)
    ]
    title = gettext(N_("Ombruk av møbler i %(year)s"), year=shown.year)
    said = [
        f"{each['name']}: " + (each["text"] if each["target"] else each["so_far"])
        for each in figures
    ]
    return {
        "title": title,
        "organisation": shown.organisation,
        "figures": figures,
        "alt": ". ".join([f"{shown.organisation}. {title}", *said]) + ".",
    }
