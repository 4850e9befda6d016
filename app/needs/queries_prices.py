"""What it would cost to buy new, as far as anybody knows what a category costs."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from app.impact.queries import usual_prices


def price_as_new(session: Session, org_id: UUID, wanted: Iterable[tuple[str, int]]) -> int | None:
    """In øre, for so many pieces of each category; nothing where one has no price.

    The price is the category's own default, not an offer: who decides sees it as an estimate.
    """
    price_of = usual_prices(session, org_id)
    total = 0
    for category_id, count in wanted:
        price_ore = price_of(category_id)
        if price_ore is None:
            return None
        total += price_ore * count
    return total or None
