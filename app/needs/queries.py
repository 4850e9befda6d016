"""What may be seen of needs, and what was decided for their lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, defer

from app.accounts.actor import Actor
from app.accounts.queries import units_below_led_by
from app.accounts.rules import Permission
from app.marketplace.queries import states_of_lines
from app.marketplace.rules import GIVEN_UP, ReservationState
from app.needs.models import LadderStep, Need, NeedLine
from app.needs.models_allocation import NeedAllocation
from app.needs.models_given_up import LadderGivenUp
from app.needs.queries_outside import NotGot, not_got_outside
from app.needs.rules import BY_HAND, MATCHED, Outcome, Step
from app.projects.models import ProgrammeLine, Project, Release


def needs_visible_to(actor: Actor) -> Select[Need]:
    """One's own, and those of units one leads, decides for, runs projects in or reports on."""
    query = select(Need).where(Need.org_id == actor.org_id)
    seen: list[ColumnElement[bool]] = [
        Need.person_id == actor.person_id,
        Need.unit_id.in_(units_below_led_by(actor)),
    ]
    for permission in (
        Permission.RESERVATION_APPROVE,
        Permission.PROJECT_EDIT,
        Permission.EXPORT,
    ):
        if actor.may(permission):
            units = actor.permissions[permission]
            if units is None:
                return query
            seen.append(Need.unit_id.in_(units))
    return query.where(or_(*seen))


def lines_visible_to(actor: Actor) -> Select[NeedLine]:
    """Lines of the needs an actor sees."""
    return select(NeedLine).where(
        NeedLine.org_id == actor.org_id,
        NeedLine.need_id.in_(needs_visible_to(actor).with_only_columns(Need.id)),
    )


def lines_of(actor: Actor, need_ids: Sequence[UUID]) -> Select[NeedLine]:
    """The lines of needs in the order they were added."""
    return (
        select(NeedLine)
        .where(NeedLine.org_id == actor.org_id, NeedLine.need_id.in_(need_ids))
        .order_by(NeedLine.created_at, NeedLine.id)
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it counts now.

    Of what was taken, ``lost`` pieces were declined, given up or not set aside any more since. ``waiting`` ones there was
    nothing left of: who asked stands on the waiting list, which is not to have found anything.
    """

    row: LadderStep
    lost: int = 0
    waiting: int = 0

    @property
    def quantity(self) -> int:
        """How many pieces it still gives."""
        return max(0, self.row.quantity - self.lost - self.waiting)

    @property
    def step(self) -> Step:
        return self.row.step

    @property
    def outcome(self) -> Outcome:
        return self.row.outcome


def decisions_by_line(
    session: Session, actor: Actor, line_ids: Sequence[UUID], *, with_matches: bool = False
) -> Mapping[UUID, list[Decision]]:
    """What was decided for each line, the oldest first; two queries.

    What there was to choose from is most of a row, and read only where it is shown.
    """
    query = (
        select(LadderStep)
        .where(LadderStep.org_id == actor.org_id, LadderStep.need_line_id.in_(line_ids))
        .order_by(LadderStep.number)
    )
    if not with_matches:
        query = query.options(defer(LadderStep.matches))
    rows = session.scalars(query).all()
    ids = [each.request_line_id for each in rows if each.request_line_id is not None]
    lost: dict[UUID | None, int] = defaultdict(int)
    waiting: dict[UUID | None, int] = defaultdict(int)
    if ids:
        for line_id, state, count in session.execute(states_of_lines(actor, ids)):
            if state in GIVEN_UP:
                lost[line_id] += count
            elif state is ReservationState.WAITING:
                waiting[line_id] += count
    outside = [each.id for each in rows if each.step is Step.NETWORK]
    not_got = not_got_outside(session, actor, outside) if outside else {}
    let_go = _let_go(session, actor, [row.id for row in rows if _is_set_aside(row)])
    let_go |= _not_come(session, actor, [row.id for row in rows if _is_by_hand(row)])
    found: dict[UUID, list[Decision]] = defaultdict(list)
    for row in rows:
        at = row.request_line_id
        beyond = not_got.get(row.id, NotGot())
        given_up = lost.get(at, 0) + beyond.lost + let_go.get(row.id, 0)
        still = waiting.get(at, 0) + beyond.waiting
        found[row.need_line_id].append(Decision(row, given_up, still))
    return found


def _is_set_aside(row: LadderStep) -> bool:
    """Taken where there are offers, and not ordered: of what a project will release."""
    return row.outcome is Outcome.TAKEN and row.step in MATCHED and row.request_line_id is None


def _is_by_hand(row: LadderStep) -> bool:
    """Written down as found outside, maybe with an order to a supplier behind it."""
    return row.outcome is Outcome.TAKEN and row.step in BY_HAND


def _not_come(session: Session, actor: Actor, step_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many of the pieces that each decision was sure of do not come from the supplier."""
    if not step_ids:
        return {}
    rows = session.execute(
        select(LadderGivenUp.ladder_step_id, func.sum(LadderGivenUp.pieces))
        .where(LadderGivenUp.org_id == actor.org_id, LadderGivenUp.ladder_step_id.in_(step_ids))
        .group_by(LadderGivenUp.ladder_step_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def _let_go(session: Session, actor: Actor, step_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many of the pieces that each decision set aside are the need's no more."""
    if not step_ids:
        return {}
    rows = session.execute(
        select(NeedAllocation.ladder_step_id, func.count())
        .where(
            NeedAllocation.org_id == actor.org_id,
            NeedAllocation.ladder_step_id.in_(step_ids),
            NeedAllocation.ended_at.is_not(None),
        )
        .group_by(NeedAllocation.ladder_step_id)
    )
    return {row[0]: row[1] for row in rows}


def allocations_of(actor: Actor, step_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    """What decisions set aside and still have: decision, project, day and how many pieces."""
    return (
        select(
            NeedAllocation.ladder_step_id,
            Project.name.label("project"),
            Release.free_from,
            func.count().label("pieces"),
        )
        .join(
            Release,
            and_(Release.org_id == NeedAllocation.org_id, Release.id == NeedAllocation.release_id),
        )
        .join(Project, and_(Project.org_id == Release.org_id, Project.id == Release.project_id))
        .where(
            NeedAllocation.org_id == actor.org_id,
            NeedAllocation.ladder_step_id.in_(step_ids),
            NeedAllocation.ended_at.is_(None),
        )
        .group_by(NeedAllocation.ladder_step_id, Project.name, Release.free_from)
        .order_by(Release.free_from, Project.name)
    )


def project_date(
    session: Session, actor: Actor, need: Need, programme_line_id: UUID | None, today: date
) -> date | None:
    """When what the need is for must be met: its programme line's date, else the project's first day.

    A day that has passed says nothing to whom it is asked of.
    """
    own = select(ProgrammeLine.wanted_date).where(
        ProgrammeLine.org_id == actor.org_id, ProgrammeLine.id == programme_line_id
    )
    begins = select(Project.from_date).where(
        Project.org_id == actor.org_id, Project.id == need.project_id
    )
    day = session.scalar(own) or session.scalar(begins)
    return day if day is not None and day >= today else None
