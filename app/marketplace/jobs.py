"""What the market does by the clock."""

from app.kit.jobs import Parts
from app.marketplace.service_waiting import pass_on_due


def pass_on_offers(parts: Parts) -> None:
    """Offers whose limit has passed end, and who is next gets the piece; some listings at a time."""
    is_more = True
    while is_more:
        with parts.db.write() as session:
            is_more = pass_on_due(session) > 0
