"""The waiting list as it is shown: places in the queue, what is offered, and the whole of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.marketplace import queries_waiting
from app.marketplace.models import RequestLine
from app.marketplace.rules import PriorityClass, ReservationState


@dataclass(frozen=True, slots=True)
class Place:
    """A line's place on the waiting list of its listing, from 1."""

    request_line_id: UUID
    place: int
    ahead: int
    pieces: int
    priority: PriorityClass
    wanted_by: date | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Queued:
    """A row of the list as the giver sees it; what is offered has a limit and no place."""

    request_line_id: UUID
    state: ReservationState
    place: int | None
    ahead: int | None
    pieces: int
    priority: PriorityClass
    wanted_by: date | None
    asked_at: datetime
    limit_at: datetime | None
    request_id: UUID
    request_number: int
    who: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Sums:
    """Pieces of a listing that are waited for, and that are offered to who waited."""

    waiting: int
    offered: int


def places_of(session: Session, actor: Actor, lines: Iterable[RequestLine]) -> dict[UUID, Place]:
    """The places of those of the lines that wait, by line: one statement for all of them."""
    wanted = {each.id for each in lines}
    listing_ids = {each.listing_id for each in lines}
    if not wanted:
        return {}
    return {
        row.request_line_id: Place(
            request_line_id=row.request_line_id,
            place=row.place,
            ahead=row.ahead,
            pieces=row.pieces,
            priority=PriorityClass.numbered(row.priority),
            wanted_by=row.wanted_by,
            asked_at=row.asked_at,
        )
        for row in session.execute(queries_waiting.places_in_queue(actor, listing_ids))
        if row.request_line_id in wanted
    }


def sums_of(session: Session, actor: Actor, listing_id: UUID) -> Sums:
    rows = session.execute(queries_waiting.queue_sums(actor, listing_id))
    found = {row[0]: row[1] for row in rows}
    return Sums(
        waiting=found.get(ReservationState.WAITING, 0),
        offered=found.get(ReservationState.OFFERED, 0),
    )


def queue_of(session: Session, actor: Actor, listing_id: UUID) -> Sequence[Queued]:
    """What is offered, the earliest limit first, and then who waits, in their order."""
    offered = session.execute(queries_waiting.offers_of_listing(actor, listing_id)).all()
    standing = session.execute(queries_waiting.places_in_queue(actor, [listing_id])).all()
    line_ids = {each.request_line_id for each in (*offered, *standing)}
    asked = session.execute(queries_waiting.askers(actor, line_ids)).all() if line_ids else []
    by_line = {each.id: each for each in asked}
    return [
        Queued(
            request_line_id=row.request_line_id,
            state=state,
            place=getattr(row, "place", None),
            ahead=getattr(row, "ahead", None),
            pieces=row.pieces,
            priority=PriorityClass.numbered(row.priority),
            wanted_by=row.wanted_by,
            asked_at=row.asked_at,
            limit_at=getattr(row, "limit_at", None),
            request_id=by_line[row.request_line_id].request_id,
            request_number=by_line[row.request_line_id].number,
            who=by_line[row.request_line_id].who,
            unit=by_line[row.request_line_id].unit,
        )
        for state, rows in (
            (ReservationState.OFFERED, offered),
            (ReservationState.WAITING, standing),
        )
        for row in rows
    ]
