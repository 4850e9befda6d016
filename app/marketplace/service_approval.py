"""The giver's yes and no, and what handovers tell the market. Here a piece gets its one taker."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import Event, publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events
from app.marketplace.commands import Approve, Decline, OfRequestLine
from app.marketplace.models import Listing, Request, RequestLine, Reservation
from app.marketplace.queries_deciding import (
    LOCKED_LINES,
    free_by_listing,
    giver_units,
    lines_to_decide,
)
from app.marketplace.rules import (
    UNPROMISED,
    RefusalReason,
    RequestState,
    RequestVerb,
    ReservationState,
    ReservationVerb,
)
from app.marketplace.service_claims import (
    PieceTaken,
    by_line,
    claims_of,
    close_finished,
    counted,
    note,
)
from app.marketplace.service_held import hold
from app.marketplace.service_leader import OwnRequest, require_passed_on
from app.marketplace.service_listing import locked_listings, pieces_back, pieces_left
from app.marketplace.service_waiting import pass_on_locked

S = ReservationState


class NothingToDecide(Conflict):
    title = N_("Denne linjen er alt avgjort.")


class NotReady(Conflict):
    title = N_("Bare godkjente møbler kan gjøres klare eller hentes.")


def approve(session: Session, actor: Actor, commands: Sequence[Approve]) -> list[RequestLine]:
    """Yes to a part or all of what was asked for on each line.

    Of ``quantity`` pieces those that are left are approved and get their single piece, the others
    wait; wishes beyond ``quantity`` are declined. What has fallen free goes to the waiting list
    first, and who waits already is not approved past it. Two who approve at once queue at the
    listing's row, so the second sees what the first left, and one active reservation a piece is a
    unique index besides.
    """
    actor.must(Permission.RESERVATION_APPROVE)
    answers = by_line(commands)
    lines, listings, facts = _decided(session, actor, list(answers))
    _require_others(actor, facts)
    require_passed_on(facts)
    pass_on_locked(session, actor, listings)
    asked = claims_of(session, actor, lines, S.REQUESTED)
    chosen: dict[UUID, list[Reservation]] = {}
    rest: list[Reservation] = []
    for line in lines:
        rows, quantity = asked[line.id], answers[line.id].quantity
        if not rows:
            raise NothingToDecide(id=str(line.id))
        if quantity > len(rows):
            raise Invalid(
                by_field={"quantity": N_("Du kan ikke godkjenne flere enn det er spurt om.")},
                where={"request_line_id": {line.id}},
                most=len(rows),
            )
        chosen[line.id] = rows[:quantity]
        rest += rows[quantity:]
        if quantity < len(rows):
            _require_reason(answers[line.id])
    approved = _give_pieces(session, actor, lines, chosen)
    given = {each.id for each in approved}
    wait = [each for rows in chosen.values() for each in rows if each.id not in given]
    hold(session, approved)
    advance(session, approved, ReservationVerb.APPROVE, refused=PieceTaken)
    advance(session, wait, ReservationVerb.WAIT, refused=PieceTaken)
    advance(session, rest, ReservationVerb.DECLINE, refused=PieceTaken)
    yes, later, no = counted(approved), counted(wait), counted(rest)
    told: list[Event] = []
    for line in lines:
        reason = answers[line.id].reason if no[line.id] else None
        line.approved += yes[line.id]
        line.declined += no[line.id]
        line.declined_for = reason or line.declined_for
        told.append(
            events.RequestLineApproved.of(
                line,
                actor.person_id,
                request_id=line.request_id,
                approved=yes[line.id],
                waiting=later[line.id],
                declined=no[line.id],
                reason=reason,
            )
            if chosen[line.id]
            else events.RequestLineDeclined.of(
                line,
                actor.person_id,
                request_id=line.request_id,
                declined=no[line.id],
                reason=reason,
            )
        )
    _write_notes(session, actor, lines, answers)
    publish(session, told)
    # What was approved or waits is not finished.
    close_finished(session, actor, {each.request_id for each in lines if no[each.id]})
    return lines


def decline(session: Session, actor: Actor, commands: Sequence[Decline]) -> list[RequestLine]:
    """No to everything on the lines that is not promised, also to what waits or is offered."""
    actor.must(Permission.RESERVATION_APPROVE)
    answers = by_line(commands)
    lines, listings, facts = _decided(session, actor, list(answers))
    require_passed_on(facts)
    waiting = claims_of(session, actor, lines, *UNPROMISED)
    for line in lines:
        if not waiting[line.id]:
            raise NothingToDecide(id=str(line.id))
        _require_reason(answers[line.id])
    advance(session, [each for rows in waiting.values() for each in rows], ReservationVerb.DECLINE)
    for line in lines:
        line.declined += len(waiting[line.id])
        line.declined_for = answers[line.id].reason
    _write_notes(session, actor, lines, answers)
    publish(
        session,
        [
            events.RequestLineDeclined.of(
                each,
                actor.person_id,
                request_id=each.request_id,
                declined=len(waiting[each.id]),
                reason=answers[each.id].reason,
            )
            for each in lines
        ],
    )
    close_finished(session, actor, {each.request_id for each in lines})
    pass_on_locked(session, actor, listings)
    return lines


def make_ready(
    session: Session, actor: Actor, commands: Sequence[OfRequestLine]
) -> list[RequestLine]:
    """The approved pieces of each line stand ready to be picked up."""
    actor.must(Permission.RESERVATION_APPROVE)
    lines = decidable(session, actor, [each.request_line_id for each in commands])
    rows = claims_of(session, actor, lines, S.APPROVED)
    for line in lines:
        if not rows[line.id]:
            raise NotReady(id=str(line.id))
    advance(
        session,
        [each for some in rows.values() for each in some],
        ReservationVerb.MAKE_READY,
        refused=NotReady,
    )
    publish(
        session,
        [
            events.RequestLineMadeReady.of(
                each, actor.person_id, request_id=each.request_id, pieces=len(rows[each.id])
            )
            for each in lines
        ],
    )
    return lines


def decidable(
    session: Session, actor: Actor, line_ids: Sequence[UUID], *, besides: Collection[UUID] = ()
) -> list[RequestLine]:
    """The lines, locked behind their listings, each one the actor decides over.

    Listings ``besides`` those of the lines are locked with them, in the one order.
    """
    lines, _, _ = _decided(session, actor, line_ids, besides=besides)
    return lines


def _decided(
    session: Session, actor: Actor, line_ids: Sequence[UUID], *, besides: Collection[UUID] = ()
) -> tuple[list[RequestLine], Mapping[UUID, Listing], Sequence[Any]]:
    """As ``decidable``, with the lines' locked listings and what ``lines_to_decide`` says of them."""
    wanted = set(line_ids)
    facts = lines_to_decide(session, actor, wanted)
    if len(facts) < len(wanted):
        raise NotFound(N_("Fant ikke bestillingslinjen."))
    listing_ids = {each.listing_id for each in facts}
    locked = locked_listings(session, actor, list(listing_ids | set(besides)))
    for unit_id in giver_units(session, actor, listing_ids):
        actor.must(Permission.RESERVATION_APPROVE, unit=unit_id)
    lines = session.scalars(LOCKED_LINES, {"org": actor.org_id, "ids": list(wanted)})
    return list(lines), {each: locked[each] for each in listing_ids}, facts


def mark_picked_up(session: Session, actor: Actor, reservations: Sequence[Reservation]) -> None:
    """The pieces are on their way and off the market. Called by handovers, which checks who may."""
    unlimited = {"limit_at": None, "reminded_at": None}
    advance(session, reservations, ReservationVerb.PICK_UP, refused=NotReady, values=unlimited)
    add_to_lines(session, reservations, {"picked_up": 1})
    pieces_left(session, actor, [each.item_id for each in reservations if each.item_id])


def mark_received(session: Session, actor: Actor, reservations: Sequence[Reservation]) -> None:
    """The pieces have arrived; requests with nothing left are closed. Called by handovers."""
    advance(session, reservations, ReservationVerb.RECEIVE, refused=NotReady)
    add_to_lines(session, reservations, {"received": 1})
    close_finished(session, actor, _requests_of(session, reservations))


def mark_undone(session: Session, actor: Actor, reservations: Sequence[Reservation]) -> None:
    """Ready again, as before the handover; a closed request is open again. Called by handovers.

    The pieces are held for who had them, so nothing falls free for who waits.
    """
    received = [each for each in reservations if each.state is S.RECEIVED]
    advance(session, reservations, ReservationVerb.UNDO_HANDOVER, refused=NotReady)
    hold(session, reservations)
    add_to_lines(session, received, {"received": -1})
    add_to_lines(session, reservations, {"picked_up": -1})
    pieces_back(session, actor, reservations)
    reopen(session, actor, _requests_of(session, reservations))


def reopen(session: Session, actor: Actor, request_ids: set[UUID]) -> None:
    """Those that were closed: something is to be delivered again."""
    closed = session.scalars(
        select(Request)
        .where(Request.org_id == actor.org_id, Request.id.in_(request_ids))
        .where(Request.state == RequestState.CLOSED)
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    advance(session, closed, RequestVerb.REOPEN)
    publish(session, [events.RequestReopened.of(each, actor.person_id) for each in closed])


def _write_notes(
    session: Session,
    actor: Actor,
    lines: Sequence[RequestLine],
    answers: Mapping[UUID, Approve] | Mapping[UUID, Decline],
) -> None:
    """What was said of several lines in the same words is one message on their request."""
    said = {(each.request_id, answers[each.id].note): None for each in lines}
    for request_id, text in said:
        if text:
            note(session, actor, request_id, text)


def _require_reason(answer: Approve | Decline) -> None:
    """Who asked hears why not. "Something else" says nothing without words."""
    if answer.reason is None:
        text = N_("Velg hvorfor dere sier nei til noe av dette.")
        raise Invalid(
            by_field={"reason": text}, where={"request_line_id": {answer.request_line_id}}
        )
    if answer.reason is RefusalReason.OTHER and not answer.note:
        raise Invalid(
            by_field={"note": N_("Skriv hvorfor.")},
            where={"request_line_id": {answer.request_line_id}},
        )


def _require_others(actor: Actor, facts: Sequence[Any]) -> None:
    """Where the organisation says so, nobody says yes to what they ordered themselves."""
    if any(each.forbids_own and each.person_id == actor.person_id for each in facts):
        raise OwnRequest


def _give_pieces(
    session: Session,
    actor: Actor,
    lines: Sequence[RequestLine],
    chosen: dict[UUID, list[Reservation]],
) -> list[Reservation]:
    """Gives the chosen reservations the pieces that are left; the others stay without one."""
    left = free_by_listing(session, actor, {each.listing_id for each in lines})
    given = []
    for line in lines:
        pieces = left.get(line.listing_id, [])
        for reservation in chosen[line.id]:
            if not pieces:
                break
            reservation.item_id = pieces.pop()
            given.append(reservation)
    return given


def add_to_lines(session: Session, rows: Sequence[Reservation], steps: dict[str, int]) -> None:
    """Adds each step once for every reservation of a line, in the order of the lines' ids."""
    for line_id, count in sorted(counted(rows).items()):
        session.execute(
            update(RequestLine)
            .where(RequestLine.id == line_id)
            .values(
                {name: getattr(RequestLine, name) + step * count for name, step in steps.items()}
            )
        )


def lines_of(session: Session, rows: Sequence[Reservation]) -> Sequence[RequestLine]:
    lines = {each.request_line_id for each in rows}
    return session.scalars(select(RequestLine).where(RequestLine.id.in_(lines))).all()


def _requests_of(session: Session, rows: Sequence[Reservation]) -> set[UUID]:
    lines = {each.request_line_id for each in rows}
    return set(session.scalars(select(RequestLine.request_id).where(RequestLine.id.in_(lines))))
