"""What organisations of a shared network see of each other's market: the only way across."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.rules import ItemState
from app.marketplace.models import Listing, ListingItem
from app.marketplace.models_outside import OutsidePiece, OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import ListingState, OutsideState
from app.marketplace.rules_public import BuyerState
from app.marketplace.rules_stages import SHARED
from app.networks.queries import partners


def partner_listings(actor: Actor, today: date) -> Select[Listing]:
    """Open listings of other organisations that have reached the network the two share."""
    return select(Listing).where(
        Listing.org_id.in_(partners(actor.org_id)),
        Listing.stage.in_(SHARED),
        Listing.state == ListingState.OPEN,
        or_(Listing.until_date.is_(None), Listing.until_date >= today),
    )


def sent_requests(actor: Actor) -> Select[OutsideRequest]:
    """What the organisation has asked of others; one's own, or all for who may answer requests."""
    query = select(OutsideRequest).where(OutsideRequest.asker_org_id == actor.org_id)
    if actor.may(Permission.RESERVATION_APPROVE):
        return query
    return query.where(OutsideRequest.person_id == actor.person_id)


def got_requests(
    actor: Actor, permission: Permission = Permission.RESERVATION_APPROVE
) -> Select[OutsideRequest]:
    """What others have asked for, of the units whose requests the actor answers or hands over."""
    query = select(OutsideRequest).where(OutsideRequest.org_id == actor.org_id)
    units = actor.permissions.get(permission, frozenset())
    if units is None:
        return query
    own = (
        select(ListingItem.listing_id)
        .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
        .where(ListingItem.org_id == actor.org_id, Item.owner_unit_id.in_(units))
    )
    return query.where(OutsideRequest.listing_id.in_(own))


_GROUPS = {
    OutsideState.REQUESTED: 0,
    OutsideState.OFFERED: 0,
    OutsideState.APPROVED: 1,
    OutsideState.WAITING: 1,
    OutsideState.HANDED_OVER: 1,
}
_OVER = 2
_GROUP = case(*((OutsideRequest.state == each, at) for each, at in _GROUPS.items()), else_=_OVER)
OPEN_FIRST: Sequence[tuple[ColumnElement[Any], bool]] = (
    (_GROUP, False),
    (OutsideRequest.asked_at.expression, True),
    (OutsideRequest.id.expression, False),
)
"""What waits for an answer, then what is under way, then what is over; the newest first in each."""


TURNS: tuple[Any, ...] = (
    OutsideRequest.project_date.is_(None),
    OutsideRequest.project_date,
    OutsideRequest.asked_at,
    OutsideRequest.id,
)
"""Of those who wait for a listing: first what has a project's date, then who asked first."""


def place_in(row: OutsideRequest) -> tuple[Any, ...]:
    """The row's values of ``OPEN_FIRST``."""
    return _GROUPS.get(row.state, _OVER), row.asked_at, row.id


def places_in_queue(session: Session, ids: Collection[UUID]) -> dict[UUID, int]:
    """Where those of the requests that wait stand among the others for their listing, from 1."""
    at = (
        func.row_number()
        .over(partition_by=(OutsideRequest.org_id, OutsideRequest.listing_id), order_by=TURNS)
        .label("place")
    )
    listings = select(OutsideRequest.listing_id).where(
        OutsideRequest.id.in_(ids), OutsideRequest.state == OutsideState.WAITING
    )
    queue = (
        select(OutsideRequest.id, at)
        .where(OutsideRequest.state == OutsideState.WAITING)
        .where(OutsideRequest.listing_id.in_(listings))
        .subquery()
    )
    found = session.execute(select(queue.c.id, queue.c.place).where(queue.c.id.in_(ids)))
    return {row.id: row.place for row in found}


def named(query: Select[OutsideRequest]) -> Select[*tuple[Any, ...]]:
    """With the names of the two organisations."""
    giver = Organisation.__table__.alias("giver")
    return (
        query.join(Organisation, Organisation.id == OutsideRequest.asker_org_id)
        .join(giver, giver.c.id == OutsideRequest.org_id)
        .add_columns(Organisation.name.label("asker"), giver.c.name.label("giver"))
    )


def names_of(session: Session, listing_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the listings' pieces are called, for who sees a request about them."""
    query = (
        select(ListingItem.listing_id, func.min(Item.name))
        .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
        .where(ListingItem.listing_id.in_(listing_ids))
        .group_by(ListingItem.listing_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def held_outside(org_id: Any) -> Select[UUID]:
    """Pieces that are held for somebody outside, or have gone there."""
    return select(OutsidePiece.item_id).where(
        OutsidePiece.org_id == org_id, OutsidePiece.given_up_at.is_(None)
    )


def promised_outside(org_id: UUID, item_ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """Which of the pieces are promised to another organisation, and by which request."""
    return (
        select(OutsidePiece.item_id, OutsidePiece.outside_request_id)
        .join(
            OutsideRequest,
            and_(
                OutsideRequest.org_id == OutsidePiece.org_id,
                OutsideRequest.id == OutsidePiece.outside_request_id,
            ),
        )
        .where(OutsidePiece.org_id == org_id, OutsidePiece.item_id.in_(item_ids))
        .where(OutsidePiece.given_up_at.is_(None), OutsideRequest.state == OutsideState.APPROVED)
    )


def is_promised_outside() -> ColumnElement[bool]:
    """Of a listing: a piece of it is promised to somebody outside, and may come back to it."""
    return or_(
        *(
            exists().where(
                model.org_id == Listing.org_id,
                model.listing_id == Listing.id,
                model.state.in_((states.APPROVED, states.OFFERED)),
            )
            for model, states in ((OutsideRequest, OutsideState), (BuyerAsk, BuyerState))
        )
    )


def pieces_of(session: Session, org_id: UUID, listing_id: UUID) -> int:
    """How many pieces a listing has, those included that are promised to somebody.

    So many can be asked for: what is promised may fall free, and is waited for.
    """
    on_it = select(func.count()).where(
        ListingItem.org_id == org_id,
        ListingItem.listing_id == listing_id,
        or_(ListingItem.left_at.is_(None), ListingItem.item_id.in_(held_still(org_id))),
    )
    return session.scalar(on_it) or 0


def held_still(org_id: Any) -> Select[UUID]:
    """Pieces that are held outside and have not gone."""
    return (
        held_outside(org_id)
        .join(Item, and_(Item.org_id == OutsidePiece.org_id, Item.id == OutsidePiece.item_id))
        .where(Item.state.in_((ItemState.IN_USE, ItemState.AVAILABLE)))
    )
