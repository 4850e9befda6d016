"""Notices from the event to the mailbox: written with it, claimed by one worker, marked when sent.

What each person wants to be told how, and what was read, stands here too; the daily digest has a
file of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts.actor import Actor
from app.accounts.models import Membership, Person
from app.kit.db import after_commit, changed_rows, clock_of
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.i18n import N_
from app.kit.jobs import MOST_ATTEMPTS, backoff
from app.notices.kinds import KINDS, Delivery
from app.notices.models import Digest, Notice, NoticeChoice
from app.notices.models_buyers import BuyerLetter
from app.notices.models_letter import OutsideLetter
from app.notices.queries_notices import notices_visible_to
from app.notices.questions import Line
from app.notices.service_answers import mint

SEND = "notices:send"
CLAIMED_FOR = timedelta(minutes=5)
"""Longer than a mail server may take; a killed worker's notice is free again after this."""
KEPT_WAITING = timedelta(days=14)
"""News older than this is not sent any more: the page it leads to says something else by then."""
TOO_OLD = "too old to be news"
NOT_A_MEMBER = "no longer a member"
MOST_READ = 200


READER: tuple[ColumnElement[Any], ...] = (
    Person.email.expression,
    Person.name.expression,
    Person.language.expression,
    Person.is_active.expression,
    Membership.id.label("membership_id"),
)
"""Whom a letter goes to, and whether the person still is one of the organisation's."""


def is_member(row: type[Notice] | type[Digest]) -> ColumnElement[bool]:
    """The membership that the row's person has in the organisation it comes from."""
    return and_(
        Membership.org_id == row.org_id,
        Membership.person_id == row.person_id,
        Membership.ended_at.is_(None),
    )


def is_reader(row: Any) -> bool:
    """Who has left is told nothing more."""
    return bool(row.is_active) and row.membership_id is not None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that this worker alone may send now; the address is the account's.

    With the ``token`` the letter is answered without signing in, where it asks for an answer; the
    ``lines`` are what it asks about.
    """

    notice_id: UUID
    kind: str
    subject_id: UUID
    values: Mapping[str, Any]
    email: str
    name: str
    language: str
    token: str | None = None
    lines: Sequence[Line] = ()


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
    notice: the second time its numbers are added to the first. Each person is told in the way that
    person chose for the kind, which has a row in ``KINDS``.
    """
    now = clock_of(session).now()
    told: dict[tuple[UUID, str, UUID], Notice] = session.info.setdefault("told", {})
    new = [each for each in people if (each, kind, subject_id) not in told]
    chosen = _chosen(session, org_id, new, kind) if new else {}
    for person_id in people:
        known = told.get((person_id, kind, subject_id))
        if known is not None:
            _add(known, values)
            continue
        delivery = chosen.get(person_id, KINDS[kind].delivery)
        if delivery is Delivery.OFF:
            continue
        notice = Notice(
            org_id=org_id,
            person_id=person_id,
            kind=kind,
            subject_id=subject_id,
            values=dict(values),
            created_at=now,
            next_try_at=now,
            delivery=delivery,
        )
        session.add(notice)
        session.flush()
        told[(person_id, kind, subject_id)] = notice
        if delivery is Delivery.AT_ONCE:
            after_commit(session, SEND, notice.id)


def _chosen(
    session: Session, org_id: UUID, people: Collection[UUID], kind: str
) -> dict[UUID, Delivery]:
    rows = session.execute(
        select(NoticeChoice.person_id, NoticeChoice.delivery).where(
            NoticeChoice.org_id == org_id,
            NoticeChoice.kind == kind,
            NoticeChoice.person_id.in_(people),
        )
    )
    return {row.person_id: row.delivery for row in rows}


def _add(notice: Notice, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        before = notice.values.get(name)
        if name in COUNTS and isinstance(before, int):
            notice.values[name] = before + value
        elif isinstance(before, list):
            notice.values[name] = [*before, *(each for each in value if each not in before)]
    flag_modified(notice, "values")


COUNTS = frozenset({"approved", "declined", "matches", "pieces", "waiting"})
"""Values that are added up when one step is told in several events. Lists are joined."""


def is_due(
    row: type[Notice] | type[Digest] | type[BuyerLetter] | type[OutsideLetter], now: datetime
) -> ColumnElement[bool]:
    """Not sent, not given up, claimed by nobody, and the next try has come."""
    return and_(
        row.sent_at.is_(None),
        row.gave_up_at.is_(None),
        row.next_try_at <= now,
        or_(row.claimed_until.is_(None), row.claimed_until <= now),
    )


def due(now: datetime) -> Select[UUID]:
    """The notices a worker may take: those that are told at once."""
    return (
        select(Notice.id)
        .where(Notice.delivery == Delivery.AT_ONCE, is_due(Notice, now))
        .order_by(Notice.next_try_at, Notice.id)
    )


def claim(session: Session, notice_id: UUID) -> Claimed | None:
    """Takes the notice for five minutes. ``None``: sent, given up, or another worker's."""
    now = clock_of(session).now()
    taken = session.execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.delivery == Delivery.AT_ONCE, is_due(Notice, now))
        .values(claimed_until=now + CLAIMED_FOR, attempts=Notice.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(taken):
        return None
    row = session.execute(
        select(Notice, *READER)
        .join(Person, Person.id == Notice.person_id)
        .outerjoin(Membership, is_member(Notice))
        .where(Notice.id == notice_id)
        .execution_options(populate_existing=True)
    ).one()
    notice: Notice = row.Notice
    if notice.created_at < now - KEPT_WAITING or not is_reader(row):
        reason = TOO_OLD if is_reader(row) else NOT_A_MEMBER
        notice.gave_up_at, notice.claimed_until, notice.last_error = now, None, reason
        return None
    minted = mint(session, notice)
    return Claimed(
        notice_id=notice.id,
        kind=notice.kind,
        subject_id=notice.subject_id,
        values=notice.values,
        email=row.email,
        name=row.name,
        language=row.language,
        token=minted.token if minted else None,
        lines=minted.lines if minted else (),
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
    set_back(session, session.get_one(Notice, notice_id), reason, is_final=is_final)


def set_back(
    session: Session,
    row: Notice | Digest | BuyerLetter | OutsideLetter,
    reason: str,
    *,
    is_final: bool,
) -> None:
    """As ``mark_failed``, for what is sent by the same rules."""
    now = clock_of(session).now()
    row.claimed_until, row.last_error = None, reason[:400]
    if is_final or row.attempts >= MOST_ATTEMPTS:
        row.gave_up_at = now
    else:
        row.next_try_at = now + backoff(row.attempts)


class Choose(BaseModel):
    """How one wants to be told of a kind from now on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(max_length=60)
    delivery: Delivery


class Read(BaseModel):
    """``notice_ids`` are read; without any, all that one was told until now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notice_ids: list[UUID] = Field(default=[], max_length=MOST_READ)


def choose(session: Session, actor: Actor, commands: Sequence[Choose]) -> list[NoticeChoice]:
    """One's own choices. Raises ``Invalid`` for who wants not to be told what has to be answered."""
    if actor.person_id is None:
        raise Forbidden
    named = {each.kind: each.delivery for each in commands}
    for kind, delivery in named.items():
        if kind not in KINDS:
            raise Invalid(by_field={"kind": N_("Det finnes ikke noe slikt varsel.")})
        if KINDS[kind].is_asked and delivery is Delivery.OFF:
            raise Invalid(by_field={kind: N_("Her må noen svare: varselet kan ikke slås helt av.")})
    # The person's row is locked: two forms saved at once never make two choices of one kind.
    session.execute(select(Person.id).where(Person.id == actor.person_id).with_for_update())
    query = select(NoticeChoice).where(
        NoticeChoice.org_id == actor.org_id, NoticeChoice.person_id == actor.person_id
    )
    known = {each.kind: each for each in session.scalars(query.where(NoticeChoice.kind.in_(named)))}
    for kind, delivery in named.items():
        if kind in known:
            known[kind].delivery = delivery
        else:
            known[kind] = NoticeChoice(
                org_id=actor.org_id, person_id=actor.person_id, kind=kind, delivery=delivery
            )
            session.add(known[kind])
    return list(known.values())


def read(session: Session, actor: Actor, commands: Sequence[Read]) -> int:
    """Marks one's own notices as read; gives how many were not. Raises ``NotFound``."""
    if actor.person_id is None:
        raise Forbidden
    now, count = clock_of(session).now(), 0
    for command in commands:
        ids = set(command.notice_ids)
        own = notices_visible_to(actor).with_only_columns(Notice.id)
        if ids:
            found = set(session.scalars(own.where(Notice.id.in_(ids))))
            if found != ids:
                raise NotFound(N_("Fant ikke varselet."))
        unread = (
            update(Notice)
            .where(Notice.org_id == actor.org_id, Notice.person_id == actor.person_id)
            .where(Notice.read_at.is_(None), Notice.created_at <= now)
            .values(read_at=now)
            .execution_options(synchronize_session=False)
        )
        if ids:
            unread = unread.where(Notice.id.in_(ids))
        count += changed_rows(session.execute(unread))
    return count
