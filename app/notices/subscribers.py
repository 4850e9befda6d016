"""Who is told of which step: rows in the step's own transaction, so a step taken back tells nobody.

The person who did it is not told. Giver's side: who decides over the unit that owns the pieces;
receiver's side: who ordered them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Person, RoleGrant, Unit
from app.accounts.queries import approvers_of
from app.accounts.rules import PERMISSIONS, Permission
from app.handovers.events import PieceHandedOver, PieceReceived
from app.handovers.models import Handover, HandoverLine
from app.items.events import ItemFoundReported
from app.items.models import Item
from app.kit.clock import last_day_of
from app.marketplace.events import (
    ListingDeadlineNear,
    MessagePosted,
    RequestCancelled,
    RequestLineApproved,
    RequestLineDeclined,
    RequestLineMadeReady,
    RequestLineOfferAccepted,
    RequestLineOfferDeclined,
    RequestLineOffered,
    RequestLineOfferExpired,
    RequestSubmitted,
)
from app.marketplace.models import Listing, ListingItem, Request, RequestLine, Reservation
from app.marketplace.names import REFUSALS
from app.marketplace.queries import free_pieces
from app.marketplace.queries_approval import awaits_leader
from app.notices.service import tell

_REQUESTS = select(Request).where(
    Request.org_id == bindparam("org"), Request.id.in_(bindparam("ids", expanding=True))
)


def people_with(
    session: Session, org_id: UUID, permission: Permission, unit_id: UUID | None
) -> list[UUID]:
    """Members who may do this on the unit's rows, by a role everywhere, there or above."""
    above: list[UUID] = []
    current = unit_id
    while current is not None:
        above.append(current)
        current = session.scalar(
            select(Unit.parent_id).where(Unit.org_id == org_id, Unit.id == current)
        )
    roles = [role for role, permissions in PERMISSIONS.items() if permission in permissions]
    query = (
        select(Membership.person_id)
        .join(
            RoleGrant,
            and_(RoleGrant.org_id == Membership.org_id, RoleGrant.membership_id == Membership.id),
        )
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.org_id == org_id,
            Membership.ended_at.is_(None),
            Person.is_active,
            RoleGrant.role.in_(roles),
            or_(RoleGrant.unit_id.is_(None), RoleGrant.unit_id.in_(above)),
        )
        .distinct()
        .order_by(Membership.person_id)
    )
    return list(session.scalars(query))


def deciders(session: Session, org_id: UUID, unit_ids: Iterable[UUID]) -> set[UUID]:
    """Each unit's leader and deputies who may say yes; where there is none, everybody who may."""
    found: set[UUID] = set()
    for unit_id in unit_ids:
        may = people_with(session, org_id, Permission.RESERVATION_APPROVE, unit_id)
        found.update(set(approvers_of(session, org_id, unit_id)) & set(may) or may)
    return found


def givers_of(session: Session, request: Request) -> set[UUID]:
    """Who decides over the pieces of a request."""
    units = session.scalars(
        select(Item.owner_unit_id)
        .join(ListingItem, and_(ListingItem.org_id == Item.org_id, ListingItem.item_id == Item.id))
        .join(
            RequestLine,
            and_(
                RequestLine.giver_org_id == ListingItem.org_id,
                RequestLine.listing_id == ListingItem.listing_id,
            ),
        )
        .where(RequestLine.org_id == request.org_id, RequestLine.request_id == request.id)
        .distinct()
    )
    return deciders(session, request.org_id, units)


def requests_of(session: Session, org_id: UUID, ids: Collection[UUID]) -> dict[UUID, Request]:
    found = session.scalars(_REQUESTS, {"org": org_id, "ids": list(ids)})
    return {each.id: each for each in found}


def name_of(session: Session, person_id: UUID | None) -> str:
    return session.scalar(select(Person.name).where(Person.id == person_id)) or "Omløp"


def facts_of(session: Session, request: Request, **values: Any) -> dict[str, Any]:
    return {"number": request.number, "asker": name_of(session, request.person_id), **values}


def on_submitted(session: Session, events: Sequence[RequestSubmitted]) -> None:
    """Not yet where the asker's own leader answers first: the giver hears of it after that."""
    for event in events:
        if session.scalar(select(awaits_leader(event.org_id, event.subject_id))):
            continue
        request = requests_of(session, event.org_id, [event.subject_id])[event.subject_id]
        people = givers_of(session, request) - {event.person_id}
        facts = facts_of(session, request, pieces=event.pieces)
        tell(session, event.org_id, people, "request_submitted", request.id, facts)


def on_cancelled(session: Session, events: Sequence[RequestCancelled]) -> None:
    for event in events:
        request = requests_of(session, event.org_id, [event.subject_id])[event.subject_id]
        people = (givers_of(session, request) | {request.person_id}) - {event.person_id}
        facts = facts_of(session, request, pieces=event.pieces)
        tell(session, event.org_id, people, "request_cancelled", request.id, facts)


def on_answered(
    session: Session, events: Sequence[RequestLineApproved | RequestLineDeclined]
) -> None:
    """All lines of one answer are one notice."""
    for request, same in by_request(session, events):
        people = {request.person_id} - {same[0].person_id}
        if not people:
            continue
        facts = facts_of(
            session,
            request,
            approved=sum(getattr(each, "approved", 0) for each in same),
            waiting=sum(getattr(each, "waiting", 0) for each in same),
            declined=sum(each.declined for each in same),
            reasons=sorted({REFUSALS[each.reason] for each in same if each.reason is not None}),
        )
        tell(session, request.org_id, people, "request_answered", request.id, facts)


def on_made_ready(session: Session, events: Sequence[RequestLineMadeReady]) -> None:
    for request, same in by_request(session, events):
        people = {request.person_id} - {same[0].person_id}
        facts = facts_of(session, request, pieces=sum(each.pieces for each in same))
        tell(session, request.org_id, people, "request_ready", request.id, facts)


def on_offered(session: Session, events: Sequence[RequestLineOffered]) -> None:
    """Also to who freed the piece, if it is the same person: the offer is another matter."""
    for request, same in by_request(session, events):
        last_day = last_day_of(min(each.limit_at for each in same)).isoformat()
        pieces = sum(each.pieces for each in same)
        facts = facts_of(session, request, pieces=pieces, last_day=last_day)
        tell(session, request.org_id, {request.person_id}, "piece_offered", request.id, facts)


def on_offer_accepted(session: Session, events: Sequence[RequestLineOfferAccepted]) -> None:
    _tell_both(session, events, "offer_accepted")


def on_offer_declined(session: Session, events: Sequence[RequestLineOfferDeclined]) -> None:
    _tell_both(session, events, "offer_declined")


def on_offer_expired(session: Session, events: Sequence[RequestLineOfferExpired]) -> None:
    _tell_both(session, events, "offer_expired")


def _tell_both(session: Session, events: Sequence[Any], kind: str) -> None:
    """Giver and asker, but for the one of them who did it; nobody lets an offer lapse."""
    for request, same in by_request(session, events):
        person_id = same[0].person_id
        people = (givers_of(session, request) | {request.person_id}) - {person_id}
        who = name_of(session, person_id)
        facts = facts_of(session, request, pieces=sum(each.pieces for each in same), who=who)
        tell(session, request.org_id, people, kind, request.id, facts)


def on_message(session: Session, events: Sequence[MessagePosted]) -> None:
    """To the other side; the text itself stays on the page, behind the sign-in."""
    for event in events:
        request = requests_of(session, event.org_id, [event.subject_id])[event.subject_id]
        people = (givers_of(session, request) | {request.person_id}) - {event.person_id}
        facts = facts_of(session, request, writer=name_of(session, event.person_id))
        tell(session, event.org_id, people, "message_posted", request.id, facts)


def on_handed_over(session: Session, events: Sequence[PieceHandedOver]) -> None:
    """One notice per handover to who ordered its pieces; received at once needs no second one."""
    for handover, same in _by_handover(session, events):
        people = _takers(session, handover.org_id, [each.subject_id for each in same])
        facts = {"number": handover.number, "pieces": len(same)}
        told = people - {same[0].person_id}
        tell(session, handover.org_id, told, "pieces_on_the_way", handover.id, facts)


def on_received(session: Session, events: Sequence[PieceReceived]) -> None:
    """The giver hears that its pieces arrived; of those to others it hears by their request."""
    for handover, same in _by_handover(session, events):
        if handover.giver_unit_id is None or handover.receiver_org_id != handover.org_id:
            continue
        people = deciders(session, handover.org_id, [handover.giver_unit_id])
        facts = {"number": handover.number, "pieces": len(same)}
        told = people - {same[0].person_id, handover.person_id}
        tell(session, handover.org_id, told, "pieces_received", handover.id, facts)


def on_deadline(session: Session, events: Sequence[ListingDeadlineNear]) -> None:
    """Who listed it, while still a member; else those who may publish the giver's pieces."""
    for event in events:
        listing = session.execute(
            select(Listing.person_id, Item.name, Item.owner_unit_id)
            .join(
                ListingItem,
                and_(ListingItem.org_id == Listing.org_id, ListingItem.listing_id == Listing.id),
            )
            .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
            .where(Listing.org_id == event.org_id, Listing.id == event.subject_id)
            .order_by(ListingItem.left_at.is_not(None), Item.id)
            .limit(1)
        ).one()
        left = session.scalar(
            free_pieces(event.org_id, func.count()).where(
                ListingItem.listing_id == event.subject_id
            )
        )
        may = people_with(session, event.org_id, Permission.LISTING_PUBLISH, listing.owner_unit_id)
        people = {listing.person_id} if listing.person_id in may else set(may)
        until_date = event.until_date.isoformat()
        facts = {"piece": listing.name, "until_date": until_date, "pieces": left or 0}
        tell(session, event.org_id, people, "listing_deadline", event.subject_id, facts)


def on_found(session: Session, events: Sequence[ItemFoundReported]) -> None:
    for event in events:
        item = session.execute(
            select(Item.name, Item.owner_unit_id).where(
                Item.org_id == event.org_id, Item.id == event.subject_id
            )
        ).one()
        permission = Permission.FOUND_REPORT_HANDLE
        people = people_with(session, event.org_id, permission, item.owner_unit_id)
        told = set(people) - {event.person_id}
        tell(session, event.org_id, told, "piece_found", event.report_id, {"piece": item.name})


def by_request(session: Session, events: Sequence[Any]) -> Iterable[tuple[Request, list[Any]]]:
    groups: dict[tuple[UUID, UUID], list[Any]] = defaultdict(list)
    for event in events:
        groups[event.org_id, event.request_id].append(event)
    for (org_id, request_id), same in groups.items():
        yield requests_of(session, org_id, [request_id])[request_id], same


def _by_handover(session: Session, events: Sequence[Any]) -> Iterable[tuple[Handover, list[Any]]]:
    groups: dict[tuple[UUID, UUID], list[Any]] = defaultdict(list)
    for event in events:
        groups[event.org_id, event.handover_id].append(event)
    for (org_id, handover_id), same in groups.items():
        handover = session.scalars(
            select(Handover).where(Handover.org_id == org_id, Handover.id == handover_id)
        ).one()
        yield handover, same


def _takers(session: Session, org_id: UUID, line_ids: Collection[UUID]) -> set[UUID]:
    """Who ordered the pieces of these handover lines."""
    query = (
        select(Request.person_id)
        .join(
            RequestLine,
            and_(RequestLine.org_id == Request.org_id, RequestLine.request_id == Request.id),
        )
        .join(
            Reservation,
            and_(
                Reservation.receiver_org_id == RequestLine.org_id,
                Reservation.request_line_id == RequestLine.id,
            ),
        )
        .join(
            HandoverLine,
            and_(
                HandoverLine.org_id == Reservation.org_id,
                HandoverLine.reservation_id == Reservation.id,
            ),
        )
        .where(HandoverLine.org_id == org_id, HandoverLine.id.in_(line_ids))
        .distinct()
    )
    return set(session.scalars(query))
