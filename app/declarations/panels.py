"""What declarations say on the pages of product models and pieces, and in the models' JSON."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from app.accounts.rules import Permission
from app.catalogue.declared import ModelDeclarationOut
from app.catalogue.models import Category, GwpBasis, ProductModel
from app.declarations.models import Declaration, DeclarationFile
from app.declarations.queries import holding, tier_at, tier_of
from app.declarations.shown import declared_text, grams_text
from app.impact.rules import EQUIPMENT_GROUP
from app.items.models import Item
from app.items.queries_piece import Signs
from app.kit.db import clock_of

Panel = tuple[str, dict[str, Any]] | None
TEMPLATE = "declarations/panel.html"

_of_item = and_(
    Declaration.org_id == Item.org_id,
    Declaration.item_id == Item.id,
    Declaration.ended_at.is_(None),
)
_has_factor = Category.group != EQUIPMENT_GROUP
_day = bindparam("day", type_=Date())
_models_is_not_valid = or_(
    ProductModel.gwp_basis.is_(None),
    ProductModel.gwp_basis != GwpBasis.EPD,
    ProductModel.epd_valid_until.is_(None),
    ProductModel.epd_valid_until < _day,
)
SIGNS = Signs(
    columns=(
        (
            "has_declaration",
            and_(
                _has_factor, or_(exists().where(_of_item), ProductModel.gwp_basis == GwpBasis.EPD)
            ),
        ),
        # The piece's own, but a model's that is valid goes before one that has run out.
        (
            "declared_gwp_g",
            select(Declaration.gwp_g)
            .where(_of_item, _has_factor)
            .where(or_(Declaration.valid_until >= _day, _models_is_not_valid))
            .scalar_subquery(),
        ),
        ("model_gwp_basis", ProductModel.gwp_basis),
        ("model_gwp_source", ProductModel.gwp_source),
        ("model_epd_number", ProductModel.epd_number),
        ("model_epd_valid_until", ProductModel.epd_valid_until),
    )
)
"""What the piece's page asks beforehand, in its own statement."""


def model(session: Session, actor: Any, product_model: Any) -> Panel:
    """The declaration that counts for the model now, with the tier it gives today; one statement."""
    if not actor.may(Permission.ITEM_READ):
        return None
    row = holding(session, product_model.org_id, (), [product_model.id]).get(product_model.id)
    if row is None:
        return None
    return TEMPLATE, _shown(row, clock_of(session).today())


def piece(session: Session, actor: Any, item: Any) -> Panel:
    """The declaration behind the piece's factor: one that is valid, the piece's own before its model's.

    It is chosen as the calculation chooses (savings method, section 10); one statement where there
    is any to choose. A model's may have been typed in from paper, and has no file then.
    """
    if not actor.may(Permission.ITEM_READ) or not item.has_declaration:
        return None
    today = clock_of(session).today()
    targets = [Declaration.item_id == item.id]
    if item.product_model_id is not None:
        targets.append(Declaration.product_model_id == item.product_model_id)
    query = select(Declaration).where(
        Declaration.org_id == item.org_id, Declaration.ended_at.is_(None), or_(*targets)
    )
    rows = {each.item_id or each.product_model_id: each for each in session.scalars(query)}
    own, models = rows.get(item.id), rows.get(item.product_model_id)
    found = []
    if own is not None:
        found.append((tier_of(own, today), _shown(own, today) | {"of": "item"}))
    if item.model_gwp_basis is GwpBasis.EPD:
        is_same = models is not None and models.number == item.model_epd_number
        shown = _shown(models, today) if models is not None and is_same else _typed(item, today)
        found.append((tier_at(item.model_epd_valid_until, today), shown | {"of": "model"}))
    if not found:
        return None
    return TEMPLATE, min(found, key=lambda each: each[0])[1]


def _shown(row: Declaration, today: date) -> dict[str, Any]:
    return {
        "row": row,
        "number": row.number,
        "valid_until": row.valid_until,
        "tier": tier_of(row, today),
        "is_over": row.valid_until is not None and row.valid_until < today,
        "gwp": grams_text(row.gwp_g),
        "declared": declared_text(row),
        "of": "",
    }


def _typed(item: Any, today: date) -> dict[str, Any]:
    """A declaration that stands in the fields of the piece's model alone."""
    valid_until: date | None = item.model_epd_valid_until
    return {
        "row": None,
        "number": item.model_epd_number or item.model_gwp_source,
        "valid_until": valid_until,
        "tier": tier_at(valid_until, today),
        "is_over": valid_until is not None and valid_until < today,
        "gwp": grams_text(Decimal(item.model_gwp_g)),
        "model_id": item.product_model_id,
        "of": "model",
    }


def of_models(
    session: Session, org_id: UUID, models: Collection[ProductModel]
) -> Mapping[UUID, ModelDeclarationOut]:
    """What each model's JSON says of the declaration whose figures it has; one statement."""
    today = clock_of(session).today()
    query = (
        select(Declaration, DeclarationFile.sha256)
        .join(
            DeclarationFile,
            (DeclarationFile.org_id == Declaration.org_id)
            & (DeclarationFile.id == Declaration.declaration_file_id),
        )
        .where(Declaration.org_id == org_id, Declaration.ended_at.is_(None))
        .where(Declaration.product_model_id.in_([each.id for each in models]))
    )
    rows = {row.product_model_id: (row, sha256) for row, sha256 in session.execute(query)}
    return {
        each.id: ModelDeclarationOut(
            id=row.id,
            number=row.number,
            name=row.name,
            program_operator=row.program_operator,
            owner=row.owner,
            issued_on=row.issued_on,
            valid_until=row.valid_until,
            tier=tier_of(row, today).value,
            declared_quantity=row.declared_quantity,
            declared_unit=row.declared_unit and row.declared_unit.value,
            indicator=row.indicator,
            amount_unit=row.amount_unit,
            gwp_g=row.gwp_g,
            delivery_g=row.delivery_g,
            end_of_life_g=row.end_of_life_g,
            relative_deviation=row.relative_deviation,
            file_sha256=sha256,
            href=f"/api/v1/declarations/{row.id}",
            file_href=f"/api/v1/declarations/{row.id}/file",
        )
        for each in models
        if each.id in rows
        for row, sha256 in [rows[each.id]]
        # Somebody who has typed other figures since has no declaration's.
        if each.gwp_basis is GwpBasis.EPD and each.epd_number == row.number
    }
