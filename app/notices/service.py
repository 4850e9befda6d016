"""Notices from the event to the mailbox: written with it, claimed by one worker, marked when sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts.models import Person
from app.kit.db import after_commit, changed_rows, clock_of
from app.kit.jobs import MOST_ATTEMPTS, backoff
from app.notices.models import Notice

SEND = "notices:send"
CLAIMED_FOR = timedelta(minutes=5)
"""Longer than a mail server may take; a killed worker's notice is free again after this."""
KEPT_WAITING = timedelta(days=14)
"""News older than this is not sent any more: the page it leads to says something else by then."""
TOO_OLD = "too old to be news"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that this worker alone may send now; the address is the account's."""

    notice_id: UUID
    kind: str
    subject_id: UUID
    values: Mapping[str, Any]
    email: str
    name: str
    language: str


def tell(
    session: Session,
    org_id: UUID,
    people: Collection[UUID],
    kind: str,
    subject_id: UUID,
    values: Mapping[str, Any],
) -> None:
    """One notice per person and step, in the transaction of the step itself.

    A step that is told in several events (lines approved and declined in one answer) is one
    notice: the second time its numbers are added to the first.
    """
    now = clock_of(session).now()
    told: dict[tuple[UUID, str, UUID], Notice] = session.info.setdefault("told", {})
    for person_id in people:
        known = told.get((person_id, kind, subject_id))
        if known is not None:
            _add(known, values)
            continue
        notice = Notice(
            org_id=org_id,
            person_id=person_id,
            kind=kind,
            subject_id=subject_id,
            values=dict(values),
            created_at=now,
            next_try_at=now,
        )
        session.add(notice)
        session.flush()
        told[(person_id, kind, subject_id)] = notice
        after_commit(session, SEND, notice.id)


def _add(notice: Notice, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        before = notice.values.get(name)
        if name in COUNTS and isinstance(before, int):
            notice.values[name] = before + value
    flag_modified(notice, "values")


COUNTS = frozenset({"approved", "declined", "pieces", "waiting"})
"""Values that are added up when one step is told in several events."""


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Not sent, not given up, claimed by nobody, and the next try has come."""
    return and_(
        Notice.sent_at.is_(None),
        Notice.gave_up_at.is_(None),
        Notice.next_try_at <= now,
        or_(Notice.claimed_until.is_(None), Notice.claimed_until <= now),
    )


def due(now: datetime) -> Select[UUID]:
    """The notices a worker may take."""
    return select(Notice.id).where(_is_due(now)).order_by(Notice.next_try_at, Notice.id)


def claim(session: Session, notice_id: UUID) -> Claimed | None:
    """Takes the notice for five minutes. ``None``: sent, given up, or another worker's."""
    now = clock_of(session).now()
    taken = session.execute(
        update(Notice)
        .where(Notice.id == notice_id, _is_due(now))
        .values(claimed_until=now + CLAIMED_FOR, attempts=Notice.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(taken):
        return None
    row = session.execute(
        select(Notice, Person.email, Person.name, Person.language, Person.is_active)
        .join(Person, Person.id == Notice.person_id)
        .where(Notice.id == notice_id)
        .execution_options(populate_existing=True)
    ).one()
    notice: Notice = row.Notice
    if notice.created_at < now - KEPT_WAITING or not row.is_active:
        notice.gave_up_at, notice.claimed_until, notice.last_error = now, None, TOO_OLD
        return None
    return Claimed(
        notice_id=notice.id,
        kind=notice.kind,
        subject_id=notice.subject_id,
        values=notice.values,
        email=row.email,
        name=row.name,
        language=row.language,
    )


def mark_sent(session: Session, notice_id: UUID) -> None:
    """The server took it."""
    session.execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.sent_at.is_(None))
        .values(sent_at=clock_of(session).now(), claimed_until=None, last_error=None)
    )


def mark_failed(session: Session, notice_id: UUID, reason: str, *, is_final: bool) -> None:
    """Sets the next try, or gives up so that a person looks."""
    now = clock_of(session).now()
    notice = session.get_one(Notice, notice_id)
    notice.claimed_until, notice.last_error = None, reason[:400]
    if is_final or notice.attempts >= MOST_ATTEMPTS:
        notice.gave_up_at = now
    else:
        notice.next_try_at = now + backoff(notice.attempts)
