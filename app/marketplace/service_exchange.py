"""One promised piece for a like one, while nobody has fetched it. The quantity stays the same.

The first piece is free in the same moment, so it goes to who waits for it, or back to the market.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.queries import items_visible_to
from app.items.service import held
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import Event, publish
from app.kit.i18n import N_
from app.marketplace.commands_exchange import Exchange
from app.marketplace.events_exchange import (
    ItemExchangedAway,
    ItemExchangedFor,
    RequestLineExchanged,
)
from app.marketplace.models import ListingItem, RequestLine, Reservation
from app.marketplace.queries import free_pieces, reservations_visible_to
from app.marketplace.queries_hold import HELD
from app.marketplace.service_approval import decidable
from app.marketplace.service_claims import PieceTaken
from app.marketplace.service_request import off_closed_listings
from app.marketplace.service_waiting import pass_on


class NotExchangeable(Conflict):
    title = N_("Bare det som er godkjent og ikke hentet, kan byttes her.")


def exchange(session: Session, actor: Actor, commands: Sequence[Exchange]) -> list[RequestLine]:
    """By the giver: another free piece of the same model, or of the same lot, on the market.

    Raises ``NotExchangeable``, ``Invalid`` at the piece, and ``PieceTaken`` when somebody else got
    it in the meantime.
    """
    actor.must(Permission.RESERVATION_APPROVE)
    wanted = {each.reservation_id: each for each in commands}
    seen = session.scalars(reservations_visible_to(actor).where(Reservation.id.in_(wanted))).all()
    if len(seen) < len(wanted):
        raise NotFound(N_("Fant ikke reservasjonen."))
    targets = listings_of(session, actor, [each.item_id for each in wanted.values()])
    lines = {
        each.id: each
        for each in decidable(
            session,
            actor,
            list({each.request_line_id for each in seen}),
            besides=set(targets.values()),
        )
    }
    rows = session.scalars(
        select(Reservation)
        .where(Reservation.org_id == actor.org_id, Reservation.id.in_(wanted))
        .order_by(Reservation.id)
        .with_for_update(of=Reservation)
        .execution_options(populate_existing=True)
    ).all()
    # All at once, by their ids: the pieces of one row must not be locked behind another's.
    promised = {each.item_id for each in rows if each.item_id is not None}
    held(session, actor, promised | {each.item_id for each in commands})
    told: list[Event] = []
    freed: list[UUID] = []
    for row in rows:
        line, item_id = lines[row.request_line_id], wanted[row.id].item_id
        before = row.item_id
        if row.state not in HELD or before is None:
            raise NotExchangeable(id=str(row.id), state=row.state.value)
        require_like(session, actor, before, item_id)
        try:
            with session.begin_nested():
                row.item_id, row.listing_id = item_id, targets.get(item_id, row.listing_id)
                session.flush()  # meets the unique index: one active reservation a piece
        except IntegrityError as error:
            raise PieceTaken from error
        freed.append(before)
        told += told_of_exchange(actor, line, row, before, item_id)
    publish(session, told)
    off_closed_listings(session, actor, freed)
    pass_on(session, actor, {each.listing_id for each in lines.values()} | set(targets.values()))
    return list(lines.values())


def told_of_exchange(
    actor: Actor, line: RequestLine, row: Reservation, before: UUID, after: UUID
) -> list[Event]:
    """In the request's history, and in those of both pieces."""
    own = {"org_id": row.org_id, "person_id": actor.person_id, "request_id": line.request_id}
    return [
        RequestLineExchanged.of(
            line,
            actor.person_id,
            request_id=line.request_id,
            reservation_id=row.id,
            from_item_id=before,
            to_item_id=after,
        ),
        ItemExchangedAway(subject_id=before, for_item_id=after, **own),  # type: ignore[arg-type]
        ItemExchangedFor(subject_id=after, from_item_id=before, **own),  # type: ignore[arg-type]
    ]


def listings_of(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """On which listing each of the pieces stands now; what stands on none is refused later."""
    rows = session.execute(
        select(ListingItem.item_id, ListingItem.listing_id).where(
            ListingItem.org_id == actor.org_id,
            ListingItem.item_id.in_(item_ids),
            ListingItem.left_at.is_(None),
        )
    )
    return {row[0]: row[1] for row in rows}


def require_like(session: Session, actor: Actor, before: UUID, after: UUID) -> None:
    """The same model, else the same lot and category; of the same owner, and free on the market."""
    found = {
        each.id: each
        for each in session.scalars(
            items_visible_to(actor)
            .where(Item.id.in_((before, after)))
            .order_by(Item.id)
            .with_for_update(of=Item)
        )
    }
    if after not in found:
        raise NotFound(N_("Fant ikke møbelet."))
    old, new = found.get(before), found[after]
    if before == after:
        text = N_("Dette møbelet er alt det som er satt av. Velg et annet.")
        raise Invalid(by_field={"item_id": text}, where={"item_id": {after}})
    if old is None or not is_like(old, new):
        text = N_("Velg et møbel av samme slag, fra samme enhet.")
        raise Invalid(by_field={"item_id": text}, where={"item_id": {after}})
    free = free_pieces(actor.org_id, ListingItem.item_id).where(ListingItem.item_id == after)
    if session.scalar(free.limit(1)) is None:
        raise PieceTaken


def is_like(one: Item, other: Item, *, owner_unit_id: UUID | None = None) -> bool:
    """As the pieces of one listing are alike, wherever they stand and however worn they are.

    ``owner_unit_id`` is whose ``one`` was, where it has been handed over since.
    """
    is_same = (
        one.product_model_id == other.product_model_id
        if one.product_model_id is not None
        else one.lot_id == other.lot_id
    )
    return (
        is_same
        and one.category_id == other.category_id
        and (owner_unit_id or one.owner_unit_id) == other.owner_unit_id
    )
