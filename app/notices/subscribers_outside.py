"""Who is told of networks, and of what organisations ask of each other."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Organisation
from app.accounts.rules import Permission
from app.items.models import Item
from app.marketplace.events import (
    OutsideApproved,
    OutsideCalledOff,
    OutsideCancelled,
    OutsideDayMoved,
    OutsideDeclined,
    OutsideHandedOver,
    OutsideMessagePosted,
    OutsideRequested,
)
from app.marketplace.models import ListingItem
from app.marketplace.models_outside import OutsideDelivery, OutsideRequest
from app.networks.events import NetworkEvent
from app.networks.models import Network
from app.notices.service import tell
from app.notices.subscribers import deciders, people_with


def on_network(session: Session, events: Sequence[NetworkEvent]) -> None:
    """The administrators of each organisation it is told to, but not where it was done."""
    for event in events:
        may = people_with(session, event.org_id, Permission.ORGANISATION_EDIT, None)
        if event.person_id in may:
            continue
        network = session.get_one(Network, event.subject_id)
        member = session.get_one(Organisation, event.member_org_id)
        facts = {"step": event.kind, "network": network.name, "member": member.name}
        tell(session, event.org_id, may, "network_news", network.id, facts)


def on_asked(session: Session, events: Sequence[OutsideRequested | OutsideCancelled]) -> None:
    """The giver's side: who decides over the unit that owns the pieces."""
    for event in events:
        row, piece, units = _about(session, event)
        asker = session.get_one(Organisation, row.asker_org_id)
        facts = {
            "step": event.kind,
            "piece": piece,
            "pieces": event.pieces,
            "organisation": asker.name,
        }
        people = deciders(session, event.org_id, units)
        tell(session, event.org_id, people, "outside_asked", row.id, facts)


def on_answered(
    session: Session,
    events: Sequence[
        OutsideApproved | OutsideCalledOff | OutsideDayMoved | OutsideDeclined | OutsideHandedOver
    ],
) -> None:
    """The asker's side: who asked, in the asker's own organisation, or who is there instead."""
    for event in events:
        row, piece, _ = _about(session, event)
        giver = session.get_one(Organisation, row.org_id)
        facts = {
            "step": event.kind,
            "piece": piece,
            "pieces": event.pieces,
            "organisation": giver.name,
        }
        if isinstance(event, OutsideDayMoved):
            facts["day"] = event.free_from.isoformat()
        people = _askers(session, row)
        tell(session, row.asker_org_id, people, "outside_answered", row.id, facts)


def on_message(session: Session, events: Sequence[OutsideMessagePosted]) -> None:
    """The side that did not write it: who asked, or who decides over the pieces."""
    for event in events:
        row, piece, units = _about(session, event)
        sender = session.get_one(Organisation, event.from_org_id)
        facts = {
            "step": event.kind,
            "piece": piece,
            "pieces": event.pieces,
            "organisation": sender.name,
        }
        if event.from_org_id == row.org_id:
            people = _askers(session, row)
            tell(session, row.asker_org_id, people, "outside_answered", row.id, facts)
        else:
            people = deciders(session, event.org_id, units)
            tell(session, event.org_id, people, "outside_asked", row.id, facts)


def _askers(session: Session, row: OutsideRequest) -> set[UUID]:
    """Who asked; where that person has left, those who decide for the unit it was asked for."""
    is_there = select(Membership.id).where(
        Membership.org_id == row.asker_org_id,
        Membership.person_id == row.person_id,
        Membership.ended_at.is_(None),
    )
    if session.scalar(is_there) is not None:
        return {row.person_id}
    units = session.scalars(
        select(OutsideDelivery.unit_id).where(
            OutsideDelivery.org_id == row.asker_org_id,
            OutsideDelivery.giver_org_id == row.org_id,
            OutsideDelivery.outside_request_id == row.id,
        )
    )
    return deciders(session, row.asker_org_id, units.all())


def _about(
    session: Session,
    event: OutsideRequested
    | OutsideCancelled
    | OutsideApproved
    | OutsideCalledOff
    | OutsideDayMoved
    | OutsideDeclined
    | OutsideHandedOver
    | OutsideMessagePosted,
) -> tuple[OutsideRequest, str, set[UUID]]:
    """The request, what its pieces are called, and the units that own them."""
    row = session.scalars(
        select(OutsideRequest).where(
            OutsideRequest.org_id == event.org_id, OutsideRequest.id == event.subject_id
        )
    ).one()
    pieces = session.execute(
        select(Item.name, Item.owner_unit_id)
        .join(ListingItem, and_(ListingItem.org_id == Item.org_id, ListingItem.item_id == Item.id))
        .where(ListingItem.org_id == row.org_id, ListingItem.listing_id == row.listing_id)
        .order_by(Item.id)
    ).all()
    return row, pieces[0].name, {each.owner_unit_id for each in pieces}
