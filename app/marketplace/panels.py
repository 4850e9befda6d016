"""What the market shows on the page of a piece and on the start page."""

from collections import Counter
from typing import Any

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.queries_piece import Signs
from app.kit.i18n import gettext
from app.kit.prepared import Prepared
from app.marketplace import names, queries, queries_stages
from app.marketplace.models import Listing, ListingItem, Request, RequestLine, Reservation
from app.marketplace.models_approval import Approval
from app.marketplace.queries import OFFERABLE
from app.marketplace.queries_approval import approvals_of, is_waiting
from app.marketplace.rules import RequestState, ReservationState, Stage
from app.marketplace.standing import NAMES, standing_of

Panel = tuple[str, dict[str, Any]] | None
NEWEST = 5


# Built once: building a query costs more than running it.
_HELD = Prepared(
    select(Reservation.state, Request.id.label("request_id"), Request.number, Person.name)
    .join(RequestLine, RequestLine.id == Reservation.request_line_id)
    .join(Request, Request.id == RequestLine.request_id)
    .join(Person, Person.id == Request.person_id)
    .where(Reservation.org_id == bindparam("org"), Reservation.item_id == bindparam("item"))
    .where(queries.is_active())
    .limit(1)
)


SIGNS = Signs(
    columns=(
        ("listing_id", Listing.id),
        ("listed_from", Listing.from_date),
        ("listed_until", Listing.until_date),
        ("listed_stage", Listing.stage),
        (
            "is_held",
            exists().where(
                Reservation.org_id == Item.org_id,
                Reservation.item_id == Item.id,
                queries.is_active(),
            ),
        ),
    ),
    joined=(
        (
            ListingItem,
            and_(
                ListingItem.org_id == Item.org_id,
                ListingItem.item_id == Item.id,
                ListingItem.left_at.is_(None),
            ),
        ),
        (
            Listing,
            and_(Listing.org_id == ListingItem.org_id, Listing.id == ListingItem.listing_id),
        ),
    ),
)
"""What the piece's page asks beforehand, in its own statement."""


def on_piece(session: Session, actor: Actor, piece: Any) -> Panel:
    """Whether the piece is on the market and who has got it; a way to offer it."""
    is_listed = piece.listing_id is not None
    is_seen = is_listed and _is_seen(session, actor, piece)
    own = {"org": actor.org_id, "item": piece.id}
    held = _HELD.first(session, own) if piece.is_held else None
    may_offer = (
        not is_listed
        and held is None
        and piece.state in OFFERABLE
        and actor.may(Permission.LISTING_PUBLISH, piece.owner_unit_id)
    )
    if not (is_seen or held or may_offer):
        return None
    return "marketplace/piece_panel.html", {
        "listing_id": piece.listing_id if is_seen else None,
        "from_date": piece.listed_from,
        "until_date": piece.listed_until,
        "held": held,
        "held_state": gettext(names.RESERVATIONS[held.state]) if held else None,
        "sees_request": actor.may(Permission.RESERVATION_APPROVE),
        "may_offer": may_offer,
        "item_id": piece.id,
    }


def _is_seen(session: Session, actor: Actor, piece: Any) -> bool:
    """Asked of the database only at the one stage that not everybody here sees."""
    if piece.listed_stage is not Stage.UNIT or queries_stages.oversees(actor, piece.owner_unit_id):
        return True
    seen = queries.listings_visible_to(actor).where(Listing.id == piece.listing_id)
    return session.scalar(seen.with_only_columns(Listing.id)) is not None


def on_home(session: Session, actor: Actor, _subject: Any) -> Panel:
    """The actor's newest requests that are not finished."""
    if actor.person_id is None or not actor.may(Permission.REQUEST_MAKE):
        return None
    rows = session.scalars(
        queries.own_requests(actor)
        .where(Request.state == RequestState.SUBMITTED)
        .order_by(Request.created_at.desc(), Request.id)
        .limit(NEWEST)
    ).all()
    counts: dict[Any, Counter[ReservationState]] = {each.id: Counter() for each in rows}
    for request_id, state in session.execute(
        select(RequestLine.request_id, Reservation.state)
        .join(Reservation, Reservation.request_line_id == RequestLine.id)
        .where(RequestLine.org_id == actor.org_id, RequestLine.request_id.in_(counts))
        .distinct()
    ):
        counts[request_id][state] += 1
    asked = set(
        session.scalars(
            approvals_of(actor, counts).where(is_waiting()).with_only_columns(Approval.request_id)
        )
    )
    stand = {
        each.id: standing_of(each.state, counts[each.id], awaits_leader=each.id in asked)
        for each in rows
    }
    return "marketplace/home_panel.html", {
        "requests": [
            {
                "id": each.id,
                "number": each.number,
                "submitted_at": each.submitted_at,
                "states": gettext(NAMES[stand[each.id]][0]),
            }
            for each in rows
        ]
    }
