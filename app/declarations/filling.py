"""A declaration's values in its product model's own fields, and what stood there before it."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import GwpBasis, ProductModel
from app.catalogue.service import EditModel, edit_model
from app.declarations.models import Declaration

_TOGETHER = (
    "gwp_g",
    "delivery_g",
    "end_of_life_g",
    "gwp_basis",
    "gwp_source",
    "epd_number",
    "epd_valid_until",
)
"""Fields that mean nothing one by one. A mass and a life are the product's own."""


def fill(
    session: Session,
    actor: Actor,
    model: ProductModel,
    row: Declaration,
    earlier: Declaration | None,
) -> None:
    """Fills the model in whole grams, and keeps in ``row`` what it replaced.

    What the declaration before put there is given back first: ending this one must not bring that
    one's figures back. A mass and a life that somebody else put there stay.
    """
    given = {} if earlier is None else given_back(model, earlier)

    def before(name: str) -> Any:
        return given.get(name, _json(getattr(model, name)))

    values: dict[str, Any] = {
        "gwp_g": _whole(row.gwp_g),
        "delivery_g": _whole(row.delivery_g),
        "end_of_life_g": _whole(row.end_of_life_g),
        "gwp_basis": GwpBasis.EPD.value,
        "gwp_source": row.indicator,
        "epd_number": row.number,
        "epd_valid_until": _json(row.valid_until),
    }
    if before("mass_g") is None and row.mass_g:
        values["mass_g"] = max(1, _whole(row.mass_g) or 0)
    if before("service_life_months") is None and row.service_life_months:
        values["service_life_months"] = row.service_life_months
    row.replaced = {name: [before(name), value] for name, value in values.items()}
    _edit(session, actor, model, given | values)


def empty(session: Session, actor: Actor, model: ProductModel, row: Declaration) -> None:
    """Puts back what stood in the model before the declaration, where nobody has changed it since."""
    _edit(session, actor, model, given_back(model, row))


def given_back(model: ProductModel, row: Declaration) -> dict[str, Any]:
    """Field → what stood there before ``row`` filled it, for those that still have what it put there.

    One from before that was kept leaves its fields empty.
    """
    replaced: Mapping[str, list[Any]] = row.replaced or {}
    found = {
        name: stood
        for name, (stood, put) in replaced.items()
        if name not in _TOGETHER and _json(getattr(model, name)) == put
    }
    put_there = {name: replaced[name][1] for name in _TOGETHER if name in replaced} or {
        "gwp_g": _whole(row.gwp_g),
        "epd_number": row.number,
    }
    if all(_json(getattr(model, name)) == put for name, put in put_there.items()):
        found |= {name: replaced[name][0] if name in replaced else None for name in _TOGETHER}
    return found


def _edit(session: Session, actor: Actor, model: ProductModel, values: Mapping[str, Any]) -> None:
    if values:
        of_model = {"product_model_id": model.id, "version": model.version}
        edit_model(session, actor, [EditModel.model_validate(of_model | dict(values))])


def _whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number.quantize(Decimal(1), ROUND_HALF_EVEN))


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, GwpBasis) else value
