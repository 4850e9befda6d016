"""A plan is fixed: the result is held against it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.queries import factors_of
from app.impact.rules import Rounded
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.events import publish
from app.kit.i18n import N_
from app.ledger.models import LedgerEntry
from app.ledger.queries import entries_visible_to, totals
from app.planning.events import PlanFixed
from app.planning.figures import Part, PlanSums, figures_of
from app.planning.models import FixedPlan
from app.planning.names import ALTERNATIVES
from app.planning.views_plan import Alternative, Plan, plan_of
from app.projects.models import Project
from app.projects.service_projects import Command, own_projects


class FixPlan(Command):
    """``alternative`` is `now`, `supply`, `used` or `new`."""

    project_id: UUID
    alternative: str


def fix_plan(session: Session, actor: Actor, commands: Sequence[FixPlan]) -> list[FixedPlan]:
    """Keeps an alternative as it stands now. The plans before stay, and count no more."""
    actor.must(Permission.PROJECT_EDIT)
    projects = own_projects(session, actor, [each.project_id for each in commands])
    today = clock_of(session).today()
    made = []
    for command in commands:
        if command.alternative not in ALTERNATIVES:
            raise Invalid(by_field={"alternative": N_("Velg en av mulighetene.")})
        plan = plan_of(session, actor, projects[command.project_id], today)
        if not plan.lines:
            raise Invalid(by_field={"alternative": N_("Prosjektet har ingen behov ennå.")})
        chosen = next((e for e in plan.alternatives if e.key == command.alternative), None)
        if chosen is None:  # there is nothing left to mend
            raise Invalid(by_field={"alternative": N_("Velg en av mulighetene.")})
        made.append(
            FixedPlan(
                id=new_id(),
                org_id=actor.org_id,
                project_id=command.project_id,
                alternative=chosen.key,
                content={
                    **_content(chosen),
                    **_by_line(session, actor, projects[command.project_id], plan, chosen, today),
                    "booked": _booked(session, actor, command.project_id),
                },
                person_id=actor.person_id,
                fixed_at=clock_of(session).now(),
            )
        )
    session.add_all(made)
    publish(
        session,
        [
            PlanFixed.of(projects[each.project_id], actor.person_id, fixed_plan_id=each.id)
            for each in made
        ],
    )
    return made


def _content(chosen: Alternative) -> dict[str, Any]:
    figures = chosen.figures
    return {
        "counts": {source.value: count for source, count in chosen.counts.items()},
        "lines": {
            str(line_id): {source.value: count for source, count in counts.items()}
            for line_id, counts in chosen.mix.items()
        },
        "open": chosen.open,
        "gross": _sums(figures.gross),
        "net": _sums(figures.net),
        "transport_g": figures.transport_g,
        "cost_ore": figures.cost_ore,
        "has_money": figures.has_money,
    }


def _by_line(
    session: Session, actor: Actor, project: Project, plan: Plan, chosen: Alternative, today: date
) -> dict[str, Any]:
    """What each line asked for, and what it was to save of what was not delivered yet."""
    parts: dict[UUID, list[Part]] = defaultdict(list)
    for line_id, part in chosen.parts:
        parts[line_id].append(part)
    factors = factors_of(session, org_id=actor.org_id)
    figures: dict[str, Any] = {}
    for line in plan.lines:
        found = figures_of(
            parts[line.id], factors, today, actor.currency, all_new_brief=project.all_new_brief
        )
        figures[str(line.id)] = {"gross": _sums(found.gross), "net": _sums(found.net)}
    return {
        "asked": {
            str(line.id): {
                "category_id": line.category_id,
                "requirement": line.requirement,
                "quantity": line.quantity,
            }
            for line in plan.lines
        },
        "line_figures": figures,
    }


def _booked(session: Session, actor: Actor, project_id: UUID) -> dict[str, Any]:
    """What was delivered before: the promise is of the rest, and the result is of all of it."""
    own = entries_visible_to(actor).where(LedgerEntry.project_id == project_id)
    return {
        view.value: {"co2e_g": _three(each.co2e_g), "saved_ore": _three(each.saved_ore)}
        for view, each in totals(session, own).items()
    }


def _sums(sums: PlanSums) -> Mapping[str, Sequence[int]]:
    return {name: _three(getattr(sums, name)) for name in ("waste_g", "co2e_g", "saved_ore")}


def _three(figure: Rounded) -> list[int]:
    return [figure.value, figure.low, figure.high]
