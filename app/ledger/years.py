"""Which year's books an entry goes to."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit.db import clock_of
from app.ledger.models import Period


def open_period(session: Session, org_id: UUID, day: date) -> UUID:
    """The year of the handover; if it is closed, this year, or the first open one after it."""
    years = [day.year, clock_of(session).today().year]
    while True:
        for year in years:
            period = _period(session, org_id, year)
            if period.closed_at is None:
                return period.id
        years = [max(years) + 1]


def _period(session: Session, org_id: UUID, year: int) -> Period:
    query = select(Period).where(Period.org_id == org_id, Period.year == year)
    found = session.scalar(query)
    if found is not None:
        return found
    made = Period(org_id=org_id, year=year, closed_at=None)
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        # Somebody else opened the year at the same moment.
        return session.scalars(query).one()
    return made
