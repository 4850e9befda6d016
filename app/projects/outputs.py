"""Projects and their programme as JSON."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact.rules import FIVE_SOURCES, FulfilmentSource
from app.items.rules import Condition, Fate, Suitable
from app.projects.models import (
    ProgrammeLine,
    Project,
    ProjectMember,
    ProjectMilestone,
    Release,
)
from app.projects.queries import fulfilled_by_line
from app.projects.rules import LineState, ProjectKind, ProjectRole, ProjectState, ReleaseState


class ProjectOut(BaseModel):
    id: UUID
    number: int
    name: str
    state: ProjectState
    kind: ProjectKind
    unit_id: UUID
    place_id: UUID | None
    from_date: date | None
    until_date: date | None
    budget_ore: int | None
    budget_warn_percent: int
    budget_is_limit: bool
    goal_percent: int | None
    all_new_brief: bool
    description: str | None
    created_at: datetime
    version: int

    @classmethod
    def all(cls, session: Session, projects: Sequence[Project]) -> list["ProjectOut"]:
        session.flush()  # versions are counted up as rows are written
        return [cls.model_validate(each, from_attributes=True) for each in projects]


class ProgrammeLineOut(BaseModel):
    """``fulfilled`` counts standing fulfilments by source; ``open`` is what is still missing."""

    id: UUID
    project_id: UUID
    state: LineState
    category_id: str
    quantity: int
    requirement: str | None
    width_min_mm: int | None
    width_max_mm: int | None
    depth_min_mm: int | None
    depth_max_mm: int | None
    height_min_mm: int | None
    height_max_mm: int | None
    condition: Condition | None
    suitability: Suitable | None
    place_id: UUID | None
    wanted_date: date | None
    fulfilled: dict[FulfilmentSource, int]
    open: int
    version: int

    @classmethod
    def all(
        cls, session: Session, actor: Actor, lines: Sequence[ProgrammeLine]
    ) -> list["ProgrammeLineOut"]:
        session.flush()  # versions are counted up as rows are written
        counts = counts_by_line(session, actor, [each.id for each in lines])
        return [
            cls(
                **{
                    name: getattr(line, name)
                    for name in cls.model_fields
                    if name not in {"fulfilled", "open"}
                },
                fulfilled=dict(counts[line.id]),
                open=still_open(line, counts[line.id]),
            )
            for line in lines
        ]


class ReleaseOut(BaseModel):
    """A piece that the project releases."""

    id: UUID
    project_id: UUID
    item_id: UUID
    state: ReleaseState
    fate: Fate
    free_from: date
    gone_by: date | None
    created_at: datetime
    version: int

    @classmethod
    def all(cls, session: Session, releases: Sequence[Release]) -> list["ReleaseOut"]:
        session.flush()  # versions are counted up as rows are written
        return [cls.model_validate(each, from_attributes=True) for each in releases]


def counts_by_line(
    session: Session, actor: Actor, line_ids: Sequence[UUID]
) -> dict[UUID, Mapping[FulfilmentSource, int]]:
    """Standing fulfilments of each line, by all five sources."""
    counts = {line_id: dict.fromkeys(FIVE_SOURCES, 0) for line_id in line_ids}
    for line_id, source, count in session.execute(fulfilled_by_line(actor, line_ids)):
        counts[line_id][source] = count
    return dict(counts)


def still_open(line: ProgrammeLine, counts: Mapping[FulfilmentSource, int]) -> int:
    """Pieces the line still lacks; none once it is cancelled."""
    if line.state is LineState.CANCELLED:
        return 0
    return max(line.quantity - sum(counts.values()), 0)


class MemberOut(BaseModel):
    """Somebody who takes part in a project."""

    person_id: UUID
    role: ProjectRole

    @classmethod
    def of(cls, row: ProjectMember) -> "MemberOut":
        return cls(person_id=row.person_id, role=ProjectRole(row.role))


class MilestoneOut(BaseModel):
    """A day of a project's timeline."""

    id: UUID
    name: str
    day: date
    is_reached: bool

    @classmethod
    def of(cls, row: ProjectMilestone) -> "MilestoneOut":
        return cls.model_validate(row, from_attributes=True)
