"""A project ends when all has arrived, and keeps to a budget that is a limit."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers.models import Handover
from app.handovers.service import record
from app.items.models import Item
from app.planning.rules import BudgetState, budget_of
from app.planning.service_frame import OverBudget, ProjectHasOpenHandovers
from app.projects.rules import ProjectState
from app.projects.service import CloseProject, close_project
from app.workshop.queries_spent import spent_by_project
from tests.handovers.orders import an_order
from tests.handovers.test_record import a_record
from tests.people import Organised
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]


@pytest.mark.parametrize(
    ("budget", "spent", "state", "percent", "left"),
    [
        (None, 5, BudgetState.NONE, None, None),
        (100, 79, BudgetState.WITHIN, 79, 21),
        (100, 80, BudgetState.NEAR, 80, 20),
        (100, 100, BudgetState.NEAR, 100, 0),
        (100, 101, BudgetState.OVER, 101, -1),
        (0, 0, BudgetState.NEAR, 100, 0),
        (0, 1, BudgetState.OVER, None, -1),
    ],
)
def test_a_budget_warns_from_its_percent_and_is_over_above_all_of_it(
    budget: int | None, spent: int, state: BudgetState, percent: int | None, left: int | None
) -> None:
    found = budget_of(budget, 80, spent)
    assert (found.state, found.percent, found.left_ore) == (state, percent, left)


def test_a_project_does_not_end_while_what_it_ordered_is_not_delivered(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    an_order(session, org, programme_line=a_line(session, actor(), project))
    with pytest.raises(ProjectHasOpenHandovers), session.begin_nested():
        close_project(session, actor(), [CloseProject(project_id=project.id)])
    session.refresh(project)
    assert project.state is ProjectState.ACTIVE


def test_nothing_is_bought_above_a_budget_that_is_a_limit(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(
        session, actor(), org, place_id=org.room_id, budget_ore=100_000, budget_is_limit=True
    )
    line = a_line(session, actor(), project, quantity=5)
    buy = a_record(org, "new", programme_line_id=line.id, quantity=1, price_ore=60_000)
    record(session, actor(), [buy])
    assert spent_by_project(session, org.org_id, [project.id]) == {project.id: 60_000}
    with pytest.raises(OverBudget), session.begin_nested():
        record(session, actor(), [buy])
    assert session.scalar(select(func.count()).select_from(Item)) == 1
    assert session.scalar(select(func.count()).select_from(Handover)) == 1
    free = buy.model_copy(update={"price_ore": None})
    record(session, actor(), [free])
