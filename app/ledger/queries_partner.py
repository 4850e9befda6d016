"""What was sold to other organisations of a network: handovers with a price, for the accounts."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.handovers.models import Handover, HandoverLine
from app.impact.rules import FulfilmentSource
from app.items.models import Item

NEWEST_FIRST: Any = [(Handover.number.expression, True), (Handover.id.expression, True)]
_SOLD = and_(
    HandoverLine.org_id == Handover.org_id,
    HandoverLine.handover_id == Handover.id,
    HandoverLine.receiver_org_id != HandoverLine.org_id,
    HandoverLine.source == FulfilmentSource.SOLD,
    HandoverLine.price_ore > 0,
    HandoverLine.vat_ore.is_not(None),
    HandoverLine.undone_at.is_(None),
)
"""What was undone is sold to nobody. Before VAT was kept with it nobody knows what is to be paid."""


def partner_sales(
    actor: Actor, first: date | None = None, last: date | None = None
) -> Select[*tuple[Any, ...]]:
    """By handover; both days included, and an open end is everything there. In øre, without VAT."""
    net, vat = func.sum(HandoverLine.price_ore), func.sum(HandoverLine.vat_ore)
    query: Select[*tuple[Any, ...]] = (
        select(
            Handover.id,
            Handover.number,
            Handover.handed_over_on.label("sold_on"),
            Organisation.name.label("buyer"),
            func.count().label("pieces"),
            func.count(HandoverLine.received_at).label("received"),
            net.label("net_ore"),
            vat.label("vat_ore"),
            func.coalesce(Handover.vat_percent, 0).label("vat_percent"),
        )
        .join(HandoverLine, _SOLD)
        .join(Organisation, Organisation.id == Handover.receiver_org_id)
        .where(Handover.org_id == actor.org_id)
        .group_by(
            Handover.id,
            Handover.number,
            Handover.handed_over_on,
            Handover.vat_percent,
            Organisation.name,
        )
    )
    if first is not None:
        query = query.where(Handover.handed_over_on >= first)
    if last is not None:
        query = query.where(Handover.handed_over_on <= last)
    return query


def sold_pieces(session: Session, actor: Actor, handover_id: UUID) -> Sequence[Any]:
    """What a handover sold, like pieces together: what, how many, and what they cost in øre."""
    price, vat = HandoverLine.price_ore, HandoverLine.vat_ore
    return session.execute(
        select(
            Item.name.label("what"),
            func.count().label("pieces"),
            func.sum(price).label("net_ore"),
            func.sum(vat).label("vat_ore"),
        )
        .select_from(Handover)
        .join(HandoverLine, _SOLD)
        .join(Item, and_(Item.org_id == HandoverLine.org_id, Item.id == HandoverLine.item_id))
        .where(Handover.org_id == actor.org_id, Handover.id == handover_id)
        .group_by(Item.name, price)
        .order_by(Item.name, price)
    ).all()
