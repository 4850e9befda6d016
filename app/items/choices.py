"""What a person can choose between on the pages of pieces, and what a field shows as typed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import ProductModel
from app.catalogue.queries import GROUP_NAMES, categories, category_name
from app.impact.queries_own import with_own
from app.items import names
from app.items.measured import EVERY, asked_of, field_of
from app.items.models import MeasurementKind
from app.items.queries_piece import category_defaults
from app.items.rules import Condition, ItemState
from app.kit import i18n
from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext
from app.kit.units import mm_from_cm, typed_scaled
from app.places.models import Place

Options = list[tuple[Any, str]]
MOST_MM = 20_000


def category_options(session: Session) -> list[tuple[str, Options]]:
    """All categories, grouped, as the select macro wants them."""
    groups: dict[str, Options] = defaultdict(list)
    for category in session.scalars(categories()):
        groups[category.group].append((category.id, category_name(category)))
    return [
        (gettext(text), sorted(groups[group], key=lambda each: each[1]))
        for group, text in GROUP_NAMES.items()
        if groups[group]
    ]


def place_options(session: Session, actor: Actor) -> Options:
    """Every place by its readable path."""
    rows = session.execute(
        select(Place.id, Place.label).where(Place.org_id == actor.org_id).order_by(Place.label)
    )
    return [(row.id, row.label) for row in rows]


def unit_options(session: Session, actor: Actor) -> Options:
    """The tree of units, each below its parent and moved in."""
    children: dict[UUID | None, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(Unit.id, Unit.name, Unit.parent_id)
        .where(Unit.org_id == actor.org_id)
        .order_by(Unit.name)
    ):
        children[row.parent_id].append(row)

    def walk(parent: UUID | None, depth: int) -> Iterator[tuple[UUID, str]]:
        for row in children[parent]:
            yield row.id, "\xa0\xa0" * depth + row.name
            yield from walk(row.id, depth + 1)

    return list(walk(None, 0))


def model_options(session: Session, actor: Actor) -> Options:
    rows = session.execute(
        select(ProductModel.id, ProductModel.maker, ProductModel.name)
        .where(ProductModel.org_id == actor.org_id)
        .order_by(ProductModel.maker, ProductModel.name)
    )
    return [(row.id, f"{row.maker} {row.name}") for row in rows]


def condition_options() -> list[tuple[str, str, str]]:
    return [
        (each.value, gettext(names.CONDITIONS[each]), gettext(names.CONDITION_HINTS[each]))
        for each in Condition
    ]


def suitability_options() -> Options:
    """What can be asked of a surface, as the newest assessment says."""
    return [(each.value, gettext(text)) for each, text in names.SUITABLES.items()]


def state_options(states: Sequence[ItemState]) -> Options:
    return [(each.value, gettext(names.STATES[each])) for each in states]


def measurement_fields() -> list[tuple[str, str]]:
    """Field and label of each measurement beyond width, depth and height."""
    return [(f"m_{kind.value}_cm", gettext(names.MEASUREMENTS[kind])) for kind in MeasurementKind]


def measurements_by_category(form: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    """The fields ``asked`` for by the form's category and the ``others``, each with its label.

    The others are folded away unless one of them was filled or refused.
    """
    wanted = asked_of(form.get("category_id", ""))
    others = [field_of(each) for each in EVERY if each not in wanted.fields]
    labels = {field_of(each): gettext(names.FIELDS[each]) for each in EVERY}
    return {
        "measured": gettext(wanted.heading),
        "asked": [(field, labels[field]) for field in map(field_of, wanted.fields)],
        "others": [(field, labels[field]) for field in others],
        "is_measured_more": any(form.get(field) or field in errors for field in others),
    }


def identifier_options() -> Options:
    return [(kind.value, gettext(text)) for kind, text in names.IDENTIFIERS.items()]


def measurements_in(raw: Mapping[str, str]) -> dict[MeasurementKind, int]:
    """The further measurements of a form. Raises ``Invalid`` at their own fields."""
    found: dict[MeasurementKind, int] = {}
    errors: dict[str, str] = {}
    for kind in MeasurementKind:
        field = f"m_{kind.value}_cm"
        typed = raw.get(field, "").strip()
        if not typed:
            continue
        try:
            mm = mm_from_cm(typed)
        except ValueError as error:
            errors[field] = gettext(str(error))
            continue
        if not 1 <= mm <= MOST_MM:
            errors[field] = gettext(N_("Skriv mellom 0,1 og 2000 cm."))
        found[kind] = mm
    if errors:
        raise Invalid(by_field=errors)
    return found


def typed_from(piece: Any, measurements: Mapping[MeasurementKind, int]) -> dict[str, str]:
    """A piece as a form shows it: cm, kg and kroner."""
    plain = ("category_id", "name", "product_model_id", "maker", "model", "colour", "material")
    more = ("condition", "owner_unit_id", "holder_unit_id", "place_id", "note")
    raw = {
        name: "" if getattr(piece, name) is None else str(getattr(piece, name))
        for name in (*plain, *more)
    }
    raw["condition"] = piece.condition.value
    raw["amount"] = format(piece.amount.normalize(), "f").replace(".", ",")
    for name in ("width", "depth", "height"):
        raw[f"{name}_cm"] = typed_scaled(getattr(piece, f"{name}_mm"), 10)
    raw["mass_kg"] = typed_scaled(piece.mass_g, 1000)
    raw["new_price_kr"] = typed_scaled(piece.new_price_ore, 100)
    for kind, mm in measurements.items():
        raw[f"m_{kind.value}_cm"] = typed_scaled(mm, 10)
    return raw


def default_hints(session: Session, actor: Actor, raw: Mapping[str, str]) -> dict[str, str]:
    """What an empty field will count as, by field: from the product model, else the category."""
    hints: dict[str, str] = {}
    row = category_defaults(session, raw.get("category_id", ""))
    if row is not None:
        row = with_own(session, actor.org_id, row, actor.currency)
        text = gettext(N_("Standard fra kategorien: %(value)s"))
        if row.mass_g is not None:
            hints["mass_kg"] = text % {"value": i18n.mass_g(row.mass_g.value)}
        if row.price_ore is not None:
            hints["new_price_kr"] = text % {"value": i18n.money_ore(row.price_ore.value)}
    model = _model(session, actor, raw.get("product_model_id", ""))
    if model is not None:
        text = gettext(N_("Standard fra modellen: %(value)s"))
        if model.mass_g is not None:
            hints["mass_kg"] = text % {"value": i18n.mass_g(model.mass_g)}
        if model.new_price_ore is not None:
            hints["new_price_kr"] = text % {"value": i18n.money_ore(model.new_price_ore)}
        for name in ("width", "depth", "height"):
            mm = getattr(model, f"{name}_mm")
            if mm is not None:
                hints[f"{name}_cm"] = text % {"value": i18n.cm(mm)}
    return hints


def _model(session: Session, actor: Actor, typed: str) -> ProductModel | None:
    try:
        model_id = UUID(typed)
    except ValueError:
        return None
    return session.scalar(
        select(ProductModel).where(ProductModel.org_id == actor.org_id, ProductModel.id == model_id)
    )
