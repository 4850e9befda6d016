"""Other organisations of a network ask for pieces; the giver says yes or no and hands over.

Who waits in the giver's own organisation comes first: a yes to the outside is given only of what is
left after them. The pieces leave the market when they are promised, and the inventory when they go.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.items import service as items_service
from app.items.models import Item
from app.items.rules import ItemVerb
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.events import Event, publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events
from app.marketplace.commands import Command, Count, Text
from app.marketplace.models import Listing, ListingItem
from app.marketplace.models_outside import OutsidePiece, OutsideRequest
from app.marketplace.queries import by_id, givers
from app.marketplace.queries_outside import got_requests, partner_listings
from app.marketplace.rules import (
    ListingState,
    ListingVerb,
    OutsideState,
    OutsideVerb,
    Terms,
)
from app.marketplace.search_rows import refresh
from app.marketplace.service_basket import person_of
from app.marketplace.service_claims import PieceTaken, free_by_listing
from app.marketplace.service_listing import locked_listings
from app.marketplace.service_waiting import pass_on
from app.networks.events import NetworkEnded, NetworkLeft
from app.networks.queries import partners
from app.places.models import Place
from app.places.queries import places_visible_to

NO_REQUEST = N_("Fant ikke forespørselen.")


class OutsideAnswered(Conflict):
    title = N_("Forespørselen er alt besvart eller trukket.")


class AskOutside(Command):
    """Pieces of a listing of another organisation, to a place of one's own."""

    listing_id: UUID
    wanted: Count = 1
    place_id: UUID
    wanted_date: date | None = None
    note: Text | None = None


class OfOutside(Command):
    outside_request_id: UUID


class AnswerOutside(OfOutside):
    """Yes to ``quantity`` pieces; 0 is a no."""

    quantity: Annotated[int, Field(ge=0, le=500)]
    answer: Text | None = None


def ask_outside(session: Session, actor: Actor, command: AskOutside) -> OutsideRequest:
    """Raises ``NotFound`` for what does not reach the actor, ``Invalid`` at the field."""
    actor.must(Permission.REQUEST_MAKE)
    person_id = person_of(actor)
    today = clock_of(session).today()
    seen = partner_listings(actor, today).where(Listing.id == command.listing_id)
    listing = session.scalar(seen)
    if listing is None:
        raise NotFound(N_("Fant ikke annonsen."))
    if command.wanted_date is not None and command.wanted_date < today:
        raise Invalid(by_field={"wanted_date": N_("Velg i dag eller en senere dag.")})
    place = session.scalar(places_visible_to(actor).where(Place.id == command.place_id))
    if place is None:
        raise Invalid(by_field={"place_id": N_("Velg et sted i egen virksomhet.")})
    there = session.scalar(
        select(func.count()).where(
            ListingItem.org_id == listing.org_id,
            ListingItem.listing_id == listing.id,
            ListingItem.left_at.is_(None),
        )
    )
    if command.wanted > (there or 0):
        text = N_("Du kan ikke bestille flere enn annonsen har.")
        raise Invalid(by_field={"wanted": text}, most=there or 0)
    row = OutsideRequest(
        org_id=listing.org_id,
        number=next_number(session, listing.org_id, "outside"),
        state=OutsideState.REQUESTED,
        listing_id=listing.id,
        asker_org_id=actor.org_id,
        person_id=person_id,
        wanted=command.wanted,
        delivery=place.label,
        wanted_date=command.wanted_date,
        note=command.note,
        asked_at=clock_of(session).now(),
    )
    session.add(row)
    session.flush()  # its id
    # In the giver's record, which names nobody of another organisation.
    publish(session, [_event(events.OutsideRequested, row, None, row.wanted)])
    return row


def answer_outside(session: Session, actor: Actor, command: AnswerOutside) -> OutsideRequest:
    """The giver's yes to some or all, or no. Raises ``OutsideAnswered`` and ``PieceTaken``."""
    actor.must(Permission.RESERVATION_APPROVE)
    row = _got(session, actor, command.outside_request_id)
    locked_listings(session, actor, [row.listing_id])
    session.refresh(row, with_for_update=True)
    if row.state is not OutsideState.REQUESTED:
        raise OutsideAnswered(state=row.state.value)
    if command.quantity > row.wanted:
        text = N_("Så mange er det ikke spurt om.")
        raise Invalid(by_field={"quantity": text}, most=row.wanted)
    now = clock_of(session).now()
    values: dict[str, Any] = {"answer": command.answer, "answered_at": now}
    if not command.quantity:
        advance(session, [row], OutsideVerb.DECLINE, refused=OutsideAnswered, values=values)
        publish(session, [_event(events.OutsideDeclined, row, actor.person_id, row.wanted)])
        return row
    pass_on(session, actor, [row.listing_id])
    free = free_by_listing(session, actor, [row.listing_id]).get(row.listing_id, [])
    if command.quantity > len(free):
        raise PieceTaken(left=len(free))
    chosen = free[: command.quantity]
    try:
        with session.begin_nested():
            session.add_all(
                OutsidePiece(org_id=row.org_id, outside_request_id=row.id, item_id=each)
                for each in chosen
            )
            session.flush()  # meets the unique key: one holder a piece
    except IntegrityError as error:
        raise PieceTaken from error
    _on_listing(session, row, chosen, left=True)
    values["approved"] = command.quantity
    advance(session, [row], OutsideVerb.APPROVE, refused=OutsideAnswered, values=values)
    publish(session, [_event(events.OutsideApproved, row, actor.person_id, row.approved)])
    return row


def cancel_outside(session: Session, actor: Actor, command: OfOutside) -> OutsideRequest:
    """By who asked, until it is handed over; what was held stands on its listing again."""
    actor.must(Permission.REQUEST_MAKE)
    row = session.scalar(
        select(OutsideRequest)
        .where(OutsideRequest.id == command.outside_request_id)
        .where(OutsideRequest.asker_org_id == actor.org_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound(NO_REQUEST)
    if row.person_id != actor.person_id and not actor.may(Permission.RESERVATION_APPROVE):
        raise Forbidden(N_("Bare den som spurte, kan trekke forespørselen."))
    advance(session, [row], OutsideVerb.CANCEL, refused=OutsideAnswered)
    _give_up(session, row)
    publish(session, [_event(events.OutsideCancelled, row, None, row.wanted)])
    return row


def hand_over_outside(session: Session, actor: Actor, command: OfOutside) -> OutsideRequest:
    """The pieces have gone: sold where they had a price, else given away."""
    actor.must(Permission.HANDOVER_MAKE)
    row = _got(session, actor, command.outside_request_id, Permission.HANDOVER_MAKE)
    listing = locked_listings(session, actor, [row.listing_id])[row.listing_id]
    session.refresh(row, with_for_update=True)
    values = {"handed_over_at": clock_of(session).now()}
    advance(session, [row], OutsideVerb.HAND_OVER, refused=OutsideAnswered, values=values)
    items = session.scalars(
        select(Item)
        .where(Item.org_id == actor.org_id, Item.id.in_(_held(row)))
        .order_by(Item.id)
        .with_for_update(of=Item)
    ).all()
    items_service.pick_up(session, actor, items)
    sold = ItemVerb.DONATE if listing.terms is Terms.FREE else ItemVerb.SELL
    items_service.leave(session, actor, items, sold)
    publish(session, [_event(events.OutsideHandedOver, row, actor.person_id, len(items))])
    _end_empty(session, actor, listing)
    return row


def end_shared(session: Session, told: Sequence[NetworkLeft | NetworkEnded]) -> None:
    """Between organisations that share no network any more, what nobody has answered is declined.

    What was promised stands: the giver hands it over, or who asked cancels it.
    """
    for org_id in sorted({each.member_org_id for each in told}):
        for column, other in (
            (OutsideRequest.org_id, OutsideRequest.asker_org_id),
            (OutsideRequest.asker_org_id, OutsideRequest.org_id),
        ):
            rows = session.scalars(
                select(OutsideRequest)
                .where(column == org_id, other.not_in(partners(org_id)))
                .where(OutsideRequest.state == OutsideState.REQUESTED)
                .order_by(OutsideRequest.id)
                .with_for_update()
                .execution_options(populate_existing=True)
            ).all()
            advance(session, rows, OutsideVerb.DECLINE)
            publish(
                session, [_event(events.OutsideDeclined, each, None, each.wanted) for each in rows]
            )


def _event(kind: type[Event], row: OutsideRequest, person_id: UUID | None, pieces: int) -> Event:
    return kind.of(row, person_id, listing_id=row.listing_id, pieces=pieces)


def _got(
    session: Session,
    actor: Actor,
    outside_request_id: UUID,
    permission: Permission = Permission.RESERVATION_APPROVE,
) -> OutsideRequest:
    """One that came to the actor's organisation, for a unit of which the actor may do it."""
    query = got_requests(actor).where(OutsideRequest.id == outside_request_id)
    row = session.scalar(query)
    if row is None:
        raise NotFound(NO_REQUEST)
    units = by_id(session, givers(actor, [row.listing_id]))
    actor.must(permission, unit=units.get(row.listing_id))
    return row


def _held(row: OutsideRequest) -> Select[UUID]:
    return select(OutsidePiece.item_id).where(
        OutsidePiece.org_id == row.org_id,
        OutsidePiece.outside_request_id == row.id,
        OutsidePiece.given_up_at.is_(None),
    )


def _on_listing(
    session: Session, row: OutsideRequest, item_ids: Sequence[UUID], *, left: bool
) -> None:
    session.execute(
        update(ListingItem)
        .where(ListingItem.org_id == row.org_id, ListingItem.listing_id == row.listing_id)
        .where(ListingItem.item_id.in_(item_ids))
        .values(left_at=clock_of(session).now() if left else None)
        .execution_options(synchronize_session=False)
    )
    refresh(session, row.org_id, [row.listing_id])


def _give_up(session: Session, row: OutsideRequest) -> None:
    """What was held is free: on its listing while that is open."""
    listing = session.scalars(
        select(Listing)
        .where(Listing.org_id == row.org_id, Listing.id == row.listing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    item_ids = session.scalars(_held(row)).all()
    if not item_ids:
        return
    session.execute(
        update(OutsidePiece)
        .where(OutsidePiece.org_id == row.org_id, OutsidePiece.outside_request_id == row.id)
        .values(given_up_at=clock_of(session).now())
        .execution_options(synchronize_session=False)
    )
    if listing.state is ListingState.OPEN:
        _on_listing(session, row, item_ids, left=False)


def _end_empty(session: Session, actor: Actor, listing: Listing) -> None:
    """The listing ends with its last piece, unless one may still come back to it."""
    there = select(ListingItem.id).where(
        ListingItem.org_id == listing.org_id,
        ListingItem.listing_id == listing.id,
        ListingItem.left_at.is_(None),
    )
    promised = select(OutsideRequest.id).where(
        OutsideRequest.org_id == listing.org_id,
        OutsideRequest.listing_id == listing.id,
        OutsideRequest.state == OutsideState.APPROVED,
    )
    is_over = session.scalar(there.limit(1)) is None and session.scalar(promised.limit(1)) is None
    if is_over and listing.state is ListingState.OPEN:
        advance(session, [listing], ListingVerb.END)
        publish(session, [events.ListingEnded.of(listing, actor.person_id)])
