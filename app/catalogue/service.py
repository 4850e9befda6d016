"""Product models: registered and edited, one or many at once."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.events import ProductModelEdited, ProductModelRegistered
from app.catalogue.models import Category, GwpBasis, ProductModel
from app.catalogue.queries import product_models_visible_to
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import Change, change, publish, revise
from app.kit.i18n import N_
from app.kit.pointing import concerning
from app.kit.text import PRINTABLE, STRIPPED, Line, Name, ShortText

CategoryId = ShortText
Millimetres = Annotated[int, Field(ge=1, le=20_000)]
Grams = Annotated[int, Field(ge=1, le=5_000_000)]
GramsCo2e = Annotated[int, Field(ge=0, le=100_000_000)]
Months = Annotated[int, Field(ge=1, le=1200)]
Ore = Annotated[int, Field(ge=0, le=100_000_000_000)]
Year = Annotated[int, Field(ge=1990, le=2100)]
EpdNumber = Annotated[str, STRIPPED, Field(max_length=80), PRINTABLE]


class ProductModelTaken(Conflict):
    title = N_("Produsenten har alt en modell med dette navnet.")


class ModelFields(BaseModel):
    """Measurements in mm, mass in g, price in øre excl. VAT, GWP of A1–A3, A4 and C in g CO2e."""

    model_config = ConfigDict(extra="forbid")

    width_mm: Millimetres | None = None
    depth_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    mass_g: Grams | None = None
    new_price_ore: Ore | None = None
    price_year: Year | None = None
    price_source: Line | None = None
    gwp_g: GramsCo2e | None = None
    delivery_g: GramsCo2e | None = None
    end_of_life_g: GramsCo2e | None = None
    service_life_months: Months | None = None
    gwp_basis: GwpBasis | None = None
    gwp_source: Line | None = None
    epd_number: EpdNumber | None = None
    epd_valid_until: date | None = None


class RegisterModel(ModelFields):
    """A new product model; its maker has no other of that name."""

    id: UUID | None = None
    category_id: CategoryId
    maker: Name
    name: Name


class EditModel(ModelFields):
    """A field that is absent stays as it is; null empties it."""

    product_model_id: UUID
    version: int
    category_id: CategoryId | None = None
    maker: Name | None = None
    name: Name | None = None


_NEEDED = frozenset({"category_id", "maker", "name"})


def register_model(
    session: Session, actor: Actor, commands: Sequence[RegisterModel]
) -> list[ProductModel]:
    """Raises ``Invalid`` for an unknown category, ``ProductModelTaken`` for a name in use."""
    actor.must(Permission.MODEL_EDIT)
    _known_categories(session, {each.category_id for each in commands})
    models = []
    for each in commands:
        with concerning(each):
            _whole(each)
        values = each.model_dump(exclude={"id"})
        models.append(
            ProductModel(
                id=each.id or new_id(),
                org_id=actor.org_id,
                created_at=clock_of(session).now(),
                **values,
            )
        )
    try:
        with session.begin_nested():
            session.add_all(models)
            session.flush()
    except IntegrityError as error:
        raise ProductModelTaken from error
    publish(
        session,
        [
            ProductModelRegistered.of(each, actor.person_id, category_id=each.category_id)
            for each in models
        ],
    )
    return models


def edit_model(session: Session, actor: Actor, commands: Sequence[EditModel]) -> list[ProductModel]:
    """Raises ``Stale`` when somebody else has changed a model since it was read."""
    actor.must(Permission.MODEL_EDIT)
    by_id = {each.product_model_id: each for each in commands}
    query = product_models_visible_to(actor).where(ProductModel.id.in_(by_id))
    models = list(session.scalars(query.order_by(ProductModel.id).with_for_update(of=ProductModel)))
    if len(models) < len(by_id):
        raise NotFound(N_("Fant ikke produktmodellen."))
    _known_categories(session, {each.category_id for each in commands if each.category_id})
    changed: list[tuple[ProductModel, dict[str, Change]]] = []
    for model in models:
        command = by_id[model.id]
        if command.version != model.version:
            raise Stale(id=str(model.id), version=model.version)
        changed.append((model, change(model, _edited(command, model))))
        _whole(model)
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise ProductModelTaken from error
    revisions = [
        (ProductModelEdited.of(model, actor.person_id), changes)
        for model, changes in changed
        if changes
    ]
    publish(session, [event for event, _ in revisions])
    revise(session, revisions)
    return models


def _edited(command: EditModel, model: ProductModel) -> dict[str, Any]:
    """What the command names; a needed field can not be emptied.

    Another price without a word of its year and source has none: those were the old price's.
    """
    values = command.model_dump(include=command.model_fields_set - {"product_model_id", "version"})
    empty = {name: N_("Fyll ut feltet.") for name in _NEEDED if values.get(name, "") is None}
    if empty:
        raise Invalid(by_field=empty)
    if values.get("new_price_ore", model.new_price_ore) != model.new_price_ore:
        values = {"price_year": None, "price_source": None} | values
    return values


def _known_categories(session: Session, ids: set[str]) -> None:
    known = set(session.scalars(select(Category.id).where(Category.id.in_(ids))))
    if unknown := ids - known:
        text = N_("Velg en av kategoriene.")
        raise Invalid(by_field={"category_id": text}, where={"category_id": unknown})


def _whole(model: RegisterModel | ProductModel) -> None:
    """A GWP says what it is read from, since that decides how good the figure is."""
    if model.gwp_g is not None and model.gwp_basis is None:
        raise Invalid(by_field={"gwp_basis": N_("Velg hva klimatallet er lest fra.")})
    if model.gwp_g is None and model.gwp_basis is not None:
        raise Invalid(by_field={"gwp_g": N_("Skriv klimatallet, eller la kilden stå tom.")})
    if model.gwp_basis == GwpBasis.EPD and not model.epd_number:
        raise Invalid(by_field={"epd_number": N_("Skriv nummeret på miljødeklarasjonen.")})
    for name in ("price_year", "price_source"):
        if getattr(model, name) is not None and model.new_price_ore is None:
            raise Invalid(by_field={name: N_("Skriv prisen, eller la dette feltet stå tomt.")})
    modules = {"delivery_g": model.delivery_g, "end_of_life_g": model.end_of_life_g}
    for name, value in modules.items():
        if value is not None and model.gwp_basis != GwpBasis.EPD:
            raise Invalid(by_field={name: N_("Bare en miljødeklarasjon gir dette tallet.")})
