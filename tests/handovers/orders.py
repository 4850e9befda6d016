"""Pieces that somebody ordered and was given, ready to be handed over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, hand_over
from app.items.models import Item
from app.marketplace import service as market
from app.marketplace.models import RequestLine, Reservation
from app.projects.models import ProgrammeLine
from tests.factories import some_items
from tests.people import Organised

ON = date(2026, 3, 2)
ActorOf = Callable[..., Actor]


@dataclass
class Ordered:
    """An order of the second unit's, approved; the pieces stand in the first unit's room."""

    items: list[Item]
    line_id: UUID
    reservations: list[Reservation]
    taker: Actor

    @property
    def reservation_ids(self) -> list[UUID]:
        return [each.id for each in self.reservations]

    def order_line(self, session: Session) -> RequestLine:
        return session.scalars(
            select(RequestLine)
            .where(RequestLine.id == self.line_id)
            .execution_options(populate_existing=True)
        ).one()


def an_order(
    session: Session,
    org: Organised,
    quantity: int = 2,
    *,
    wanted: int | None = None,
    place_id: UUID | None = None,
    programme_line: ProgrammeLine | None = None,
    **changes: Any,
) -> Ordered:
    manager = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
    taker = actor_of(session, org.org_id, org.person_ids[Role.EMPLOYEE])
    assert manager is not None
    assert taker is not None
    items = some_items(session, org, quantity, **changes)
    (listing,) = market.offer(
        session, manager, [market.Offer(item_ids=[each.id for each in items])]
    )
    (request,) = market.order(
        session,
        taker,
        [
            market.Order(
                unit_id=org.other_unit_id,
                place_id=place_id or org.storage_id,
                project_id=programme_line.project_id if programme_line else None,
                lines=[
                    market.OrderLine(
                        listing_id=listing.id,
                        wanted=wanted or quantity,
                        programme_line_id=programme_line.id if programme_line else None,
                    )
                ],
            )
        ],
    )
    line = session.scalars(select(RequestLine).where(RequestLine.request_id == request.id)).one()
    market.approve(
        session, manager, [market.Approve(request_line_id=line.id, quantity=wanted or quantity)]
    )
    reservations = session.scalars(
        select(Reservation).where(Reservation.request_line_id == line.id)
    ).all()
    return Ordered(items, line.id, list(reservations), taker)


def on_its_way(session: Session, actor: Actor, ordered: Ordered) -> list[HandoverLine]:
    """The order's pieces, picked up."""
    command = HandOver(reservation_ids=ordered.reservation_ids, handed_over_on=ON)
    (handover,) = hand_over(session, actor, [command])
    return list(
        session.scalars(select(HandoverLine).where(HandoverLine.handover_id == handover.id))
    )
