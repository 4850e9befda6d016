"""Wrong registrations: merged into the right piece, or taken out; the history of both is kept."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items import events, search
from app.items.commands import Delete, Merge
from app.items.models import Code, Item, ItemIdentifier, Photo
from app.items.rules import PRESENT, ItemVerb
from app.items.service_lifecycle import ItemNotThere, locked
from app.items.service_photos import put_in_order
from app.kit.errors import Invalid
from app.kit.events import Change, Changes, Event, publish, revise
from app.kit.i18n import N_
from app.kit.states import advance


def merge(session: Session, actor: Actor, commands: Sequence[Merge]) -> list[Item]:
    """Second registrations of the same piece; gives the pieces that stay.

    Codes, foreign codes and the piece's own photos follow, so that its label still leads right.
    """
    actor.must(Permission.ITEM_MERGE)
    into_of = {command.item_id: command.into_id for command in commands}
    if merged := into_of.keys() & set(into_of.values()):
        text = N_("Velg et annet møbel enn det som slås sammen.")
        raise Invalid(by_field={"into_id": text}, where={"into_id": merged})
    everything = locked(session, actor, [*into_of, *into_of.values()], Permission.ITEM_MERGE)
    by_id = {item.id: item for item in everything}
    items = [by_id[each] for each in into_of]
    for item in items:
        if by_id[into_of[item.id]].state not in PRESENT:
            raise ItemNotThere(id=str(into_of[item.id]))
    before = {item.id: item.state for item in items}
    advance(session, items, ItemVerb.MERGE, refused=ItemNotThere)
    told: list[tuple[Event, Changes]] = []
    for item in items:
        into_id = into_of[item.id]
        item.merged_into_id = into_id
        _hand_on(session, actor, item.id, into_id)
        event = events.ItemMerged.of(item, actor.person_id, into_id=into_id)
        told.append((event, {"state": Change(before[item.id], item.state)}))
    publish(session, [event for event, _ in told])
    revise(session, told)
    search.forget(session, list(into_of))
    search.index(session, [by_id[each] for each in dict.fromkeys(into_of.values())])
    return [by_id[into_of[item.id]] for item in items]


def _hand_on(session: Session, actor: Actor, item_id: UUID, into_id: UUID) -> None:
    mine: dict[str, Any] = {"org_id": actor.org_id, "item_id": item_id}
    for model in (Code, Photo):
        session.execute(update(model).filter_by(**mine).values(item_id=into_id))
    put_in_order(session, actor, into_id)
    has = {
        (row.kind, row.value)
        for row in session.scalars(
            select(ItemIdentifier).filter_by(org_id=actor.org_id, item_id=into_id)
        )
    }
    for row in session.scalars(select(ItemIdentifier).filter_by(**mine)):
        if (row.kind, row.value) not in has:
            row.item_id = into_id


def delete(session: Session, actor: Actor, commands: Sequence[Delete]) -> list[Item]:
    """Pieces that were never there. The reason stands in the history.

    Their codes stay with them: a label that was stuck on something says so when it is scanned.
    """
    actor.must(Permission.ITEM_MERGE)
    reasons = {command.item_id: command.reason for command in commands}
    items = locked(session, actor, list(reasons), Permission.ITEM_MERGE)
    before = {item.id: item.state for item in items}
    advance(session, items, ItemVerb.DELETE, refused=ItemNotThere)
    told: list[tuple[Event, Changes]] = [
        (
            events.ItemDeleted.of(item, actor.person_id),
            {
                "state": Change(before[item.id], item.state),
                "reason": Change(None, reasons[item.id]),
            },
        )
        for item in items
    ]
    publish(session, [event for event, _ in told])
    revise(session, told)
    search.forget(session, list(reasons))
    return items
