"""Which handovers an actor sees, and which pieces wait for being received by whom."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from app.accounts.actor import Actor
from app.accounts.queries import units_led_by
from app.handovers.models import Handover, HandoverLine
from app.items.models import Item
from app.marketplace.models import ListingItem, Request, RequestLine, Reservation
from app.marketplace.queries_outside import held_outside
from app.marketplace.rules import ReservationState

CLAIMS = (
    ReservationState.OFFERED,
    ReservationState.APPROVED,
    ReservationState.READY,
    ReservationState.PICKED_UP,
)
"""Reservations that keep a piece for somebody."""


def handovers_visible_to(actor: Actor) -> Select[Handover]:
    return select(Handover).where(Handover.org_id == actor.org_id)


def handover_lines_visible_to(actor: Actor) -> Select[HandoverLine]:
    return select(HandoverLine).where(HandoverLine.org_id == actor.org_id)


def on_the_way(actor: Actor) -> Select[HandoverLine]:
    """Picked up, and neither received nor undone."""
    return handover_lines_visible_to(actor).where(
        HandoverLine.picked_up_at.is_not(None),
        HandoverLine.received_at.is_(None),
        HandoverLine.undone_at.is_(None),
    )


def bound_for(org_id: UUID, item_ids: Sequence[UUID]) -> Select[UUID, UUID | None]:
    """Those of the pieces that are on their way within the organisation, and to which unit."""
    return (
        select(HandoverLine.item_id, Handover.receiver_unit_id)
        .join(
            Handover,
            (Handover.org_id == HandoverLine.org_id) & (Handover.id == HandoverLine.handover_id),
        )
        .where(
            HandoverLine.org_id == org_id,
            HandoverLine.receiver_org_id == org_id,
            HandoverLine.item_id.in_(item_ids),
            HandoverLine.picked_up_at.is_not(None),
            HandoverLine.received_at.is_(None),
            HandoverLine.undone_at.is_(None),
        )
    )


def to_receive(actor: Actor) -> Select[HandoverLine]:
    """What the actor may confirm as its receiver: ordered it, or belongs to or leads the unit."""
    return _as_receiver(actor, on_the_way(actor))


def returnable(actor: Actor) -> Select[HandoverLine]:
    """Received pieces of orders, that have not gone back."""
    return handover_lines_visible_to(actor).where(
        HandoverLine.received_at.is_not(None),
        HandoverLine.undone_at.is_(None),
        HandoverLine.reservation_id.is_not(None),
    )


def to_give_back(actor: Actor) -> Select[HandoverLine]:
    """What the actor may give back as its receiver."""
    return _as_receiver(actor, returnable(actor))


def _as_receiver(actor: Actor, lines: Select[HandoverLine]) -> Select[HandoverLine]:
    ordered = (
        select(Reservation.id)
        .join(
            RequestLine,
            (RequestLine.org_id == Reservation.receiver_org_id)
            & (RequestLine.id == Reservation.request_line_id),
        )
        .join(
            Request,
            (Request.org_id == RequestLine.org_id) & (Request.id == RequestLine.request_id),
        )
        .where(Reservation.org_id == actor.org_id, Request.person_id == actor.person_id)
    )
    unit = Handover.receiver_unit_id
    mine: list[ColumnElement[bool]] = [
        unit.in_(units_led_by(actor)),
        HandoverLine.reservation_id.in_(ordered),
    ]
    if actor.home_unit_id is not None:
        mine.append(unit == actor.home_unit_id)
    return lines.join(
        Handover,
        (Handover.org_id == HandoverLine.org_id) & (Handover.id == HandoverLine.handover_id),
    ).where(or_(*mine))


def lines_of(actor: Actor, handover_id: UUID) -> Select[HandoverLine, Item]:
    """A handover's lines with their pieces, by name."""
    return (
        select(HandoverLine, Item)
        .join(Item, (Item.org_id == HandoverLine.org_id) & (Item.id == HandoverLine.item_id))
        .where(HandoverLine.org_id == actor.org_id, HandoverLine.handover_id == handover_id)
        .order_by(Item.name, Item.id)
    )


def claimed(actor: Actor, item_ids: Sequence[UUID]) -> Select[UUID | None]:
    """Which of the pieces are held for somebody, here or in another organisation."""
    reserved = select(Reservation.item_id).where(
        Reservation.org_id == actor.org_id,
        Reservation.item_id.in_(item_ids),
        Reservation.state.in_(CLAIMS),
    )
    return select(Item.id).where(
        Item.org_id == actor.org_id,
        Item.id.in_(item_ids),
        Item.id.in_(reserved) | Item.id.in_(held_outside(actor.org_id)),
    )


def on_offer(actor: Actor, item_ids: Sequence[UUID]) -> Select[UUID]:
    """Which of the pieces stand on an open listing."""
    return select(ListingItem.item_id).where(
        ListingItem.org_id == actor.org_id,
        ListingItem.item_id.in_(item_ids),
        ListingItem.left_at.is_(None),
    )
