"""What a scanned piece is meant for, and the receipts of what was fetched and delivered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers.models import Handover, HandoverLine
from app.handovers.models_receipt import Receipt, ReceiptLine
from app.handovers.models_run import RunPiece
from app.handovers.queries import handover_lines_visible_to
from app.marketplace.models import Request, RequestLine, Reservation
from app.marketplace.queries_outside import promised_outside
from app.marketplace.rules import ReservationState
from app.places.models import Place
from app.places.queries import places_visible_to

GIVEN = (ReservationState.APPROVED, ReservationState.READY)


@dataclass(frozen=True, slots=True)
class Given:
    """A piece that still stands where it was and is meant for somebody.

    By an approved order, by a run sheet alone, or by a promise to another organisation; ``group``
    holds together what goes on one handover.
    """

    reservation_id: UUID | None
    group: tuple[UUID, UUID | None, UUID | None]
    person_id: UUID | None
    unit_id: UUID | None
    place_id: UUID | None
    outside_request_id: UUID | None = None


def given_to(session: Session, actor: Actor, item_ids: Collection[UUID]) -> dict[UUID, Given]:
    """What each piece is meant for: its approved order, the run sheet it waits on, or others."""
    rows = session.execute(
        select(
            Reservation.item_id,
            Reservation.id,
            Request.id.label("request_id"),
            Request.person_id,
            Request.unit_id,
            Request.place_id,
        )
        .select_from(Reservation)
        .join(
            RequestLine,
            (RequestLine.org_id == Reservation.receiver_org_id)
            & (RequestLine.id == Reservation.request_line_id),
        )
        .join(
            Request,
            (Request.org_id == RequestLine.org_id) & (Request.id == RequestLine.request_id),
        )
        .where(
            Reservation.org_id == actor.org_id,
            Reservation.receiver_org_id == actor.org_id,
            Reservation.item_id.in_(item_ids),
            Reservation.state.in_(GIVEN),
        )
    )
    ordered = {
        row.item_id: Given(
            row.id,
            (row.request_id, row.unit_id, row.place_id),
            row.person_id,
            row.unit_id,
            row.place_id,
        )
        for row in rows
    }
    planned = session.execute(
        select(RunPiece).where(
            RunPiece.org_id == actor.org_id,
            RunPiece.item_id.in_(item_ids),
            RunPiece.reservation_id.is_(None),
            RunPiece.left_at.is_(None),
            RunPiece.handover_line_id.is_(None),
        )
    )
    others = {
        each.item_id: Given(
            None,
            (each.run_sheet_id, each.to_unit_id, each.to_place_id),
            None,
            each.to_unit_id,
            each.to_place_id,
        )
        for each in planned.scalars()
    }
    abroad = {
        row.item_id: Given(
            None, (row.outside_request_id, None, None), None, None, None, row.outside_request_id
        )
        for row in session.execute(promised_outside(actor.org_id, item_ids))
    }
    return others | ordered | abroad


def lines_of_pieces(
    session: Session, actor: Actor, item_ids: Collection[UUID]
) -> dict[UUID, tuple[HandoverLine, Handover]]:
    """The newest handover of each piece that was not undone."""
    rows = session.execute(
        handover_lines_visible_to(actor)
        .add_columns(Handover)
        .join(
            Handover,
            (Handover.org_id == HandoverLine.org_id) & (Handover.id == HandoverLine.handover_id),
        )
        .where(HandoverLine.item_id.in_(item_ids), HandoverLine.undone_at.is_(None))
        .order_by(Handover.number)
    )
    return {row[0].item_id: (row[0], row[1]) for row in rows}


def labels_of(session: Session, actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    """The readable paths of places, by id."""
    query = places_visible_to(actor).with_only_columns(Place.id, Place.label)
    return {row.id: row.label for row in session.execute(query.where(Place.id.in_(ids)))}


def receipts_visible_to(actor: Actor) -> Select[Receipt]:
    return select(Receipt).where(Receipt.org_id == actor.org_id)


def receipt_lines(actor: Actor, receipt_ids: Sequence[UUID]) -> Select[ReceiptLine]:
    """In the order scanned, receipt by receipt."""
    return (
        select(ReceiptLine)
        .where(ReceiptLine.org_id == actor.org_id, ReceiptLine.receipt_id.in_(receipt_ids))
        .order_by(ReceiptLine.receipt_id, ReceiptLine.position)
    )


def receipts_of(actor: Actor, handover_id: UUID) -> Select[Receipt]:
    """The receipts that pieces of the handover stand on, the oldest first."""
    named = (
        select(ReceiptLine.receipt_id)
        .join(
            HandoverLine,
            (HandoverLine.org_id == ReceiptLine.org_id)
            & (HandoverLine.id == ReceiptLine.handover_line_id),
        )
        .where(ReceiptLine.org_id == actor.org_id, HandoverLine.handover_id == handover_id)
    )
    return receipts_visible_to(actor).where(Receipt.id.in_(named)).order_by(Receipt.number)
