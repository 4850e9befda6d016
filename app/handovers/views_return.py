"""What can be given back from one handover or one order, and what could come in its stead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers.models import Handover, HandoverLine
from app.handovers.queries import returnable, to_give_back
from app.handovers.views import piece_rows
from app.items.models import Item
from app.kit.i18n import gettext
from app.marketplace.models import ListingItem, RequestLine, Reservation
from app.marketplace.names import RETURNS
from app.marketplace.queries import free_pieces
from app.marketplace.service_exchange import is_like
from app.places.models import Place, PlaceKind
from app.places.queries import places_visible_to

Options = list[tuple[str, str]]
MOST = 50
"""Like pieces to choose from."""


@dataclass(frozen=True, slots=True)
class Returnable:
    """Rows as a handover's page shows them; ``like`` are free pieces, for who may exchange."""

    rows: list[dict[str, Any]]
    like: Options
    storages: Options
    reasons: Options


def of_handover(actor: Actor, handover_id: UUID) -> Select[HandoverLine]:
    return returnable(actor).where(HandoverLine.handover_id == handover_id)


def of_request(actor: Actor, request_id: UUID) -> Select[HandoverLine]:
    reservations = (
        select(Reservation.id)
        .join(
            RequestLine,
            and_(
                RequestLine.org_id == Reservation.receiver_org_id,
                RequestLine.id == Reservation.request_line_id,
            ),
        )
        .where(Reservation.org_id == actor.org_id, RequestLine.request_id == request_id)
    )
    return returnable(actor).where(HandoverLine.reservation_id.in_(reservations))


def may_give_back(session: Session, actor: Actor, handover: Handover) -> bool:
    """Whether something of the handover can go back, and by this actor."""
    lines = of_handover(actor, handover.id)
    if not actor.may(Permission.HANDOVER_MAKE, handover.giver_unit_id):
        lines = to_give_back(actor).where(HandoverLine.handover_id == handover.id)
    return session.scalar(lines.with_only_columns(HandoverLine.id).limit(1)) is not None


def returnable_of(session: Session, actor: Actor, lines: Select[HandoverLine]) -> Returnable:
    """Only what the actor may give back, as giver or as receiver."""
    found = session.execute(
        lines.join(Item, and_(Item.org_id == HandoverLine.org_id, Item.id == HandoverLine.item_id))
        .join(
            Handover,
            and_(Handover.org_id == HandoverLine.org_id, Handover.id == HandoverLine.handover_id),
        )
        .with_only_columns(HandoverLine, Item, Handover.giver_unit_id)
        .order_by(Item.name, Item.id)
    ).all()
    mine = set(
        session.scalars(
            to_give_back(actor)
            .with_only_columns(HandoverLine.id)
            .where(HandoverLine.id.in_([row[0].id for row in found]))
        )
    )
    own = [
        (line, item)
        for line, item, giver_unit_id in found
        if line.id in mine or actor.may(Permission.HANDOVER_MAKE, giver_unit_id)
    ]
    pieces = piece_rows(session, actor, [item for _, item in own])
    may_exchange = actor.may(Permission.RESERVATION_APPROVE)
    return Returnable(
        rows=[{**pieces[item.id], "line": line} for line, item in own],
        like=_like(session, actor, own) if own and may_exchange else [],
        storages=_storages(session, actor),
        reasons=[(each.value, gettext(text)) for each, text in RETURNS.items()],
    )


def _like(session: Session, actor: Actor, own: Sequence[tuple[HandoverLine, Item]]) -> Options:
    """Free pieces of the market that are as one of these was: its owner was the giver then."""
    free = session.scalars(
        select(Item)
        .where(
            Item.org_id == actor.org_id,
            Item.category_id.in_({item.category_id for _, item in own}),
            Item.owner_unit_id.in_({line.owner_unit_before_id for line, _ in own}),
            Item.id.in_(free_pieces(actor.org_id, ListingItem.item_id)),
        )
        .order_by(Item.place_id, Item.id)
    ).all()
    like = [
        each
        for each in free
        if any(is_like(item, each, owner_unit_id=line.owner_unit_before_id) for line, item in own)
    ][:MOST]
    pieces = piece_rows(session, actor, like)
    return [(str(each.id), called(pieces[each.id])) for each in like]


def called(piece: dict[str, Any]) -> str:
    """``7K3Q-WX9R-2M4 · Lager 1``: what stands on the label, and where the piece is."""
    name = piece["code"] or piece["item"].name
    return f"{name} · {piece['place']}" if piece["place"] else str(name)


def _storages(session: Session, actor: Actor) -> Options:
    found = session.execute(
        places_visible_to(actor)
        .where(Place.kind == PlaceKind.STORAGE)
        .with_only_columns(Place.id, Place.label)
        .order_by(Place.label)
    )
    return [(str(place_id), label) for place_id, label in found]
