"""Which promised pieces may be exchanged for which, as the giver chooses them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.models import Code, Item
from app.kit import codes
from app.marketplace.models import ListingItem, Reservation
from app.marketplace.queries import free_pieces
from app.marketplace.queries_hold import HELD
from app.marketplace.service_exchange import is_like
from app.places.models import Place

Options = list[tuple[str, str]]
MOST = 50
"""Pieces to choose from: a caretaker who wants another one withdraws some first."""


@dataclass(frozen=True, slots=True)
class ExchangeShown:
    """Of one line: what is held, by reservation, and what is free and like it."""

    held: Options
    free: Options


def exchanges_shown(
    session: Session, actor: Actor, line_ids: Sequence[UUID]
) -> dict[UUID, ExchangeShown]:
    """Lines with something to exchange for, by line; three statements for all of them."""
    held: dict[UUID, list[tuple[UUID, Item]]] = defaultdict(list)
    for line_id, reservation_id, item in session.execute(
        select(Reservation.request_line_id, Reservation.id, Item)
        .join(Item, and_(Item.org_id == Reservation.org_id, Item.id == Reservation.item_id))
        .where(Reservation.org_id == actor.org_id, Reservation.request_line_id.in_(line_ids))
        .where(Reservation.state.in_(HELD))
        .order_by(Reservation.id)
    ):
        held[line_id].append((reservation_id, item))
    if not held:
        return {}
    some = [item for rows in held.values() for _, item in rows]
    free = session.scalars(
        select(Item)
        .where(
            Item.org_id == actor.org_id,
            Item.category_id.in_({each.category_id for each in some}),
            Item.owner_unit_id.in_({each.owner_unit_id for each in some}),
            Item.id.in_(free_pieces(actor.org_id, ListingItem.item_id)),
        )
        .order_by(Item.place_id, Item.id)
    ).all()
    like = {
        line_id: [each for each in free if is_like(rows[0][1], each)][:MOST]
        for line_id, rows in held.items()
    }
    called = _called(session, actor, [*some, *(each for rows in like.values() for each in rows)])
    return {
        line_id: ExchangeShown(
            held=[(str(reservation_id), called[item.id]) for reservation_id, item in rows],
            free=[(str(each.id), called[each.id]) for each in like[line_id]],
        )
        for line_id, rows in held.items()
        if like[line_id]
    }


def _called(session: Session, actor: Actor, items: Sequence[Item]) -> dict[UUID, str]:
    """``7K3Q-WX9R-2M4 · Rom 214``: what stands on the label, and where the piece is."""
    rows = session.execute(
        select(Item.id, Item.name, Place.label, func.min(Code.code).label("code"))
        .join(Place, and_(Place.org_id == Item.org_id, Place.id == Item.place_id))
        .outerjoin(Code, and_(Code.org_id == Item.org_id, Code.item_id == Item.id))
        .where(Item.org_id == actor.org_id, Item.id.in_({each.id for each in items}))
        .group_by(Item.id, Item.name, Place.label)
    )
    return {
        row.id: f"{codes.grouped(row.code) if row.code else row.name} · {_room(row.label)}"
        for row in rows
    }


def _room(label: str) -> str:
    """The innermost place: a select on a phone has no room for the way there."""
    return label.rpartition(" › ")[2]
