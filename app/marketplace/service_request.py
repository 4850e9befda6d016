"""Request, cancellation and messages: the receiver's side of the market."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.numbers import next_number
from app.accounts.queries import units_below
from app.accounts.rules import Permission
from app.items.service_lifecycle import own_places, own_units
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.pointing import concerning
from app.kit.states import advance, allows
from app.marketplace import events
from app.marketplace.commands import (
    LineAnswer,
    OfRequest,
    Order,
    OrderLine,
    PostMessage,
    Submit,
)
from app.marketplace.models import Listing, ListingItem, Message, Request, RequestLine, Reservation
from app.marketplace.queries import by_id, givers, requests_visible_to
from app.marketplace.rules import (
    CANCELLABLE,
    GIVEN_UP,
    REQUEST_MACHINE,
    ListingState,
    RequestState,
    RequestVerb,
    ReservationState,
    ReservationVerb,
    class_of,
)
from app.marketplace.service_basket import (
    check_listings,
    lines_by_listing,
    new_line,
    own_basket,
    person_of,
)
from app.marketplace.service_claims import close_finished, drop_approvals, note
from app.marketplace.service_leader import ask_leaders, tell_leaders
from app.marketplace.service_listing import locked_listings
from app.marketplace.service_waiting import pass_on
from app.projects.models import ProgrammeLine, Project
from app.projects.queries import projects_visible_to
from app.projects.service import open_lines

S = ReservationState


class BasketEmpty(Invalid):
    title = N_("Kurven er tom. Finn noe på markedet først.")


class RequestNotOpen(Conflict):
    title = N_("Bestillingen er alt avsluttet.")


def submit(session: Session, actor: Actor, commands: Sequence[Submit]) -> list[Request]:
    """The basket becomes a request, with one reservation for every piece that is wanted."""
    actor.must(Permission.REQUEST_MAKE)
    requests = []
    for command in commands:
        actor.must(Permission.REQUEST_MAKE, unit=command.unit_id)
        basket = own_basket(session, actor)
        lines = lines_by_listing(session, basket)
        if not lines:
            raise BasketEmpty
        answers = {each.listing_id: each for each in command.lines}
        if answers.keys() - lines.keys():
            raise NotFound(N_("Linjen er ikke i kurven."))
        for listing_id, line in lines.items():
            _answer(line, answers.get(listing_id))
        _send(session, actor, basket, command, list(lines.values()))
        requests.append(basket)
    return requests


def order(session: Session, actor: Actor, commands: Sequence[Order]) -> list[Request]:
    """A request in one go. The actor's basket stays as it is."""
    actor.must(Permission.REQUEST_MAKE)
    requests = []
    for command in commands:
        actor.must(Permission.REQUEST_MAKE, unit=command.unit_id)
        now = clock_of(session).now()
        # Not a draft for a moment even: a basket is one a person, and the actor may have one.
        request = Request(
            org_id=actor.org_id,
            state=RequestState.SUBMITTED,
            person_id=person_of(actor),
            created_at=now,
        )
        session.add(request)
        session.flush()  # its id, and its row before its lines
        lines = []
        for each in command.lines:
            line = new_line(request, each.listing_id, each.wanted, now)
            _answer(line, each)
            lines.append(line)
        with concerning(command):
            _send(session, actor, request, command, lines)
        requests.append(request)
    return requests


def cancel(session: Session, actor: Actor, commands: Sequence[OfRequest]) -> list[Request]:
    """Gives up what is not picked up yet, by who asked or who decides over the pieces.

    What falls free is offered to who waits for it.
    """
    actor.must(Permission.REQUEST_MAKE)
    asked = {each.request_id for each in commands}
    # Before the requests, as approving locks them: who is given what falls free queues here.
    listing_ids = set(
        session.scalars(
            select(RequestLine.listing_id).where(
                RequestLine.org_id == actor.org_id,
                RequestLine.giver_org_id == actor.org_id,
                RequestLine.request_id.in_(asked),
            )
        )
    )
    locked_listings(session, actor, list(listing_ids))
    requests = locked_requests(session, actor, list(asked))
    for request in requests.values():
        if request.person_id != actor.person_id and not actor.may(Permission.RESERVATION_APPROVE):
            raise Forbidden(N_("Bare den som bestilte, kan avbestille."))
        if not allows(REQUEST_MACHINE, request.state, RequestVerb.CANCEL):
            raise RequestNotOpen(state=request.state.value)
    lines = {each.id: each for each in _locked_lines(session, actor, requests)}
    rows = _reservations(session, actor, requests)
    request_of = {each.id: each.request_id for each in lines.values()}
    given_up = [each for each in rows if each.state in CANCELLABLE]
    if len(given_up) == 0:
        raise RequestNotOpen(N_("Alt er hentet; det som er hentet, kan ikke avbestilles her."))
    for each in given_up:
        if each.state in (S.APPROVED, S.READY):
            lines[each.request_line_id].approved -= 1
    advance(session, given_up, ReservationVerb.CANCEL)
    off_closed_listings(
        session, actor, [each.item_id for each in given_up if each.item_id is not None]
    )
    left = {request_of[each.request_line_id] for each in rows if each.state not in GIVEN_UP}
    cancelled = [each for each in requests.values() if each.id not in left]
    advance(session, cancelled, RequestVerb.CANCEL, refused=RequestNotOpen)
    drop_approvals(session, actor, [each.id for each in cancelled])
    pieces = Counter(request_of[each.request_line_id] for each in given_up)
    publish(
        session,
        [
            events.RequestCancelled.of(each, actor.person_id, pieces=pieces[each.id])
            for each in requests.values()
        ],
    )
    close_finished(session, actor, left)
    pass_on(session, actor, listing_ids)
    return list(requests.values())


def off_closed_listings(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> None:
    """Lets go of pieces whose listing was withdrawn while they were promised.

    Left on it they could never be offered again.
    """
    closed = select(Listing.id).where(
        Listing.org_id == actor.org_id, Listing.state != ListingState.OPEN
    )
    session.execute(
        update(ListingItem)
        .where(ListingItem.org_id == actor.org_id, ListingItem.item_id.in_(item_ids))
        .where(ListingItem.left_at.is_(None), ListingItem.listing_id.in_(closed))
        .values(left_at=clock_of(session).now())
        .execution_options(synchronize_session=False)
    )


def post_message(session: Session, actor: Actor, commands: Sequence[PostMessage]) -> list[Message]:
    """Lines of the requests' threads, by anybody who sees the request."""
    actor.must(Permission.REQUEST_MAKE)
    wanted = {each.request_id for each in commands}
    seen = requests_visible_to(actor).where(Request.id.in_(wanted))
    if len(session.scalars(seen).all()) < len(wanted):
        raise NotFound(N_("Fant ikke bestillingen."))
    posted = [note(session, actor, each.request_id, each.text) for each in commands]
    publish(
        session,
        [
            events.MessagePosted(
                org_id=each.org_id,
                subject_id=each.request_id,
                person_id=actor.person_id,
                message_id=each.id,
            )
            for each in posted
        ],
    )
    return posted


def locked_requests(
    session: Session, actor: Actor, request_ids: Sequence[UUID]
) -> dict[UUID, Request]:
    """The requests by id, locked. Raises ``NotFound`` when one is not seen."""
    wanted = set(request_ids)
    query = requests_visible_to(actor).where(Request.id.in_(wanted)).order_by(Request.id)
    locked = query.with_for_update(of=Request).execution_options(populate_existing=True)
    found = {each.id: each for each in session.scalars(locked)}
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke bestillingen."))
    return found


def _locked_lines(
    session: Session, actor: Actor, requests: dict[UUID, Request]
) -> Sequence[RequestLine]:
    """Before their reservations, as who approves and hands over locks them."""
    return session.scalars(
        select(RequestLine)
        .where(RequestLine.org_id == actor.org_id, RequestLine.request_id.in_(requests))
        .order_by(RequestLine.id)
        .with_for_update(of=RequestLine)
        .execution_options(populate_existing=True)
    ).all()


def _reservations(
    session: Session, actor: Actor, requests: dict[UUID, Request]
) -> Sequence[Reservation]:
    return session.scalars(
        select(Reservation)
        .join(RequestLine, RequestLine.id == Reservation.request_line_id)
        .where(RequestLine.org_id == actor.org_id, RequestLine.request_id.in_(requests))
        .order_by(Reservation.id)
        .with_for_update(of=Reservation)
        .execution_options(populate_existing=True)
    ).all()


def _answer(line: RequestLine, answer: LineAnswer | OrderLine | None) -> None:
    if answer is None:
        return
    line.would_have = answer.would_have
    line.programme_line_id = answer.programme_line_id
    if answer.wanted is not None:
        line.wanted = answer.wanted


def _send(
    session: Session,
    actor: Actor,
    request: Request,
    command: Submit | Order,
    lines: Sequence[RequestLine],
) -> None:
    """Everything a basket and an order have in common when they become a request."""
    now = clock_of(session).now()
    if command.wanted_date is not None and command.wanted_date < clock_of(session).today():
        raise Invalid(by_field={"wanted_date": N_("Velg i dag eller en senere dag.")})
    with session.no_autoflush:  # lines may point astray until they are checked
        own_units(session, actor, {command.unit_id}, "unit_id")
        own_places(session, actor, {command.place_id} if command.place_id else set())
        check_listings(session, actor, {each.listing_id: each.wanted for each in lines})
        request.project_id = _project(session, actor, command, lines, now)
    session.add_all(lines)
    request.unit_id, request.place_id = command.unit_id, command.place_id
    request.wanted_date, request.note = command.wanted_date, command.note
    request.cost_centre = command.cost_centre
    request.submitted_at = now
    request.number = next_number(session, actor.org_id, "request")
    session.flush()  # lines before the reservations that point to them
    if request.state is RequestState.DRAFT:
        advance(session, [request], RequestVerb.SUBMIT, refused=RequestNotOpen)
    claims = _claims(session, actor, request, lines, now)
    session.execute(insert(Reservation), claims)
    ask_leaders(session, actor, request, lines)
    publish(
        session,
        [
            events.RequestSubmitted.of(
                request, actor.person_id, lines=len(lines), pieces=len(claims)
            )
        ],
    )
    tell_leaders(session, actor, request)


def _claims(
    session: Session,
    actor: Actor,
    request: Request,
    lines: Sequence[RequestLine],
    now: datetime,
) -> list[dict[str, Any]]:
    """One reservation for every piece that is wanted, with its place on the waiting list.

    The place is that of the day it was asked for: it does not change while one waits. What is for a
    project and no line of its programme is wanted when the project begins.
    """
    units = by_id(session, givers(actor, {each.listing_id for each in lines}))
    dates = _project_dates(session, actor, lines)
    begins = None
    if request.project_id is not None and any(each.programme_line_id is None for each in lines):
        begins = session.get_one(Project, request.project_id).from_date
    own = units_below(session, actor, request.unit_id) if request.unit_id else frozenset()
    found: list[dict[str, Any]] = []
    for line in lines:
        priority = class_of(
            giver_org_id=line.giver_org_id,
            giver_unit_id=units.get(line.listing_id),
            receiver_org_id=request.org_id,
            receiver_units=own,
        )
        claim = {
            "org_id": line.giver_org_id,
            "state": S.REQUESTED,
            "receiver_org_id": request.org_id,
            "request_line_id": line.id,
            "listing_id": line.listing_id,
            "priority": priority.number,
            "wanted_by": dates.get(line.programme_line_id, begins),
            "asked_at": now,
        }
        found += [{"id": new_id(), **claim} for _ in range(line.wanted)]
    return found


def _project_dates(
    session: Session, actor: Actor, lines: Sequence[RequestLine]
) -> dict[UUID | None, date | None]:
    """When each programme line must be met: its own date, else the day its project begins."""
    named = {each.programme_line_id for each in lines if each.programme_line_id is not None}
    if not named:
        return {}
    query = (
        select(ProgrammeLine.id, func.coalesce(ProgrammeLine.wanted_date, Project.from_date))
        .join(
            Project,
            and_(Project.org_id == ProgrammeLine.org_id, Project.id == ProgrammeLine.project_id),
        )
        .where(ProgrammeLine.org_id == actor.org_id, ProgrammeLine.id.in_(named))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _project(
    session: Session,
    actor: Actor,
    command: Submit | Order,
    lines: Sequence[RequestLine],
    now: datetime,
) -> UUID | None:
    """The request's project: named, or that of its programme lines, which must agree."""
    named = {each.programme_line_id for each in lines if each.programme_line_id is not None}
    programme = open_lines(session, actor, list(named)) if named else {}
    for line in lines:
        need = programme.get(line.programme_line_id) if line.programme_line_id else None
        line.need_recorded_before = need is not None and need.created_at < now
    projects = {each.project_id for each in programme.values()}
    if command.project_id is not None:
        projects.add(command.project_id)
        seen = projects_visible_to(actor).where(Project.id == command.project_id)
        if session.scalar(seen) is None:
            raise NotFound(N_("Fant ikke prosjektet."))
    if len(projects) > 1:
        raise Invalid(by_field={"project_id": N_("Linjene hører til ulike prosjekter.")})
    return next(iter(projects), None)
