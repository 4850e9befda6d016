"""Reservations that are fetched, received or undone, locked as the market locks them."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.marketplace.models import Listing, RequestLine, Reservation


def locked_reservations(session: Session, query: Select[Reservation]) -> list[Reservation]:
    """The reservations by id, behind listings and order lines: the market locks in that order too."""
    listings = query.with_only_columns(Reservation.listing_id)
    session.execute(
        select(Listing.id)
        .where(Listing.id.in_(listings))
        .order_by(Listing.id)
        .with_for_update(of=Listing)
    )
    lines = query.with_only_columns(Reservation.request_line_id)
    session.execute(
        select(RequestLine.id)
        .where(RequestLine.id.in_(lines))
        .order_by(RequestLine.id)
        .with_for_update(of=RequestLine)
    )
    locked = query.order_by(Reservation.id).with_for_update(of=Reservation)
    return list(session.scalars(locked.execution_options(populate_existing=True)))
