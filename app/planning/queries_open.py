"""What is still under way for a project, and what it has cost so far."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.handovers.models import Handover, HandoverLine
from app.marketplace.models import Request, RequestLine, Reservation
from app.marketplace.rules import ReservationState
from app.projects.models import ProgrammeLine

PROMISED = (ReservationState.APPROVED, ReservationState.READY, ReservationState.PICKED_UP)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Pieces that were fetched and not received, and pieces ordered and promised but not fetched."""

    on_their_way: int
    promised: int


def under_way(session: Session, org_id: UUID, project_id: UUID) -> UnderWay:
    """Two queries."""
    fetched = (
        select(func.count())
        .select_from(HandoverLine)
        .join(Handover, _of_its_handover())
        .where(
            Handover.receiver_org_id == org_id,
            Handover.project_id == project_id,
            HandoverLine.received_at.is_(None),
            HandoverLine.undone_at.is_(None),
        )
    )
    lines = select(ProgrammeLine.id).where(
        ProgrammeLine.org_id == org_id, ProgrammeLine.project_id == project_id
    )
    promised = (
        select(func.count())
        .select_from(Reservation)
        .join(
            RequestLine,
            and_(
                RequestLine.org_id == Reservation.receiver_org_id,
                RequestLine.id == Reservation.request_line_id,
            ),
        )
        .join(
            Request,
            and_(Request.org_id == RequestLine.org_id, Request.id == RequestLine.request_id),
        )
        .where(
            Request.org_id == org_id,
            (Request.project_id == project_id) | RequestLine.programme_line_id.in_(lines),
            Reservation.state.in_(PROMISED),
        )
    )
    return UnderWay(session.scalar(fetched) or 0, session.scalar(promised) or 0)


def spent_by_project(
    session: Session, org_id: UUID, project_ids: Collection[UUID]
) -> dict[UUID, int]:
    """What the handovers to projects have cost, in øre: pieces, work on them, and the trips."""
    costs = [
        func.coalesce(each, 0)
        for each in (
            HandoverLine.price_ore,
            HandoverLine.redesign_ore,
            HandoverLine.cleaning_ore,
            HandoverLine.handling_ore,
        )
    ]
    to_projects = (Handover.receiver_org_id == org_id, Handover.project_id.in_(project_ids))
    standing = HandoverLine.undone_at.is_(None)
    lines = (
        select(Handover.project_id, func.sum(sum(costs[1:], costs[0])))
        .join(HandoverLine, _of_its_handover())
        .where(*to_projects, standing)
        .group_by(Handover.project_id)
    )
    trips = (
        select(Handover.project_id, func.sum(Handover.transport_ore))
        .where(*to_projects)
        .where(select(HandoverLine.id).where(_of_its_handover(), standing).exists())
        .group_by(Handover.project_id)
    )
    spent = dict.fromkeys(project_ids, 0)
    for query in (lines, trips):
        for project_id, ore in session.execute(query):
            if project_id is not None:
                spent[project_id] += int(ore or 0)
    return spent


def _of_its_handover() -> ColumnElement[bool]:
    return and_(HandoverLine.org_id == Handover.org_id, HandoverLine.handover_id == Handover.id)
