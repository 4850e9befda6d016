"""The plan that a project's result is held against, as it stood when it was fixed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact.rules import FIVE_SOURCES, View
from app.planning.queries_plan import fixed_of
from app.reports import queries
from app.reports.figures import Line, Planned, PlannedLine, Promised, Ranged, Savings
from app.reports.rules import Group, savings

Content = Mapping[str, Any]


def planned_of(
    session: Session, actor: Actor, project_id: UUID, lines: Sequence[Line]
) -> Planned | None:
    """The newest plan that was fixed; nothing where there is none.

    What it promised is of what was not delivered then. What the ledger had booked by that moment is
    added, since the result is of everything; entries are only ever added, so that is known for good.
    """
    fixed = fixed_of(session, actor, project_id)
    if fixed is None:
        return None
    content: Content = fixed.content
    booked = queries.project_sums(session, actor, project_id, fixed.fixed_at)
    has_money = content.get("has_money", True)
    found = _lines(session, content, lines, booked, has_money=has_money)
    asked = content.get("asked")
    return Planned(
        fixed_at=fixed.fixed_at,
        alternative=fixed.alternative,
        quantity=sum(each.quantity for each in found)
        if asked is not None
        else sum(content["counts"].values()) + content["open"],
        by_source=_by_source(content["counts"]),
        gross=_promised(content["gross"], booked, View.GROSS, has_money=has_money),
        net=_promised(content["net"], booked, View.NET, has_money=has_money),
        lines=found,
    )


def _lines(
    session: Session,
    content: Content,
    lines: Sequence[Line],
    booked: Sequence[Group],
    *,
    has_money: bool,
) -> tuple[PlannedLine, ...]:
    """In the order of the programme; a line that came after the plan is not among them."""
    asked, figures = content.get("asked", {}), content.get("line_figures", {})
    names = queries.category_names(
        session,
        {each["category_id"] for each in asked.values()} - {each.category_id for each in lines},
    )
    names |= {each.category_id: each.category for each in lines}
    found = []
    for line in lines:
        key = str(line.id)
        counts: Mapping[str, int] = content["lines"].get(key, {})
        if key not in asked and not counts:
            continue
        then: Content = asked.get(key) or {
            "category_id": line.category_id,
            "requirement": line.requirement,
            "quantity": sum(counts.values()),
        }
        own = [each for each in booked if each.programme_line_id == line.id]
        gross, net = (
            _promised(figures[key][view.value], own, view, has_money=has_money)
            if key in figures
            else None
            for view in View
        )
        found.append(
            PlannedLine(
                programme_line_id=line.id,
                category_id=then["category_id"],
                category=names[then["category_id"]],
                requirement=then["requirement"],
                quantity=then["quantity"],
                by_source=_by_source(counts),
                gross=gross,
                net=net,
            )
        )
    return tuple(found)


def _by_source(counts: Mapping[str, int]) -> dict[str, int]:
    return {each.value: counts.get(each.value, 0) for each in FIVE_SOURCES}


def _promised(
    content: Content, booked: Iterable[Group], view: View, *, has_money: bool
) -> Promised:
    before: Savings = savings(each for each in booked if each.view == view)

    def both(name: str, had: Ranged) -> Ranged:
        value, low, high = content[name]
        return Ranged(had.value + value, had.low + low, had.high + high)

    return Promised(
        waste_g=both("waste_g", before.waste_g),
        co2e_g=both("co2e_g", before.co2e_g),
        saved_ore=both("saved_ore", before.saved_ore) if has_money and before.saved_ore else None,
    )
