"""What another organisation has got and forgets to confirm: both are reminded, then the giver may.

The receipt is the receiver's all the same: it stands in its register where it asked for the pieces to
go, made by nobody of its own, and it can undo it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.handovers.commands_across import ConfirmForReceiver, ReceiveFromOthers
from app.handovers.models import HandoverLine
from app.handovers.service_across import bring_in
from app.kit.clock import end_of
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound
from app.kit.events import EventRow, publish
from app.kit.i18n import N_
from app.kit.workdays import last_day_before
from app.marketplace.events import (
    OutsideReceiptAsked,
    OutsideReceiptMissing,
    OutsideReceivedForThem,
)
from app.marketplace.models_outside import OutsideDelivery, OutsidePiece, OutsideRequest
from app.marketplace.queries_outside import got_requests
from app.marketplace.rules import GIVER_AFTER, RECEIVER_AFTER
from app.marketplace.service_outside import NO_REQUEST

AT_ONCE = 200
"""So many requests are reminded of in one unit of work of the job."""


class StillTheirsToConfirm(Conflict):
    title = N_(
        "De har fortsatt tid til å bekrefte selv. Ti virkedager etter at det gikk, kan dere."
    )


class WhereIsTheirsToSay(Conflict):
    title = N_("De har ikke sagt hvor møblene skal stå, så bare de kan bekrefte. Skriv til dem.")


def remind_unconfirmed(session: Session) -> int:
    """Says once to the receiver, and some days later once to the giver. By the clock."""
    due = _due(session)
    found = {row.id: row.org_id for row in session.execute(due.limit(AT_ONCE))}
    rows = session.scalars(
        select(OutsideRequest)
        .where(OutsideRequest.id.in_(found), OutsideRequest.org_id.in_(set(found.values())))
        .order_by(OutsideRequest.id)
        .with_for_update(of=OutsideRequest)
        .execution_options(populate_existing=True)
    ).all()
    # Asked again behind the lock: somebody confirmed, undid it or reminded meanwhile.
    still = {row.id for row in session.execute(due.where(OutsideRequest.id.in_(found)))}
    for row in rows:
        if row.id not in still:
            continue
        lines = session.scalars(_lines_of(row)).all()
        kind = OutsideReceiptMissing if row.reminders else OutsideReceiptAsked
        row.reminders += 1
        publish(session, [kind.of(row, None, listing_id=row.listing_id, pieces=len(lines))])
    return len(rows)


def overdue_lines(session: Session, actor: Actor, outside_request_id: UUID) -> Sequence[UUID]:
    """The lines of a request to the actor's organisation that the giver may confirm by now."""
    actor.must(Permission.HANDOVER_MAKE)
    row = _got(session, actor, outside_request_id)
    before = _left_before(session, GIVER_AFTER)
    lines = session.scalars(_lines_of(row).where(HandoverLine.picked_up_at < before))
    return [each.id for each in lines]


def confirm_for_receiver(
    session: Session, actor: Actor, command: ConfirmForReceiver, stored: dict[str, str]
) -> list[HandoverLine]:
    """By the giver, ten working days after the pieces left: they have arrived where they were to go.

    Raises ``NotFound``, ``StillTheirsToConfirm`` where nothing has been away so long,
    ``WhereIsTheirsToSay``, and as the receiver's own receipt does.
    ``stored`` are the pictures that were copied beforehand. Gives the receiver's lines.
    """
    actor.must(Permission.HANDOVER_MAKE)
    ids = overdue_lines(session, actor, command.outside_request_id)
    if not ids:
        raise StillTheirsToConfirm
    row = _got(session, actor, command.outside_request_id)
    place = select(OutsideDelivery.place_id).where(
        OutsideDelivery.org_id == row.asker_org_id,
        OutsideDelivery.giver_org_id == row.org_id,
        OutsideDelivery.outside_request_id == row.id,
    )
    if session.scalar(place) is None:
        raise WhereIsTheirsToSay
    receipt = ReceiveFromOthers(outside_request_id=row.id, handover_line_ids=list(ids))
    own = bring_in(session, receiver_of(session, row), receipt, stored)
    publish(
        session,
        [
            OutsideReceivedForThem.of(
                row, actor.person_id, listing_id=row.listing_id, pieces=len(own)
            )
        ],
    )
    return own


def receiver_of(session: Session, row: OutsideRequest) -> Actor:
    """Nobody in particular, in the organisation that asked."""
    return system_actor(session.get_one(Organisation, row.asker_org_id))


def receiver_for(session: Session, actor: Actor, outside_request_id: UUID) -> Actor:
    """As ``receiver_of``, for who has not got the row."""
    return receiver_of(session, _got(session, actor, outside_request_id))


def _got(session: Session, actor: Actor, outside_request_id: UUID) -> OutsideRequest:
    query = got_requests(actor, Permission.HANDOVER_MAKE)
    row = session.scalar(query.where(OutsideRequest.id == outside_request_id))
    if row is None:
        raise NotFound(NO_REQUEST)
    return row


def _due(session: Session) -> Select[Any]:
    """Requests with something that left long ago; the giver hears days after the receiver did."""
    late, later = (_left_before(session, each) for each in (RECEIVER_AFTER, GIVER_AFTER))
    first = func.min(HandoverLine.picked_up_at)
    is_told_lately = exists().where(
        EventRow.org_id == OutsideRequest.org_id,
        EventRow.subject_id == OutsideRequest.id,
        EventRow.kind == OutsideReceiptAsked.kind,
        EventRow.at >= _left_before(session, GIVER_AFTER - RECEIVER_AFTER),
    )
    return (
        _on_the_way(OutsideRequest.org_id, OutsideRequest.id)
        .where(HandoverLine.receiver_org_id != HandoverLine.org_id)
        .where(or_(OutsideRequest.reminders == 0, ~is_told_lately))
        .group_by(OutsideRequest.org_id, OutsideRequest.id, OutsideRequest.reminders)
        .having(
            or_(
                and_(OutsideRequest.reminders == 0, first < late),
                and_(OutsideRequest.reminders == 1, first < later),
            )
        )
    )


def _left_before(session: Session, working_days: int) -> datetime:
    """What left before this moment has been away for so many working days."""
    return end_of(last_day_before(clock_of(session).today(), working_days))


def _lines_of(row: OutsideRequest) -> Select[HandoverLine]:
    """What has left by the request and nobody has confirmed."""
    query = _on_the_way(HandoverLine).where(
        OutsideRequest.org_id == row.org_id, OutsideRequest.id == row.id
    )
    return query.order_by(HandoverLine.id)


def _on_the_way(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(HandoverLine)
        .join(
            OutsidePiece,
            and_(
                OutsidePiece.org_id == HandoverLine.org_id,
                OutsidePiece.item_id == HandoverLine.item_id,
                OutsidePiece.given_up_at.is_(None),
            ),
        )
        .join(
            OutsideRequest,
            and_(
                OutsideRequest.org_id == OutsidePiece.org_id,
                OutsideRequest.id == OutsidePiece.outside_request_id,
            ),
        )
        .where(HandoverLine.received_at.is_(None), HandoverLine.undone_at.is_(None))
    )
