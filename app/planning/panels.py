"""What a project's page shows of its budget."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit.i18n import money_ore
from app.planning.rules import budget_of
from app.projects.models import Project
from app.workshop.queries_spent import spent_by_project

Panel = tuple[str, dict[str, Any]] | None


def project(session: Session, actor: Actor, subject: Project) -> Panel:
    """How much of the budget is used, with a warning near its end."""
    spent = spent_by_project(session, actor.org_id, [subject.id])[subject.id]
    if subject.budget_ore is None and not spent:
        return None
    found = budget_of(subject.budget_ore, subject.budget_warn_percent, spent)
    return "planning/panel_budget.html", {
        "state": found.state,
        "is_limit": subject.budget_is_limit,
        "percent": found.percent,
        "spent": money_ore(spent, actor.currency),
        "budget": money_ore(subject.budget_ore, actor.currency)
        if subject.budget_ore is not None
        else None,
        "left": money_ore(abs(found.left_ore), actor.currency)
        if found.left_ore is not None
        else None,
    }
