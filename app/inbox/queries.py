"""Which cases an actor sees, and what belongs to them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, Person, RoleGrant
from app.accounts.rules import PERMISSIONS, Permission
from app.inbox.models import Case, CaseItem, CaseNote, CasePhoto, SiteVisit
from app.inbox.rules import (
    CaseState,
    Channel,
    Kind,
    NoteKind,
    Outcome,
    VisitState,
    read_number,
)
from app.items.commands import Command
from app.items.models import Item
from app.kit.text import PRINTABLE


def handled_by(actor: Actor) -> ColumnElement[bool] | None:
    """Cases the actor handles, as a condition; nothing where it is none."""
    if not actor.may(Permission.CASE_HANDLE):
        return None
    units = actor.permissions[Permission.CASE_HANDLE]
    if units is None:
        return Case.org_id == actor.org_id
    return or_(Case.unit_id.in_(units), Case.unit_id.is_(None))


def cases_visible_to(actor: Actor) -> Select[Case]:
    """One's own, and those one handles."""
    query = select(Case).where(Case.org_id == actor.org_id)
    own = [Case.person_id == actor.person_id, Case.assignee_id == actor.person_id]
    handled = handled_by(actor)
    return query.where(or_(*own) if handled is None else or_(*own, handled))


def may_handle(actor: Actor, case: Case) -> bool:
    return actor.may(Permission.CASE_HANDLE, case.unit_id)


def pieces_of(actor: Actor, case_ids: Iterable[UUID]) -> Select[*tuple[Any, ...]]:
    """Case, piece and its name."""
    return (
        select(CaseItem.case_id, Item.id, Item.name, Item.state)
        .join(Item, and_(Item.org_id == CaseItem.org_id, Item.id == CaseItem.item_id))
        .where(CaseItem.org_id == actor.org_id, CaseItem.case_id.in_(list(case_ids)))
        .order_by(Item.name, Item.id)
    )


def thread_of(actor: Actor, case: Case) -> Select[CaseNote]:
    """The oldest first; who does not handle the case sees no notes."""
    query = select(CaseNote).where(CaseNote.org_id == actor.org_id, CaseNote.case_id == case.id)
    if not may_handle(actor, case):
        query = query.where(CaseNote.kind != NoteKind.NOTE)
    return query.order_by(CaseNote.created_at, CaseNote.id)


def photos_of(actor: Actor, case_id: UUID) -> Select[CasePhoto]:
    return (
        select(CasePhoto)
        .where(CasePhoto.org_id == actor.org_id, CasePhoto.case_id == case_id)
        .where(CasePhoto.removed_at.is_(None))
        .order_by(CasePhoto.created_at, CasePhoto.id)
    )


def visits_visible_to(actor: Actor) -> Select[SiteVisit]:
    """Of the cases the actor sees."""
    cases = cases_visible_to(actor).with_only_columns(Case.id)
    return select(SiteVisit).where(SiteVisit.org_id == actor.org_id, SiteVisit.case_id.in_(cases))


def handlers(session: Session, org_id: UUID) -> Mapping[UUID, str]:
    """Members who may handle cases somewhere, by name."""
    roles = [role for role, allowed in PERMISSIONS.items() if Permission.CASE_HANDLE in allowed]
    rows = session.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(
            RoleGrant,
            and_(RoleGrant.org_id == Membership.org_id, RoleGrant.membership_id == Membership.id),
        )
        .where(
            Membership.org_id == org_id,
            Membership.ended_at.is_(None),
            Person.is_active,
            RoleGrant.role.in_(roles),
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return {row.id: row.name for row in rows}


def member_with_email(session: Session, org_id: UUID, email: str) -> UUID | None:
    """The member who has this address, however its letters are written."""
    return session.scalar(
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.org_id == org_id, Membership.ended_at.is_(None))
        .where(func.lower(Person.email) == email.lower(), Person.is_active)
        .limit(1)
    )


def people(session: Session, ids: Iterable[UUID | None]) -> Mapping[UUID | None, str]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in rows}


Asked = Annotated[str, Field(max_length=200), PRINTABLE]
"""Words that are looked for."""


class CaseFilter(Command):
    """Empty fields filter nothing. ``received_month`` is 1–12 of ``year``; ``is_open`` goes both ways.

    ``is_visited`` has a site visit that was made, ``is_answered`` a first reply.
    """

    q: Asked = ""
    year: int | None = Field(default=None, ge=2000, le=2999)
    received_month: int | None = Field(default=None, ge=1, le=12)
    kind: Kind | None = None
    channel: Channel | None = None
    state: CaseState | None = None
    outcome: Outcome | None = None
    unit_id: UUID | None = None
    assignee_id: UUID | None = None
    is_open: bool | None = None
    without_unit: bool = False
    is_visited: bool = False
    is_answered: bool = False


def contains(column: Any, words: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.lower(column).contains(words.lower(), autoescape=True)
    return found


def narrowed(query: Select[Case], wanted: CaseFilter) -> Select[Case]:
    for name in ("year", "kind", "channel", "state", "outcome", "unit_id", "assignee_id"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Case, name) == value)
    if wanted.without_unit:
        query = query.where(Case.unit_id.is_(None))
    if wanted.is_visited:
        query = query.where(
            exists().where(
                SiteVisit.org_id == Case.org_id,
                SiteVisit.case_id == Case.id,
                SiteVisit.state == VisitState.DONE,
            )
        )
    if wanted.is_answered:
        query = query.where(Case.first_reply_on.is_not(None))
    if wanted.received_month is not None:
        query = query.where(extract("month", Case.received_on) == wanted.received_month)
    if wanted.is_open is not None:
        ended = (CaseState.CLOSED, CaseState.WITHDRAWN)
        query = query.where(Case.state.not_in(ended) if wanted.is_open else Case.state.in_(ended))
    words = wanted.q.strip()
    if numbered := read_number(words):
        return query.where(Case.year == numbered[0], Case.number == numbered[1])
    if words:
        fields = (Case.subject, Case.text, Case.asker_name, Case.asker_unit, Case.asker_email)
        query = query.where(or_(*(contains(each, words) for each in fields)))
    return query
