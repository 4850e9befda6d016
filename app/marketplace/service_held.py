"""The limit that what is approved gets as it is approved."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.db import clock_of
from app.marketplace.models import Listing, Request, RequestLine, Reservation
from app.marketplace.queries_hold import held_days
from app.marketplace.rules_hold import HELD_FOR, held_until


def hold(session: Session, lines: Sequence[RequestLine], rows: Sequence[Reservation]) -> None:
    """Gives what was just approved its limit: from today, the wanted day or the day it is free."""
    if not rows:
        return
    days: dict[UUID, int] = {}
    for org_id in {each.org_id for each in rows}:
        rule = held_days(session, org_id)
        days[org_id] = rule.working_days if rule else HELD_FOR
    wanted = {
        row[0]: row[1]
        for row in session.execute(
            select(Request.id, Request.wanted_date).where(
                Request.id.in_({each.request_id for each in lines})
            )
        )
    }
    free_from = {
        row[0]: row[1]
        for row in session.execute(
            select(Listing.id, Listing.from_date).where(
                Listing.id.in_({each.listing_id for each in lines})
            )
        )
    }
    by_id = {each.id: each for each in lines}
    today = clock_of(session).today()
    for row in rows:
        line = by_id[row.request_line_id]
        later = (wanted.get(line.request_id), free_from.get(line.listing_id))
        row.limit_at = held_until(today, days[row.org_id], *later)
