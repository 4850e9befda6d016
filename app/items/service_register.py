"""Registering pieces: one, or many like ones in a lot, each with its code.

What is written is made ready first, without a lock (``make_ready``), and then written (``enter``).
``register`` does both at once; an import does the first before it waits for its turn.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, make_transient_to_detached

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.catalogue.models import AmountUnit, Category, ProductModel
from app.items import events, search
from app.items.commands import Register
from app.items.found_by import SIDES
from app.items.models import IdentifierKind, Item, MeasurementKind
from app.items.registration import Ready, Registration
from app.items.rules import ItemState
from app.items.service_codes import Bind, bind
from app.items.service_seen import at_first
from app.items.things import piece_words
from app.items.words import own_words
from app.kit import codes
from app.kit.bulk import insert_ready, made_ready, new_ids
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid
from app.kit.events import made_ready as events_ready
from app.kit.events import tell
from app.kit.i18n import N_, gettext
from app.kit.prepared import Prepared, send_waiting, together
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


class _Kind(NamedTuple):
    """What category and product model say of a command's pieces."""

    name: str
    amount_unit: AmountUnit
    texts: tuple[str, ...]
    sides: tuple[int | None, ...]


def register(session: Session, actor: Actor, commands: Sequence[Register]) -> list[Item]:
    """New pieces, those of each command in one lot, all or none.

    Raises ``Invalid`` with the field (behind the command's index where there are several), and
    ``ItemRegisteredAlready`` when a given id is taken.
    """
    actor.must(Permission.ITEM_REGISTER)
    return _objects(session, registered(session, actor, commands))


def registered(session: Session, actor: Actor, commands: Sequence[Register]) -> Registration:
    """``register`` for those who only tell of the pieces: the rows that were written."""
    actor.must(Permission.ITEM_REGISTER)
    _refuse_taken_ids(session, commands)
    new = make_ready(session, actor, commands)
    if all(command.id is None for command in commands):
        enter(session, actor, new)
        return new
    try:
        enter(session, actor, new)
        send_waiting(session)
    except IntegrityError as problem:
        # On PostgreSQL the same id can come twice at the same moment: the key decides.
        raise ItemRegisteredAlready from problem
    return new


def make_ready(
    session: Session,
    actor: Actor,
    commands: Sequence[Register],
    *,
    import_run_id: UUID | None = None,
) -> Registration:
    """Checks the commands and makes the rows of their pieces; writes nothing, locks nothing.

    Raises ``Invalid`` as ``register`` does. If others write before ``enter``, the tables' own keys
    prove that what the rows point to is still there and that no id is taken.
    """
    actor.must(Permission.ITEM_REGISTER)
    for unit_id in {command.owner_unit_id for command in commands}:
        actor.must(Permission.ITEM_REGISTER, unit=unit_id)
    kinds = _checked(session, actor, commands)
    new = Registration(
        {
            "org_id": actor.org_id,
            "currency": actor.currency,
            "import_run_id": import_run_id,
            "created_at": clock_of(session).now(),
            "version": 1,
        }
    )
    # Every row of one insert holds the same columns.
    is_labelled = any(command.codes for command in commands)
    count = sum(command.quantity for command in commands)
    ids, minted = iter(new_ids(count)), iter(codes.mint_many(count))
    for command, kind, lot_id in zip(commands, kinds, new_ids(len(commands)), strict=True):
        own = {column: getattr(command, column) for column in _COPIED}
        own |= {
            "state": _first_state(command),
            "lot_id": lot_id,
            "name": command.name or kind.name,
            "amount_unit": kind.amount_unit,
            "holder_unit_id": command.owner_unit_id,
        }
        lot = [command.id or next(ids), *(next(ids) for _ in range(command.quantity - 1))]
        labelled = dict(zip(lot, command.codes, strict=False))
        rows = [{**own, "id": item_id} for item_id in lot]
        for row in rows if is_labelled else ():
            seen = (command.place_id, new.shared["created_at"], actor.person_id)
            row.update(at_first(row["id"] in labelled, *seen))
        new.items += rows
        new.measurements += measurement_rows(lot, command.measurements)
        identified = _identifiers(command)
        new.identifiers += [
            {"item_id": lot[0], "kind": what, "value": value} for what, value in identified
        ]
        new.bound += [Bind(code=code, item_id=item_id) for item_id, code in labelled.items()]
        words = _words(command, kind)
        for item_id in lot[len(command.codes) :]:
            code = next(minted)
            foreign = [value for _, value in identified] if item_id is lot[0] else []
            new.codes.append({"code": code, "item_id": item_id})
            new.words.append((item_id, (*words, *own_words([code], foreign))))
    for rows in (new.measurements, new.identifiers):
        for row, row_id in zip(rows, new_ids(len(rows)), strict=True):
            row["id"] = row_id
    new.ready = _ready(session, actor, new) if new.items else None
    return new


def _ready(session: Session, actor: Actor, new: Registration) -> Ready:
    # A column that no row fills costs as much as one that all fill, so it is left out.
    filled = [name for name in new.items[0] if any(row[name] is not None for row in new.items)]
    own = {"org_id": actor.org_id}
    bound = {**own, "bound_at": new.shared["created_at"]}
    return Ready(
        made_ready(session, _TABLES["item"], new.items, columns=filled, shared=new.shared),
        (
            made_ready(session, _TABLES["measurement"], new.measurements, shared=own),
            made_ready(session, _TABLES["item_identifier"], new.identifiers, shared=own),
        ),
        events_ready(session, list(_told(actor, new))),
        made_ready(session, _TABLES["code"], new.codes, shared=bound),
        search.made_ready(session, actor.org_id, new.words),
    )


def enter(session: Session, actor: Actor, new: Registration) -> None:
    """Writes the pieces with their events, codes and words."""
    actor.must(Permission.ITEM_REGISTER)
    if new.ready is None:
        return
    session.flush()  # the places they stand in may be as new as they are
    insert_ready(session, new.ready.items)
    for batch in new.ready.others:
        insert_ready(session, batch)
    tell(session, new.ready.told)
    insert_ready(session, new.ready.codes)
    search.add(session, new.ready.found_by)
    if new.bound:
        bind(session, actor, new.bound)


_TABLES = Item.metadata.tables
_EMPTY = tuple(column.key for column in _TABLES["item"].columns if column.nullable)


def _first_state(command: Register) -> ItemState:
    if command.is_draft:
        return ItemState.DRAFT
    return ItemState.AVAILABLE if command.is_free else ItemState.IN_USE


def _words(command: Register, kind: _Kind) -> tuple[str, ...]:
    """The words that all pieces of the command are found by."""
    name = command.name or kind.name
    return piece_words(
        command.category_id,
        name,
        (command.maker, command.model, command.colour, command.material, *kind.texts),
        tuple(
            getattr(command, side) or other for side, other in zip(SIDES, kind.sides, strict=True)
        ),
    )


def _told(actor: Actor, new: Registration) -> Iterator[events.ItemRegistered]:
    for row, event_id in zip(new.items, new_ids(len(new.items)), strict=True):
        yield events.ItemRegistered(
            id=event_id,
            org_id=actor.org_id,
            subject_id=row["id"],
            person_id=actor.person_id,
            lot_id=row["lot_id"],
        )


def _objects(session: Session, new: Registration) -> list[Item]:
    """The pieces as objects that are not read back: half of the time."""
    manager = Item.__mapper__.class_manager
    empty = dict.fromkeys(_EMPTY)
    items: list[Item] = []
    for row in new.items:
        item: Item = manager.new_instance()
        item.__dict__.update({**empty, **new.shared, **row})
        make_transient_to_detached(item)
        items.append(item)
    session.add_all(items)
    return items


_CATEGORY = Prepared(
    select(
        Category.id, Category.amount_unit, Category.name_nb, Category.name_sv, Category.name_en
    ).where(Category.id == bindparam("id"))
)
_MODEL = Prepared(
    select(
        ProductModel.id,
        ProductModel.maker,
        ProductModel.name,
        ProductModel.width_mm,
        ProductModel.depth_mm,
        ProductModel.height_mm,
    ).where(ProductModel.org_id == bindparam("org"), ProductModel.id == bindparam("id"))
)
_UNIT, _PLACE = (
    Prepared(select(each.id).where(each.org_id == bindparam("org"), each.id == bindparam("id")))
    for each in (Unit, Place)
)
_TAKEN = Prepared(select(Item.id).where(Item.id == bindparam("id")))


class _Known(NamedTuple):
    """What the commands point to; nothing stands where there is no such row."""

    categories: dict[str, Any]
    models: dict[UUID | None, Any]
    units: dict[UUID, Any]
    places: dict[UUID, Any]


def _known(session: Session, actor: Actor, commands: Sequence[Register]) -> _Known:
    """A short query for each different thing pointed to: of one piece three, of many few more."""
    org = {"org": actor.org_id}
    ids: tuple[set[Any], ...] = (
        {command.category_id for command in commands},
        {command.product_model_id for command in commands} - {None},
        {command.owner_unit_id for command in commands},
        {command.place_id for command in commands},
    )
    categories, models, units, places = ids
    asked = [
        *[(_CATEGORY, {"id": each}) for each in categories],
        *[(_MODEL, {**org, "id": each}) for each in models],
        *[(_UNIT, {**org, "id": each}) for each in units],
        *[(_PLACE, {**org, "id": each}) for each in places],
    ]
    rows = (next(iter(each), None) for each in together(session, asked))
    # ``zip`` asks the ids first, so it takes no row that belongs to the next ids.
    return _Known(*(dict(zip(each, rows, strict=False)) for each in ids))


def _checked(session: Session, actor: Actor, commands: Sequence[Register]) -> list[_Kind]:
    """What each command's pieces are; refuses what points to nothing of the organisation's."""
    known = _known(session, actor, commands)
    given = Counter(_folded(typed) for command in commands for typed in command.codes)
    errors: dict[str, str] = {}
    for index, command in enumerate(commands):
        prefix = f"{index}/" if len(commands) > 1 else ""
        errors |= {prefix + field: text for field, text in _wrong(command, known, given)}
    if errors:
        raise Invalid(by_field=errors)
    kinds: dict[tuple[str, UUID | None], _Kind] = {}
    for command in commands:
        key = command.category_id, command.product_model_id
        if key not in kinds:
            kinds[key] = _kind(known.categories[key[0]], known.models.get(key[1]))
    return [kinds[command.category_id, command.product_model_id] for command in commands]


def _wrong(command: Register, known: _Known, given: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The fields that can not be used, and why. ``given`` counts each code of all commands."""
    category = known.categories[command.category_id]
    if category is None:
        yield "category_id", N_("Velg en av kategoriene.")
    elif command.amount != 1 and category.amount_unit is AmountUnit.PIECE:
        yield "amount", N_("Denne kategorien telles i stykker. Velg antall i stedet.")
    if command.product_model_id and known.models[command.product_model_id] is None:
        yield "product_model_id", N_("Velg en av virksomhetens produktmodeller.")
    if not known.units[command.owner_unit_id]:
        yield "owner_unit_id", N_("Velg en av virksomhetens enheter.")
    if not known.places[command.place_id]:
        yield "place_id", N_("Velg et av virksomhetens steder.")
    said = _wrong_codes(command, given)
    if said:
        yield "codes", said


def _wrong_codes(command: Register, given: Mapping[str, int]) -> str:
    """The first thing that is wrong with the codes, if any is."""
    for typed in command.codes:
        code = _folded(typed)
        if not codes.is_code(code):
            text = N_("Koden %(code)s er ikke riktig skrevet. Se på etiketten.")
            return gettext(text, code=typed[:40])
        if given[code] > 1:
            text = N_("Koden %(code)s står to ganger. Hvert møbel har sin egen etikett.")
            return gettext(text, code=codes.grouped(code))
    return N_("Det er flere koder enn møbler.") if len(command.codes) > command.quantity else ""


def _folded(typed: str) -> str:
    """The code as it is kept, if it is one; the address around it may be there."""
    return codes.fold(typed.rstrip("/").rpartition("/")[2])


def _kind(category: Any, model: Any | None) -> _Kind:
    """Rows of category and product model."""
    names = (category.name_nb, category.name_sv, category.name_en)
    if model is None:
        return _Kind(category.name_nb, category.amount_unit, names, (None, None, None))
    made = f"{model.maker} {model.name}"
    sides = tuple(getattr(model, side) for side in SIDES)
    return _Kind(made[:200], category.amount_unit, (*names, made), sides)


def _refuse_taken_ids(session: Session, commands: Sequence[Register]) -> None:
    """Client-made ids that a piece has already, or that stand twice among the commands."""
    given = Counter(command.id for command in commands if command.id is not None)
    for each, count in given.items():
        if count > 1 or _TAKEN.rows(session, {"id": each}):
            raise ItemRegisteredAlready(id=str(each))


def measurement_rows(
    item_ids: Sequence[UUID], measurements: Mapping[MeasurementKind, int]
) -> list[dict[str, Any]]:
    """Each piece's own rows of the same further measurements, without ids of their own."""
    return [
        {"item_id": item_id, "kind": kind, "mm": mm}
        for item_id in item_ids
        for kind, mm in measurements.items()
    ]


def _identifiers(command: Register) -> list[tuple[IdentifierKind, str]]:
    """The first piece's foreign codes, each once."""
    if not command.identifiers:
        return []
    return list(dict.fromkeys((each.kind, each.value) for each in command.identifiers))
