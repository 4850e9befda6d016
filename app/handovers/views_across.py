"""What pages and JSON show of pieces between organisations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.handovers import views
from app.handovers.commands_across import ConfirmForReceiver
from app.handovers.models import HandoverLine
from app.handovers.queries_across import coming
from app.handovers.service_across import may_receive
from app.items.models import Code, Item
from app.items.queries import items_visible_to
from app.items.rules import Condition
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.marketplace.models import Listing
from app.marketplace.models_outside import OutsideDelivery, OutsidePiece, OutsideRequest
from app.marketplace.queries_outside import got_requests
from app.marketplace.rules import OutsideState
from app.marketplace.service_outside_pieces import HERE, held_here

NO_REQUEST = N_("Fant ikke forespørselen.")


class ComingOut(BaseModel):
    """A piece on its way here: the giver's line, and how to know the piece."""

    model_config = ConfigDict(from_attributes=True)

    handover_line_id: UUID
    name: str
    code: str | None
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None


class HeldOut(BaseModel):
    """A piece that is held for another organisation and still stands here."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    condition: Condition
    place_id: UUID


class ConfirmedOut(BaseModel):
    """So many pieces arrived by the request, as the giver says."""

    outside_request_id: UUID
    pieces: int

    @classmethod
    def of(cls, own: Sequence[HandoverLine], command: ConfirmForReceiver) -> "ConfirmedOut":
        return cls(outside_request_id=command.outside_request_id, pieces=len(own))


def pieces_on_their_way(
    session: Session, actor: Actor, outside_request_id: UUID
) -> list[ComingOut]:
    """What has left the giver and has not been confirmed, by name."""
    label = (
        select(func.min(Code.code))
        .where(Code.org_id == Item.org_id, Code.item_id == Item.id, Code.replaced_at.is_(None))
        .correlate(Item)
        .scalar_subquery()
    )
    rows = session.execute(
        coming(
            actor,
            HandoverLine.id.label("handover_line_id"),
            Item.name,
            label.label("code"),
            Item.condition,
            Item.width_mm,
            Item.depth_mm,
            Item.height_mm,
        )
        .where(OutsideRequest.id == outside_request_id)
        .order_by(Item.name, Item.id)
    )
    return [ComingOut.model_validate(row) for row in rows]


def to_give(
    session: Session, actor: Actor, outside_request_id: UUID
) -> tuple[OutsideRequest, str, list[dict[str, Any]]]:
    """The request, who asked, and what is held for it and still stands here."""
    query = got_requests(actor, Permission.HANDOVER_MAKE)
    row = session.scalar(query.where(OutsideRequest.id == outside_request_id))
    if row is None:
        raise NotFound(NO_REQUEST)
    asker = session.get_one(Organisation, row.asker_org_id).name
    here = items_visible_to(actor).where(Item.id.in_(held_here(row))).order_by(Item.name, Item.id)
    items = session.scalars(here).all()
    pieces = views.piece_rows(session, actor, items)
    return row, asker, [pieces[each.id] for each in items]


def listing_of(session: Session, row: OutsideRequest) -> Listing:
    """What the pieces were asked from: how they are paid is the listing's."""
    query = select(Listing).where(Listing.org_id == row.org_id, Listing.id == row.listing_id)
    return session.scalars(query).one()


def to_take(
    session: Session, actor: Actor, outside_request_id: UUID
) -> tuple[OutsideRequest, str, OutsideDelivery | None]:
    """The request, who gives, and where it was to go; for those who may confirm the receipt."""
    row = session.scalar(
        select(OutsideRequest).where(
            OutsideRequest.asker_org_id == actor.org_id, OutsideRequest.id == outside_request_id
        )
    )
    if row is None or not may_receive(actor, row.person_id):
        raise NotFound(NO_REQUEST)
    delivery = session.scalar(
        select(OutsideDelivery).where(
            OutsideDelivery.org_id == actor.org_id,
            OutsideDelivery.giver_org_id == row.org_id,
            OutsideDelivery.outside_request_id == row.id,
        )
    )
    return row, session.get_one(Organisation, row.org_id).name, delivery


MOST_COMING, MOST_PROMISED = 50, 200
"""How many requests a list shows; one more is asked for, so that the page can say there are."""


def waiting_for(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """What is on its way from others and the actor may confirm, by request; one beyond the most."""
    query = (
        coming(
            actor,
            OutsideRequest.id,
            Organisation.name.label("giver"),
            func.min(Item.name).label("piece"),
            func.count().label("pieces"),
        )
        .join(Organisation, Organisation.id == OutsideRequest.org_id)
        .group_by(OutsideRequest.id, Organisation.name)
        .order_by(OutsideRequest.id)
        .limit(MOST_COMING + 1)
    )
    if not may_receive(actor, None):
        query = query.where(OutsideRequest.person_id == actor.person_id)
    return [row._asdict() for row in session.execute(query)]


def promised_to_others(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """What is promised to other organisations and still stands here, by request; one beyond the most."""
    given = got_requests(actor, Permission.HANDOVER_MAKE).with_only_columns(OutsideRequest.id)
    rows = session.execute(
        select(
            OutsideRequest.id,
            OutsideRequest.delivery,
            OutsideRequest.wanted_date,
            Organisation.name.label("asker"),
            func.count().label("pieces"),
        )
        .join(Organisation, Organisation.id == OutsideRequest.asker_org_id)
        .join(
            OutsidePiece,
            and_(
                OutsidePiece.org_id == OutsideRequest.org_id,
                OutsidePiece.outside_request_id == OutsideRequest.id,
                OutsidePiece.given_up_at.is_(None),
            ),
        )
        .join(Item, and_(Item.org_id == OutsidePiece.org_id, Item.id == OutsidePiece.item_id))
        .where(OutsideRequest.id.in_(given), OutsideRequest.state == OutsideState.APPROVED)
        .where(Item.state.in_(HERE))
        .group_by(OutsideRequest.id, Organisation.name)
        .order_by(OutsideRequest.wanted_date.is_(None), OutsideRequest.wanted_date)
        .limit(MOST_PROMISED + 1)
    )
    return [row._asdict() for row in rows]
