"""What is still under way for a project."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.handovers.models import Handover, HandoverLine
from app.marketplace.models import Request, RequestLine, Reservation
from app.marketplace.models_outside import OutsideDelivery, OutsidePiece, OutsideRequest
from app.marketplace.rules import OutsideState, ReservationState
from app.projects.models import ProgrammeLine
from app.workshop.models import SupplierOrder
from app.workshop.queries_spent import at_suppliers

PROMISED = (ReservationState.APPROVED, ReservationState.READY, ReservationState.PICKED_UP)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Pieces fetched and not received, promised and not fetched, and ordered from suppliers."""

    on_their_way: int
    promised: int
    at_suppliers: int


def under_way(session: Session, org_id: UUID, project_id: UUID) -> UnderWay:
    """Four queries. What another organisation has promised counts until it is received here."""
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
    arrived = select(HandoverLine.id).where(
        HandoverLine.org_id == OutsidePiece.org_id,
        HandoverLine.item_id == OutsidePiece.item_id,
        HandoverLine.receiver_org_id == org_id,
        HandoverLine.received_at.is_not(None),
        HandoverLine.undone_at.is_(None),
    )
    from_others = (
        select(func.count())
        .select_from(OutsideDelivery)
        .join(
            OutsideRequest,
            and_(
                OutsideRequest.org_id == OutsideDelivery.giver_org_id,
                OutsideRequest.id == OutsideDelivery.outside_request_id,
            ),
        )
        .join(
            OutsidePiece,
            and_(
                OutsidePiece.org_id == OutsideRequest.org_id,
                OutsidePiece.outside_request_id == OutsideRequest.id,
                OutsidePiece.given_up_at.is_(None),
            ),
        )
        .where(
            OutsideDelivery.org_id == org_id,
            OutsideDelivery.programme_line_id.in_(lines),
            OutsideRequest.state.in_((OutsideState.APPROVED, OutsideState.HANDED_OVER)),
            ~arrived.exists(),
        )
    )
    return UnderWay(
        session.scalar(fetched) or 0,
        (session.scalar(promised) or 0) + (session.scalar(from_others) or 0),
        session.scalar(at_suppliers(org_id, [project_id], func.sum(SupplierOrder.quantity))) or 0,
    )


def _of_its_handover() -> ColumnElement[bool]:
    return and_(HandoverLine.org_id == Handover.org_id, HandoverLine.handover_id == Handover.id)
