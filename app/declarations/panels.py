"""What declarations say on a product model's page."""

from typing import Any

from app.accounts.rules import Permission
from app.declarations.queries import holding, tier_of
from app.kit.db import clock_of


def model(session: Any, actor: Any, product_model: Any) -> tuple[str, dict[str, Any]] | None:
    """The declaration that counts for the model now, with the tier it gives today; one statement."""
    if not actor.may(Permission.ITEM_READ):
        return None
    row = holding(session, product_model.org_id, (), [product_model.id]).get(product_model.id)
    if row is None:
        return None
    tier = tier_of(row, clock_of(session).today())
    return "declarations/panel_model.html", {"row": row, "tier": tier}
