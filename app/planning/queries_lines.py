"""What a programme's lines ask for, and how much of it they still lack."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.planning.queries_ordered import Ordered
from app.planning.rules_match import SIDES, Asked, Line
from app.projects.models import ProgrammeLine
from app.projects.models_allocation import PlanAllocation
from app.projects.queries import standing_count
from app.projects.rules import LineState


def asked_of(line: ProgrammeLine) -> Asked:
    """What the line asks of a piece."""
    limits = tuple(getattr(line, f"{side}_{end}_mm") for side in SIDES for end in ("min", "max"))
    return Asked(line.category_id, line.condition, line.suitability, limits, line.wanted_date)


def allocated_count(actor: Actor, line_ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """How many pieces are set aside for each line now."""
    return (
        select(PlanAllocation.programme_line_id, func.count())
        .where(
            PlanAllocation.org_id == actor.org_id,
            PlanAllocation.programme_line_id.in_(line_ids),
            PlanAllocation.ended_at.is_(None),
        )
        .group_by(PlanAllocation.programme_line_id)
    )


def open_lines(
    session: Session, actor: Actor, lines: Sequence[ProgrammeLine], ordered: Ordered
) -> list[Line]:
    """The lines that stand, with what is not met, set aside or ordered; the earliest day first."""
    ids = [each.id for each in lines if each.state is not LineState.CANCELLED]
    met = {row[0]: row[1] for row in session.execute(standing_count(actor, ids))}
    aside = {row[0]: row[1] for row in session.execute(allocated_count(actor, ids))}
    found = [
        Line(
            each.id,
            asked_of(each),
            max(
                0,
                each.quantity
                - met.get(each.id, 0)
                - aside.get(each.id, 0)
                - sum(ordered.get(each.id, {}).values()),
            ),
        )
        for each in lines
        if each.state is not LineState.CANCELLED
    ]
    return sorted(found, key=lambda each: each.asked.wanted_date or date.max)
