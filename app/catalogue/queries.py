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


def models_like(session: Session, actor: Actor, typed: str, *, most: int = 8) -> list[ProductModel]:
    """Models whose maker and name hold every word typed, those that begin with it first.

    Compared here, because SQLite folds the case of A to Z only and half of the makers have an Å.
    """
    words = typed.casefold().split()
    if not words:
        return []
    titles = session.execute(
        product_models_visible_to(actor).with_only_columns(
            ProductModel.id, ProductModel.maker, ProductModel.name
        )
    )
    named = [(f"{row.maker} {row.name}".casefold(), row.id) for row in titles]
    found = sorted(
        (not title.startswith(words[0]), title, model_id)
        for title, model_id in named
        if all(word in title for word in words)
    )
    ids = [model_id for _, _, model_id in found[:most]]
    models = session.scalars(product_models_visible_to(actor).where(ProductModel.id.in_(ids)))
    by_id = {model.id: model for model in models}
    return [by_id[each] for each in ids]


def product_model(session: Session, actor: Actor, product_model_id: UUID) -> ProductModel:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(
        product_models_visible_to(actor).where(ProductModel.id == product_model_id)
    )
    if found is None:
        raise NotFound(N_("Fant ikke produktmodellen."))
    return found
