"""Who outside waits: after everybody inside, the network before buyers.

Within the network projects come by their date; then, there and among buyers, who asked first.

What falls free and nobody inside waits for is held for who is next, who has some days to say yes:
by the same unique key as what is promised, so that no piece has two holders.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select, union
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.kit.clock import end_of
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound
from app.kit.events import Event, publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events, events_public
from app.marketplace.models import Listing, ListingItem, Reservation
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.queries import free_pieces
from app.marketplace.queries_deciding import free_by_listing
from app.marketplace.queries_outside import TURNS
from app.marketplace.rules import (
    ListingState,
    OutsideState,
    OutsideVerb,
    ReservationState,
    last_day_to_answer,
)
from app.marketplace.rules_public import BuyerState, BuyerVerb
from app.marketplace.service_buyers import BuyerAnswered, locked_ask
from app.marketplace.service_listing import locked_listings
from app.marketplace.service_outside import (
    NO_REQUEST,
    OfOutside,
    OutsideAnswered,
    locked_of_asker,
    locked_request,
)
from app.marketplace.service_outside_pieces import Holder, give_up, hold_some
from app.marketplace.service_outside_rest import queue_rest
from app.marketplace.service_sale import OfBuyer, locked_of_giver
from app.marketplace.service_waiting import OfferLapsed, pass_on

AT_ONCE = 50


class StillFree(Conflict):
    title = N_("Det er nok ledige: si ja i stedet.")


def wait_outside(session: Session, actor: Actor, command: OfOutside) -> OutsideRequest:
    """The giver's yes to what is all promised: it waits. Raises ``StillFree``."""
    actor.must(Permission.RESERVATION_APPROVE)
    row = locked_request(session, actor, command.outside_request_id)
    _require_promised(session, actor, row)
    values = {"answered_at": clock_of(session).now()}
    advance(session, [row], OutsideVerb.WAIT, refused=OutsideAnswered, values=values)
    _tell(session, row, events.OutsideWaiting, actor.person_id, row.wanted)
    return row


def wait_buyer(session: Session, actor: Actor, command: OfBuyer) -> BuyerAsk:
    """As ``wait_outside``, for a buyer."""
    actor.must(Permission.RESERVATION_APPROVE)
    ask = locked_of_giver(session, actor, command.buyer_ask_id, Permission.RESERVATION_APPROVE)
    _require_promised(session, actor, ask)
    values = {"answered_at": clock_of(session).now()}
    advance(session, [ask], BuyerVerb.WAIT, refused=BuyerAnswered, values=values)
    _tell(session, ask, events_public.BuyerWaiting, actor.person_id, ask.wanted)
    return ask


def _require_promised(session: Session, actor: Actor, holder: Holder) -> None:
    """Nobody is made to wait for what is free."""
    pass_on(session, actor, [holder.listing_id])
    free = free_by_listing(session, actor, [holder.listing_id]).get(holder.listing_id, [])
    if len(free) >= holder.wanted:
        raise StillFree(left=len(free))


def accept_outside(session: Session, actor: Actor, command: OfOutside) -> OutsideRequest:
    """The asker's yes to what was offered, in time. Raises ``OfferLapsed``."""
    actor.must(Permission.REQUEST_MAKE)
    row = locked_of_asker(session, actor, command.outside_request_id)
    if row.person_id != actor.person_id and not actor.may(Permission.RESERVATION_APPROVE):
        raise NotFound(NO_REQUEST)
    _require_standing(session, row)
    values = {"limit_at": None}
    advance(session, [row], OutsideVerb.ACCEPT, refused=OutsideAnswered, values=values)
    _tell(session, row, events.OutsideAccepted, None, row.approved)
    queue_rest(session, row)
    return row


def accept_ask(session: Session, token: str) -> BuyerAsk:
    """The buyer's yes to what was offered, by the letter's link. Raises ``OfferLapsed``."""
    ask = locked_ask(session, token)
    _require_standing(session, ask)
    values = {"limit_at": None}
    advance(session, [ask], BuyerVerb.ACCEPT, refused=BuyerAnswered, values=values)
    _tell(session, ask, events_public.BuyerAccepted, None, ask.approved)
    queue_rest(session, ask)
    return ask


def _require_standing(session: Session, holder: Holder) -> None:
    if holder.limit_at is not None and holder.limit_at <= clock_of(session).now():
        raise OfferLapsed(id=str(holder.id))


def offer_due(session: Session) -> int:
    """Ends lapsed offers and offers what is free to who is next; some listings at a time.

    By the clock. Gives how many of those outside it changed.
    """
    by_org: dict[UUID, list[UUID]] = defaultdict(list)
    for org_id, listing_id in session.execute(_due(session).limit(AT_ONCE)):
        by_org[org_id].append(listing_id)
    changed = 0
    for org_id, listing_ids in sorted(by_org.items()):
        actor = system_actor(session.get_one(Organisation, org_id))
        listings = locked_listings(session, actor, listing_ids)
        pass_on(session, actor, listing_ids)
        for listing_id in sorted(listings):
            changed += _lapse(session, actor, listing_id)
            changed += _offer(session, actor, listings[listing_id])
    return changed


_KINDS: tuple[tuple[Any, Any, Any], ...] = (
    (OutsideRequest, OutsideState, OutsideVerb),
    (BuyerAsk, BuyerState, BuyerVerb),
)
"""In the order of their classes: the network's come before buyers."""


def _due(session: Session) -> Select[UUID, UUID]:
    """Where an offer has lapsed, or where somebody waits and a piece is free."""
    now = clock_of(session).now()
    parts = []
    for model, states, _ in _KINDS:
        parts.append(
            select(model.org_id, model.listing_id).where(
                model.state == states.OFFERED, model.limit_at <= now
            )
        )
        free = free_pieces(model.org_id, ListingItem.id).where(
            ListingItem.listing_id == model.listing_id
        )
        parts.append(
            select(model.org_id, model.listing_id)
            .join(Listing, (Listing.org_id == model.org_id) & (Listing.id == model.listing_id))
            .where(model.state == states.WAITING, Listing.state == ListingState.OPEN)
            .where(or_(Listing.until_date.is_(None), Listing.until_date >= now.date()))
            .where(free.correlate(model).exists(), ~_is_asked_for_inside())
        )
    found = union(*parts).subquery()
    return select(found.c.org_id, found.c.listing_id).order_by(found.c.org_id, found.c.listing_id)


def _is_asked_for_inside() -> ColumnElement[bool]:
    """Somebody inside has ordered of the listing and has no answer: they come first."""
    return exists().where(
        Reservation.org_id == Listing.org_id,
        Reservation.listing_id == Listing.id,
        Reservation.state == ReservationState.REQUESTED,
    )


def _turns(model: Any) -> tuple[Any, ...]:
    if model is BuyerAsk:
        return (BuyerAsk.confirmed_at, BuyerAsk.id)
    return TURNS


def _of(session: Session, actor: Actor, listing_id: UUID, model: Any, state: Any) -> Sequence[Any]:
    """Those of a listing in a state, in the order of their turns, locked."""
    return session.scalars(
        select(model)
        .where(model.org_id == actor.org_id, model.listing_id == listing_id)
        .where(model.state == state)
        .order_by(*_turns(model))
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    ).all()


def _lapse(session: Session, actor: Actor, listing_id: UUID) -> int:
    now, count = clock_of(session).now(), 0
    for model, states, verbs in _KINDS:
        for holder in _of(session, actor, listing_id, model, states.OFFERED):
            if holder.limit_at is None or holder.limit_at > now:
                continue
            values = {"over_at": now} if model is BuyerAsk else {}
            advance(session, [holder], verbs.EXPIRE, values=values)
            give_up(session, holder)
            kind: Any = events_public.BuyerExpired if model is BuyerAsk else events.OutsideExpired
            _tell(session, holder, kind, None, holder.approved)
            count += 1
    return count


def _offer(session: Session, actor: Actor, listing: Listing) -> int:
    """As many as are free, to who is next; who can get some of what is wanted is offered that.

    Nothing while somebody inside waits for an answer.
    """
    count = 0
    today = clock_of(session).today()
    if listing.state is not ListingState.OPEN:
        return 0
    inside = select(Listing.id).where(Listing.org_id == actor.org_id, Listing.id == listing.id)
    if session.scalar(inside.where(_is_asked_for_inside())) is not None:
        return 0
    for model, states, verbs in _KINDS:
        for holder in _of(session, actor, listing.id, model, states.WAITING):
            free = len(free_by_listing(session, actor, [listing.id]).get(listing.id, []))
            if not free:
                return count
            pieces = min(free, holder.wanted)
            hold_some(session, actor, holder, pieces)
            values = {"approved": pieces, "limit_at": end_of(last_day_to_answer(today))}
            advance(session, [holder], verbs.OFFER, values=values)
            kind: Any = events_public.BuyerOffered if model is BuyerAsk else events.OutsideOffered
            _tell(session, holder, kind, None, pieces)
            count += 1
    return count


def _tell(
    session: Session, holder: Holder, kind: type[Event], person_id: UUID | None, pieces: int
) -> None:
    publish(session, [kind.of(holder, person_id, listing_id=holder.listing_id, pieces=pieces)])


def place_of(session: Session, holder: Holder) -> int | None:
    """Where somebody outside stands among those who wait for the same listing, from 1."""
    if holder.state not in (OutsideState.WAITING, BuyerState.WAITING):
        return None
    standing: list[UUID] = []
    for model, states, _ in _KINDS:
        standing += session.scalars(
            select(model.id)
            .where(model.org_id == holder.org_id, model.listing_id == holder.listing_id)
            .where(model.state == states.WAITING)
            .order_by(*_turns(model))
        )
    return 1 + standing.index(holder.id)
