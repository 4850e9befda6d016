"""What handovers do by the clock."""

from app.handovers.service_unconfirmed import remind_unconfirmed
from app.kit.jobs import Parts


def remind(parts: Parts) -> None:
    """Deliveries between organisations that nobody confirms: the receiver hears of it, then the giver."""
    is_more = True
    while is_more:
        with parts.db.write() as session:
            is_more = remind_unconfirmed(session) > 0
