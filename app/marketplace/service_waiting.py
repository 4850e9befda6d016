"""The waiting list: what falls free is offered to who is next, who has some days to say yes.

An offered piece is held as a promised one is, by the same unique index, so it has never two
holders. Who gives, takes and passes on queues at the listing's row.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.queries import units_led_by
from app.accounts.rules import Permission
from app.items.models import Item
from app.kit.clock import end_of
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events
from app.marketplace.commands import AcceptOffer, DeclineOffer
from app.marketplace.models import Listing, Request, RequestLine, Reservation
from app.marketplace.queries import OFFERABLE, lines_visible_to
from app.marketplace.queries_deciding import due_by_listing, free_by_listing
from app.marketplace.queries_waiting import QUEUE_ORDER, is_offered, is_waiting, to_pass_on
from app.marketplace.rules import (
    ListingState,
    ReservationState,
    ReservationVerb,
    last_day_to_answer,
)
from app.marketplace.service_claims import (
    PieceTaken,
    by_line,
    claims_of,
    close_finished,
    counted,
)
from app.marketplace.service_held import hold
from app.marketplace.service_listing import locked_listings

S = ReservationState
AT_ONCE = 50
"""So many listings are passed on in one unit of work of the job."""


class NothingOffered(Conflict):
    title = N_("Det er ikke noe tilbud å svare på. Det kan være besvart eller trukket tilbake.")


class OfferLapsed(Conflict):
    title = N_("Fristen for å svare er ute, så møbelet går til neste i køen.")


def accept_offer(
    session: Session, actor: Actor, commands: Sequence[AcceptOffer]
) -> list[RequestLine]:
    """Yes to pieces that are offered; they are approved and go on as any other.

    By who asked, the asking unit's leader or deputies, or who decides there. More that is offered
    on a line stays offered. Raises ``NothingOffered``, ``OfferLapsed``, ``PieceTaken``.
    """
    actor.must(Permission.REQUEST_MAKE)
    lines, offered = _answerable(session, actor, by_line(commands))
    now = clock_of(session).now()
    for line in lines:
        if all(_has_lapsed(each, now) for each in offered[line.id]):
            raise OfferLapsed(id=str(line.id))
        offered[line.id] = [each for each in offered[line.id] if not _has_lapsed(each, now)]
    chosen = _chosen(lines, offered, by_line(commands))
    _require_there(session, actor, chosen)
    accepting = ReservationVerb.ACCEPT
    advance(session, chosen, accepting, refused=PieceTaken, values={"limit_at": None})
    hold(session, chosen)
    counts = counted(chosen)
    for line in lines:
        line.approved += counts[line.id]
    publish(
        session,
        [
            events.RequestLineOfferAccepted.of(
                each, actor.person_id, request_id=each.request_id, pieces=counts[each.id]
            )
            for each in lines
        ],
    )
    pass_on(session, actor, {each.listing_id for each in lines})
    return lines


def decline_offer(
    session: Session, actor: Actor, commands: Sequence[DeclineOffer]
) -> list[RequestLine]:
    """No to pieces that are offered: who is next gets the offer. By the same people as the yes."""
    actor.must(Permission.REQUEST_MAKE)
    lines, offered = _answerable(session, actor, by_line(commands))
    chosen = _chosen(lines, offered, by_line(commands))
    advance(session, chosen, ReservationVerb.DECLINE, refused=NothingOffered)
    counts = counted(chosen)
    for line in lines:
        line.declined += counts[line.id]
    publish(
        session,
        [
            events.RequestLineOfferDeclined.of(
                each, actor.person_id, request_id=each.request_id, pieces=counts[each.id]
            )
            for each in lines
        ],
    )
    close_finished(session, actor, {each.request_id for each in lines})
    pass_on(session, actor, {each.listing_id for each in lines})
    return lines


def pass_on(session: Session, actor: Actor, listing_ids: Collection[UUID]) -> int:
    """Offers what is free on the listings to who is next, after ending the offers that have lapsed.

    Every verb by which a piece may fall free ends with this, and approving begins with it, so
    nobody new gets a piece that somebody waits for. Gives how many reservations it changed.
    """
    if not listing_ids:
        return 0
    return pass_on_locked(session, actor, locked_listings(session, actor, list(listing_ids)))


def pass_on_locked(session: Session, actor: Actor, listings: Mapping[UUID, Listing]) -> int:
    """As ``pass_on``, for who has locked the listings already."""
    now = clock_of(session).now()
    due = due_by_listing(session, actor, listings, now)
    if not due:
        return 0
    lapsed = [listing_id for listing_id, states in due.items() if S.OFFERED in states]
    changed = _lapse(session, actor, lapsed, now) if lapsed else 0
    today = now.date()
    return changed + _offer(
        session,
        actor,
        [each for each in listings.values() if each.id in due and _goes(each, today)],
    )


def pass_on_due(session: Session) -> int:
    """Passes on what is due, in some listings of every organisation. By the clock."""
    now = clock_of(session).now()
    by_org: dict[UUID, list[UUID]] = defaultdict(list)
    for org_id, listing_id in session.execute(to_pass_on(now).limit(AT_ONCE)):
        by_org[org_id].append(listing_id)
    changed = 0
    for org_id, listing_ids in sorted(by_org.items()):
        actor = system_actor(session.get_one(Organisation, org_id))
        changed += pass_on(session, actor, listing_ids)
    return changed


def _goes(listing: Listing, today: date) -> bool:
    """Whether the listing still gives its pieces away."""
    is_over = listing.until_date is not None and listing.until_date < today
    return listing.state is ListingState.OPEN and not is_over


def _has_lapsed(reservation: Reservation, now: datetime) -> bool:
    return reservation.limit_at is not None and reservation.limit_at <= now


def _lapse(session: Session, actor: Actor, listing_ids: Collection[UUID], now: datetime) -> int:
    """Ends the offers that nobody answered in time. Nobody did it, so nobody is named."""
    rows = session.scalars(
        select(Reservation)
        .where(Reservation.org_id == actor.org_id, Reservation.listing_id.in_(listing_ids))
        .where(is_offered(), Reservation.limit_at <= now)
        .order_by(Reservation.id)
        .with_for_update(of=Reservation)
        .execution_options(populate_existing=True)
    ).all()
    advance(session, rows, ReservationVerb.EXPIRE)
    counts = counted(rows)
    lines = _lines(session, actor, counts)
    publish(
        session,
        [
            events.RequestLineOfferExpired.of(
                each, None, request_id=each.request_id, pieces=counts[each.id]
            )
            for each in lines
        ],
    )
    close_finished(session, actor, {each.request_id for each in lines})
    return len(rows)


def _offer(session: Session, actor: Actor, listings: Sequence[Listing]) -> int:
    """Gives each free piece to the first who waits for it, with a limit."""
    free = free_by_listing(session, actor, [each.id for each in listings])
    limit_at = end_of(last_day_to_answer(clock_of(session).today()))
    chosen: list[Reservation] = []
    for listing_id, pieces in sorted(free.items()):
        waiting = session.scalars(
            select(Reservation)
            .where(Reservation.org_id == actor.org_id, Reservation.listing_id == listing_id)
            .where(is_waiting())
            .order_by(*QUEUE_ORDER)
            .limit(len(pieces))
            .with_for_update(of=Reservation)
            .execution_options(populate_existing=True)
        ).all()
        for reservation, item_id in zip(waiting, reversed(pieces), strict=False):
            reservation.item_id = item_id
            chosen.append(reservation)
    offering = ReservationVerb.OFFER
    if not chosen:
        return 0
    advance(session, chosen, offering, refused=PieceTaken, values={"limit_at": limit_at})
    counts = counted(chosen)
    publish(
        session,
        [
            events.RequestLineOffered.of(
                each, None, request_id=each.request_id, pieces=counts[each.id], limit_at=limit_at
            )
            for each in _lines(session, actor, counts)
        ],
    )
    return len(chosen)


def _lines(session: Session, actor: Actor, line_ids: Collection[UUID]) -> Sequence[RequestLine]:
    if not line_ids:
        return []
    query = select(RequestLine).where(
        RequestLine.org_id == actor.org_id, RequestLine.id.in_(line_ids)
    )
    return session.scalars(query.order_by(RequestLine.id)).all()


def _answerable(
    session: Session, actor: Actor, answers: Collection[UUID]
) -> tuple[list[RequestLine], dict[UUID, list[Reservation]]]:
    """The lines, locked behind their listings, with what is offered on each.

    Raises ``NotFound``, ``Forbidden`` and ``NothingOffered``.
    """
    query = lines_visible_to(actor).where(RequestLine.id.in_(answers))
    seen = session.scalars(query).all()
    if len(seen) < len(answers):
        raise NotFound(N_("Fant ikke bestillingslinjen."))
    led = set(session.scalars(units_led_by(actor)))
    for request in session.scalars(
        select(Request).where(
            Request.org_id == actor.org_id, Request.id.in_({each.request_id for each in seen})
        )
    ):
        if not may_answer(actor, request, led):
            raise Forbidden(N_("Bare den som bestilte, eller lederen for enheten, kan svare."))
    locked_listings(session, actor, [each.listing_id for each in seen])
    locked = query.order_by(RequestLine.id).with_for_update(of=RequestLine)
    lines = list(session.scalars(locked.execution_options(populate_existing=True)))
    offered = claims_of(session, actor, lines, S.OFFERED)
    for line in lines:
        if not offered[line.id]:
            raise NothingOffered(id=str(line.id))
    return lines, offered


def may_answer(actor: Actor, request: Request, led: Collection[UUID]) -> bool:
    """Who asked, who leads the asking unit (or stands in for who does), or who decides over it."""
    return (
        request.person_id == actor.person_id
        or request.unit_id in led
        or actor.may(Permission.RESERVATION_APPROVE, request.unit_id)
    )


def _chosen(
    lines: Sequence[RequestLine],
    offered: dict[UUID, list[Reservation]],
    answers: Mapping[UUID, AcceptOffer | DeclineOffer],
) -> list[Reservation]:
    """As many as are named of each line, those that lapse first; by id."""
    found: list[Reservation] = []
    for line in lines:
        rows, quantity = offered[line.id], answers[line.id].quantity
        if quantity > len(rows):
            raise Invalid(
                by_field={"quantity": N_("Så mange er ikke tilbudt.")},
                where={"request_line_id": {line.id}},
                most=len(rows),
            )
        found += rows[:quantity]
    return sorted(found, key=lambda each: each.id)


def _require_there(session: Session, actor: Actor, chosen: Sequence[Reservation]) -> None:
    """The pieces are where they were. The market keeps them there; this is the last look."""
    wanted = {each.item_id for each in chosen}
    there = session.scalars(
        select(Item.id)
        .where(Item.org_id == actor.org_id, Item.id.in_(wanted), Item.state.in_(OFFERABLE))
        .order_by(Item.id)
        .with_for_update(of=Item)
    ).all()
    if len(there) < len(wanted):
        raise PieceTaken
