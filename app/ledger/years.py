"""Which year's books an entry goes to."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kit.db import clock_of
from app.ledger.models import Period


def open_period(session: Session, org_id: UUID, day: date) -> UUID:
    """The year of the handover; if it is closed, this year, or the first open one after it.

    A year before one that is closed takes nothing either, also where nothing was ever booked in it.
    The period is locked against being closed before what is booked in it is committed.
    """
    years = [day.year, clock_of(session).today().year]
    while True:
        closed = session.scalar(
            select(func.max(Period.year)).where(
                Period.org_id == org_id, Period.closed_at.is_not(None)
            )
        )
        for year in years:
            if closed is not None and year <= closed:
                continue
            period = _period(session, org_id, year)
            if period is not None and period.closed_at is None:
                return period.id
        years = [max(*years, closed or 0) + 1]


def _period(session: Session, org_id: UUID, year: int) -> Period | None:
    """The year, begun where nothing was booked in it; nothing if a later one was closed meanwhile."""
    query = (
        select(Period)
        .where(Period.org_id == org_id, Period.year == year)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    found = session.scalar(query)
    if found is not None:
        return found
    # A later year that is being closed now is waited for, and what is begun here is seen by who
    # closes it next: else a year would be opened behind one that is closed.
    later = select(Period.closed_at).where(Period.org_id == org_id, Period.year > year)
    if any(session.scalars(later.order_by(Period.year).with_for_update(read=True))):
        return None
    made = Period(org_id=org_id, year=year, closed_at=None)
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        # Somebody else opened the year at the same moment.
        return session.scalars(query).one()
    return made
