"""What handovers tell the market when a received piece goes back to its giver."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import NotFound
from app.kit.events import Event, publish
from app.kit.i18n import N_
from app.marketplace.events_return import RequestLineReturned
from app.marketplace.models import Listing, RequestLine, Reservation
from app.marketplace.queries import own_listings, reservations_visible_to
from app.marketplace.queries_waiting import is_waiting
from app.marketplace.rules import ListingState, ReservationState, ReturnReason
from app.marketplace.service_approval import add_to_lines, decidable, lines_of, reopen
from app.marketplace.service_claims import PieceTaken, counted, note
from app.marketplace.service_exchange import listings_of, require_like, told_of_exchange
from app.marketplace.service_held import hold
from app.marketplace.service_listing import pieces_back
from app.marketplace.service_waiting import pass_on


def mark_returned(
    session: Session,
    actor: Actor,
    reservations: Sequence[Reservation],
    reason: ReturnReason,
    text: str | None,
) -> None:
    """Counted on the lines of the requests, which stay as closed as they were.

    Each piece stands on its listing again and goes to who waits for it, as whatever falls free; on
    one that has ended only where somebody waits. At what is damaged somebody looks first: it stands
    on no listing until it is offered anew. Called by handovers, which has locked the listings.
    """
    add_to_lines(session, reservations, {"returned": 1})
    if reason is not ReturnReason.DAMAGED:
        for row in reservations:
            row.returned_at = clock_of(session).now()
    pieces = counted(reservations)
    lines = sorted(lines_of(session, reservations), key=lambda each: each.id)
    for request_id in sorted({each.request_id for each in lines}) if text else ():
        note(session, actor, request_id, text or "")
    publish(
        session,
        [
            RequestLineReturned.of(
                each,
                actor.person_id,
                request_id=each.request_id,
                pieces=pieces[each.id],
                reason=reason,
            )
            for each in lines
        ],
    )
    if reason is not ReturnReason.DAMAGED:
        _to_who_waits(session, actor, reservations)


def _to_who_waits(session: Session, actor: Actor, rows: Sequence[Reservation]) -> None:
    today = clock_of(session).today()
    waited_for = select(Reservation.listing_id).where(
        Reservation.org_id == actor.org_id, Reservation.listing_id == Listing.id, is_waiting()
    )
    query = (
        own_listings(actor)
        .where(Listing.id.in_({each.listing_id for each in rows}))
        .where(or_(Listing.until_date.is_(None), Listing.until_date >= today))
        .where(
            or_(
                Listing.state == ListingState.OPEN,
                and_(Listing.state == ListingState.ENDED, waited_for.exists()),
            )
        )
        .with_only_columns(Listing.id)
    )
    going = set(session.scalars(query))
    back = [each for each in rows if each.listing_id in going]
    if back:
        pieces_back(session, actor, back)
        pass_on(session, actor, going)


def lock_for_replacement(
    session: Session, actor: Actor, reservation_ids: Sequence[UUID], item_ids: Sequence[UUID]
) -> None:
    """The listings and lines that ``replace`` changes, in everybody's order: before the pieces.

    Raises as ``decidable`` does when the actor does not decide over them.
    """
    seen = session.scalars(
        reservations_visible_to(actor).where(Reservation.id.in_(reservation_ids))
    ).all()
    if len(seen) < len(set(reservation_ids)):
        raise NotFound(N_("Fant ikke reservasjonen."))
    besides = set(listings_of(session, actor, item_ids).values())
    decidable(session, actor, list({each.request_line_id for each in seen}), besides=besides)


def replace(session: Session, actor: Actor, wanted: Mapping[UUID, UUID]) -> list[RequestLine]:
    """For each reservation whose piece went back, the like piece that is promised in its stead.

    It is to be picked up and received anew, and the request is open until then.
    Raises ``Invalid`` at the piece, and ``PieceTaken`` when somebody else got it in the meantime.
    """
    rows = session.scalars(
        select(Reservation)
        .where(Reservation.org_id == actor.org_id, Reservation.id.in_(wanted))
        .order_by(Reservation.id)
    ).all()
    targets = listings_of(session, actor, list(wanted.values()))
    found = decidable(
        session,
        actor,
        list({each.request_line_id for each in rows}),
        besides=set(targets.values()),
    )
    lines = {each.id: each for each in found}
    told: list[Event] = []
    for row in rows:
        line, after = lines[row.request_line_id], wanted[row.id]
        before = row.item_id
        assert before is not None  # what was received was a piece
        require_like(session, actor, before, after)
        new = Reservation(
            id=new_id(),
            org_id=row.org_id,
            state=ReservationState.APPROVED,
            receiver_org_id=row.receiver_org_id,
            request_line_id=row.request_line_id,
            listing_id=targets.get(after, row.listing_id),
            item_id=after,
            priority=row.priority,
            wanted_by=row.wanted_by,
            asked_at=row.asked_at,
        )
        try:
            with session.begin_nested():
                session.add(new)
                session.flush()  # meets the unique index: one active reservation a piece
        except IntegrityError as error:
            raise PieceTaken from error
        line.picked_up -= 1
        line.received -= 1
        hold(session, [new])
        told += told_of_exchange(actor, line, new, before, after)
    reopen(session, actor, {each.request_id for each in found})
    publish(session, told)
    return found
