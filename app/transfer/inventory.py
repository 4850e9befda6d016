"""The inventory as a sheet that this program, and any other, can read again."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.items.models import Code, Item
from app.items.names import STATES
from app.items.rules import PRESENT
from app.kit.exports import Column, Value
from app.kit.i18n import N_, gettext
from app.places.models import Place

ROWS_AT_ONCE = 2_000


class What(StrEnum):
    ITEMS = "items"


_COLUMNS = (
    ("code", N_("Kode"), 14),
    ("name", N_("Navn"), 32),
    ("category", N_("Kategori"), 24),
    ("maker", N_("Produsent"), 18),
    ("model", N_("Modell"), 18),
    ("colour", N_("Farge"), 14),
    ("material", N_("Materiale"), 14),
    ("condition", N_("Tilstand"), 9),
    ("state", N_("Status"), 14),
    ("width_mm", N_("Bredde (mm)"), 12),
    ("depth_mm", N_("Dybde (mm)"), 12),
    ("height_mm", N_("Høyde (mm)"), 12),
    ("mass_kg", N_("Vekt (kg)"), 10),
    ("new_price", N_("Nypris"), 10),
    ("currency", N_("Valuta"), 8),
    ("unit", N_("Enhet"), 24),
    ("cost_centre", N_("Kostnadssted"), 14),
    ("place", N_("Sted"), 32),
    ("registered", N_("Registrert"), 12),
    ("note", N_("Merknad"), 40),
    ("id", N_("Intern id"), 36),
)


def columns() -> list[Column]:
    return [Column(key, gettext(heading), width) for key, heading, width in _COLUMNS]


def rows(session: Session, actor: Actor) -> Iterator[Sequence[Value]]:
    """Every present piece, newest first; a piece with several labels shows one of the valid ones."""
    actor.must(Permission.EXPORT)
    label = (
        select(Code.code)
        .where(Code.org_id == Item.org_id, Code.item_id == Item.id)
        .where(Code.replaced_at.is_(None), Code.cancelled_at.is_(None))
        .order_by(Code.bound_at.desc(), Code.code.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            Item.id, Item.name, Item.maker, Item.model, Item.colour, Item.material,
            Item.condition, Item.state, Item.width_mm, Item.depth_mm, Item.height_mm,
            Item.mass_g, Item.new_price_ore, Item.currency, Item.created_at, Item.note,
            Category.name_nb.label("category"), Unit.name.label("unit"), Unit.cost_centre,
            Place.label.label("place"), label.label("code"),
        )
        .join(Category, Category.id == Item.category_id)
        .join(Unit, (Unit.org_id == Item.org_id) & (Unit.id == Item.owner_unit_id))
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .where(Item.org_id == actor.org_id, Item.state.in_(PRESENT))
        .order_by(Item.created_at.desc(), Item.id.desc())
        .execution_options(yield_per=ROWS_AT_ONCE)
    )  # fmt: skip
    for row in session.execute(query):
        yield (
            row.code, row.name, row.category, row.maker, row.model, row.colour, row.material,
            row.condition.value, gettext(STATES[row.state]), row.width_mm, row.depth_mm,
            row.height_mm, _thousandths(row.mass_g),
            None if row.new_price_ore is None else Decimal(row.new_price_ore) / 100,
            row.currency, row.unit, row.cost_centre, row.place, row.created_at.date(), row.note,
            row.id,
        )  # fmt: skip


def _thousandths(grams: int | None) -> Decimal | None:
    return None if grams is None else Decimal(grams) / 1000
