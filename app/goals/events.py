"""What happens to goals. The subject is the sheet, or the organisation's rule."""

from dataclasses import dataclass
from uuid import UUID

from app.goals.rules import Kind
from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class GoalsSet(Event):
    """All of them as they are now: aims, and their targets in the same order."""

    year: int
    unit_id: UUID | None
    project_id: UUID | None
    aims: list[Kind]
    targets: list[int]


@dataclass(frozen=True, kw_only=True)
class GoalRuleSet(Event):
    has_leader_board: bool
    has_own_savings: bool
