"""Categories, and the product models an actor may see."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import Category, ProductModel
from app.kit.errors import NotFound
from app.kit.i18n import N_, locale

GROUP_NAMES: Mapping[str, str] = {
    "seating": N_("Sittemøbler"),
    "desks_tables": N_("Bord og pulter"),
    "storage": N_("Oppbevaring"),
    "screens_boards": N_("Skjermvegger og tavler"),
    "lighting": N_("Belysning"),
    "beds": N_("Senger"),
    "health_care": N_("Helse og omsorg"),
    "school": N_("Skole og barnehage"),
    "outdoor": N_("Utemøbler"),
    "other": N_("Annet"),
    "equipment": N_("Utstyr uten klimatall"),
}
"""Groups of categories in the order they are shown."""


BY_NAME = (
    (ProductModel.maker.expression, False),
    (ProductModel.name.expression, False),
    (ProductModel.id.expression, False),
)
"""The order product models are listed in."""


def categories() -> Select[Category]:
    """All categories, those of one group together. They are the platform's, not a tenant's."""
    return select(Category).order_by(Category.group, Category.name_nb)


def category_name(category: Category) -> str:
    """The name in the reader's language; bokmål where there is none."""
    return {"sv": category.name_sv, "en": category.name_en}.get(locale(), category.name_nb)


def product_models_visible_to(actor: Actor) -> Select[ProductModel]:
    return select(ProductModel).where(ProductModel.org_id == actor.org_id)


def product_model(session: Session, actor: Actor, product_model_id: UUID) -> ProductModel:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(
        product_models_visible_to(actor).where(ProductModel.id == product_model_id)
    )
    if found is None:
        raise NotFound(N_("Fant ikke produktmodellen."))
    return found
