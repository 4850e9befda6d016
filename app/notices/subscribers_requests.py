"""Who is told of the yes and no on the asker's own side, before the giver hears of a request."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Unit
from app.accounts.queries_leaders import administrators, leaders_of
from app.kit.clock import last_day_of
from app.marketplace.events_approval import (
    LeaderApproved,
    LeaderAsked,
    LeaderRefused,
    RequestPassedOn,
)
from app.marketplace.events_exchange import RequestLineExchanged
from app.marketplace.events_hold import (
    RequestLineHoldEnding,
    RequestLineHoldExpired,
    RequestLineHoldExtended,
)
from app.marketplace.events_return import RequestLineReturned
from app.marketplace.models import Request
from app.marketplace.names import RETURNS
from app.notices.service import tell
from app.notices.subscribers import by_request, facts_of, givers_of, name_of, requests_of


def _asked(session: Session, request: Request, unit_id: UUID | None) -> set[UUID]:
    """The unit's leader and deputies; where nobody is left there, the administrators."""
    led = leaders_of(session, request.org_id).led.get(unit_id) if unit_id else None
    people = set(led.people) - {request.person_id} if led else set()
    if not people:
        others = administrators(request.org_id).where(Membership.person_id != request.person_id)
        people = set(session.scalars(others))
    return people


def on_leader_asked(session: Session, events: Sequence[LeaderAsked]) -> None:
    for event in events:
        request = requests_of(session, event.org_id, [event.subject_id])[event.subject_id]
        people = _asked(session, request, event.unit_id) - {event.person_id}
        facts = facts_of(session, request, pieces=event.pieces, unit=_unit(session, request))
        tell(session, event.org_id, people, "leader_asked", request.id, facts)


def on_leader_approved(session: Session, events: Sequence[LeaderApproved]) -> None:
    for event in events:
        request = requests_of(session, event.org_id, [event.subject_id])[event.subject_id]
        people = {request.person_id} - {event.person_id}
        facts = facts_of(session, request, who=name_of(session, event.person_id))
        tell(session, event.org_id, people, "leader_approved", request.id, facts)


def on_leader_refused(session: Session, events: Sequence[LeaderRefused]) -> None:
    """The giver never heard of it, and is not told; the reason stands behind the sign-in."""
    for event in events:
        request = requests_of(session, event.org_id, [event.subject_id])[event.subject_id]
        people = {request.person_id} - {event.person_id}
        facts = facts_of(session, request, who=name_of(session, event.person_id))
        tell(session, event.org_id, people, "leader_refused", request.id, facts)


def on_passed_on(session: Session, events: Sequence[RequestPassedOn]) -> None:
    """Now the giver is told, as of any request that needed nobody's yes."""
    for event in events:
        request = requests_of(session, event.org_id, [event.subject_id])[event.subject_id]
        people = givers_of(session, request) - {event.person_id}
        facts = facts_of(session, request, pieces=event.pieces)
        tell(session, event.org_id, people, "request_submitted", request.id, facts)


def on_hold_ending(session: Session, events: Sequence[RequestLineHoldEnding]) -> None:
    """To both sides: who is to fetch, and who may hold it longer."""
    for request, same in by_request(session, events):
        people = givers_of(session, request) | {request.person_id}
        facts = _held(session, request, same)
        tell(session, request.org_id, people, "hold_ending", request.id, facts)


def on_hold_extended(session: Session, events: Sequence[RequestLineHoldExtended]) -> None:
    for request, same in by_request(session, events):
        people = {request.person_id} - {same[0].person_id}
        facts = _held(session, request, same)
        tell(session, request.org_id, people, "hold_extended", request.id, facts)


def on_hold_expired(session: Session, events: Sequence[RequestLineHoldExpired]) -> None:
    for request, same in by_request(session, events):
        people = givers_of(session, request) | {request.person_id}
        facts = facts_of(session, request, pieces=sum(each.pieces for each in same))
        tell(session, request.org_id, people, "hold_expired", request.id, facts)


def on_exchanged(session: Session, events: Sequence[RequestLineExchanged]) -> None:
    """To both sides, but for who did it."""
    for request, same in by_request(session, events):
        people = (givers_of(session, request) | {request.person_id}) - {same[0].person_id}
        facts = facts_of(session, request, pieces=len(same))
        tell(session, request.org_id, people, "piece_exchanged", request.id, facts)


def on_pieces_returned(session: Session, events: Sequence[RequestLineReturned]) -> None:
    """To both sides, but for who did it. What was written with it stands behind the sign-in."""
    for request, same in by_request(session, events):
        people = (givers_of(session, request) | {request.person_id}) - {same[0].person_id}
        facts = facts_of(
            session,
            request,
            pieces=sum(each.pieces for each in same),
            who=name_of(session, same[0].person_id),
            reasons=sorted({RETURNS[each.reason] for each in same}),
        )
        tell(session, request.org_id, people, "pieces_returned", request.id, facts)


def _held(session: Session, request: Request, same: Sequence[Any]) -> dict[str, Any]:
    last_day = last_day_of(min(each.limit_at for each in same)).isoformat()
    pieces = sum(each.pieces for each in same)
    return facts_of(session, request, pieces=pieces, last_day=last_day)


def _unit(session: Session, request: Request) -> str:
    query = select(Unit.name).where(Unit.org_id == request.org_id, Unit.id == request.unit_id)
    return session.scalar(query) or ""
