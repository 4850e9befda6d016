"""Counting tries on guessable secrets and public forms, per account and per address.

Counted in the database, so that the limit holds over processes and restarts (guarantees C2).
"""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Attempt
from app.kit.db import changed_rows, clock_of
from app.kit.errors import TooMany

WINDOW = timedelta(minutes=15)


def count_attempt(session: Session, key: str, most: int) -> None:
    """Counts one try under ``key`` in this quarter of an hour.

    Raises ``TooMany`` with ``Retry-After`` when it is one more than ``most``; the count of the
    caller's own transaction is then rolled back with it, which keeps the limit where it was.
    """
    now = clock_of(session).now().timestamp()
    window = int(now // WINDOW.total_seconds())
    here = (Attempt.key == key, Attempt.window == window)
    counted = session.execute(
        update(Attempt).where(*here, Attempt.count < most).values(count=Attempt.count + 1)
    )
    if changed_rows(counted):
        return
    if session.scalar(select(Attempt.count).where(*here)) is None:
        try:
            with session.begin_nested():
                session.add(Attempt(key=key, window=window, count=1))
                session.flush()  # a parallel first try meets the primary key here
        except IntegrityError:
            count_attempt(session, key, most)
        return
    left = int((window + 1) * WINDOW.total_seconds() - now) + 1
    raise TooMany(headers={"Retry-After": str(left)})


def forget_attempts(session: Session) -> int:
    """Removes the counts of windows that are past."""
    window = int(clock_of(session).now().timestamp() // WINDOW.total_seconds())
    return changed_rows(session.execute(delete(Attempt).where(Attempt.window < window - 1)))
