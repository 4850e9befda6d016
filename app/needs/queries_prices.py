"""What it would cost to buy new, as far as the factor set knows what a category costs."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.impact.queries import factors_of


def price_as_new(session: Session, wanted: Iterable[tuple[str, int]]) -> int | None:
    """In øre, for so many pieces of each category; nothing where one has no price.

    The price is the category's own default, not an offer: who decides sees it as an estimate.
    """
    known = factors_of(session).factor_set.categories
    total = 0
    for category_id, count in wanted:
        row = known.get(category_id)
        if row is None or row.price_ore is None:
            return None
        total += round(row.price_ore.value) * count
    return total or None
