"""Categories with their default values as JSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.catalogue.models import AmountUnit, Category
from app.catalogue.queries import categories
from app.impact.queries import factors_of
from app.impact.rules import CategoryRow, Factors
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.text import PRINTABLE
from app.kit.web import Db

router = APIRouter(prefix="/categories", tags=["catalogue"])


class SpreadOut(BaseModel):
    """A default with its low and high value, per amount unit."""

    model_config = ConfigDict(from_attributes=True)

    value: int
    low: int
    high: int


class CategoryOut(BaseModel):
    """A category with its defaults: mass in g, GWP A1–A3 in g CO2e, price in øre of NOK.

    A default that is null is unknown and never 0. ``quality`` is measured, benchmark or estimate.
    """

    id: str
    group: str
    amount_unit: AmountUnit
    name_nb: str
    name_sv: str
    name_en: str
    mass_g: SpreadOut | None
    gwp_g: SpreadOut | None
    price_ore: SpreadOut | None
    service_life_months: int | None
    quality: str
    source_mass: str
    source_gwp: str
    source_price: str
    factor_set_id: str


def _spread(found: object) -> SpreadOut | None:
    return None if found is None else SpreadOut.model_validate(found)


def _out(category: Category, factors: Factors) -> dict[str, Any] | None:
    row: CategoryRow | None = factors.factor_set.categories.get(category.id)
    if row is None:
        return None
    return CategoryOut(
        id=category.id,
        group=category.group,
        amount_unit=category.amount_unit,
        name_nb=category.name_nb,
        name_sv=category.name_sv,
        name_en=category.name_en,
        mass_g=_spread(row.mass_g),
        gwp_g=_spread(row.gwp_g),
        price_ore=_spread(row.price_ore),
        service_life_months=row.service_life_months,
        quality=row.quality,
        source_mass=row.source_mass,
        source_gwp=row.source_gwp,
        source_price=row.source_price,
        factor_set_id=factors.factor_set.id,
    ).model_dump(mode="json")


def every_category(session: Session) -> list[dict[str, Any]]:
    factors = factors_of(session)
    found = (_out(each, factors) for each in session.scalars(categories()))
    return [each for each in found if each is not None]


@router.get("", response_model=list[CategoryOut])
def list_categories(actor: SignedIn, db: Db) -> JSONResponse:
    """All of them: fewer than a hundred, the same for every organisation."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return JSONResponse(every_category(session))


@router.get("/{category_id}", response_model=CategoryOut)
def show_category(
    category_id: Annotated[str, Path(max_length=40), PRINTABLE], actor: SignedIn, db: Db
) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        category = session.scalar(select(Category).where(Category.id == category_id))
        found = None if category is None else _out(category, factors_of(session))
    if found is None:
        raise NotFound(N_("Fant ikke kategorien."))
    return JSONResponse(found)
