"""Numbers people say aloud ("bestilling 17"): one series an organisation and kind, without gaps."""

from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import NumberSeries


def next_number(session: Session, org_id: UUID, kind: str) -> int:
    """The series' next number, drawn in the transaction that uses it.

    The row stays locked until that transaction ends: two that draw at once wait for one another,
    and one that is rolled back leaves no gap.
    """
    drawn = _draw(session, org_id, kind)
    if drawn is None:
        try:
            with session.begin_nested():
                session.execute(insert(NumberSeries).values(org_id=org_id, kind=kind, last=1))
        except IntegrityError:  # somebody began the series in the meantime
            drawn = _draw(session, org_id, kind)
        else:
            return 1
    assert drawn is not None
    return drawn


def _draw(session: Session, org_id: UUID, kind: str) -> int | None:
    return session.scalar(
        update(NumberSeries)
        .where(NumberSeries.org_id == org_id, NumberSeries.kind == kind)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    )
