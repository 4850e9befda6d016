"""One piece with everything its page shows, in few queries that read columns only.

A value that the piece has not itself comes from its product model, else from its category, and
says so: a default must never look like something that was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam, case, exists, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import ORGANISATION_ID, Actor, Errand, Who
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.catalogue.models import Category, ProductModel
from app.impact.queries import NEWEST_FACTOR_SET, defaults_of
from app.impact.queries_own import has_own_factors, with_own
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
from app.kit.db import clock_of
from app.kit.errors import NotFound
from app.kit.i18n import N_, locale
from app.kit.prepared import Prepared
from app.places.models import Place

OWN, MODEL, CATEGORY, UNKNOWN = "own", "model", "category", "unknown"
DECLARED = "declaration"
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


@dataclass(frozen=True)
class Signs:
    """What a part of the page wants to know of the piece beforehand, in the page's own statement.

    ``columns`` are named for all parts together; they may be of tables that are ``joined`` on, each
    with at most one row for a piece.
    """

    columns: tuple[tuple[str, SQLColumnExpression[Any]], ...]
    joined: tuple[tuple[Any, ColumnElement[bool]], ...] = ()


def _has(table: Any, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.org_id == Item.org_id, *more)


CODE = (
    select(Code.code)
    .where(Code.org_id == Item.org_id, Code.item_id == Item.id)
    .where(Code.replaced_at.is_(None), Code.cancelled_at.is_(None))
    .order_by(Code.bound_at.desc(), Code.code.desc())
    .limit(1)
    .scalar_subquery()
)
"""The code on the newest label of the statement's piece."""

_is_shown = (
    Photo.removed_at.is_(None),
    or_(
        Photo.item_id == Item.id,
        Photo.lot_id == Item.lot_id,
        Photo.product_model_id == Item.product_model_id,
    ),
)
_nearest_first = (
    case((Photo.item_id.is_not(None), 0), (Photo.lot_id.is_not(None), 1), else_=2),
    Photo.position,
    Photo.created_at,
    Photo.id,
)
MAIN_PHOTO = (
    select(Photo.id)
    .where(Photo.org_id == Item.org_id, *_is_shown)
    .order_by(*_nearest_first)
    .limit(1)
    .scalar_subquery()
)
"""The first photo of the statement's piece: its own, else its lot's, else its product model's."""

_SIGNS: tuple[tuple[str, ColumnElement[bool]], ...] = (
    ("has_measurements", _has(Measurement, Measurement.item_id == Item.id)),
    ("has_identifiers", _has(ItemIdentifier, ItemIdentifier.item_id == Item.id)),
    ("has_photos", _has(Photo, *_is_shown)),
)


_OF_ITEM = (
    Item.id,
    Item.org_id,
    Item.state,
    Item.category_id,
    Item.product_model_id,
    Item.lot_id,
    Item.name,
    Item.maker,
    Item.model,
    Item.colour,
    Item.material,
    Item.condition,
    Item.width_mm,
    Item.depth_mm,
    Item.height_mm,
    Item.mass_g,
    Item.amount,
    Item.amount_unit,
    Item.new_price_ore,
    Item.owner_unit_id,
    Item.last_seen_at,
    Item.last_seen_place_id,
    Item.merged_into_id,
    Item.note,
    Item.version,
)
_AROUND: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    (Category, Category.id == Item.category_id),
    (_owner, (_owner.org_id == Item.org_id) & (_owner.id == Item.owner_unit_id)),
    (_holder, (_holder.org_id == Item.org_id) & (_holder.id == Item.holder_unit_id)),
    (Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id)),
    (
        ProductModel,
        (ProductModel.org_id == Item.org_id) & (ProductModel.id == Item.product_model_id),
    ),
)


def _with_piece(found: Who, language: str, signs: tuple[Signs, ...]) -> Who:
    """Adds the columns and the names around it to a statement that holds the item."""
    for table, condition in (*_AROUND, *(pair for each in signs for pair in each.joined)):
        found = found.outerjoin(table, condition)
    asked = (*_SIGNS, *(pair for each in signs for pair in each.columns))
    return found.add_columns(
        *_OF_ITEM,
        category_column(language).label("category_name"),
        _owner.name.label("owner_name"),
        _holder.name.label("holder_name"),
        Place.label.label("place_label"),
        ProductModel.name.label("model_name"),
        ProductModel.maker.label("model_maker"),
        ProductModel.mass_g.label("model_mass_g"),
        ProductModel.new_price_ore.label("model_price_ore"),
        ProductModel.gwp_g.label("model_gwp_g"),
        ProductModel.width_mm.label("model_width_mm"),
        ProductModel.depth_mm.label("model_depth_mm"),
        ProductModel.height_mm.label("model_height_mm"),
        CODE.label("code"),
        NEWEST_FACTOR_SET.label("factor_set_id"),
        has_own_factors(Item.org_id, Item.category_id).label("has_own_factors"),
        *(column.label(name) for name, column in asked),
    )


@lru_cache
def _piece(language: str, signs: tuple[Signs, ...]) -> Prepared:
    scoped = (
        select()
        .select_from(Item)
        .where(Item.id == bindparam("item_id"), Item.org_id == bindparam("org_id"))
    )
    return Prepared(_with_piece(scoped, language, signs))


@lru_cache
def _errand(language: str, signs: tuple[Signs, ...]) -> Errand:
    def with_piece(who: Who) -> Who:
        own = (Item.org_id == ORGANISATION_ID) & (Item.id == bindparam("item_id"))
        return _with_piece(who.outerjoin(Item, own), language, signs)

    return Errand(with_piece)


def piece(session: Session, actor: Actor, item_id: UUID, signs: tuple[Signs, ...] = ()) -> Any:
    """The item's columns with its newest code and the names around it. Raises ``NotFound``.

    ``signs`` say in the same statement what else there is to ask for: most pieces have little, and
    a round trip for each part that has nothing costs more than all that is shown.

    A merged or deleted piece is found too: its address must say what became of it.
    """
    own = {"item_id": item_id, "org_id": actor.org_id, "day": clock_of(session).now().date()}
    row = _piece(locale(), signs).first(session, own)
    if row is None:
        raise NotFound(N_("Fant ikke møbelet."))
    return row


def asked_for(request: Request, item_id: UUID, signs: tuple[Signs, ...]) -> tuple[Actor, Any]:
    """Who asks for the page of a piece, and the piece, in one statement.

    Raises ``SignInRequired``, ``Forbidden`` and ``NotFound``.
    """
    today = request.app.state.db.clock.now().date()
    values = {"item_id": item_id, "day": today}
    actor, row = _errand(locale(), signs).asked_by_member(request, values)
    actor.must(Permission.ITEM_READ)
    if row.id is None:
        raise NotFound(N_("Fant ikke møbelet."))
    return actor, row


_PHOTOS = Prepared(
    select(Photo.id, Photo.alt, Photo.taken, Photo.item_id, Photo.lot_id, Photo.product_model_id)
    .where(Photo.org_id == bindparam("org_id"), Photo.removed_at.is_(None))
    .where(
        or_(
            Photo.item_id == bindparam("item_id"),
            Photo.lot_id == bindparam("lot_id"),
            Photo.product_model_id == bindparam("product_model_id"),
        )
    )
    .order_by(*_nearest_first)
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


def category_defaults(
    session: Session, category_id: str, factor_set_id: str | None = None
) -> CategoryRow | None:
    """The row of the factor set, the newest unless one is named; nothing when it has none."""
    try:
        return defaults_of(session, category_id, factor_set_id)
    except UnknownFactorError:
        return None


def facts_shown(session: Session, piece: Any) -> Facts:
    """What the page says of mass, price, GWP and size, each with where it comes from."""
    row = category_defaults(session, piece.category_id, piece.factor_set_id)
    if row is not None and piece.has_own_factors:
        row = with_own(session, piece.org_id, row, piece.currency)
    amount: Decimal = piece.amount

    def times(value: int | Decimal) -> int:
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

    # A sign of declarations, which the statement has where a page or an answer asks for signs.
    declared: Decimal | None = getattr(piece, "declared_gwp_g", None)

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
        gwp_g=look_up(None, piece.model_gwp_g, row and row.gwp_g, row.source_gwp if row else "")
        if declared is None
        else Shown(times(declared), DECLARED),
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
