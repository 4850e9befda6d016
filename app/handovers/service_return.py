"""A received piece goes back to its giver, alone or against a like one.

Not an undone handover: the piece arrived, was counted, and its order is not delivered anew. The
ledger reverses what it booked, and the order's line counts what was returned. The piece stands on
its listing again, but for what is damaged: at that somebody of the giver looks first.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers.models import Handover, HandoverLine
from app.handovers.queries import handover_lines_visible_to, to_give_back
from app.handovers.service_receipt import (
    HandoverUndone,
    LineIds,
    handovers_of,
    items_of,
    locked_lines,
    require_latest,
    require_not_set_aside,
    reservations_of,
    take_back,
)
from app.handovers.service_trips import require_unclaimed
from app.items import service as items_service
from app.items.models import Item
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED
from app.marketplace import service as marketplace_service
from app.marketplace.models import Reservation
from app.marketplace.rules import ReturnReason
from app.places.models import Place, PlaceKind

ReturnText = Annotated[str, STRIPPED, Field(max_length=2000), PRINTABLE]


class NotReturnable(Conflict):
    title = N_("Bare det som er bestilt på markedet og mottatt, kan leveres tilbake.")


class _Why(BaseModel):
    """``text`` says more, and must where the reason is another one; it stands on the order."""

    model_config = ConfigDict(extra="forbid")

    reason: ReturnReason
    text: ReturnText | None = None
    to_place_id: UUID | None = None


class GiveBack(_Why):
    """Without ``to_place_id`` each piece goes where it was fetched; else to that storage."""

    handover_line_ids: LineIds


class ExchangeReceived(_Why):
    """One piece back, and ``item_id``, a like one that is free, is promised in its stead."""

    handover_line_id: UUID
    item_id: UUID


def give_back(session: Session, actor: Actor, commands: Sequence[GiveBack]) -> list[HandoverLine]:
    """Confirmed by either side, as a receipt is; all pieces of a command, or none.

    Raises ``NotReturnable``, ``HandoverUndone`` for what went back already, ``HandedOverAgain``,
    ``ItemClaimed`` and ``ItemOnOffer`` for what the receiver has given on or offers,
    ``PieceSetAside`` for what is another need's by now, and ``Invalid`` at the text or the storage.
    """
    actor.must(Permission.REQUEST_MAKE)
    # All of them first, in one order: a later command must not lock behind an earlier one's pieces.
    ids = [i for each in commands for i in each.handover_line_ids]
    items_of(session, actor, locked_lines(session, actor, ids))
    return [line for each in commands for line in _give_back(session, actor, each)]


def exchange_received(
    session: Session, actor: Actor, commands: Sequence[ExchangeReceived]
) -> list[HandoverLine]:
    """By the giver: a piece back and a like one promised, in one act. Raises as both do."""
    actor.must(Permission.RESERVATION_APPROVE)
    wanted = {each.handover_line_id: each.item_id for each in commands}
    seen = session.scalars(
        handover_lines_visible_to(actor).where(HandoverLine.id.in_(wanted))
    ).all()
    if len(seen) < len(wanted):
        raise NotFound(N_("Fant ikke overleveringen."))
    instead = {
        each.reservation_id: wanted[each.id] for each in seen if each.reservation_id is not None
    }
    if len(instead) < len(wanted):
        raise NotReturnable
    marketplace_service.lock_for_replacement(session, actor, list(instead), list(instead.values()))
    # The pieces last and all at once: who offers both locks them by their ids as well.
    back = locked_lines(session, actor, list(wanted))
    items_service.held(session, actor, {each.item_id for each in back} | set(instead.values()))
    lines = give_back(
        session,
        actor,
        [
            GiveBack(
                handover_line_ids=[each.handover_line_id],
                reason=each.reason,
                text=each.text,
                to_place_id=each.to_place_id,
            )
            for each in commands
        ],
    )
    marketplace_service.replace(session, actor, instead)
    return lines


def _give_back(session: Session, actor: Actor, command: GiveBack) -> list[HandoverLine]:
    lines = locked_lines(session, actor, command.handover_line_ids)
    handovers = handovers_of(session, actor, lines)
    _require_side(session, actor, lines, handovers)
    if any(each.undone_at for each in lines):
        raise HandoverUndone(N_("Noe av dette er alt levert tilbake eller angret."))
    if any(each.received_at is None or each.reservation_id is None for each in lines):
        raise NotReturnable
    if command.reason is ReturnReason.OTHER and not command.text:
        raise Invalid(by_field={"text": N_("Skriv hvorfor.")})
    _require_storage(session, actor, command.to_place_id)
    require_latest(session, actor, lines)
    items = items_of(session, actor, lines)
    require_unclaimed(session, actor, list(items))
    require_not_set_aside(session, actor, list(items))
    items_service.give_back(
        session, actor, [_back(each, items[each.item_id], command.to_place_id) for each in lines]
    )
    now = clock_of(session).now()
    for line in lines:
        line.undone_at, line.return_reason = now, command.reason
    rows: list[Reservation] = reservations_of(session, actor, lines)
    marketplace_service.mark_returned(session, actor, rows, command.reason, command.text)
    take_back(session, actor, lines)
    return lines


def _back(line: HandoverLine, item: Item, storage_id: UUID | None) -> items_service.Return:
    return items_service.Return(
        item=item,
        owner_unit_id=line.owner_unit_before_id or item.owner_unit_id,
        holder_unit_id=line.holder_unit_before_id or item.holder_unit_id,
        place_id=storage_id or line.place_before_id or item.place_id,
        is_storage=storage_id is not None,
    )


def _require_side(
    session: Session,
    actor: Actor,
    lines: Sequence[HandoverLine],
    handovers: dict[UUID, Handover],
) -> None:
    """Who hands over for the giving unit, or who received it; what went back already, anybody."""
    rest = {
        each.id
        for each in lines
        if each.received_at is not None
        and each.undone_at is None
        and each.reservation_id is not None
        and not actor.may(Permission.HANDOVER_MAKE, handovers[each.handover_id].giver_unit_id)
    }
    mine = to_give_back(actor).with_only_columns(HandoverLine.id).where(HandoverLine.id.in_(rest))
    if rest and rest - set(session.scalars(mine)):
        raise Forbidden(N_("Bare den som ga eller den som fikk, kan levere tilbake."))


def _require_storage(session: Session, actor: Actor, place_id: UUID | None) -> None:
    if place_id is None:
        return
    query = select(Place.id).where(
        Place.org_id == actor.org_id, Place.id == place_id, Place.kind == PlaceKind.STORAGE
    )
    if session.scalar(query) is None:
        raise Invalid(
            by_field={"to_place_id": N_("Velg et av virksomhetens lagre.")},
            where={"to_place_id": {place_id}},
        )
