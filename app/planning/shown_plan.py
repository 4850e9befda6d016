"""What the plan's pages show, in words and rounded figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact.rules import (
    FIVE_SOURCES,
    FulfilmentSource,
    Rounded,
    two_digits,
    two_digits_money,
    two_digits_range,
)
from app.kit.i18n import gettext, mass_g, money_ore, number
from app.ledger.models import LedgerEntry
from app.ledger.queries import entries_visible_to, totals
from app.planning.models import FixedPlan
from app.planning.names import ALTERNATIVES
from app.planning.views_plan import Alternative, Plan
from app.projects import names
from app.projects.models import Project
from app.projects.rules import SOURCES

_NOTHING = Rounded(0, 0, 0)


def alternative_rows(
    plan: Plan, currency: str
) -> tuple[list[dict[str, Any]], list[tuple[str, list[str]]]]:
    """The alternatives' heads, and the rows of figures that stand side by side."""
    ways = plan.alternatives
    heads = [{"key": each.key, "name": gettext(ALTERNATIVES[each.key])} for each in ways]
    rows: list[tuple[str, list[str]]] = [
        (gettext("Ombruksandel"), [percent(each, with_used=False) for each in ways]),
        (gettext("Med kjøpt brukt"), [percent(each, with_used=True) for each in ways]),
    ]
    rows += [
        (gettext(SOURCES[source]), [number(each.counts[source]) for each in ways])
        for source in FIVE_SOURCES
    ]
    rows += [
        (gettext("Fortsatt åpent"), [number(each.open) for each in ways]),
        (gettext("Unngått utslipp, brutto"), [co2e(each.figures.gross.co2e_g) for each in ways]),
        (gettext("Unngått utslipp, netto"), [co2e(each.figures.net.co2e_g) for each in ways]),
        (
            gettext("Spart, brutto"),
            [_money_of(each, each.figures.gross.saved_ore, currency) for each in ways],
        ),
        (
            gettext("Spart, netto"),
            [_money_of(each, each.figures.net.saved_ore, currency) for each in ways],
        ),
        (gettext("Utslipp fra transport"), [grams(each.figures.transport_g) for each in ways]),
        (
            gettext("Anslått innkjøp"),
            [
                _cost(each.figures.cost_ore, currency) if each.figures.has_money else uncounted()
                for each in ways
            ],
        ),
    ]
    if any(each.figures.not_calculated for each in ways):
        unknown = [number(each.figures.not_calculated) for each in ways]
        rows.append((gettext("Møbler uten beregnet utslipp"), unknown))
    return heads, rows


def _money_of(found: Alternative, figure: Rounded, currency: str) -> str:
    return money(figure, currency) if found.figures.has_money else uncounted()


def _cost(ore: int, currency: str) -> str:
    sum_ = rough(ore, currency)
    return gettext("ca. %(sum)s", sum=sum_) if ore else sum_


def uncounted() -> str:
    return gettext("ikke beregnet")


def percent(found: Alternative, *, with_used: bool) -> str:
    """The share of the planned pieces, in whole percent."""
    share = found.share
    if share is None:
        return "–"
    exact = share.with_bought_used if with_used else share.without_bought_used
    return gettext("%(n)s %%", n=number(round(exact * 100)))


def co2e(figure: Rounded) -> str:
    """Two significant digits with the range, in one unit; nothing is no estimate."""
    if figure == _NOTHING:
        return mass_g(0)
    value, low, high = two_digits_range(figure)
    return gettext(
        "ca. %(value)s %(unit)s (%(low)s–%(high)s)",
        value=_amount(value.amount),
        unit=value.unit,
        low=_amount(low.amount),
        high=_amount(high.amount),
    )


def grams(value_g: int) -> str:
    if not value_g:
        return mass_g(0)
    shown = two_digits(value_g)
    return f"{_amount(shown.amount)} {shown.unit}"


def money(figure: Rounded, currency: str) -> str:
    if figure == _NOTHING:
        return money_ore(0, currency)
    return gettext(
        "ca. %(value)s (%(low)s–%(high)s)",
        value=rough(figure.value, currency),
        low=_amount(two_digits_money(figure.low)),
        high=_amount(two_digits_money(figure.high)),
    )


def rough(ore: int, currency: str) -> str:
    """Whole kroner with two significant digits."""
    return money_ore(int(two_digits_money(ore) * 100), currency)


def _amount(amount: Any) -> str:
    digits = 0 if amount == amount.to_integral_value() else 1
    return number(amount, digits)


def result_rows(
    session: Session, actor: Actor, project: Project, plan: Plan, fixed: FixedPlan
) -> list[tuple[str, str, str, str]]:
    """What was planned, what is delivered, and what is missing: by source, then the figures."""
    met: dict[FulfilmentSource, int] = dict.fromkeys(FIVE_SOURCES, 0)
    for counts in plan.met.values():
        for source, count in counts.items():
            met[source] = met.get(source, 0) + count
    planned: Mapping[str, int] = fixed.content["counts"]
    rows = [
        (
            gettext(SOURCES[source]),
            number(planned.get(source.value, 0)),
            number(met[source]),
            _signed(met[source] - planned.get(source.value, 0)),
        )
        for source in FIVE_SOURCES
    ]
    own = entries_visible_to(actor).where(LedgerEntry.project_id == project.id)
    booked = totals(session, own)
    for view, name in (("gross", gettext("brutto")), ("net", gettext("netto"))):
        real = booked[view]  # type: ignore[index]
        promised_co2e, promised_saved = (
            _promised(fixed.content, view, each) for each in ("co2e_g", "saved_ore")
        )
        has_money = fixed.content.get("has_money", True)
        rows.append(
            (
                gettext("Unngått utslipp, %(view)s", view=name),
                co2e(promised_co2e),
                co2e(real.co2e_g),
                grams(real.co2e_g.value - promised_co2e.value),
            )
        )
        rows.append(
            (
                gettext("Spart, %(view)s", view=name),
                money(promised_saved, actor.currency) if has_money else uncounted(),
                money(real.saved_ore, actor.currency),
                rough(real.saved_ore.value - promised_saved.value, actor.currency)
                if has_money
                else "–",
            )
        )
    return rows


def _promised(content: Mapping[str, Any], view: str, name: str) -> Rounded:
    """What was planned and, since the result is of everything, what was delivered by then."""
    before = content.get("booked", {}).get(view, {}).get(name, (0, 0, 0))
    return Rounded(*(a + b for a, b in zip(content[view][name], before, strict=True)))


def _signed(n: int) -> str:
    return f"+{number(n)}" if n > 0 else number(n)


def line_rows(
    plan: Plan, called: Mapping[str, str], places: Mapping[Any, str], some: Sequence[Any]
) -> list[dict[str, Any]]:
    """Lines with what is met, set aside and still to be had."""
    return [
        {
            "line": each,
            "category": called[each.category_id],
            "asked": names.asked_of(each),
            "place": places.get(each.place_id),
            "met": sum(plan.met.get(each.id, {}).values()),
            "aside": plan.aside.get(each.id, 0),
            "ordered": sum(plan.ordered.get(each.id, {}).values()),
            "open": plan.open[each.id],
            "fit": plan.supply[each.id].fit,
            "got": plan.supply[each.id].total,
        }
        for each in some
    ]
