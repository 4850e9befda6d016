"""Pieces that one organisation of a network has promised another, and how they get there."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.handovers.commands_across import GiveToOthers, ReceiveFromOthers
from app.handovers.models import HandoverLine
from app.handovers.service_across import give, receive_from_others
from app.items.models import Item
from app.marketplace import service_outside
from app.marketplace.models import ListingItem
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.rules import Stage
from tests.marketplace.stalls import a_listing, acting
from tests.networks.circles import a_network
from tests.people import Organised

AT_NETWORK: dict[str, Any] = {
    "unit_days": 0,
    "organisation_days": 0,
    "network_days": 0,
    "last_stage": Stage.NETWORK,
}


def promised(
    session: Session,
    giver: Organised,
    taker: Organised,
    pieces: int = 1,
    ask: dict[str, Any] | None = None,
    **changes: Any,
) -> OutsideRequest:
    a_network(session, giver, taker)
    listing = a_listing(session, giver, pieces, **AT_NETWORK, **changes)
    command = service_outside.AskOutside(
        listing_id=listing.id, wanted=pieces, place_id=taker.room_id, **(ask or {})
    )
    row = service_outside.ask_outside(session, acting(session, taker, Role.EMPLOYEE), command)
    yes = service_outside.AnswerOutside(outside_request_id=row.id, quantity=pieces)
    service_outside.answer_outside(session, acting(session, giver), yes)
    return row


def given(
    session: Session,
    giver: Organised,
    row: OutsideRequest,
    item_ids: Sequence[UUID] = (),
    **fields: Any,
) -> list[HandoverLine]:
    command = GiveToOthers(outside_request_id=row.id, item_ids=list(item_ids), **fields)
    give(session, acting(session, giver, Role.MOVER), command)
    return lines_of(session, giver)


def lines_of(session: Session, org: Organised) -> list[HandoverLine]:
    session.flush()
    query = select(HandoverLine).where(HandoverLine.org_id == org.org_id)
    return list(session.scalars(query.order_by(HandoverLine.id)))


def received(
    session: Session,
    taker: Organised,
    row: OutsideRequest,
    lines: Sequence[HandoverLine],
    **fields: Any,
) -> list[Item]:
    command = ReceiveFromOthers(
        outside_request_id=row.id, handover_line_ids=[each.id for each in lines], **fields
    )
    receive_from_others(session, acting(session, taker, Role.EMPLOYEE), command)
    session.flush()
    query = select(Item).where(Item.org_id == taker.org_id)
    return list(session.scalars(query.order_by(Item.id)))


def pieces_of(session: Session, row: OutsideRequest) -> list[Item]:
    query = (
        select(Item)
        .join(ListingItem, ListingItem.item_id == Item.id)
        .where(ListingItem.listing_id == row.listing_id)
        .order_by(Item.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))
