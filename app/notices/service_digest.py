"""The daily digest: one letter a working day with all that a person is told daily."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Person
from app.kit.chance import new_id
from app.kit.clock import OSLO
from app.kit.db import after_commit, changed_rows, clock_of
from app.kit.workdays import is_working_day
from app.notices.kinds import Delivery
from app.notices.models import Digest, Notice
from app.notices.service import (
    CLAIMED_FOR,
    KEPT_WAITING,
    NOT_A_MEMBER,
    READER,
    TOO_OLD,
    is_due,
    is_member,
    is_reader,
    set_back,
)
from app.notices.service_answers import mint

SEND_DIGEST = "notices:digest"
MORNING = 7
"""From this hour of the wall clock on the letters of the day are written."""


def gather(session: Session) -> int:
    """Puts what waits to be told into each person's letter of the day; gives how many letters.

    None on days off: what happens then is in the next working day's letter. A letter that nobody
    has tried to send yet takes in what is new, so that a mail server that was away for a week does
    not get five letters for one person.
    """
    now = clock_of(session).now()
    here = now.astimezone(OSLO)
    today = here.date()
    if here.hour < MORNING or not is_working_day(today):
        return 0
    had = select(Digest.id).where(
        Digest.org_id == Notice.org_id, Digest.person_id == Notice.person_id, Digest.day == today
    )
    waiting = (
        select(Notice.org_id, Notice.person_id)
        .where(_is_waiting(now), ~had.exists())
        .distinct()
        .order_by(Notice.org_id, Notice.person_id)
    )
    readers = session.execute(waiting).all()
    untried = {
        (each.org_id, each.person_id): each
        for each in session.scalars(
            select(Digest)
            .where(Digest.attempts == 0, Digest.sent_at.is_(None), Digest.gave_up_at.is_(None))
            .with_for_update(of=Digest)
        )
    }
    for org_id, person_id in readers:
        digest = untried.get((org_id, person_id))
        if digest is None:
            digest = Digest(id=new_id(), org_id=org_id, person_id=person_id)
            session.add(digest)
        digest.day, digest.created_at, digest.next_try_at = today, now, now
        session.flush()  # its row before those that name it
        session.execute(
            update(Notice)
            .where(Notice.org_id == org_id, Notice.person_id == person_id, _is_waiting(now))
            .values(digest_id=digest.id)
            .execution_options(synchronize_session=False)
        )
        after_commit(session, SEND_DIGEST, digest.id)
    return len(readers)


def _is_waiting(now: datetime) -> ColumnElement[bool]:
    return and_(
        Notice.delivery == Delivery.DAILY,
        Notice.sent_at.is_(None),
        Notice.gave_up_at.is_(None),
        Notice.digest_id.is_(None),
        Notice.created_at <= now,
    )


@dataclass(frozen=True, slots=True)
class ClaimedDigest:
    """A digest that this worker alone may send now; ``notices`` are the oldest first.

    ``tokens`` answer those of them that ask for an answer, by their ids.
    """

    digest_id: UUID
    notices: Sequence[Notice]
    tokens: Mapping[UUID, str]
    email: str
    name: str
    language: str


def due(now: datetime) -> Select[UUID]:
    """The digests a worker may take."""
    return select(Digest.id).where(is_due(Digest, now)).order_by(Digest.next_try_at, Digest.id)


def claim(session: Session, digest_id: UUID) -> ClaimedDigest | None:
    """As for a notice."""
    now = clock_of(session).now()
    taken = session.execute(
        update(Digest)
        .where(Digest.id == digest_id, is_due(Digest, now))
        .values(claimed_until=now + CLAIMED_FOR, attempts=Digest.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(taken):
        return None
    row = session.execute(
        select(Digest, *READER)
        .join(Person, Person.id == Digest.person_id)
        .outerjoin(Membership, is_member(Digest))
        .where(Digest.id == digest_id)
        .execution_options(populate_existing=True)
    ).one()
    digest: Digest = row.Digest
    if digest.created_at < now - KEPT_WAITING or not is_reader(row):
        mark_failed(session, digest_id, TOO_OLD if is_reader(row) else NOT_A_MEMBER, is_final=True)
        return None
    notices = session.scalars(_of(digest).order_by(Notice.created_at, Notice.id)).all()
    minted = {each.id: mint(session, each) for each in notices}
    return ClaimedDigest(
        digest_id=digest.id,
        notices=notices,
        tokens={notice_id: each.token for notice_id, each in minted.items() if each},
        email=row.email,
        name=row.name,
        language=row.language,
    )


def mark_sent(session: Session, digest_id: UUID) -> None:
    """The server took it, and with it all that stands in it."""
    now = clock_of(session).now()
    digest = session.get_one(Digest, digest_id)
    if digest.sent_at is None:
        digest.sent_at, digest.claimed_until, digest.last_error = now, None, None
        _mark(session, digest, sent_at=now, last_error=None)


def mark_failed(session: Session, digest_id: UUID, reason: str, *, is_final: bool) -> None:
    """Sets the next try, or gives up; what stands in it says so too."""
    digest = session.get_one(Digest, digest_id)
    set_back(session, digest, reason, is_final=is_final)
    _mark(session, digest, gave_up_at=digest.gave_up_at, last_error=digest.last_error)


def _of(digest: Digest) -> Select[Notice]:
    return select(Notice).where(Notice.org_id == digest.org_id, Notice.digest_id == digest.id)


def _mark(session: Session, digest: Digest, **values: object) -> None:
    session.execute(
        update(Notice)
        .where(Notice.org_id == digest.org_id, Notice.digest_id == digest.id)
        .values(attempts=digest.attempts, next_try_at=digest.next_try_at, **values)
        .execution_options(synchronize_session=False)
    )
