"""Registering pieces: one, or many like ones in a lot, each with its code."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, make_transient_to_detached

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.catalogue.models import AmountUnit, Category, ProductModel
from app.items import events, search
from app.items.commands import NewIdentifier, Register
from app.items.models import Code, Item, ItemIdentifier, Measurement, MeasurementKind
from app.items.rules import ItemState
from app.items.service_codes import Bind, bind
from app.items.service_lifecycle import missing_of
from app.kit import codes
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.prepared import insert_rows
from app.places.models import Place

_COPIED = (
    "category_id",
    "product_model_id",
    "maker",
    "model",
    "colour",
    "material",
    "condition",
    "width_mm",
    "depth_mm",
    "height_mm",
    "mass_g",
    "amount",
    "new_price_ore",
    "owner_unit_id",
    "place_id",
    "note",
)


class ItemRegisteredAlready(Conflict):
    title = N_("Dette møbelet er alt registrert.")


def register(
    session: Session,
    actor: Actor,
    commands: Sequence[Register],
    *,
    import_run_id: UUID | None = None,
) -> list[Item]:
    """New pieces, those of each command in one lot, all or none.

    Raises ``Invalid`` with the field (behind the command's index where there are several), and
    ``ItemRegisteredAlready`` when a given id is taken.
    """
    actor.must(Permission.ITEM_REGISTER)
    if not commands:
        return []
    for unit_id in {command.owner_unit_id for command in commands}:
        actor.must(Permission.ITEM_REGISTER, unit=unit_id)
    names = _checked(session, actor, commands)
    now = clock_of(session).now()
    rows: list[dict[str, Any]] = []
    measurements: list[dict[str, Any]] = []
    identifiers: list[dict[str, Any]] = []
    for command, (name, amount_unit) in zip(commands, names, strict=True):
        lot_id = uuid4()
        own = {column: getattr(command, column) for column in _COPIED}
        shared = dict.fromkeys(_EMPTY) | own
        shared |= {
            "org_id": actor.org_id,
            "state": _first_state(command),
            "lot_id": lot_id,
            "name": name,
            "amount_unit": amount_unit,
            "currency": actor.currency,
            "holder_unit_id": command.owner_unit_id,
            "import_run_id": import_run_id,
            "created_at": now,
            "version": 1,
        }
        ids = [command.id or uuid4(), *(uuid4() for _ in range(command.quantity - 1))]
        rows += [{**shared, "id": item_id} for item_id in ids]
        measurements += measurement_rows(actor.org_id, ids, command.measurements)
        identifiers += _identifier_rows(actor, ids[0], command.identifiers)
    items = _inserted(session, rows)
    for model, more in ((Measurement, measurements), (ItemIdentifier, identifiers)):
        if more:
            session.execute(insert(model), more)
    publish(
        session,
        [events.ItemRegistered.of(item, actor.person_id, lot_id=item.lot_id) for item in items],
    )
    _give_codes(session, actor, commands, items)
    search.index(session, items)
    return items


_ITEM = Item.metadata.tables["item"]
_EMPTY = tuple(column.key for column in _ITEM.columns if column.nullable)


def _first_state(command: Register) -> ItemState:
    if command.is_draft:
        return ItemState.DRAFT
    return ItemState.AVAILABLE if command.is_free else ItemState.IN_USE


def _inserted(session: Session, rows: list[dict[str, Any]]) -> list[Item]:
    """The rows in the database, and as objects that are not read back: half of the time."""
    # A column that no row fills costs as much as one that all fill, so it is left out.
    empty = [name for name in _EMPTY if all(row[name] is None for row in rows)]
    filled = [name for name in rows[0] if name not in empty]
    insert_rows(session, _ITEM, [{name: row[name] for name in filled} for row in rows])
    manager = Item.__mapper__.class_manager
    items: list[Item] = []
    for row in rows:
        item: Item = manager.new_instance()
        item.__dict__.update(row)
        make_transient_to_detached(item)
        items.append(item)
    session.add_all(items)
    return items


def _checked(  # noqa: C901  (one branch for each field that can point astray)
    session: Session, actor: Actor, commands: Sequence[Register]
) -> list[tuple[str, AmountUnit]]:
    """Name and unit of each command; refuses what points to nothing of the organisation's."""
    categories = {
        row.id: row
        for row in session.execute(
            select(Category.id, Category.name_nb, Category.amount_unit).where(
                Category.id.in_({command.category_id for command in commands})
            )
        )
    }
    wanted_models = {each.product_model_id for each in commands if each.product_model_id}
    models = {
        row.id: row
        for row in session.execute(
            select(ProductModel.id, ProductModel.maker, ProductModel.name).where(
                ProductModel.org_id == actor.org_id, ProductModel.id.in_(wanted_models)
            )
        )
    }
    no_units = missing_of(session, actor, {each.owner_unit_id for each in commands}, Unit)
    no_places = missing_of(session, actor, {each.place_id for each in commands}, Place)
    taken = _taken_ids(session, commands)
    errors: dict[str, str] = {}
    found: list[tuple[str, AmountUnit]] = []
    for index, command in enumerate(commands):
        wrong: dict[str, str] = {}
        category = categories.get(command.category_id)
        model = models.get(command.product_model_id) if command.product_model_id else None
        if category is None:
            wrong["category_id"] = N_("Velg en av kategoriene.")
        elif category.amount_unit is AmountUnit.PIECE and command.amount != 1:
            wrong["amount"] = N_("Denne kategorien telles i stykker. Velg antall i stedet.")
        if command.product_model_id and model is None:
            wrong["product_model_id"] = N_("Velg en av virksomhetens produktmodeller.")
        if command.owner_unit_id in no_units:
            wrong["owner_unit_id"] = N_("Velg en av virksomhetens enheter.")
        if command.place_id in no_places:
            wrong["place_id"] = N_("Velg et av virksomhetens steder.")
        if len(command.codes) > command.quantity:
            wrong["codes"] = N_("Det er flere koder enn møbler.")
        for code in command.codes:
            if not codes.is_code(codes.fold(code.rstrip("/").rpartition("/")[2])):
                wrong["codes"] = N_("En av kodene er ikke riktig skrevet. Se på etiketten.")
        if command.id in taken:
            raise ItemRegisteredAlready(id=str(command.id))
        prefix = f"{index}/" if len(commands) > 1 else ""
        errors |= {prefix + field: text for field, text in wrong.items()}
        if category is not None:
            by_model = f"{model.maker} {model.name}"[:200] if model else None
            found.append((command.name or by_model or category.name_nb, category.amount_unit))
    if errors:
        raise Invalid(by_field=errors)
    return found


def _taken_ids(session: Session, commands: Sequence[Register]) -> set[UUID]:
    """Client-made ids that a piece has already, or that stand twice among the commands."""
    given = Counter(command.id for command in commands if command.id is not None)
    if not given:
        return set()
    twice = {each for each, count in given.items() if count > 1}
    return twice | set(session.scalars(select(Item.id).where(Item.id.in_(given))))


def measurement_rows(
    org_id: UUID, item_ids: Sequence[UUID], measurements: Mapping[MeasurementKind, int]
) -> list[dict[str, Any]]:
    """Each piece's own rows of the same further measurements."""
    return [
        {"id": uuid4(), "org_id": org_id, "item_id": item_id, "kind": kind, "mm": mm}
        for item_id in item_ids
        for kind, mm in measurements.items()
    ]


def _identifier_rows(
    actor: Actor, item_id: UUID, identifiers: Sequence[NewIdentifier]
) -> list[dict[str, Any]]:
    return [
        {
            "id": uuid4(),
            "org_id": actor.org_id,
            "item_id": item_id,
            "kind": kind,
            "value": value,
        }
        for kind, value in dict.fromkeys((each.kind, each.value) for each in identifiers)
    ]


def _give_codes(
    session: Session, actor: Actor, commands: Sequence[Register], items: Sequence[Item]
) -> None:
    """Every piece a code: the blank ones that were given, in order, and new ones for the rest."""
    bound: list[Bind] = []
    unlabelled: list[Item] = []
    at = 0
    for command in commands:
        pieces = items[at : at + command.quantity]
        at += command.quantity
        given = list(zip(command.codes, pieces, strict=False))
        bound += [Bind(code=code, item_id=item.id) for code, item in given]
        unlabelled += pieces[len(given) :]
    if bound:
        bind(session, actor, bound)
    if unlabelled:
        now = clock_of(session).now()
        session.execute(
            insert(Code),
            [
                {"code": code, "org_id": actor.org_id, "item_id": item.id, "bound_at": now}
                for code, item in zip(_new_codes(len(unlabelled)), unlabelled, strict=True)
            ],
        )


def _new_codes(count: int) -> list[str]:
    """So many codes, from one read of the system's randomness: a tenth of the time of single ones.

    That each is new is proved by the primary key.
    """
    random = secrets.token_bytes(count * codes.BODY_LENGTH)
    text = "".join([codes.ALPHABET[byte & 31] for byte in random])
    bodies = [text[at : at + codes.BODY_LENGTH] for at in range(0, len(text), codes.BODY_LENGTH)]
    return [body + codes.check_character(body) for body in bodies]
