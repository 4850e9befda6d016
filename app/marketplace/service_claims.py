"""What the market's verbs share: claims by line, what is left for them, and when a request ends."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events
from app.marketplace.models import Message, Request, RequestLine, Reservation
from app.marketplace.models_approval import Approval
from app.marketplace.queries_approval import approvals_of, is_waiting
from app.marketplace.queries_deciding import LOCKED_CLAIMS
from app.marketplace.rules import FINISHED, RequestState, RequestVerb, ReservationState
from app.marketplace.rules_approval import ApprovalVerb


class PieceTaken(Conflict):
    title = N_("Noen andre fikk møbelet i mellomtiden. Se hva som er igjen, og prøv på nytt.")


class OfLine(Protocol):
    """A command about one line of a request."""

    @property
    def request_line_id(self) -> UUID: ...


Decision = TypeVar("Decision", bound=OfLine)


def by_line(commands: Sequence[Decision]) -> dict[UUID, Decision]:
    """One decision a line: two of the same line may contradict each other, so neither counts."""
    found = {each.request_line_id: each for each in commands}
    if len(found) < len(commands):
        counts = Counter(each.request_line_id for each in commands)
        raise Invalid(
            by_field={"request_line_id": N_("Hver bestillingslinje kan bare stå én gang.")},
            where={"request_line_id": {each for each, count in counts.items() if count > 1}},
        )
    return found


def claims_of(
    session: Session, actor: Actor, lines: Sequence[RequestLine], *states: ReservationState
) -> dict[UUID, list[Reservation]]:
    """The giver's reservations in these states by line, locked: what lapses first, then by age."""
    found: dict[UUID, list[Reservation]] = {each.id: [] for each in lines}
    wanted = {"org": actor.org_id, "lines": list(found), "states": states}
    for row in session.scalars(LOCKED_CLAIMS, wanted):
        found[row.request_line_id].append(row)
    return found


def counted(rows: Sequence[Reservation]) -> Counter[UUID]:
    """How many reservations of each line."""
    return Counter(each.request_line_id for each in rows)


def close_finished(session: Session, actor: Actor, request_ids: set[UUID]) -> None:
    """Closes the requests of which every piece was received or given up."""
    if not request_ids:
        return
    unfinished = (
        select(RequestLine.request_id)
        .join(Reservation, Reservation.request_line_id == RequestLine.id)
        .where(RequestLine.org_id == actor.org_id, RequestLine.request_id.in_(request_ids))
        .where(Reservation.state.not_in(FINISHED))
    )
    done = session.scalars(
        select(Request)
        .where(Request.org_id == actor.org_id, Request.id.in_(request_ids))
        .where(Request.state == RequestState.SUBMITTED, Request.id.not_in(unfinished))
        .order_by(Request.id)
        .with_for_update(of=Request)
    ).all()
    advance(session, done, RequestVerb.CLOSE)
    drop_approvals(session, actor, [each.id for each in done])
    publish(session, [events.RequestClosed.of(each, actor.person_id) for each in done])


def drop_approvals(session: Session, actor: Actor, request_ids: Collection[UUID]) -> None:
    """Nobody is asked any more about requests that have ended."""
    if not request_ids:
        return
    waiting = session.scalars(
        approvals_of(actor, request_ids)
        .where(is_waiting())
        .order_by(None)
        .order_by(Approval.id)
        .with_for_update(of=Approval)
        .execution_options(populate_existing=True)
    ).all()
    advance(session, waiting, ApprovalVerb.DROP)


def note(session: Session, actor: Actor, request_id: UUID, text: str) -> Message:
    """A line of the thread that comes with something else, such as an approval."""
    message = Message(
        id=new_id(),
        org_id=actor.org_id,
        request_id=request_id,
        person_id=actor.person_id,
        text=text,
        created_at=clock_of(session).now(),
    )
    session.add(message)
    return message
