"""What a person was told, how many of it are unread, and how each kind is to be told."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.notices.kinds import KINDS, Delivery
from app.notices.models import Notice, NoticeChoice

NEWEST_FIRST: Sequence[tuple[ColumnElement[Any], bool]] = [
    (Notice.created_at.expression, True),
    (Notice.id.expression, True),
]


def notices_visible_to(actor: Actor, *, everybody: bool = False) -> Select[Notice]:
    """One's own notices; those of the whole organisation for who answers for it."""
    query = select(Notice).where(Notice.org_id == actor.org_id)
    if everybody and actor.may(Permission.ORGANISATION_EDIT):
        return query
    return query.where(Notice.person_id == actor.person_id)


def unread(session: Session, actor: Actor) -> int:
    """How many of one's own notices are not read."""
    query = notices_visible_to(actor).where(Notice.read_at.is_(None))
    return session.scalars(query.with_only_columns(func.count())).one()


def names_of(session: Session, notices: Sequence[Notice]) -> dict[UUID, str]:
    """Whom they were for."""
    ids = {each.person_id for each in notices}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def choices_of(session: Session, actor: Actor) -> Mapping[str, Delivery]:
    """How the actor is told of each kind, in the order of ``KINDS``."""
    query = select(NoticeChoice.kind, NoticeChoice.delivery).where(
        NoticeChoice.org_id == actor.org_id, NoticeChoice.person_id == actor.person_id
    )
    chosen: dict[str, Delivery] = {row.kind: row.delivery for row in session.execute(query)}
    return {name: chosen.get(name, kind.delivery) for name, kind in KINDS.items()}


def name_of(session: Session, person_id: UUID) -> str:
    """What a person is called."""
    return session.scalars(select(Person.name).where(Person.id == person_id)).one()
