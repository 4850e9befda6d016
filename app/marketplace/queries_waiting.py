"""The waiting list: in which order it is served, who stands where, and what is due."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select, union_all
from sqlalchemy.orm import aliased

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.marketplace.models import Listing, ListingItem, Request, RequestLine, Reservation
from app.marketplace.queries import free_pieces
from app.marketplace.rules import ListingState, ReservationState


def is_offered(row: Any = Reservation) -> ColumnElement[bool]:
    """Offered to who waited. A literal, so that the partial index is used."""
    return row.state == literal_column(f"'{ReservationState.OFFERED.value}'")  # type: ignore[no-any-return]


def is_waiting(row: Any = Reservation) -> ColumnElement[bool]:
    """On the waiting list. A literal, so that the partial index is used."""
    return row.state == literal_column(f"'{ReservationState.WAITING.value}'")  # type: ignore[no-any-return]


_TURN: Sequence[ColumnElement[Any]] = (
    Reservation.priority.expression,
    Reservation.wanted_by.is_(None),
    Reservation.wanted_by.expression,
    Reservation.asked_at.expression,
    Reservation.request_line_id.expression,
)
QUEUE_ORDER: Sequence[ColumnElement[Any]] = (*_TURN, Reservation.id.expression)
"""The waiting list of a listing: by class; within it projects by their date; then who asked first.

The pieces of one line stand together.
"""


def places_in_queue(actor: Actor, listing_ids: Iterable[UUID]) -> Select[*tuple[Any, ...]]:
    """Each waiting line of these listings: its place, the pieces before it, and its own.

    ``place`` counts lines, from 1. One statement for any number of listings.
    """
    standing = (
        select(
            Reservation.listing_id,
            Reservation.request_line_id,
            Reservation.priority,
            Reservation.wanted_by,
            Reservation.asked_at,
            func.dense_rank()
            .over(partition_by=Reservation.listing_id, order_by=_TURN)
            .label("place"),
            func.row_number()
            .over(partition_by=Reservation.listing_id, order_by=QUEUE_ORDER)
            .label("number"),
        )
        .where(Reservation.org_id == actor.org_id, Reservation.listing_id.in_(list(listing_ids)))
        .where(is_waiting())
        .subquery()
    )
    facts = (
        standing.c.listing_id,
        standing.c.request_line_id,
        standing.c.priority,
        standing.c.wanted_by,
        standing.c.asked_at,
        standing.c.place,
    )
    return (
        select(
            *facts,
            (func.min(standing.c.number) - 1).label("ahead"),
            func.count().label("pieces"),
        )
        .group_by(*facts)
        .order_by(standing.c.listing_id, standing.c.place)
    )


def offers_of_listing(actor: Actor, listing_id: UUID) -> Select[*tuple[Any, ...]]:
    """What stands offered of a listing, by line and limit."""
    facts = (
        Reservation.request_line_id,
        Reservation.priority,
        Reservation.wanted_by,
        Reservation.asked_at,
        Reservation.limit_at,
    )
    return (
        select(*facts, func.count().label("pieces"))
        .where(Reservation.org_id == actor.org_id, Reservation.listing_id == listing_id)
        .where(is_offered())
        .group_by(*facts)
        .order_by(Reservation.limit_at, Reservation.request_line_id)
    )


def offers_of_lines(
    actor: Actor, line_ids: Iterable[UUID], now: datetime
) -> Select[*tuple[Any, ...]]:
    """What stands offered on each line: how many pieces, and until when the first of them stands."""
    return (
        select(
            Reservation.request_line_id,
            func.count().label("pieces"),
            func.min(Reservation.limit_at).label("limit_at"),
        )
        .where(Reservation.receiver_org_id == actor.org_id)
        .where(Reservation.request_line_id.in_(list(line_ids)), is_offered())
        .where(Reservation.limit_at > now)
        .group_by(Reservation.request_line_id)
    )


def askers(actor: Actor, line_ids: Iterable[UUID]) -> Select[*tuple[Any, ...]]:
    """Whose lines they are: the request, the person and the unit."""
    return (
        select(
            RequestLine.id,
            Request.id.label("request_id"),
            Request.number,
            Person.name.label("who"),
            Unit.name.label("unit"),
        )
        .join(
            Request,
            and_(Request.org_id == RequestLine.org_id, Request.id == RequestLine.request_id),
        )
        .join(Person, Person.id == Request.person_id)
        .outerjoin(Unit, and_(Unit.org_id == Request.org_id, Unit.id == Request.unit_id))
        .where(RequestLine.org_id == actor.org_id, RequestLine.id.in_(list(line_ids)))
    )


def to_pass_on(now: datetime) -> Select[UUID, UUID]:
    """Organisation and listing where an offer has lapsed, or where a piece is free and somebody waits.

    The second is so only where something made a piece free past the market's own verbs.
    """
    lapsed = select(Reservation.org_id, Reservation.listing_id).where(
        is_offered(), Reservation.limit_at <= now
    )
    waiting = aliased(Reservation)
    piece = free_pieces(waiting.org_id.expression, ListingItem.id).where(
        ListingItem.listing_id == waiting.listing_id
    )
    free = (
        select(waiting.org_id, waiting.listing_id)
        .join(Listing, and_(Listing.org_id == waiting.org_id, Listing.id == waiting.listing_id))
        .where(is_waiting(waiting), Listing.state == ListingState.OPEN)
        .where(or_(Listing.until_date.is_(None), Listing.until_date >= now.date()))
        .where(piece.correlate(waiting).exists())
    )
    due = union_all(lapsed, free).subquery()
    return select(due.c.org_id, due.c.listing_id).distinct().order_by(due.c.org_id)


def queue_sums(actor: Actor, listing_id: UUID) -> Select[ReservationState, int]:
    """How many pieces of a listing are waited for, and how many stand offered."""
    return (
        select(Reservation.state, func.count())
        .where(Reservation.org_id == actor.org_id, Reservation.listing_id == listing_id)
        .where(or_(is_waiting(), is_offered()))
        .group_by(Reservation.state)
    )
