"""Who is told what of cases and site visits: who asked, and who has to act."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation, Person
from app.accounts.rules import Permission
from app.inbox.events import (
    CaseAssigned,
    CaseClosed,
    CaseNoted,
    CaseReceived,
    SiteVisitCancelled,
    SiteVisitMoved,
    SiteVisitPlanned,
)
from app.inbox.models import Case, SiteVisit
from app.inbox.names import OUTCOMES
from app.inbox.queries_appointments import appointment_of, calendar_text
from app.inbox.rules import CaseState, NoteKind
from app.kit.db import clock_of
from app.notices.service import KEPT_WAITING, tell
from app.notices.service_letters import write
from app.notices.subscribers import people_with

CLOSED = "outside_case_closed"


def _case(session: Session, org_id: UUID, case_id: UUID) -> Case:
    return session.scalars(select(Case).where(Case.org_id == org_id, Case.id == case_id)).one()


def _facts(session: Session, case: Case, person_id: UUID | None) -> Mapping[str, Any]:
    writer = session.scalar(select(Person.name).where(Person.id == person_id)) or "Omløp"
    return {
        "number": case.title,
        "subject": case.subject,
        "asker": case.asker_name,
        "writer": writer,
    }


def on_received(session: Session, events: Sequence[CaseReceived]) -> None:
    """Who asked gets a receipt, also for a form; those who may handle it hear of it."""
    for event in events:
        case = _case(session, event.org_id, event.subject_id)
        facts = _facts(session, case, event.person_id)
        if case.person_id is not None:
            tell(session, case.org_id, {case.person_id}, "case_received", case.id, facts)
        else:
            _write_to_asker(session, case, "outside_case_received")
        handle = people_with(session, case.org_id, Permission.CASE_HANDLE, case.unit_id)
        told = set(handle) - {event.person_id, case.person_id}
        tell(session, case.org_id, told, "case_new", case.id, facts)


def _write_to_asker(session: Session, case: Case, kind: str, **more: Any) -> None:
    """Who has no account is written to at the address they left, if any.

    Not of what came so long ago that a letter now would only puzzle.
    """
    oldest = clock_of(session).today() - KEPT_WAITING
    if case.asker_email is None or (case.received_on < oldest and kind != CLOSED):
        return
    name = select(Organisation.name).where(Organisation.id == case.org_id)
    values = {
        "number": case.title,
        "subject": case.subject,
        "name": case.asker_name,
        "organisation": session.scalars(name).one(),
        **more,
    }
    language = case.asker_language
    write(session, case.org_id, kind, case.id, case.asker_email, values, language=language)


def on_assigned(session: Session, events: Sequence[CaseAssigned]) -> None:
    for event in events:
        case = _case(session, event.org_id, event.subject_id)
        told = {each for each in (event.assignee_id,) if each is not None} - {event.person_id}
        facts = _facts(session, case, event.person_id)
        tell(session, case.org_id, told, "case_assigned", case.id, facts)


def on_noted(session: Session, events: Sequence[CaseNoted]) -> None:
    """A reply goes to who asked; what they write to whoever has the case, else to all who may.

    Notes stay where they are, and the last words of a case go with the letter that it is closed.
    """
    for event in events:
        case = _case(session, event.org_id, event.subject_id)
        facts = _facts(session, case, event.person_id)
        if event.note_kind is NoteKind.REPLY and event.state is not CaseState.CLOSED:
            told = {case.person_id} - {None, event.person_id}
            tell(session, case.org_id, _ids(told), "case_replied", case.id, facts)
        elif event.note_kind is NoteKind.MESSAGE:
            handle = people_with(session, case.org_id, Permission.CASE_HANDLE, case.unit_id)
            told = {case.assignee_id} if case.assignee_id else set(handle)
            tell(session, case.org_id, _ids(told), "case_written", case.id, facts)


def _ids(people: set[UUID | None]) -> set[UUID]:
    return {each for each in people if each is not None}


def on_closed(session: Session, events: Sequence[CaseClosed]) -> None:
    for event in events:
        case = _case(session, event.org_id, event.subject_id)
        told = _ids({case.person_id} - {event.person_id})
        facts = _facts(session, case, event.person_id)
        tell(session, case.org_id, told, "case_closed", case.id, facts)
        if case.person_id is None:
            _write_to_asker(session, case, CLOSED, outcome=OUTCOMES[event.outcome])


def on_visit_planned(session: Session, events: Sequence[SiteVisitPlanned]) -> None:
    _tell_of_visit(session, events, "visit_planned")


def on_visit_moved(session: Session, events: Sequence[SiteVisitMoved]) -> None:
    _tell_of_visit(session, events, "visit_moved")


def on_visit_cancelled(session: Session, events: Sequence[SiteVisitCancelled]) -> None:
    _tell_of_visit(session, events, "visit_cancelled")


def _tell_of_visit(session: Session, events: Sequence[Any], kind: str) -> None:
    """Who asked and who goes, with the file for their calendars; who did it has one to fetch.

    Who planned it for themselves is told too: it is how the visit comes into their calendar. One
    that was over when it was written down is told to nobody.
    """
    for event in events:
        case = _case(session, event.org_id, event.subject_id)
        visit = session.scalars(
            select(SiteVisit).where(
                SiteVisit.org_id == event.org_id, SiteVisit.id == event.site_visit_id
            )
        ).one()
        if kind == "visit_planned" and visit.starts_at < clock_of(session).now():
            continue
        found = appointment_of(session, visit, None)
        facts = {
            **_facts(session, case, event.person_id),
            "visitor": found.organiser_name,
            "place": found.place or "",
            "starts_at": visit.starts_at.isoformat(),
            "calendar": calendar_text(session, visit),
        }
        told = _ids({case.person_id, visit.person_id})
        tell(session, case.org_id, told, kind, case.id, facts)
