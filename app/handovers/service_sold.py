"""What a buyer from outside has fetched is a handover too: the ledger books it as what went to others.

The price is not on its line: it is external income, which is shown beside the savings.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.numbers import next_number
from app.handovers.events import PieceHandedOver, PieceReceived, PieceReturned
from app.handovers.models import Handover, HandoverLine
from app.handovers.service_trips import only
from app.impact.rules import FulfilmentSource
from app.items.models import Item
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.events import EventRow, publish
from app.marketplace.events_public import BuyerHandedOver, BuyerNotFetched
from app.marketplace.models_outside import OutsidePiece
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import Terms

SOURCES = (FulfilmentSource.SOLD, FulfilmentSource.DONATED)


def on_fetched(session: Session, events: Sequence[BuyerHandedOver]) -> None:
    """One handover for each sale; the pieces have left in the same transaction."""
    for event in events:
        items = session.scalars(
            select(Item)
            .where(Item.org_id == event.org_id, Item.id.in_(_pieces(event)))
            .order_by(Item.id)
        ).all()
        if items:
            _keep(session, event, items)


def _keep(session: Session, event: BuyerHandedOver, items: Sequence[Item]) -> None:
    terms = session.scalars(
        select(BuyerAsk.terms).where(
            BuyerAsk.org_id == event.org_id, BuyerAsk.id == event.subject_id
        )
    ).one()
    now = clock_of(session).now()
    handover = Handover(
        id=new_id(),
        org_id=event.org_id,
        number=next_number(session, event.org_id, "handover"),
        handed_over_on=clock_of(session).today(),
        giver_unit_id=only({each.owner_unit_id for each in items}),
        receiver_org_id=event.org_id,
        from_place_id=only({each.place_id for each in items}),
        person_id=event.person_id,
        created_at=now,
    )
    lines = [
        HandoverLine(
            id=new_id(),
            org_id=event.org_id,
            handover_id=handover.id,
            item_id=each.id,
            receiver_org_id=event.org_id,
            source=FulfilmentSource.DONATED if terms is Terms.FREE else FulfilmentSource.SOLD,
            owner_unit_before_id=each.owner_unit_id,
            holder_unit_before_id=each.holder_unit_id,
            place_before_id=each.place_id,
            picked_up_at=now,
            picked_up_by=event.person_id,
            received_at=now,
            received_by=event.person_id,
        )
        for each in items
    ]
    session.add_all([handover, *lines])
    for kind in (PieceHandedOver, PieceReceived):
        publish(
            session,
            [
                kind.of(each, event.person_id, item_id=each.item_id, handover_id=handover.id)
                for each in lines
            ],
        )


def on_not_fetched(session: Session, events: Sequence[BuyerNotFetched]) -> None:
    """The handover was a mistake: its lines are undone, and the ledger reverses what it booked."""
    for event in events:
        lines = session.scalars(
            select(HandoverLine)
            .where(HandoverLine.org_id == event.org_id)
            .where(HandoverLine.receiver_org_id == event.org_id)
            .where(HandoverLine.item_id.in_(_pieces(event)))
            .where(HandoverLine.source.in_(SOURCES), HandoverLine.undone_at.is_(None))
            .order_by(HandoverLine.id)
            .with_for_update(of=HandoverLine)
        ).all()
        received = session.execute(
            select(EventRow.subject_id, EventRow.id).where(
                EventRow.org_id == event.org_id,
                EventRow.kind == PieceReceived.kind,
                EventRow.subject_id.in_([each.id for each in lines]),
            )
        )
        undone = {row.subject_id: row.id for row in received}
        for each in lines:
            each.undone_at = clock_of(session).now()
        publish(
            session,
            [
                PieceReturned.of(
                    each,
                    event.person_id,
                    item_id=each.item_id,
                    handover_id=each.handover_id,
                    undoes_event_id=undone.get(each.id),
                )
                for each in lines
            ],
        )


def _pieces(event: BuyerHandedOver | BuyerNotFetched) -> Select[UUID]:
    return select(OutsidePiece.item_id).where(
        OutsidePiece.org_id == event.org_id,
        OutsidePiece.buyer_ask_id == event.subject_id,
        OutsidePiece.given_up_at.is_(None),
    )
