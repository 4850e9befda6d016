"""What is asked before and under the locks of a yes or no, built and compiled once.

Hundreds answer for the pieces of one listing at the same moment, each behind the other's lock:
what a statement costs before it runs is then waited for by everybody behind.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.models import Item
from app.kit.columns import UtcDateTime
from app.kit.prepared import Prepared, together
from app.marketplace.models import Listing, ListingItem, Request, RequestLine, Reservation
from app.marketplace.models_approval import ApprovalRule
from app.marketplace.models_hold import HoldRule
from app.marketplace.queries import free_pieces, requests_visible_to
from app.marketplace.queries_approval import awaits_leader
from app.marketplace.queries_waiting import is_offered, is_waiting
from app.marketplace.rules import RequestState, ReservationState

_ORG = bindparam("org", type_=Uuid())
_LISTING = bindparam("listing", type_=Uuid())
_LINE = bindparam("line", type_=Uuid())
_FORBIDS_OWN = (
    select(ApprovalRule.id)
    .where(
        ApprovalRule.org_id == RequestLine.giver_org_id,
        ApprovalRule.unit_id.is_(None),
        ~ApprovalRule.giver_may_approve_own,
    )
    .correlate(RequestLine)
    .exists()
)
_ASKED = (
    select(
        RequestLine.id,
        RequestLine.listing_id,
        Request.person_id,
        awaits_leader(RequestLine.org_id, RequestLine.request_id).label("awaits_leader"),
        _FORBIDS_OWN.label("forbids_own"),
    )
    .join(Request, and_(Request.org_id == RequestLine.org_id, Request.id == RequestLine.request_id))
    .where(
        RequestLine.org_id == _ORG,
        RequestLine.giver_org_id == _ORG,
        Request.state != RequestState.DRAFT,
    )
)
_SEEN = Prepared(_ASKED.where(RequestLine.id == _LINE))
"""One line, for who sees all requests of the organisation."""
_GIVERS = Prepared(
    select(Item.owner_unit_id)
    .join(ListingItem, and_(ListingItem.org_id == Item.org_id, ListingItem.item_id == Item.id))
    .where(ListingItem.org_id == _ORG, ListingItem.listing_id == _LISTING)
    .distinct()
)
_FREE = Prepared(
    free_pieces(_ORG, ListingItem.listing_id, ListingItem.item_id)
    .where(ListingItem.listing_id == _LISTING)
    .order_by(ListingItem.item_id.desc())
)
_DUE = Prepared(
    select(Reservation.listing_id, Reservation.state)
    .where(Reservation.org_id == _ORG, Reservation.listing_id == _LISTING)
    .where(
        or_(
            is_waiting(),
            and_(is_offered(), Reservation.limit_at <= bindparam("now", type_=UtcDateTime())),
        )
    )
    .distinct()
)
_HELD_FROM = Prepared(
    select(
        RequestLine.id,
        Request.wanted_date,
        Listing.from_date,
        select(HoldRule.working_days)
        .where(HoldRule.org_id == RequestLine.giver_org_id)
        .correlate(RequestLine)
        .scalar_subquery()
        .label("working_days"),
    )
    .join(Request, and_(Request.org_id == RequestLine.org_id, Request.id == RequestLine.request_id))
    .join(
        Listing,
        and_(Listing.org_id == RequestLine.giver_org_id, Listing.id == RequestLine.listing_id),
    )
    .where(RequestLine.id == _LINE)
)
LOCKED_LISTINGS = (
    select(Listing)
    .where(Listing.org_id == _ORG, Listing.id.in_(bindparam("ids", expanding=True)))
    .order_by(Listing.id)
    .with_for_update(of=Listing)
    .execution_options(populate_existing=True)
)
LOCKED_LINES = (
    select(RequestLine)
    .where(RequestLine.org_id == _ORG, RequestLine.id.in_(bindparam("ids", expanding=True)))
    .order_by(RequestLine.id)
    .with_for_update(of=RequestLine)
    .execution_options(populate_existing=True)
)
LOCKED_CLAIMS = (
    select(Reservation)
    .where(Reservation.org_id == _ORG)
    .where(
        Reservation.request_line_id.in_(bindparam("lines", expanding=True)),
        Reservation.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(Reservation.limit_at, Reservation.asked_at, Reservation.id)
    .with_for_update(of=Reservation)
    .execution_options(populate_existing=True)
)
"""What lapses first, then by age."""


def lines_to_decide(session: Session, actor: Actor, line_ids: Collection[UUID]) -> Sequence[Any]:
    """Those of the lines the actor sees that ask for own pieces, each with what may bar a yes."""
    if _sees_all(actor):
        asked = [(_SEEN, {"org": actor.org_id, "line": each}) for each in line_ids]
        return [row for rows in together(session, asked) for row in rows]
    seen = requests_visible_to(actor).with_only_columns(Request.id)
    query = _ASKED.where(Request.id.in_(seen), RequestLine.id.in_(line_ids))
    return session.execute(query, {"org": actor.org_id}).all()


def _sees_all(actor: Actor) -> bool:
    """As ``requests_visible_to`` has it: who decides over every unit's pieces."""
    may = Permission.RESERVATION_APPROVE
    return actor.may(may) and actor.permissions[may] is None


def giver_units(session: Session, actor: Actor, listing_ids: Collection[UUID]) -> set[UUID]:
    """The units that own the listings' pieces, as ``queries.givers`` has them."""
    asked = [(_GIVERS, {"org": actor.org_id, "listing": each}) for each in listing_ids]
    return {row.owner_unit_id for rows in together(session, asked) for row in rows}


def free_by_listing(
    session: Session, actor: Actor, listing_ids: Collection[UUID]
) -> dict[UUID, list[UUID]]:
    """The pieces left on each listing, in an order that is the same for everybody."""
    asked = [(_FREE, {"org": actor.org_id, "listing": each}) for each in sorted(listing_ids)]
    found: dict[UUID, list[UUID]] = {}
    for rows in together(session, asked):
        for row in rows:
            found.setdefault(row.listing_id, []).append(row.item_id)
    return found


def due_by_listing(
    session: Session, actor: Actor, listing_ids: Collection[UUID], now: datetime
) -> dict[UUID, set[ReservationState]]:
    """Listings that somebody waits for, or where an offer has lapsed, with which of the two."""
    asked = [
        (_DUE, {"org": actor.org_id, "listing": each, "now": now}) for each in sorted(listing_ids)
    ]
    found: dict[UUID, set[ReservationState]] = {}
    for rows in together(session, asked):
        for row in rows:
            found.setdefault(row.listing_id, set()).add(row.state)
    return found


def held_from(session: Session, line_ids: Collection[UUID]) -> dict[UUID, Any]:
    """By line: the wanted day, the day it is free, and for how many days its giver holds."""
    asked = [(_HELD_FROM, {"line": each}) for each in sorted(line_ids)]
    return {row.id: row for rows in together(session, asked) for row in rows}
