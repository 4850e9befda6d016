"""Needs, their lines and the ladder as JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.rules import Condition, Suitable
from app.needs.models import LadderStep, Need, NeedLine
from app.needs.queries import Decision, decisions_by_line, lines_of
from app.needs.queries_outside import steps_of
from app.needs.rules import NeedState, Outcome, Reason, Step, missing, next_step


class LadderStepOut(BaseModel):
    """The ``number``th decision on its line. ``matches`` are those that were shown to who decided, as they were then."""

    id: UUID
    need_line_id: UUID
    number: int
    step: Step
    outcome: Outcome
    quantity: int
    matches: list[dict[str, Any]]
    reason: Reason | None
    reason_text: str | None
    request_line_id: UUID | None
    person_id: UUID
    decided_at: datetime

    @classmethod
    def all(cls, session: Session, steps: Sequence[LadderStep]) -> list["LadderStepOut"]:
        session.flush()
        return [cls.model_validate(each, from_attributes=True) for each in steps]


class NeedLineOut(BaseModel):
    """``missing`` is what no step has given yet; ``next_step`` the one to be examined now."""

    id: UUID
    need_id: UUID
    category_id: str
    quantity: int
    requirement: str | None
    width_min_mm: int | None
    width_max_mm: int | None
    depth_min_mm: int | None
    depth_max_mm: int | None
    height_min_mm: int | None
    height_max_mm: int | None
    programme_line_id: UUID | None
    suitability: Suitable | None
    missing: int
    next_step: Step | None

    @classmethod
    def of(
        cls, line: NeedLine, decisions: Sequence[Decision], steps: Sequence[Step]
    ) -> "NeedLineOut":
        derived = {"missing", "next_step"}
        own = {name: getattr(line, name) for name in cls.model_fields if name not in derived}
        return cls(
            **own,
            missing=missing(line.quantity, decisions),
            next_step=next_step(line.quantity, decisions, steps),
        )

    @classmethod
    def all(cls, session: Session, actor: Actor, lines: Sequence[NeedLine]) -> list["NeedLineOut"]:
        session.flush()
        decisions = decisions_by_line(session, actor, [each.id for each in lines])
        steps = steps_of(session, actor.org_id) if lines else ()
        return [cls.of(each, decisions.get(each.id, ()), steps) for each in lines]


class NeedOut(BaseModel):
    id: UUID
    number: int
    state: NeedState
    person_id: UUID
    unit_id: UUID
    place_id: UUID | None
    project_id: UUID | None
    wanted_date: date | None
    budget_ore: int | None
    text: str | None
    created_at: datetime
    version: int
    lines: list[NeedLineOut]

    @classmethod
    def all(cls, session: Session, actor: Actor, needs: Sequence[Need]) -> list["NeedOut"]:
        session.flush()  # versions are counted up as rows are written
        rows = session.scalars(lines_of(actor, [each.id for each in needs])).all()
        lines = NeedLineOut.all(session, actor, rows)
        return [
            cls(
                **{name: getattr(each, name) for name in cls.model_fields if name != "lines"},
                lines=[line for line in lines if line.need_id == each.id],
            )
            for each in needs
        ]


class MatchOut(BaseModel):
    """Like pieces that could meet the line; sizes in mm. Without a listing they come free later."""

    listing_id: UUID | None
    item_id: UUID | None
    name: str
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    place: str
    unit: str
    count: int
    from_date: date
    until_date: date | None
    project: str | None


class MatchesOut(BaseModel):
    """What there is at a step. ``seen`` goes back with the decision: it tells if that has changed."""

    step: Step
    seen: str
    matches: list[MatchOut]
