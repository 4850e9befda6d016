"""Pieces set aside for lines of a programme, and let go."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.kit.events import Event
from app.projects.rules import PlanEnd


@dataclass(frozen=True, kw_only=True)
class PlanAllocated(Event):
    """A piece is set aside for a line. The subject is the piece, as of what follows."""

    programme_line_id: UUID
    project_id: UUID


@dataclass(frozen=True, kw_only=True)
class PlanAllocationEnded(Event):
    """It is the line's no more. ``planner_id`` is who set it aside."""

    programme_line_id: UUID
    project_id: UUID
    planner_id: UUID | None
    why: PlanEnd


@dataclass(frozen=True, kw_only=True)
class PlanAllocationMoved(Event):
    """It comes free on another day, and still in time for the line."""

    programme_line_id: UUID
    project_id: UUID
    planner_id: UUID | None
    free_from: date


@dataclass(frozen=True, kw_only=True)
class RequestDayMoved(Event):
    """So many pieces of an order on the market come free on another day. The subject is the order."""

    free_from: date
    pieces: int


@dataclass(frozen=True, kw_only=True)
class PlanFixed(Event):
    """What the result is held against from now on. The subject is the project."""

    fixed_plan_id: UUID
