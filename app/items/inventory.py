"""The columns of the inventory's table: what each shows, sorts by and is called in a file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import type_coerce as seen_as
from sqlalchemy.orm import aliased

from app.accounts.models import Person, Unit
from app.catalogue.models import AmountUnit, Category, ProductModel
from app.items.models import Code, Item, Photo
from app.items.queries_piece import category_column
from app.items.rules import ItemState
from app.kit.i18n import N_
from app.places.models import Place


class InventoryColumn(StrEnum):
    """In the order in which they are shown."""

    PHOTO = "photo"
    NAME = "name"
    CODE = "code"
    CATEGORY = "category"
    PLACE = "place"
    STATE = "state"
    CONDITION = "condition"
    HOLDER = "holder"
    OWNER = "owner"
    MAKER = "maker"
    MODEL = "model"
    COLOUR = "colour"
    MATERIAL = "material"
    WIDTH = "width"
    DEPTH = "depth"
    HEIGHT = "height"
    MASS = "mass"
    NEW_PRICE = "new_price"
    REGISTERED = "registered"
    SEEN = "seen"
    SEEN_PLACE = "seen_place"
    SEEN_BY = "seen_by"


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    CODE = "code"
    STATE = "state"
    CONDITION = "condition"
    MM = "mm"
    GRAMS = "g"
    ORE = "ore"
    DAY = "day"
    YES = "yes"


class Source(StrEnum):
    """A table beside the pieces that a column reads."""

    CATEGORY = "category"
    PLACE = "place"
    HOLDER = "holder"
    OWNER = "owner"
    MODEL = "model"
    SEEN_PLACE = "seen_place"
    SEEN_BY = "seen_by"


_holder, _owner = aliased(Unit), aliased(Unit)
_seen_place, _seen_by = aliased(Place), aliased(Person)


_CAPITALS = {"Æ": "æ", "Ø": "ø", "Å": "å", "Ä": "ä", "Ö": "ö"}
_LAST = {"æ": "zzza", "ä": "zzza", "ø": "zzzb", "ö": "zzzb", "å": "zzzc"}
"""Letters that come after Z, written so that they do in every database's own order."""


def folded(text: ColumnElement[str]) -> ColumnElement[str]:
    """Small letters: SQLite's own ``lower`` knows A to Z only."""
    return func.lower(_replaced(text, _CAPITALS), type_=String)


def alphabetical(text: ColumnElement[str]) -> ColumnElement[str]:
    """What a text is sorted by: Æ, Ø and Å last, whatever the database's own order is."""
    return _replaced(folded(text), _LAST)


def _replaced(text: ColumnElement[str], letters: Mapping[str, str]) -> ColumnElement[str]:
    for before, after in letters.items():
        # Written out, not bound: with values of its own SQLite would not know the index by name.
        pair = [literal_column(f"'{each}'", String) for each in (before, after)]
        text = func.replace(text, *pair, type_=String)
    return text


def has_photo() -> ColumnElement[bool]:
    """Whether anything shows the piece: its own photo, its lot's or its model's."""

    def shows(column: Any, key: Any) -> ColumnElement[bool]:
        return exists().where(
            Photo.org_id == Item.org_id, column == key, Photo.removed_at.is_(None)
        )

    return or_(
        shows(Photo.item_id, Item.id),
        shows(Photo.lot_id, Item.lot_id),
        shows(Photo.product_model_id, Item.product_model_id),
    )


def has_label() -> ColumnElement[bool]:
    """Whether a code that is neither replaced nor cancelled leads to the piece."""
    return exists().where(
        Code.org_id == Item.org_id,
        Code.item_id == Item.id,
        Code.replaced_at.is_(None),
        Code.cancelled_at.is_(None),
    )


def _label() -> ColumnElement[str]:
    return (
        select(Code.code)
        .where(Code.org_id == Item.org_id, Code.item_id == Item.id)
        .where(Code.replaced_at.is_(None), Code.cancelled_at.is_(None))
        .order_by(Code.bound_at.desc(), Code.code.desc())
        .limit(1)
        .correlate(Item)
        .scalar_subquery()
    )


def _of_model(own: Any, of_model: Any) -> Callable[[], ColumnElement[Any]]:
    """The piece's own value, else its model's; a model says nothing of an amount in m² or kg."""
    only = case((Item.amount_unit == AmountUnit.PIECE, of_model))
    return lambda: func.coalesce(own, only, type_=own.type)


@dataclass(frozen=True)
class Column:
    """``value`` is shown, ``sort`` is ordered by and, where it may be empty, comes last."""

    label: str
    kind: Kind
    value: Callable[[], Any]
    sources: tuple[Source, ...] = ()
    sort: Callable[[], Any] | None = None
    is_nullable: bool = False
    is_default: bool = False
    width: int = 16
    own: Any = None
    """The piece's own column, where the value may be its model's."""

    @property
    def order(self) -> ColumnElement[Any]:
        found: ColumnElement[Any] = (self.sort or self.value)()
        return alphabetical(found) if self.kind is Kind.TEXT else found


def _text(label: str, column: Any, **more: Any) -> Column:
    return Column(label, Kind.TEXT, lambda: column, is_nullable=True, **more)


def _measure(label: str, kind: Kind, own: Any, of_model: Any) -> Column:
    return Column(
        label,
        kind,
        _of_model(own, of_model),
        (Source.MODEL,),
        is_nullable=True,
        width=12,
        own=own,
    )


def _named_by_model(label: str, own: Any, of_model: Any) -> Column:
    both = func.coalesce(own, of_model)
    return Column(label, Kind.TEXT, lambda: both, (Source.MODEL,), is_nullable=True)


_STATES = {state: number for number, state in enumerate(ItemState)}
I, M = Item.__table__.c, ProductModel.__table__.c  # noqa: E741  (as short as what they stand for)

COLUMNS: Mapping[InventoryColumn, Column] = {
    InventoryColumn.PHOTO: Column(
        N_("Bilde"),
        Kind.YES,
        has_photo,
        sort=lambda: case((has_photo(), 0), else_=1),
        is_default=True,
        width=7,
    ),
    InventoryColumn.NAME: Column(N_("Møbel"), Kind.TEXT, lambda: I.name, is_default=True, width=32),
    InventoryColumn.CODE: Column(
        N_("Kode"), Kind.CODE, _label, is_nullable=True, is_default=True, width=14
    ),
    InventoryColumn.CATEGORY: Column(
        N_("Kategori"), Kind.TEXT, category_column, (Source.CATEGORY,), is_default=True, width=24
    ),
    InventoryColumn.PLACE: Column(
        N_("Sted"), Kind.TEXT, lambda: Place.label, (Source.PLACE,), is_default=True, width=32
    ),
    InventoryColumn.STATE: Column(
        N_("Status"),
        Kind.STATE,
        lambda: I.state,
        sort=lambda: case(_STATES, value=I.state, else_=len(_STATES)),
        is_default=True,
        width=14,
    ),
    InventoryColumn.CONDITION: Column(
        N_("Tilstand"),
        Kind.CONDITION,
        lambda: I.condition,
        sort=lambda: seen_as(I.condition, String),
        is_default=True,
        width=9,
    ),
    InventoryColumn.HOLDER: Column(
        N_("Brukes av"), Kind.TEXT, lambda: _holder.name, (Source.HOLDER,), width=24
    ),
    InventoryColumn.OWNER: Column(
        N_("Eier"), Kind.TEXT, lambda: _owner.name, (Source.OWNER,), width=24
    ),
    InventoryColumn.MAKER: _named_by_model(N_("Produsent"), I.maker, M.maker),
    InventoryColumn.MODEL: _named_by_model(N_("Modell"), I.model, M.name),
    InventoryColumn.COLOUR: _text(N_("Farge"), I.colour, width=14),
    InventoryColumn.MATERIAL: _text(N_("Materiale"), I.material, width=14),
    InventoryColumn.WIDTH: _measure(N_("Bredde"), Kind.MM, I.width_mm, M.width_mm),
    InventoryColumn.DEPTH: _measure(N_("Dybde"), Kind.MM, I.depth_mm, M.depth_mm),
    InventoryColumn.HEIGHT: _measure(N_("Høyde"), Kind.MM, I.height_mm, M.height_mm),
    InventoryColumn.MASS: _measure(N_("Vekt"), Kind.GRAMS, I.mass_g, M.mass_g),
    InventoryColumn.NEW_PRICE: _measure(N_("Nypris"), Kind.ORE, I.new_price_ore, M.new_price_ore),
    InventoryColumn.REGISTERED: Column(N_("Registrert"), Kind.DAY, lambda: I.created_at, width=12),
    InventoryColumn.SEEN: Column(
        N_("Sist sett"), Kind.DAY, lambda: I.last_seen_at, is_nullable=True, width=12
    ),
    InventoryColumn.SEEN_PLACE: Column(
        N_("Sist sett i"),
        Kind.TEXT,
        lambda: _seen_place.label,
        (Source.SEEN_PLACE,),
        is_nullable=True,
        width=32,
    ),
    InventoryColumn.SEEN_BY: Column(
        N_("Sist sett av"),
        Kind.TEXT,
        lambda: _seen_by.name,
        (Source.SEEN_BY,),
        is_nullable=True,
        width=24,
    ),
}

DEFAULT_COLUMNS = tuple(key for key, column in COLUMNS.items() if column.is_default)


def with_sources(
    query: Select[Any], columns: Iterable[InventoryColumn], *more: Source
) -> Select[Any]:
    """The query over pieces, joined with the tables that the columns read and with no other."""
    needed = {source for key in columns for source in COLUMNS[key].sources} | set(more)
    if Source.CATEGORY in needed:
        query = query.join(Category, Category.id == I.category_id)
    if Source.PLACE in needed:
        query = query.join(Place, (Place.org_id == I.org_id) & (Place.id == I.place_id))
    if Source.HOLDER in needed:
        query = query.join(_holder, (_holder.org_id == I.org_id) & (_holder.id == I.holder_unit_id))
    if Source.OWNER in needed:
        query = query.join(_owner, (_owner.org_id == I.org_id) & (_owner.id == I.owner_unit_id))
    if Source.MODEL in needed:
        is_own = (M.org_id == I.org_id) & (M.id == I.product_model_id)
        query = query.outerjoin(ProductModel, is_own)
    if Source.SEEN_PLACE in needed:
        is_there = (_seen_place.org_id == I.org_id) & (_seen_place.id == I.last_seen_place_id)
        query = query.outerjoin(_seen_place, is_there)
    if Source.SEEN_BY in needed:
        query = query.outerjoin(_seen_by, _seen_by.id == I.last_seen_by_id)
    return query


def is_from_model(key: InventoryColumn) -> ColumnElement[int] | None:
    """1 where the shown value is the model's and not the piece's own; no expression otherwise."""
    own = COLUMNS[key].own
    if own is None:
        return None
    value = COLUMNS[key].value()
    return case(((own.is_(None)) & (value.is_not(None)), 1), else_=0).cast(Integer)
