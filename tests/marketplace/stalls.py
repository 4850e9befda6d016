"""A market to arrange with: pieces registered and offered by the program's own verbs."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.marketplace import service
from app.marketplace.models import Listing, Request, RequestLine, Reservation
from app.marketplace.rules import RefusalReason
from tests.factories import some_items
from tests.people import Organised


def acting(session: Session, org: Organised, role: Role = Role.FURNITURE_MANAGER) -> Actor:
    found = actor_of(session, org.org_id, org.person_ids[role])
    assert found is not None
    return found


def a_listing(session: Session, org: Organised, pieces: int = 1, **changes: Any) -> Listing:
    """Like pieces on the market, in one listing; ``changes`` are the offer's fields or the pieces'."""
    named = {key: value for key, value in changes.items() if key in service.Offer.model_fields}
    others = {key: value for key, value in changes.items() if key not in named}
    items = some_items(session, org, pieces, **others)
    offer = service.Offer(item_ids=[item.id for item in items], **named)
    [listing] = service.offer(session, acting(session, org), [offer])
    return listing


def a_request(
    session: Session,
    org: Organised,
    listing: Listing,
    wanted: int = 1,
    role: Role = Role.EMPLOYEE,
    **fields: Any,
) -> Request:
    command = service.Order(
        unit_id=fields.pop("unit_id", org.other_unit_id),
        place_id=fields.pop("place_id", org.storage_id),
        lines=[service.OrderLine(listing_id=listing.id, wanted=wanted, **fields)],
    )
    [request] = service.order(session, acting(session, org, role), [command])
    return request


def the_line(session: Session, request: Request) -> RequestLine:
    session.flush()
    session.expire_all()
    return session.scalars(select(RequestLine).where(RequestLine.request_id == request.id)).one()


def reservations(session: Session, request: Request) -> list[Reservation]:
    session.flush()
    session.expire_all()
    query = (
        select(Reservation)
        .join(RequestLine, RequestLine.id == Reservation.request_line_id)
        .where(RequestLine.request_id == request.id)
        .order_by(Reservation.id)
    )
    return list(session.scalars(query))


def states(session: Session, request: Request) -> dict[str, int]:
    return dict(Counter(each.state.value for each in reservations(session, request)))


def approved(session: Session, org: Organised, request: Request, quantity: int) -> RequestLine:
    line = the_line(session, request)
    command = service.Approve(
        request_line_id=line.id, quantity=quantity, reason=RefusalReason.PROMISED
    )
    service.approve(session, acting(session, org), [command])
    return line


def pieces_of(rows: list[Reservation]) -> list[UUID]:
    return [each.item_id for each in rows if each.item_id is not None]
