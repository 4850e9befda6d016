"""Pieces that are held for somebody outside: off the market with a yes, back on it, or gone."""

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items import service as items_service
from app.items.models import Item
from app.items.rules import ItemState, ItemVerb
from app.kit.db import clock_of
from app.kit.events import publish
from app.kit.states import advance
from app.marketplace import events
from app.marketplace.models import Listing, ListingItem
from app.marketplace.models_outside import OutsidePiece, OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.queries_deciding import free_by_listing
from app.marketplace.queries_outside import is_promised_outside
from app.marketplace.rules import ListingState, ListingVerb
from app.marketplace.search_rows import refresh
from app.marketplace.service_claims import PieceTaken
from app.marketplace.service_waiting import pass_on

Holder: TypeAlias = OutsideRequest | BuyerAsk
HERE = (ItemState.IN_USE, ItemState.AVAILABLE, ItemState.IN_WORKSHOP)
"""Where a piece is that has not left for its holder."""


def hold_some(session: Session, actor: Actor, holder: Holder, quantity: int) -> int:
    """So many free pieces for the holder, after who waits inside. Raises ``PieceTaken``.

    Gives how many are left then. The caller holds the listing's lock.
    """
    pass_on(session, actor, [holder.listing_id])
    free = free_by_listing(session, actor, [holder.listing_id]).get(holder.listing_id, [])
    if quantity > len(free):
        raise PieceTaken(left=len(free))
    chosen = free[:quantity]
    whose = {_column(holder).key: holder.id}
    try:
        with session.begin_nested():
            session.add_all(
                OutsidePiece(org_id=holder.org_id, item_id=each, **whose) for each in chosen
            )
            session.flush()  # meets the unique key: one holder a piece
    except IntegrityError as error:
        raise PieceTaken from error
    _on_listing(session, holder, chosen, left=True)
    return len(free) - quantity


def give_up(session: Session, holder: Holder) -> None:
    """What was held and has not left is free: on its listing while that is open."""
    listing = session.scalars(
        select(Listing)
        .where(Listing.org_id == holder.org_id, Listing.id == holder.listing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    item_ids = session.scalars(held_here(holder)).all()
    if not item_ids:
        return
    session.execute(
        update(OutsidePiece)
        .where(OutsidePiece.org_id == holder.org_id, _column(holder) == holder.id)
        .where(OutsidePiece.item_id.in_(item_ids))
        .values(given_up_at=clock_of(session).now())
        .execution_options(synchronize_session=False)
    )
    if listing.state is ListingState.OPEN:
        _on_listing(session, holder, item_ids, left=False)


def take_away(session: Session, actor: Actor, holder: Holder, *, is_sold: bool) -> int:
    """What was held leaves the organisation, sold or given away; how many pieces it was."""
    items = session.scalars(
        select(Item)
        .where(Item.org_id == actor.org_id, Item.id.in_(_held(holder)))
        .order_by(Item.id)
        .with_for_update(of=Item)
    ).all()
    items_service.pick_up(session, actor, items)
    items_service.leave(session, actor, items, ItemVerb.SELL if is_sold else ItemVerb.DONATE)
    return len(items)


def bring_back(session: Session, actor: Actor, holder: Holder) -> int:
    """What left by mistake stands where it stood and is held as before; how many pieces it is."""
    items = session.scalars(
        select(Item)
        .where(Item.org_id == actor.org_id, Item.id.in_(_held(holder)))
        .order_by(Item.id)
        .with_for_update(of=Item)
        .execution_options(populate_existing=True)
    ).all()
    items_service.undo_handover(
        session,
        actor,
        [
            items_service.Return(each, each.owner_unit_id, each.holder_unit_id, each.place_id)
            for each in items
        ],
    )
    return len(items)


def end_empty(session: Session, actor: Actor, listing: Listing) -> None:
    """The listing ends with its last piece, unless one may still come back to it."""
    there = select(ListingItem.id).where(
        ListingItem.org_id == listing.org_id,
        ListingItem.listing_id == listing.id,
        ListingItem.left_at.is_(None),
    )
    promised = select(Listing.id).where(
        Listing.org_id == listing.org_id, Listing.id == listing.id, is_promised_outside()
    )
    is_over = all(session.scalar(each.limit(1)) is None for each in (there, promised))
    if is_over and listing.state is ListingState.OPEN:
        advance(session, [listing], ListingVerb.END)
        publish(session, [events.ListingEnded.of(listing, actor.person_id)])


def _column(holder: Holder) -> Any:
    if isinstance(holder, BuyerAsk):
        return OutsidePiece.buyer_ask_id
    return OutsidePiece.outside_request_id


def _held(holder: Holder) -> Select[UUID]:
    return select(OutsidePiece.item_id).where(
        OutsidePiece.org_id == holder.org_id,
        _column(holder) == holder.id,
        OutsidePiece.given_up_at.is_(None),
    )


def held_here(holder: Holder) -> Select[UUID]:
    """What is held and still stands with the giver, in the order of the pieces' ids."""
    return (
        _held(holder)
        .join(Item, (Item.org_id == OutsidePiece.org_id) & (Item.id == OutsidePiece.item_id))
        .where(Item.state.in_(HERE))
        .order_by(Item.id)
    )


def _on_listing(session: Session, holder: Holder, item_ids: Sequence[UUID], *, left: bool) -> None:
    session.execute(
        update(ListingItem)
        .where(ListingItem.org_id == holder.org_id, ListingItem.listing_id == holder.listing_id)
        .where(ListingItem.item_id.in_(item_ids))
        .values(left_at=clock_of(session).now() if left else None)
        .execution_options(synchronize_session=False)
    )
    refresh(session, holder.org_id, [holder.listing_id])
