"""How far a promise to another organisation is: what still stands here, is on its way, or arrived.

The handovers move the pieces; the request's state is read off them, so that it never says another
thing. Pieces leave a few at a time, and what has left is no longer called off.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.db import clock_of
from app.kit.events import Event, publish
from app.kit.states import advance
from app.marketplace import events
from app.marketplace.models import Listing
from app.marketplace.models_outside import OutsidePiece, OutsideRequest
from app.marketplace.rules import OutsideState, OutsideVerb
from app.marketplace.service_outside_pieces import HERE, end_empty, give_up

_NEXT = {
    (OutsideState.APPROVED, OutsideState.HANDED_OVER): OutsideVerb.HAND_OVER,
    (OutsideState.APPROVED, OutsideState.RECEIVED): OutsideVerb.RECEIVE,
    (OutsideState.HANDED_OVER, OutsideState.RECEIVED): OutsideVerb.RECEIVE,
    (OutsideState.HANDED_OVER, OutsideState.APPROVED): OutsideVerb.TAKE_BACK,
    (OutsideState.RECEIVED, OutsideState.APPROVED): OutsideVerb.TAKE_BACK,
}


def mark_given(session: Session, actor: Actor, row: OutsideRequest, pieces: int) -> None:
    """So many of what was promised are on their way. The caller holds the request's lock."""
    _settle(session, row, {"handed_over_at": clock_of(session).now()})
    publish(session, [_event(events.OutsideHandedOver, row, actor.person_id, pieces)])
    listing = session.scalars(
        select(Listing).where(Listing.org_id == row.org_id, Listing.id == row.listing_id)
    ).one()
    end_empty(session, actor, listing)


def mark_arrived(session: Session, row: OutsideRequest, pieces: int) -> None:
    """The asker has confirmed so many; in the giver's record, which names nobody of another's."""
    _settle(session, row, {})
    publish(session, [_event(events.OutsideReceived, row, None, pieces)])


def mark_taken_back(session: Session, actor: Actor, row: OutsideRequest, pieces: int) -> None:
    """A handover was undone on the way: the pieces are held for the asker as before it."""
    _settle(session, row, {"handed_over_at": None})
    publish(session, [_event(events.OutsideTakenBack, row, actor.person_id, pieces)])


def keep_given(session: Session, row: OutsideRequest, values: Mapping[str, Any]) -> int | None:
    """Frees what has not left, where some has: the promise ends with that. Else ``None``.

    Gives how many pieces were freed.
    """
    here, moving, arrived = _counts(session, row)
    if row.state is not OutsideState.APPROVED or not moving + arrived:
        return None
    give_up(session, row)
    _settle(session, row, {"approved": moving + arrived, **values})
    return here


def _settle(session: Session, row: OutsideRequest, values: Mapping[str, Any]) -> None:
    session.flush()  # the pieces' states are read below
    here, moving, _ = _counts(session, row)
    is_at = OutsideState.APPROVED if here else OutsideState.RECEIVED
    if moving and not here:
        is_at = OutsideState.HANDED_OVER
    if not moving:  # of the next delivery they are reminded anew
        values = {**values, "reminders": 0}
    if is_at is not row.state:
        advance(session, [row], _NEXT[row.state, is_at], values=values)
        return
    for name, value in values.items():
        setattr(row, name, value)


def _counts(session: Session, row: OutsideRequest) -> tuple[int, int, int]:
    """How many of the pieces stand here, are on their way, and have arrived."""
    found = session.execute(
        select(Item.state, func.count())
        .join(
            OutsidePiece,
            (OutsidePiece.org_id == Item.org_id) & (OutsidePiece.item_id == Item.id),
        )
        .where(OutsidePiece.org_id == row.org_id, OutsidePiece.outside_request_id == row.id)
        .where(OutsidePiece.given_up_at.is_(None))
        .group_by(Item.state)
    )
    counts = {row[0]: row[1] for row in found}
    here = sum(counts.get(each, 0) for each in HERE)
    moving = counts.get(ItemState.IN_TRANSIT, 0)
    return here, moving, sum(counts.values()) - here - moving


def promises_of(
    session: Session, org_id: UUID, item_ids: Collection[UUID]
) -> dict[UUID, OutsideRequest]:
    """What each piece is held for, by piece; locked behind their listings, as the giver locks them."""
    held = (
        select(OutsidePiece.item_id, OutsidePiece.outside_request_id)
        .where(OutsidePiece.org_id == org_id, OutsidePiece.item_id.in_(item_ids))
        .where(OutsidePiece.given_up_at.is_(None), OutsidePiece.outside_request_id.is_not(None))
    )
    by_piece = {row.item_id: row.outside_request_id for row in session.execute(held)}
    if not by_piece:
        return {}
    query = select(OutsideRequest).where(
        OutsideRequest.org_id == org_id, OutsideRequest.id.in_(set(by_piece.values()))
    )
    listings = query.with_only_columns(OutsideRequest.listing_id)
    session.execute(
        select(Listing.id)
        .where(Listing.org_id == org_id, Listing.id.in_(listings))
        .order_by(Listing.id)
        .with_for_update(of=Listing)
    )
    locked = query.order_by(OutsideRequest.id).with_for_update()
    rows = {
        each.id: each for each in session.scalars(locked.execution_options(populate_existing=True))
    }
    return {item_id: rows[row_id] for item_id, row_id in by_piece.items()}


def _event(kind: type[Event], row: OutsideRequest, person_id: UUID | None, pieces: int) -> Event:
    return kind.of(row, person_id, listing_id=row.listing_id, pieces=pieces)
