"""One piece with everything its page shows, in few queries that read columns only.

A value that the piece has not itself comes from its product model, else from its category, and
says so: a default must never look like something that was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, case, exists, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category, ProductModel
from app.impact.queries import defaults_of
from app.impact.rules import CategoryRow, UnknownFactorError
from app.items.models import (
    Code,
    IdentifierKind,
    Item,
    ItemIdentifier,
    Measurement,
    MeasurementKind,
    Photo,
)
from app.items.rules import ItemState
from app.kit.errors import NotFound
from app.kit.i18n import N_, locale
from app.kit.prepared import Prepared
from app.places.models import Place

OWN, MODEL, CATEGORY, UNKNOWN = "own", "model", "category", "unknown"
"""Where a shown value comes from."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value with its source; ``low`` and ``high`` where the source gives a range."""

    value: int | None
    source: str
    low: int | None = None
    high: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Mass in g, price in øre, GWP of a new one in g CO2e (empty: not calculated), mm."""

    mass_g: Shown
    new_price_ore: Shown
    gwp_g: Shown
    width_mm: Shown
    depth_mm: Shown
    height_mm: Shown


_owner, _holder = aliased(Unit), aliased(Unit)
_category = {"sv": Category.name_sv, "en": Category.name_en}


def category_column(language: str | None = None) -> ColumnElement[str]:
    """The category's name in the reader's language."""
    found: ColumnElement[str] = _category.get(  # type: ignore[assignment]
        language or locale(), Category.name_nb
    )
    return found


# Statements of the hot page are built once: building them cost more than running them.


Sign: TypeAlias = tuple[str, ColumnElement[bool]]
"""A name, and a condition on ``Item``: whether a part of the page has anything to show."""


def _has(table: Any, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.org_id == Item.org_id, *more)


_CODE = (
    select(Code.code)
    .where(Code.org_id == Item.org_id, Code.item_id == Item.id)
    .where(Code.replaced_at.is_(None), Code.cancelled_at.is_(None))
    .order_by(Code.bound_at.desc(), Code.code.desc())
    .limit(1)
    .scalar_subquery()
)
_SIGNS: tuple[Sign, ...] = (
    ("has_measurements", _has(Measurement, Measurement.item_id == Item.id)),
    ("has_identifiers", _has(ItemIdentifier, ItemIdentifier.item_id == Item.id)),
    (
        "has_photos",
        _has(
            Photo,
            Photo.removed_at.is_(None),
            or_(
                Photo.item_id == Item.id,
                Photo.lot_id == Item.lot_id,
                Photo.product_model_id == Item.product_model_id,
            ),
        ),
    ),
)


@lru_cache
def _piece(language: str, signs: tuple[Sign, ...]) -> Prepared:
    return Prepared(
        select(
            *Item.__table__.columns,
            category_column(language).label("category_name"),
            Category.group.label("category_group"),
            _owner.name.label("owner_name"),
            _holder.name.label("holder_name"),
            Place.label.label("place_label"),
            Place.kind.label("place_kind"),
            ProductModel.name.label("model_name"),
            ProductModel.maker.label("model_maker"),
            ProductModel.mass_g.label("model_mass_g"),
            ProductModel.new_price_ore.label("model_price_ore"),
            ProductModel.gwp_g.label("model_gwp_g"),
            ProductModel.gwp_source.label("model_gwp_source"),
            ProductModel.width_mm.label("model_width_mm"),
            ProductModel.depth_mm.label("model_depth_mm"),
            ProductModel.height_mm.label("model_height_mm"),
            _CODE.label("code"),
            *(condition.label(name) for name, condition in (*_SIGNS, *signs)),
        )
        .select_from(Item)
        .join(Category, Category.id == Item.category_id)
        .join(_owner, (_owner.org_id == Item.org_id) & (_owner.id == Item.owner_unit_id))
        .join(_holder, (_holder.org_id == Item.org_id) & (_holder.id == Item.holder_unit_id))
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .outerjoin(
            ProductModel,
            (ProductModel.org_id == Item.org_id) & (ProductModel.id == Item.product_model_id),
        )
        .where(Item.id == bindparam("item_id"), Item.org_id == bindparam("org_id"))
    )


def piece(session: Session, actor: Actor, item_id: UUID, signs: tuple[Sign, ...] = ()) -> Any:
    """The item's columns with its newest code and the names around it. Raises ``NotFound``.

    ``signs`` say in the same statement what else there is to ask for: most pieces have little, and
    a round trip for each part that has nothing costs more than all that is shown.

    A merged or deleted piece is found too: its address must say what became of it.
    """
    own = {"item_id": item_id, "org_id": actor.org_id}
    row = _piece(locale(), signs).first(session, own)
    if row is None:
        raise NotFound(N_("Fant ikke møbelet."))
    return row


_PHOTOS = Prepared(
    select(Photo.id, Photo.alt, Photo.item_id, Photo.lot_id, Photo.product_model_id)
    .where(Photo.org_id == bindparam("org_id"), Photo.removed_at.is_(None))
    .where(
        or_(
            Photo.item_id == bindparam("item_id"),
            Photo.lot_id == bindparam("lot_id"),
            Photo.product_model_id == bindparam("product_model_id"),
        )
    )
    .order_by(
        case((Photo.item_id.is_not(None), 0), (Photo.lot_id.is_not(None), 1), else_=2),
        Photo.position,
        Photo.created_at,
        Photo.id,
    )
)


def photo_rows(session: Session, piece: Any) -> Sequence[Any]:
    """What shows the piece: its own photos, then its lot's, then its model's."""
    if not piece.has_photos:
        return ()
    subject = {
        "org_id": piece.org_id,
        "item_id": piece.id,
        "lot_id": piece.lot_id,
        "product_model_id": piece.product_model_id,
    }
    return _PHOTOS.rows(session, subject)


_MEASUREMENTS = Prepared(
    select(Measurement.kind, Measurement.mm).where(
        Measurement.org_id == bindparam("org_id"), Measurement.item_id == bindparam("item_id")
    )
)
_IDENTIFIERS = Prepared(
    select(ItemIdentifier.kind, ItemIdentifier.value)
    .where(
        ItemIdentifier.org_id == bindparam("org_id"),
        ItemIdentifier.item_id == bindparam("item_id"),
    )
    .order_by(ItemIdentifier.kind, ItemIdentifier.value)
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What belongs to one piece beside its row; further measurements in mm."""

    measurements: dict[MeasurementKind, int]
    identifiers: list[tuple[IdentifierKind, str]]


def beside(session: Session, piece: Any) -> Beside:
    """The piece's further measurements and its foreign codes."""
    own = {"org_id": piece.org_id, "item_id": piece.id}
    return Beside(
        {row.kind: row.mm for row in _MEASUREMENTS.rows(session, own)}
        if piece.has_measurements
        else {},
        [(row.kind, row.value) for row in _IDENTIFIERS.rows(session, own)]
        if piece.has_identifiers
        else [],
    )


def category_defaults(session: Session, category_id: str) -> CategoryRow | None:
    """The factor set's row; nothing when the set does not know the category."""
    try:
        return defaults_of(session, category_id)
    except UnknownFactorError:
        return None


def facts_shown(session: Session, piece: Any) -> Facts:
    """What the page says of mass, price, GWP and size, each with where it comes from."""
    row = category_defaults(session, piece.category_id)
    amount: Decimal = piece.amount

    def times(value: int) -> int:
        return int((value * amount).quantize(Decimal(1), ROUND_HALF_EVEN))

    def look_up(own: int | None, model: int | None, spread: Any, text: str) -> Shown:
        if own is not None:
            return Shown(own, OWN)
        if model is not None:
            return Shown(times(model), MODEL)
        if spread is None:
            return Shown(None, UNKNOWN)
        low, high = times(spread.low), times(spread.high)
        return Shown(times(spread.value), CATEGORY, low, high, text)

    return Facts(
        mass_g=look_up(
            piece.mass_g, piece.model_mass_g, row and row.mass_g, row.source_mass if row else ""
        ),
        new_price_ore=look_up(
            piece.new_price_ore,
            piece.model_price_ore,
            row and row.price_ore,
            row.source_price if row else "",
        ),
        gwp_g=look_up(None, piece.model_gwp_g, row and row.gwp_g, row.source_gwp if row else ""),
        width_mm=look_up(piece.width_mm, piece.model_width_mm, None, ""),
        depth_mm=look_up(piece.depth_mm, piece.model_depth_mm, None, ""),
        height_mm=look_up(piece.height_mm, piece.model_height_mm, None, ""),
    )


def lot_size(session: Session, piece: Any) -> int:
    """How many pieces were registered with it, itself included, that are no mistakes."""
    from_lot = select(Item.id).where(
        Item.org_id == piece.org_id,
        Item.lot_id == piece.lot_id,
        Item.state.not_in((ItemState.MERGED, ItemState.DELETED)),
    )
    return len(session.scalars(from_lot.limit(1001)).all())
