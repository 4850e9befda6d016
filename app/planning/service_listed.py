"""What stands on the market from the day it comes free, when that day becomes another."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.kit.db import clock_of
from app.kit.events import change, publish, revise
from app.marketplace.events import ListingChanged, OutsideDayMoved
from app.marketplace.events_public import BuyerDayMoved
from app.marketplace.models import Listing, ListingItem, Request, RequestLine, Reservation
from app.marketplace.models_outside import OutsidePiece, OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import ListingState, OutsideState, ReservationState
from app.marketplace.rules_public import BuyerState
from app.planning.events import RequestDayMoved
from app.projects.events import ItemReleaseEdited
from app.projects.models import Release
from app.projects.queries_release import is_live

Told: TypeAlias = tuple[Request, date, int]
"""An order, the new day of its pieces, and how many they are."""

R = ReservationState
ASKED = (R.REQUESTED, R.WAITING)
"""Wants a piece of the listing, whichever."""
PROMISED = (R.OFFERED, R.APPROVED, R.READY)
"""Is to have this piece, and has not fetched it."""

Theirs, Bought = OutsideState, BuyerState
OUTSIDE = (Theirs.REQUESTED, Theirs.WAITING), (Theirs.OFFERED, Theirs.APPROVED)
BUYERS = (Bought.REQUESTED, Bought.WAITING), (Bought.OFFERED, Bought.APPROVED)
"""In which states somebody outside wants a piece of a listing, and is to have this one."""


def on_release_edited(session: Session, events: Sequence[ItemReleaseEdited]) -> None:
    """The listing follows the latest day of its pieces, and who ordered one hears of it.

    So do other organisations and buyers that have asked for one.
    """
    by_who: dict[tuple[UUID, UUID | None], dict[UUID, date | None]] = defaultdict(dict)
    for event in events:
        if event.moved_to is not None:
            by_who[event.org_id, event.person_id][event.subject_id] = event.moved_from
    for (org_id, person_id), items in by_who.items():
        listings = _move(session, org_id, person_id, items)
        told = [*_asked(session, org_id, listings), *_promised(session, org_id, items)]
        publish(
            session,
            [
                RequestDayMoved.of(request, person_id, free_from=day, pieces=count)
                for request, day, count in told
            ],
        )
        publish(session, [*_outside(session, org_id, person_id, listings, items)])


def lock_listings(session: Session, org_id: UUID, items: Collection[UUID]) -> Sequence[Listing]:
    """The open listings the pieces stand on: before their releases, as who fetches them locks."""
    of_listing = select(ListingItem.listing_id).where(
        ListingItem.org_id == org_id,
        ListingItem.item_id.in_(items),
        ListingItem.left_at.is_(None),
    )
    return session.scalars(
        select(Listing)
        .where(
            Listing.org_id == org_id,
            Listing.id.in_(of_listing),
            Listing.state == ListingState.OPEN,
        )
        .order_by(Listing.id)
        .with_for_update(of=Listing)
        .execution_options(populate_existing=True)
    ).all()


def _move(
    session: Session,
    org_id: UUID,
    person_id: UUID | None,
    items: Mapping[UUID, date | None],
) -> dict[UUID, date]:
    """Listings with their new days, by the day each piece had before.

    One that stood from another day than its pieces' was given it by somebody, and keeps it.
    """
    today = clock_of(session).today()
    listings = lock_listings(session, org_id, items)
    days = _days(session, org_id, [each.id for each in listings], items)
    told, moved = [], {}
    for listing in listings:
        before, after = days.get(listing.id, (None, today))
        first = max(after, today)
        if first == listing.from_date or before != listing.from_date:
            continue
        values: dict[str, date | None] = {"from_date": first}
        if listing.until_date is not None and listing.until_date < first:
            # As long as it was to stand.
            values["until_date"] = listing.until_date + (first - listing.from_date)
        told.append((ListingChanged.of(listing, person_id), change(listing, values)))
        moved[listing.id] = first
    publish(session, [event for event, _ in told])
    revise(session, told)
    return moved


def _days(
    session: Session,
    org_id: UUID,
    listing_ids: Sequence[UUID],
    items: Mapping[UUID, date | None],
) -> dict[UUID, tuple[date, date]]:
    """The latest day on which a piece that stands on each listing came free, and comes free now."""
    rows = session.execute(
        select(ListingItem.listing_id, ListingItem.item_id, Release.free_from)
        .join(
            Release,
            and_(Release.org_id == ListingItem.org_id, Release.item_id == ListingItem.item_id),
        )
        .where(
            ListingItem.org_id == org_id,
            ListingItem.listing_id.in_(listing_ids),
            ListingItem.left_at.is_(None),
            is_live(),
        )
    )
    days: dict[UUID, tuple[date, date]] = {}
    for listing_id, item_id, after in rows:
        before = items.get(item_id) or after
        last = days.get(listing_id, (before, after))
        days[listing_id] = max(last[0], before), max(last[1], after)
    return days


def _orders(org_id: UUID, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Own orders with their reservations."""
    return (
        select(Request, *columns)
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
        .where(Request.org_id == org_id, Reservation.org_id == org_id)
        .order_by(Request.id)
    )


def _asked(session: Session, org_id: UUID, days: Mapping[UUID, date]) -> list[Told]:
    """Who waits for an answer, and has no piece yet."""
    rows = session.execute(
        _orders(org_id, Reservation.listing_id, func.count())
        .where(Reservation.listing_id.in_(days), Reservation.state.in_(ASKED))
        .group_by(Request.id, Reservation.listing_id)
    )
    return [(request, days[listing_id], count) for request, listing_id, count in rows]


def _promised(session: Session, org_id: UUID, items: Collection[UUID]) -> list[Told]:
    """Who is to have one of the pieces, by its own day."""
    of_piece = and_(Release.org_id == Reservation.org_id, Release.item_id == Reservation.item_id)
    rows = session.execute(
        _orders(org_id, Release.free_from, func.count())
        .join(Release, of_piece)
        .where(Reservation.item_id.in_(items), Reservation.state.in_(PROMISED), is_live())
        .group_by(Request.id, Release.free_from)
    )
    return [(request, day, count) for request, day, count in rows]


def _outside(
    session: Session,
    org_id: UUID,
    person_id: UUID | None,
    days: Mapping[UUID, date],
    items: Collection[UUID],
) -> Iterator[OutsideDayMoved | BuyerDayMoved]:
    """Other organisations and buyers that wait for an answer, or are to have a piece; each once."""
    for asks, piece_of, asked, promised, event in (
        (OutsideRequest, OutsidePiece.outside_request_id, *OUTSIDE, OutsideDayMoved),
        (BuyerAsk, OutsidePiece.buyer_ask_id, *BUYERS, BuyerDayMoved),
    ):
        told = _waiting(session, org_id, asks, days, asked)
        told |= _holding(session, org_id, asks, piece_of, items, promised)
        for _, (row, day, count) in sorted(told.items()):
            yield event.of(row, person_id, listing_id=row.listing_id, pieces=count, free_from=day)


def _waiting(
    session: Session, org_id: UUID, asks: Any, days: Mapping[UUID, date], states: Sequence[Any]
) -> dict[UUID, tuple[Any, date, int]]:
    """Who wants a piece of the listings, whichever, with how many."""
    rows = session.scalars(
        select(asks).where(asks.org_id == org_id, asks.listing_id.in_(days), asks.state.in_(states))
    )
    return {each.id: (each, days[each.listing_id], each.wanted) for each in rows}


def _holding(
    session: Session,
    org_id: UUID,
    asks: Any,
    piece_of: Any,
    items: Collection[UUID],
    states: Sequence[Any],
) -> dict[UUID, tuple[Any, date, int]]:
    """Who is to have some of the pieces, with the latest day of those."""
    rows = session.execute(
        select(asks, func.max(Release.free_from), func.count())
        .join(OutsidePiece, and_(OutsidePiece.org_id == asks.org_id, piece_of == asks.id))
        .join(
            Release,
            and_(Release.org_id == OutsidePiece.org_id, Release.item_id == OutsidePiece.item_id),
        )
        .where(
            asks.org_id == org_id,
            OutsidePiece.item_id.in_(items),
            OutsidePiece.given_up_at.is_(None),
            asks.state.in_(states),
            is_live(),
        )
        .group_by(asks.id)
    )
    return {row[0].id: (row[0], row[1], row[2]) for row in rows}
