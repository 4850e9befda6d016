"""Everything that waits for an act by the furniture manager, as one list.

What waits is said here once: the start page counts the same rows.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.inbox.models import Case, SiteVisit
from app.inbox.queries import Asked, contains, handled_by
from app.inbox.queries_orders import orders
from app.inbox.rules import OPEN, Kind, VisitState, read_number
from app.inbox.waits import Stage, Waits, columns
from app.items.commands import Command
from app.items.models import FoundReport, Item
from app.items.queries_codes import found_reports_visible_to
from app.items.rules import FoundReportState
from app.kit.clock import OSLO, end_of
from app.kit.db import clock_of
from app.kit.paging import Key, Page, keyset
from app.marketplace.models import Request, RequestLine
from app.marketplace.queries import undecided
from app.needs.models import Need, NeedLine
from app.needs.queries import needs_visible_to
from app.needs.rules import NeedState

__all__ = ["Stage", "Waits"]

DUE_WITHIN = timedelta(days=7)
"""A site visit waits from a week before its day until somebody writes what was seen."""
NO_DEADLINE = date(9999, 12, 31)


class InboxFilter(Command):
    """Empty fields filter nothing; ``nobody`` finds what is assigned to no one.

    ``about`` is what a case is about; visits have it of their case, the rest has none.
    """

    q: Asked = ""
    kind: Waits | None = None
    about: Kind | None = None
    unit_id: UUID | None = None
    assignee_id: UUID | None = None
    nobody: bool = False
    stage: Stage | None = None


class Row(NamedTuple):
    """``subject_id`` is the row to open: a visit's is its case. ``pieces`` is how many it asks for."""

    kind: str
    id: UUID
    subject_id: UUID
    year: int | None
    number: int | None
    title: str
    who: str | None
    unit_id: UUID | None
    state: str
    case_kind: str | None
    since: datetime
    deadline: date | None
    assignee_id: UUID | None
    pieces: int | None
    is_late: int
    due: str


def open_found_reports(actor: Actor) -> Select[FoundReport]:
    """What strangers wrote and nobody has dealt with."""
    return found_reports_visible_to(actor).where(FoundReport.state == FoundReportState.OPEN)


def undecided_needs(actor: Actor) -> Select[Need]:
    """Needs of others that nobody has begun to look for, in the units one decides for."""
    begun = needs_visible_to(actor).where(
        Need.state == NeedState.SUBMITTED, Need.person_id != actor.person_id
    )
    units = actor.permissions[Permission.RESERVATION_APPROVE]
    if units is None:  # to see a unit's needs for the reports is not to decide them
        return begun
    return begun.where(Need.unit_id.in_(units))


def open_cases(actor: Actor) -> Select[Case] | None:
    """Cases that are not ended, of those the actor handles."""
    handled = handled_by(actor)
    if handled is None:
        return None
    return select(Case).where(Case.org_id == actor.org_id, handled, Case.state.in_(OPEN))


def due_visits(actor: Actor, now: datetime) -> Select[SiteVisit] | None:
    """Visits of the coming days, and those that are over and have no outcome."""
    handled = handled_by(actor)
    if handled is None:
        return None
    last = end_of(now.astimezone(OSLO).date() + DUE_WITHIN)
    return (
        select(SiteVisit)
        .join(Case, (Case.org_id == SiteVisit.org_id) & (Case.id == SiteVisit.case_id))
        .where(SiteVisit.org_id == actor.org_id, handled)
        .where(SiteVisit.state == VisitState.PLANNED, SiteVisit.starts_at < last)
    )


def _cases(actor: Actor, _now: datetime) -> Select[Any] | None:
    found = open_cases(actor)
    if found is None:
        return None
    return found.with_only_columns(
        *columns(
            kind=literal(Waits.CASE.value),
            id=Case.id,
            subject_id=Case.id,
            year=Case.year,
            number=Case.number,
            title=Case.subject,
            who=Case.asker_name,
            unit_id=Case.unit_id,
            state=Case.state,
            case_kind=Case.kind,
            since=Case.received_at,
            deadline=func.coalesce(Case.deadline, Case.wanted_date),
            assignee_id=Case.assignee_id,
        )
    )


def _requests(actor: Actor, _now: datetime) -> Select[Any] | None:
    if not actor.may(Permission.RESERVATION_APPROVE):
        return None
    pieces = (
        select(func.sum(RequestLine.wanted))
        .where(RequestLine.org_id == Request.org_id, RequestLine.request_id == Request.id)
        .scalar_subquery()
    )
    return (
        select(
            *columns(
                kind=literal(Waits.REQUEST.value),
                id=Request.id,
                subject_id=Request.id,
                number=Request.number,
                title=literal(""),
                who=Person.name,
                unit_id=Request.unit_id,
                state=literal(Stage.NEW.value),
                since=func.coalesce(Request.submitted_at, Request.created_at),
                deadline=Request.wanted_date,
                pieces=pieces,
            )
        )
        .join(Person, Person.id == Request.person_id)
        .where(Request.org_id == actor.org_id, Request.id.in_(undecided(actor)))
    )


def _found_reports(actor: Actor, _now: datetime) -> Select[Any] | None:
    if not actor.may(Permission.FOUND_REPORT_HANDLE):
        return None
    return (
        open_found_reports(actor)
        .join(Item, (Item.org_id == FoundReport.org_id) & (Item.id == FoundReport.item_id))
        .with_only_columns(
            *columns(
                kind=literal(Waits.FOUND_REPORT.value),
                id=FoundReport.id,
                subject_id=FoundReport.item_id,
                title=Item.name,
                who=FoundReport.contact,
                unit_id=Item.owner_unit_id,
                state=literal(Stage.NEW.value),
                since=FoundReport.created_at,
            )
        )
    )


def _needs(actor: Actor, _now: datetime) -> Select[Any] | None:
    if not actor.may(Permission.RESERVATION_APPROVE):
        return None
    pieces = (
        select(func.sum(NeedLine.quantity))
        .where(NeedLine.org_id == Need.org_id, NeedLine.need_id == Need.id)
        .scalar_subquery()
    )
    return (
        undecided_needs(actor)
        .join(Person, Person.id == Need.person_id)
        .with_only_columns(
            *columns(
                kind=literal(Waits.NEED.value),
                id=Need.id,
                subject_id=Need.id,
                number=Need.number,
                title=literal(""),
                who=Person.name,
                unit_id=Need.unit_id,
                state=literal(Stage.NEW.value),
                since=Need.created_at,
                deadline=Need.wanted_date,
                pieces=pieces,
            )
        )
    )


def _visits(actor: Actor, now: datetime) -> Select[Any] | None:
    found = due_visits(actor, now)
    if found is None:
        return None
    return found.with_only_columns(
        *columns(
            kind=literal(Waits.VISIT.value),
            id=SiteVisit.id,
            subject_id=Case.id,
            year=Case.year,
            number=Case.number,
            title=Case.subject,
            who=Case.asker_name,
            unit_id=Case.unit_id,
            state=literal(Stage.IN_PROGRESS.value),
            case_kind=Case.kind,
            since=SiteVisit.starts_at,
            deadline=SiteVisit.on_day,
            assignee_id=SiteVisit.person_id,
        )
    )


_SOURCES: Mapping[Waits, Callable[[Actor, datetime], Select[Any] | None]] = {
    Waits.CASE: _cases,
    Waits.REQUEST: _requests,
    Waits.FOUND_REPORT: _found_reports,
    Waits.NEED: _needs,
    Waits.VISIT: _visits,
    Waits.SUPPLIER_ORDER: orders,
}


def _all(actor: Actor, wanted: InboxFilter, now: datetime) -> Subquery | None:
    parts = [
        found
        for kind, source in _SOURCES.items()
        if wanted.kind in (None, kind) and (found := source(actor, now)) is not None
    ]
    return union_all(*parts).subquery("waits") if parts else None


def waiting(
    session: Session,
    actor: Actor,
    wanted: InboxFilter,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Row]:
    """What is overdue first, then by deadline, then what has waited longest."""
    now = clock_of(session).now()
    today = now.astimezone(OSLO).date()
    found = _all(actor, wanted, now)
    if found is None:
        return Page([], None)
    own = found.c
    is_late = case((own.deadline < today, 0), else_=1)
    due = func.coalesce(cast(own.deadline, String), NO_DEADLINE.isoformat())
    query = select(*own, is_late.label("is_late"), due.label("due"))
    query = query.where(*_narrowed(own, wanted, today))
    key: Key = [
        (is_late, False),
        (due, False),
        (own.since, False),
        (own.id, False),
    ]
    return keyset(
        session,
        query,
        key,
        cursor=cursor,
        limit=limit,
        rows=lambda result: [Row(*each) for each in result],
        position=lambda row: (row.is_late, row.due, row.since, row.id),
    )


def _narrowed(columns: Any, wanted: InboxFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.unit_id is not None:
        found.append(columns.unit_id == wanted.unit_id)
    if wanted.assignee_id is not None:
        found.append(columns.assignee_id == wanted.assignee_id)
    if wanted.about is not None:
        found.append(columns.case_kind == wanted.about.value)
    if wanted.nobody:
        found.append(columns.assignee_id.is_(None))
    if wanted.stage is Stage.OVERDUE:
        found.append(columns.deadline < today)
    elif wanted.stage is not None:
        found.append(columns.state == wanted.stage.value)
    words = wanted.q.strip()
    if numbered := read_number(words):
        found += [columns.year == numbered[0], columns.number == numbered[1]]
    elif words:
        found.append(or_(contains(columns.title, words), contains(columns.who, words)))
    return found


class Counted(NamedTuple):
    """How much waits, and how much of it is overdue."""

    all: int
    late: int


def counted(session: Session, actor: Actor) -> Counted:
    now = clock_of(session).now()
    found = _all(actor, InboxFilter(), now)
    if found is None:
        return Counted(0, 0)
    today = now.astimezone(OSLO).date()
    late = func.count(case((found.c.deadline < today, 1)))
    row = session.execute(select(func.count(), late).select_from(found)).one()
    return Counted(row[0], row[1])
