"""Other organisations of a network ask for pieces; the giver says yes or no and hands over.

Who waits in the giver's own organisation comes first: a yes to the outside is given only of what is
left after them. The pieces leave the market when they are promised, and the inventory when they go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.impact.rules import WouldHave
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.events import Event, publish, subjects
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events
from app.marketplace.commands import Command, Count, Text
from app.marketplace.events import ListingEnded, ListingLapsed, ListingWithdrawn
from app.marketplace.models import Listing
from app.marketplace.models_outside import OutsideDelivery, OutsideRequest
from app.marketplace.queries import by_id, givers
from app.marketplace.queries_outside import got_requests, partner_listings, pieces_of
from app.marketplace.rules import OutsideState, OutsideVerb
from app.marketplace.service_basket import person_of
from app.marketplace.service_listing import locked_listings
from app.marketplace.service_outside_given import keep_given
from app.marketplace.service_outside_pieces import give_up, hold_some
from app.marketplace.service_outside_rest import queue_rest
from app.networks.events import NetworkEnded, NetworkLeft
from app.networks.queries import partners
from app.places.models import Place
from app.places.queries import places_visible_to
from app.projects.service import open_lines

NO_REQUEST = N_("Fant ikke forespørselen.")


class OutsideAnswered(Conflict):
    title = N_("Forespørselen er alt besvart eller trukket.")


class AskOutside(Command):
    """Pieces of a listing of another organisation, to a place of one's own.

    They become the unit's; without ``unit_id`` that is the asker's own.
    """

    listing_id: UUID
    wanted: Count = 1
    place_id: UUID
    unit_id: UUID | None = None
    programme_line_id: UUID | None = None
    would_have: WouldHave = WouldHave.NOT_ANSWERED
    wanted_date: date | None = None
    project_date: date | None = None
    note: Text | None = None


class OfOutside(Command):
    outside_request_id: UUID


class AnswerOutside(OfOutside):
    """Yes to ``quantity`` pieces; 0 is a no."""

    quantity: Annotated[int, Field(ge=0, le=500)]
    answer: Text | None = None


class CallOffOutside(OfOutside):
    answer: Text | None = None


@dataclass(frozen=True)
class Bound:
    """Where what is asked for is to go in the asker's organisation, and what it is to meet."""

    unit_id: UUID
    place_id: UUID | None = None
    programme_line_id: UUID | None = None
    would_have: WouldHave = WouldHave.NOT_ANSWERED
    need_recorded_before: bool = False


def ask_outside(session: Session, actor: Actor, command: AskOutside) -> OutsideRequest:
    """Raises ``NotFound`` for what does not reach the actor, ``Invalid`` at the field."""
    actor.must(Permission.REQUEST_MAKE)
    place = session.scalar(places_visible_to(actor).where(Place.id == command.place_id))
    if place is None:
        raise Invalid(by_field={"place_id": N_("Velg et sted i egen virksomhet.")})
    unit_id = session.scalar(
        select(Unit.id).where(
            Unit.org_id == actor.org_id, Unit.id == (command.unit_id or actor.home_unit_id)
        )
    )
    if unit_id is None:
        raise Invalid(by_field={"unit_id": N_("Velg en av virksomhetens enheter.")})
    line_id = command.programme_line_id
    if line_id is not None:
        open_lines(session, actor, [line_id])
    return ask_for(
        session,
        actor,
        command.listing_id,
        wanted=command.wanted,
        delivery=place.label,
        bound=Bound(unit_id, place.id, line_id, command.would_have, line_id is not None),
        wanted_date=command.wanted_date,
        project_date=command.project_date,
        note=command.note,
    )


def ask_for(
    session: Session,
    actor: Actor,
    listing_id: UUID,
    *,
    wanted: int,
    delivery: str,
    bound: Bound,
    wanted_date: date | None = None,
    project_date: date | None = None,
    note: str | None = None,
) -> OutsideRequest:
    """As ``ask_outside``, with the place of delivery in words; ``bound`` stays with the asker."""
    actor.must(Permission.REQUEST_MAKE)
    person_id = person_of(actor)
    today = clock_of(session).today()
    seen = partner_listings(actor, today).where(Listing.id == listing_id)
    listing = session.scalar(seen)
    if listing is None:
        raise NotFound(N_("Fant ikke annonsen."))
    for name, day in (("wanted_date", wanted_date), ("project_date", project_date)):
        if day is not None and day < today:
            raise Invalid(by_field={name: N_("Velg i dag eller en senere dag.")})
    there = pieces_of(session, listing.org_id, listing.id)
    if wanted > there:
        text = N_("Du kan ikke bestille flere enn annonsen har.")
        raise Invalid(by_field={"wanted": text}, most=there)
    row = OutsideRequest(
        org_id=listing.org_id,
        number=next_number(session, listing.org_id, "outside"),
        state=OutsideState.REQUESTED,
        listing_id=listing.id,
        asker_org_id=actor.org_id,
        person_id=person_id,
        wanted=wanted,
        delivery=delivery,
        wanted_date=wanted_date,
        project_date=project_date,
        note=note,
        asked_at=clock_of(session).now(),
    )
    session.add(row)
    session.flush()  # its id
    session.add(
        OutsideDelivery(
            org_id=actor.org_id, giver_org_id=row.org_id, outside_request_id=row.id, **vars(bound)
        )
    )
    # In the giver's record, which names nobody of another organisation.
    publish(session, [_event(events.OutsideRequested, row, None, row.wanted)])
    return row


def answer_outside(session: Session, actor: Actor, command: AnswerOutside) -> OutsideRequest:
    """The giver's yes to some or all, or no. Raises ``OutsideAnswered`` and ``PieceTaken``.

    Who waits can be told no as well; a yes to them is what the queue gives. Where all that is left
    is given and it is not enough, the rest waits.
    """
    actor.must(Permission.RESERVATION_APPROVE)
    row = locked_request(session, actor, command.outside_request_id)
    if command.quantity and row.state is not OutsideState.REQUESTED:
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
    left = hold_some(session, actor, row, command.quantity)
    values["approved"] = command.quantity
    advance(session, [row], OutsideVerb.APPROVE, refused=OutsideAnswered, values=values)
    publish(session, [_event(events.OutsideApproved, row, actor.person_id, row.approved)])
    if not left:
        queue_rest(session, row)
    return row


def call_off_outside(session: Session, actor: Actor, command: CallOffOutside) -> OutsideRequest:
    """A yes or an offer is taken back by the giver; what was held stands on its listing again."""
    actor.must(Permission.RESERVATION_APPROVE)
    row = locked_request(session, actor, command.outside_request_id)
    values = {"answer": command.answer, "answered_at": clock_of(session).now()}
    _call_off(session, row, actor.person_id, values)
    return row


def _call_off(
    session: Session, row: OutsideRequest, person_id: UUID | None, values: dict[str, Any]
) -> None:
    values |= {"limit_at": None}
    if (rest := keep_given(session, row, values)) is None:
        rest = row.approved
        advance(session, [row], OutsideVerb.CALL_OFF, refused=OutsideAnswered, values=values)
        give_up(session, row)
    publish(session, [_event(events.OutsideCalledOff, row, person_id, rest)])


def locked_request(
    session: Session,
    actor: Actor,
    outside_request_id: UUID,
    permission: Permission = Permission.RESERVATION_APPROVE,
) -> OutsideRequest:
    """One that the actor answers. The listing's lock comes first, as for who gives its pieces."""
    row = _got(session, actor, outside_request_id, permission)
    locked_listings(session, actor, [row.listing_id])
    session.refresh(row, with_for_update=True)
    return row


def locked_of_asker(session: Session, actor: Actor, outside_request_id: UUID) -> OutsideRequest:
    """One that the actor's organisation asked for; behind its listing, as the giver locks them."""
    row = session.scalar(
        select(OutsideRequest)
        .where(OutsideRequest.id == outside_request_id)
        .where(OutsideRequest.asker_org_id == actor.org_id)
    )
    if row is None:
        raise NotFound(NO_REQUEST)
    session.execute(
        select(Listing.id)
        .where(Listing.org_id == row.org_id, Listing.id == row.listing_id)
        .with_for_update()
    )
    session.refresh(row, with_for_update=True)
    return row


def cancel_outside(session: Session, actor: Actor, command: OfOutside) -> OutsideRequest:
    """By who asked, until it is handed over; what was held stands on its listing again."""
    actor.must(Permission.REQUEST_MAKE)
    row = locked_of_asker(session, actor, command.outside_request_id)
    if row.person_id != actor.person_id and not actor.may(Permission.RESERVATION_APPROVE):
        raise Forbidden(N_("Bare den som spurte, kan trekke forespørselen."))
    if (rest := keep_given(session, row, {})) is None:
        rest = row.wanted
        advance(session, [row], OutsideVerb.CANCEL, refused=OutsideAnswered)
        give_up(session, row)
    publish(session, [_event(events.OutsideCancelled, row, None, rest)])
    return row


def end_shared(session: Session, told: Sequence[NetworkLeft | NetworkEnded]) -> None:
    """Between organisations that share no network any more, what nobody has answered is declined.

    What was promised stands: the giver hands it over, or one of the two calls it off.
    """
    for org_id in sorted({each.member_org_id for each in told}):
        for column, other in (
            (OutsideRequest.org_id, OutsideRequest.asker_org_id),
            (OutsideRequest.asker_org_id, OutsideRequest.org_id),
        ):
            _decline_open(session, column == org_id, other.not_in(partners(org_id)))


def end_listed(
    session: Session, told: Sequence[ListingWithdrawn | ListingLapsed | ListingEnded]
) -> None:
    """Who still waits for an answer about a listing that has ended is told no.

    With a listing that is withdrawn, what is offered and not accepted ends too, as it does inside.
    """
    for org_id, listing_ids in subjects(told).items():
        of_listing = OutsideRequest.listing_id.in_(listing_ids)
        _decline_open(session, OutsideRequest.org_id == org_id, of_listing)
    withdrawn = [each for each in told if isinstance(each, ListingWithdrawn)]
    for org_id, listing_ids in subjects(withdrawn).items():
        of_listing = OutsideRequest.listing_id.in_(listing_ids)
        which = (OutsideRequest.org_id == org_id, of_listing)
        for row in _locked(session, (OutsideState.OFFERED,), *which):
            _call_off(session, row, None, {})


def _decline_open(session: Session, *which: ColumnElement[bool]) -> None:
    rows = _locked(session, (OutsideState.REQUESTED, OutsideState.WAITING), *which)
    advance(session, rows, OutsideVerb.DECLINE)
    publish(session, [_event(events.OutsideDeclined, each, None, each.wanted) for each in rows])


def _locked(
    session: Session, states: Sequence[OutsideState], *which: ColumnElement[bool]
) -> Sequence[OutsideRequest]:
    return session.scalars(
        select(OutsideRequest)
        .where(*which)
        .where(OutsideRequest.state.in_(states))
        .order_by(OutsideRequest.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _event(kind: type[Event], row: OutsideRequest, person_id: UUID | None, pieces: int) -> Event:
    return kind.of(row, person_id, listing_id=row.listing_id, pieces=pieces)


def _got(
    session: Session,
    actor: Actor,
    outside_request_id: UUID,
    permission: Permission = Permission.RESERVATION_APPROVE,
) -> OutsideRequest:
    """One that came to the actor's organisation, for a unit of which the actor may do it."""
    query = got_requests(actor, permission).where(OutsideRequest.id == outside_request_id)
    row = session.scalar(query)
    if row is None:
        raise NotFound(NO_REQUEST)
    units = by_id(session, givers(actor, [row.listing_id]))
    actor.must(permission, unit=units.get(row.listing_id))
    return row
