"""A piece's way through its states. Handovers and the workshop call what moves it."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.items import events, queries
from app.items.commands import Move, OfItem
from app.items.models import Item
from app.items.rules import PRESENT, ItemState, ItemVerb
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.kit.events import Change, Changes, Event, change, publish, revise
from app.kit.i18n import N_
from app.kit.states import advance
from app.places.models import Place


class ItemNotThere(Conflict):
    """The piece's state does not allow the verb; another came first, or it has left."""

    title = N_("Møbelet er ikke i en tilstand der dette kan gjøres.")


@dataclass(frozen=True)
class Arrival:
    """Where a piece arrived, and whose it is from now on."""

    item: Item
    unit_id: UUID
    place_id: UUID
    is_storage: bool


@dataclass(frozen=True)
class Return:
    """What a piece goes back to when its handover is undone, or when it is given back."""

    item: Item
    owner_unit_id: UUID
    holder_unit_id: UUID
    place_id: UUID
    is_storage: bool = False


def locked(
    session: Session, actor: Actor, item_ids: Sequence[UUID], permission: Permission
) -> list[Item]:
    """The pieces in the order named, locked by id. Raises ``NotFound`` if one is not seen.

    A permission for part of the tree is held to each piece's owner.
    """
    found = held(session, actor, item_ids)
    if len(found) < len(set(item_ids)):
        raise NotFound(N_("Fant ikke møbelet."))
    for item in found.values():
        actor.must(permission, unit=item.owner_unit_id)
    return [found[each] for each in dict.fromkeys(item_ids)]


def held(session: Session, actor: Actor, item_ids: Iterable[UUID]) -> dict[UUID, Item]:
    """Those of the pieces that the actor sees, by id and locked in the order of their ids."""
    query = queries.items_visible_to(actor).where(Item.id.in_(set(item_ids))).order_by(Item.id)
    locking = query.with_for_update(of=Item).execution_options(populate_existing=True)
    return {item.id: item for item in session.scalars(locking)}


def refusal(
    actor: Actor,
    item: Item | None,
    permission: Permission,
    *,
    states: Container[ItemState] = PRESENT,
    not_there: type[Problem] = ItemNotThere,
) -> Problem | None:
    """Why the actor may not do this to a piece: not seen, another unit's, or in another state."""
    if item is None:
        return NotFound(N_("Fant ikke møbelet."))
    if not actor.may(permission, item.owner_unit_id):
        return Forbidden(permission=permission.value)
    if item.state not in states:
        return not_there(id=str(item.id), state=item.state.value)
    return None


def refusals(
    session: Session, actor: Actor, item_ids: Iterable[UUID], permission: Permission
) -> dict[UUID, Problem]:
    """Those of the pieces that cannot be changed, and why; one query, and all stay locked."""
    wanted = list(item_ids)
    found = held(session, actor, wanted)
    told = {each: refusal(actor, found.get(each), permission) for each in wanted}
    return {each: problem for each, problem in told.items() if problem is not None}


def moved_by(
    session: Session, actor: Actor, items: Sequence[Item], verb: ItemVerb, event: type[Event]
) -> list[Item]:
    """Every piece one step by ``verb``, with its event and its states before and after."""
    before = {item.id: item.state for item in items}
    advance(session, items, verb, refused=ItemNotThere)
    told: list[tuple[Event, Changes]] = [
        (event.of(item, actor.person_id), _state(before[item.id], item)) for item in items
    ]
    publish(session, [each for each, _ in told])
    revise(session, told)
    return list(items)


def _state(before: ItemState, item: Item) -> dict[str, Change]:
    return {"state": Change(before, item.state)} if before != item.state else {}


def _step(
    session: Session,
    actor: Actor,
    commands: Sequence[OfItem],
    verb: ItemVerb,
    event: type[Event],
) -> list[Item]:
    ids = [command.item_id for command in commands]
    items = locked(session, actor, ids, Permission.ITEM_EDIT)
    return moved_by(session, actor, items, verb, event)


def complete(session: Session, actor: Actor, commands: Sequence[OfItem]) -> list[Item]:
    """A draft is finished and in use."""
    actor.must(Permission.ITEM_EDIT)
    return _step(session, actor, commands, ItemVerb.COMPLETE, events.ItemCompleted)


def free(session: Session, actor: Actor, commands: Sequence[OfItem]) -> list[Item]:
    """Nobody uses the pieces any more."""
    actor.must(Permission.ITEM_EDIT)
    return _step(session, actor, commands, ItemVerb.FREE, events.ItemFreed)


def take_into_use(session: Session, actor: Actor, commands: Sequence[OfItem]) -> list[Item]:
    """The unit that holds the pieces uses them."""
    actor.must(Permission.ITEM_EDIT)
    return _step(session, actor, commands, ItemVerb.TAKE_INTO_USE, events.ItemTakenIntoUse)


def send_to_workshop(session: Session, actor: Actor, commands: Sequence[OfItem]) -> list[Item]:
    actor.must(Permission.ITEM_EDIT)
    return _step(session, actor, commands, ItemVerb.SEND_TO_WORKSHOP, events.ItemSentToWorkshop)


def back_from_workshop(session: Session, actor: Actor, commands: Sequence[OfItem]) -> list[Item]:
    """As it was before: in use, or available."""
    actor.must(Permission.ITEM_EDIT)
    verb, event = ItemVerb.BACK_FROM_WORKSHOP, events.ItemBackFromWorkshop
    return _step(session, actor, commands, verb, event)


def miss(session: Session, actor: Actor, commands: Sequence[OfItem]) -> list[Item]:
    """Nobody knows where the pieces are."""
    actor.must(Permission.ITEM_EDIT)
    return _step(session, actor, commands, ItemVerb.MISS, events.ItemMissed)


def find(session: Session, actor: Actor, commands: Sequence[OfItem]) -> list[Item]:
    """Lost pieces are there again, as they were."""
    actor.must(Permission.ITEM_EDIT)
    return _step(session, actor, commands, ItemVerb.FIND, events.ItemFound)


def move(session: Session, actor: Actor, commands: Sequence[Move]) -> list[Item]:
    """To other places, without a handover. Only what the organisation still has can be moved."""
    actor.must(Permission.ITEM_EDIT)
    by_id = {command.item_id: command for command in commands}
    items = locked(session, actor, list(by_id), Permission.ITEM_EDIT)
    for item in items:
        if (problem := refusal(actor, item, Permission.ITEM_EDIT)) is not None:
            raise problem
    own_places(session, actor, {each.place_id for each in commands})
    own_units(session, actor, {each.unit_id for each in commands if each.unit_id}, "unit_id")
    told: list[tuple[Event, Changes]] = []
    for item in items:
        command = by_id[item.id]
        holder = command.unit_id or item.holder_unit_id
        changes = change(item, {"place_id": command.place_id, "holder_unit_id": holder})
        if changes:
            told.append((_moved(item, actor), changes))
    publish(session, [event for event, _ in told])
    revise(session, told)
    return items


def put_at(
    session: Session, actor: Actor, items: Sequence[Item], place_id: UUID, *, is_storage: bool
) -> None:
    """At another place without a handover, and nobody's where that is a storage.

    Called by the workshop, which checks who may.
    """
    used = [each for each in items if is_storage and each.state is ItemState.IN_USE]
    moved_by(session, actor, used, ItemVerb.FREE, events.ItemFreed)
    placed = [(each, change(each, {"place_id": place_id})) for each in items]
    told: list[tuple[Event, Changes]] = [
        (_moved(item, actor), changes) for item, changes in placed if changes
    ]
    publish(session, [event for event, _ in told])
    revise(session, told)


def _moved(item: Item, actor: Actor) -> events.ItemMoved:
    place_id, unit_id = item.place_id, item.holder_unit_id
    return events.ItemMoved.of(item, actor.person_id, place_id=place_id, unit_id=unit_id)


def own_places(session: Session, actor: Actor, ids: set[UUID], field: str = "place_id") -> None:
    """Refuses places of nobody and of others alike, at the field."""
    _own(session, actor, ids, Place, field, N_("Velg et av virksomhetens steder."))


def own_units(session: Session, actor: Actor, ids: set[UUID], field: str = "owner_unit_id") -> None:
    """Refuses units of nobody and of others alike, at the field."""
    _own(session, actor, ids, Unit, field, N_("Velg en av virksomhetens enheter."))


def _own(session: Session, actor: Actor, ids: set[UUID], model: Any, field: str, text: str) -> None:
    if missing := missing_of(session, actor, ids, model):
        raise Invalid(by_field={field: text}, where={field: missing})


def missing_of(session: Session, actor: Actor, ids: set[UUID], model: Any) -> set[UUID]:
    """Which of the ids are no rows of the actor's organisation."""
    if not ids:
        return set()
    query = queries.ids_of(actor, model, ids)
    return ids - set(session.scalars(query))


def pick_up(session: Session, actor: Actor, items: Sequence[Item]) -> None:
    """On their way. Called by handovers, which checks who may."""
    moved_by(session, actor, items, ItemVerb.PICK_UP, events.ItemPickedUp)


def receive(session: Session, actor: Actor, arrivals: Sequence[Arrival]) -> None:
    """Arrived: owner, holder and place follow. Called by handovers, which checks who may."""
    before = {each.item.id: each.item.state for each in arrivals}
    for is_storage, verb in ((False, ItemVerb.RECEIVE), (True, ItemVerb.RECEIVE_IN_STORAGE)):
        rows = [each.item for each in arrivals if each.is_storage == is_storage]
        advance(session, rows, verb, refused=ItemNotThere)
    told: list[tuple[Event, Changes]] = []
    for each in arrivals:
        placed = {
            "owner_unit_id": each.unit_id,
            "holder_unit_id": each.unit_id,
            "place_id": each.place_id,
        }
        changes = {**_state(before[each.item.id], each.item), **change(each.item, placed)}
        event = events.ItemReceived.of(
            each.item, actor.person_id, unit_id=each.unit_id, place_id=each.place_id
        )
        told.append((event, changes))
    publish(session, [event for event, _ in told])
    revise(session, told)


def undo_handover(session: Session, actor: Actor, returns: Sequence[Return]) -> None:
    """As before the handover: state, place, holder and owner. Called by handovers."""
    _back(session, actor, returns, events.ItemReturned)


def give_back(session: Session, actor: Actor, returns: Sequence[Return]) -> None:
    """As before the handover, but free where it comes to a storage. Called by handovers."""
    _back(session, actor, returns, events.ItemGivenBack)


def _back(
    session: Session,
    actor: Actor,
    returns: Sequence[Return],
    kind: type[events.ItemReturned | events.ItemGivenBack],
) -> None:
    before = {each.item.id: each.item.state for each in returns}
    rows = [each.item for each in returns]
    advance(session, rows, ItemVerb.UNDO_HANDOVER, refused=ItemNotThere)
    stored = [
        each.item for each in returns if each.is_storage and each.item.state is ItemState.IN_USE
    ]
    advance(session, stored, ItemVerb.FREE, refused=ItemNotThere)
    told: list[tuple[Event, Changes]] = []
    for each in returns:
        placed = {
            "owner_unit_id": each.owner_unit_id,
            "holder_unit_id": each.holder_unit_id,
            "place_id": each.place_id,
        }
        changes = {**_state(before[each.item.id], each.item), **change(each.item, placed)}
        event = kind.of(
            each.item, actor.person_id, unit_id=each.holder_unit_id, place_id=each.place_id
        )
        told.append((event, changes))
    publish(session, [event for event, _ in told])
    revise(session, told)


def dismantle(session: Session, actor: Actor, items: Sequence[Item]) -> None:
    """Donors, taken apart. Called by handovers, which checks who may."""
    moved_by(session, actor, items, ItemVerb.DISMANTLE, events.ItemDismantled)


LEAVING = frozenset({ItemVerb.SELL, ItemVerb.DONATE, ItemVerb.RECYCLE, ItemVerb.DISPOSE})


def leave(session: Session, actor: Actor, items: Sequence[Item], verb: StrEnum) -> None:
    """Sold, donated, recycled or disposed. Called by those who hold the decision."""
    if verb not in LEAVING:
        raise ItemNotThere(verb=str(verb))
    before = {item.id: item.state for item in items}
    advance(session, items, verb, refused=ItemNotThere)
    told: list[tuple[Event, Changes]] = [
        (
            events.ItemLeft.of(item, actor.person_id, state=item.state),
            _state(before[item.id], item),
        )
        for item in items
    ]
    publish(session, [event for event, _ in told])
    revise(session, told)


def restore(session: Session, actor: Actor, items: Sequence[Item]) -> None:
    """As before the decision to dispose of them. Called by those who withdraw it."""
    moved_by(session, actor, items, ItemVerb.RESTORE, events.ItemRestored)
