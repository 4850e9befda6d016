"""The limit that what is approved gets as it is approved."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.kit.db import clock_of
from app.marketplace.models import Reservation
from app.marketplace.queries_deciding import held_from
from app.marketplace.rules_hold import HELD_FOR, held_until


def hold(session: Session, rows: Sequence[Reservation]) -> None:
    """Gives what was just approved its limit: from today, the wanted day or the day it is free."""
    if not rows:
        return
    facts = held_from(session, {each.request_line_id for each in rows})
    today = clock_of(session).today()
    for row in rows:
        fact = facts[row.request_line_id]
        days = HELD_FOR if fact.working_days is None else fact.working_days
        row.limit_at = held_until(today, days, fact.wanted_date, fact.from_date)
