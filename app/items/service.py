"""Editing pieces. Registration, states, mistakes, photos and codes have files beside this one.

Other capabilities reach every verb from here: ``items.service.pick_up`` and the rest.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete as delete_from
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models import AmountUnit, Category, ProductModel
from app.items import events, queries, search
from app.items.commands import (
    Delete,
    Edit,
    Identify,
    Merge,
    Move,
    NewIdentifier,
    OfItem,
    Register,
)
from app.items.models import Item, ItemIdentifier, Measurement, MeasurementKind
from app.items.registration import Registration
from app.items.service_lifecycle import (
    Arrival,
    ItemNotThere,
    Return,
    back_from_workshop,
    complete,
    dismantle,
    find,
    free,
    give_back,
    held,
    leave,
    locked,
    miss,
    missing_of,
    move,
    own_places,
    own_units,
    pick_up,
    receive,
    refusal,
    refusals,
    send_to_workshop,
    take_into_use,
    undo_handover,
)
from app.items.service_register import (
    ItemRegisteredAlready,
    enter,
    make_ready,
    measurement_rows,
    register,
    registered,
)
from app.items.service_wrong import delete, merge
from app.kit.chance import new_id
from app.kit.errors import Conflict, Invalid, Stale
from app.kit.events import Change, Changes, Event, change, publish, revise
from app.kit.i18n import N_

__all__ = [
    "Arrival",
    "Delete",
    "Edit",
    "Identify",
    "ItemNotThere",
    "ItemRegisteredAlready",
    "ItemStale",
    "Merge",
    "Move",
    "NewIdentifier",
    "OfItem",
    "Register",
    "Registration",
    "Return",
    "back_from_workshop",
    "complete",
    "delete",
    "dismantle",
    "edit",
    "enter",
    "find",
    "free",
    "give_back",
    "held",
    "identify",
    "leave",
    "make_ready",
    "merge",
    "miss",
    "move",
    "pick_up",
    "receive",
    "refusal",
    "refusals",
    "register",
    "registered",
    "send_to_workshop",
    "take_into_use",
    "undo_handover",
]

PLACED = ("place_id", "holder_unit_id")
"""Fields whose change is a move in the piece's history."""


class ItemStale(Stale):
    """Somebody saved after the editor had read. ``current`` holds the fields as they are now."""


class IdentifierThereAlready(Conflict):
    title = N_("Møbelet har alt denne koden.")


def edit(session: Session, actor: Actor, commands: Sequence[Edit]) -> list[Item]:
    """Changes the fields that are named, of all pieces or of none.

    Raises ``ItemStale`` when a piece has another version than the editor saw.
    """
    actor.must(Permission.ITEM_EDIT)
    by_id = {command.item_id: command for command in commands}
    items = locked(session, actor, list(by_id), Permission.ITEM_EDIT)
    for item in items:
        if by_id[item.id].version != item.version:
            raise ItemStale(
                item_id=str(item.id), current_version=item.version, current=as_text(item)
            )
        if (problem := refusal(actor, item, Permission.ITEM_EDIT)) is not None:
            raise problem
    _check_references(session, actor, commands)
    measured = queries.measurements_of(session, actor, list(by_id))
    told: list[tuple[Event, Changes]] = []
    for item in items:
        command = by_id[item.id]
        changes = change(item, command.named())
        if "category_id" in changes or "amount" in changes:
            _fit_amount(session, item)
        if "measurements" in command.model_fields_set:
            changes |= _measure(session, item, measured.get(item.id, {}), command)
        placed = {name: changes.pop(name) for name in PLACED if name in changes}
        if changes:
            told.append((events.ItemEdited.of(item, actor.person_id), changes))
        if placed:
            place_id, unit_id = item.place_id, item.holder_unit_id
            moved = events.ItemMoved.of(item, actor.person_id, place_id=place_id, unit_id=unit_id)
            told.append((moved, placed))
    publish(session, [event for event, _ in told])
    revise(session, told)
    search.index(session, items)
    return items


def as_text(item: Item) -> dict[str, str]:
    """The editable fields as they are now, for the editor who came second."""
    return {
        name: str(getattr(item, name))
        for name in Edit.model_fields
        if name not in {"item_id", "version", "measurements"} and getattr(item, name) is not None
    }


def _check_references(session: Session, actor: Actor, commands: Sequence[Edit]) -> None:
    """Before any value is set: the first query after that would write what points astray."""
    named = [command.named() for command in commands]

    def values(field: str) -> set[Any]:
        return {each[field] for each in named if each.get(field) is not None}

    own_places(session, actor, values("place_id"))
    for field in ("owner_unit_id", "holder_unit_id"):
        own_units(session, actor, values(field), field)
    for unit_id in values("owner_unit_id"):
        actor.must(Permission.ITEM_EDIT, unit=unit_id)
    categories = values("category_id")
    known = select(Category.id).where(Category.id.in_(categories))
    if unknown := categories - set(session.scalars(known)):
        text = N_("Velg en av kategoriene.")
        raise Invalid(by_field={"category_id": text}, where={"category_id": unknown})
    if missing := missing_of(session, actor, values("product_model_id"), ProductModel):
        text = N_("Velg en av virksomhetens produktmodeller.")
        raise Invalid(by_field={"product_model_id": text}, where={"product_model_id": missing})


def _fit_amount(session: Session, item: Item) -> None:
    """The category says whether pieces, m² or kg are counted."""
    of_category = select(Category.amount_unit).where(Category.id == item.category_id)
    unit = session.scalars(of_category).one()
    if unit is AmountUnit.PIECE and item.amount != 1:
        raise Invalid(
            by_field={"amount": N_("Denne kategorien telles i stykker. Mengden er alltid 1.")}
        )
    item.amount_unit = unit


def _measure(
    session: Session, item: Item, before: dict[MeasurementKind, int], command: Edit
) -> dict[str, Change]:
    """Replaces the further measurements; the piece gets a new version with them."""
    after = command.measurements
    if before == after:
        return {}
    session.execute(
        delete_from(Measurement).where(
            Measurement.org_id == item.org_id, Measurement.item_id == item.id
        )
    )
    rows = [{**row, "org_id": item.org_id} for row in measurement_rows([item.id], after)]
    if rows:
        session.execute(insert(Measurement), rows)
    flag_modified(item, "name")  # the piece's version covers its measurements
    return {
        kind.value: Change(before.get(kind), after.get(kind))
        for kind in MeasurementKind
        if before.get(kind) != after.get(kind)
    }


def identify(session: Session, actor: Actor, commands: Sequence[Identify]) -> list[ItemIdentifier]:
    """Adds foreign codes. Raises ``IdentifierThereAlready`` when the piece has one of them."""
    actor.must(Permission.ITEM_EDIT)
    ids = [command.item_id for command in commands]
    by_id = {item.id: item for item in locked(session, actor, ids, Permission.ITEM_EDIT)}
    rows = [
        ItemIdentifier(
            id=new_id(),
            org_id=actor.org_id,
            item_id=command.item_id,
            kind=command.kind,
            value=command.value,
        )
        for command in commands
    ]
    try:
        with session.begin_nested():
            session.add_all(rows)
            session.flush()  # a code the piece has already is met here, inside the savepoint
    except IntegrityError as error:
        raise IdentifierThereAlready from error
    told: list[tuple[Event, Changes]] = [
        (
            events.ItemIdentified.of(by_id[row.item_id], actor.person_id, identifier_id=row.id),
            {row.kind.value: Change(None, row.value)},
        )
        for row in rows
    ]
    publish(session, [event for event, _ in told])
    revise(session, told)
    search.index(session, list(by_id.values()))
    return rows
