"""Cases and what waits as their pages show them: words, ages and links instead of columns."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.inbox import names, queries
from app.inbox.models import Case, SiteVisit
from app.inbox.queries_waiting import Row, Stage, Waits
from app.inbox.rules import CaseState, Kind, NoteKind, VisitState, case_number
from app.items.names import STATES as ITEM_STATES
from app.kit import i18n
from app.kit.clock import OSLO
from app.kit.events import EventRow
from app.kit.i18n import N_, gettext, ngettext
from app.kit.page import url
from app.projects.queries import named, place_labels

KINDS_OF_WAITS: Mapping[Waits, tuple[str, str]] = {
    Waits.CASE: (N_("Henvendelse"), "message"),
    Waits.REQUEST: (N_("Bestilling"), "order"),
    Waits.FOUND_REPORT: (N_("Funnmelding"), "scan"),
    Waits.NEED: (N_("Behov"), "list"),
    Waits.VISIT: (N_("Befaring"), "place"),
    Waits.SUPPLIER_ORDER: (N_("Oppdrag"), "tools"),
}
STAGES: Mapping[Stage, str] = {
    Stage.OVERDUE: N_("Over fristen"),
    Stage.NEW: N_("Ny"),
    Stage.IN_PROGRESS: N_("Under arbeid"),
    Stage.WAITING: N_("Venter på svar"),
}
MOST_EVENTS = 200


def age(since: datetime, now: datetime) -> str:
    """How long something has waited, in days of the wall clock."""
    days = (now.astimezone(OSLO).date() - since.astimezone(OSLO).date()).days
    if days <= 0:
        return gettext("i dag")
    if days == 1:
        return gettext("i går")
    return ngettext("%(num)s dag", "%(num)s dager", days)


def deadline(day: date | None, today: date) -> dict[str, str] | None:
    """The day, how far off it is, and the tone that says so."""
    if day is None:
        return None
    left = (day - today).days
    if left < 0:
        text = ngettext("%(num)s dag over fristen", "%(num)s dager over fristen", -left)
        return {"text": text, "tone": "danger", "day": i18n.date(day)}
    if left == 0:
        return {"text": gettext(N_("Frist i dag")), "tone": "warning", "day": i18n.date(day)}
    tone = "warning" if left <= 2 else "neutral"
    text = gettext(N_("Frist %(day)s"), day=i18n.date(day))
    return {"text": text, "tone": tone, "day": i18n.date(day)}


def waiting_rows(
    request: Request, session: Session, actor: Actor, rows: Sequence[Row], now: datetime
) -> list[dict[str, Any]]:
    """The list of what waits: three queries, however many rows."""
    units = named(session, Unit, actor, {each.unit_id for each in rows})
    assignees = queries.people(session, (each.assignee_id for each in rows))
    today = now.astimezone(OSLO).date()
    shown = []
    for each in rows:
        kind = Waits(each.kind)
        word, icon = KINDS_OF_WAITS[kind]
        shown.append(
            {
                "id": each.id,
                "is_case": kind is Waits.CASE,
                "href": _href(request, kind, each),
                "title": _title(kind, each),
                "kind": gettext(word),
                "icon": icon,
                "number": case_number(each.year, each.number)
                if each.year is not None and each.number is not None
                else i18n.number(each.number)
                if each.number is not None
                else None,
                "who": each.who,
                "unit": units.get(each.unit_id) if each.unit_id else None,
                "assignee": assignees.get(each.assignee_id),
                "age": None if kind is Waits.VISIT else age(each.since, now),
                "since": each.since,
                "state": state_tag(CaseState(each.state)) if kind is Waits.CASE else None,
                "deadline": _visit_day(each, today)
                if kind is Waits.VISIT
                else deadline(each.deadline, today),
            }
        )
    return shown


def _visit_day(row: Row, today: date) -> dict[str, str]:
    """A visit has no deadline but a time; one that is over waits for what was seen."""
    when = i18n.datetime_(row.since)
    if row.deadline is not None and row.deadline < today:
        return {"text": gettext(N_("Mangler utfall")), "tone": "danger", "day": when}
    tone = "warning" if row.deadline == today else "neutral"
    return {"text": when, "tone": tone, "day": when}


def _title(kind: Waits, row: Row) -> str:
    if kind in (Waits.REQUEST, Waits.NEED):
        return ngettext(
            "%(num)s møbel til %(who)s", "%(num)s møbler til %(who)s", row.pieces or 0, who=row.who
        )
    return row.title


def _href(request: Request, kind: Waits, row: Row) -> str:
    if kind is Waits.REQUEST:
        return url(request, "approvals:browse")
    if kind is Waits.FOUND_REPORT:
        return url(request, "codes:found_reports")
    if kind is Waits.NEED:
        return url(request, "needs:show", need_id=row.subject_id)
    if kind is Waits.SUPPLIER_ORDER:
        return url(request, "supplier_orders:show", supplier_order_id=row.subject_id)
    return url(request, "cases:show", case_id=row.subject_id)


def state_tag(state: CaseState) -> dict[str, str]:
    """The word and the tone of a case's state."""
    text, tone = names.STATES[state]
    return {"text": gettext(text), "tone": tone}


def case_rows(session: Session, actor: Actor, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Cases for a list: two queries, however many."""
    units = named(session, Unit, actor, {each.unit_id for each in cases})
    assignees = queries.people(session, (each.assignee_id for each in cases))
    return [
        {
            "case": each,
            "kind": gettext(names.KINDS[each.kind]),
            "state": state_tag(each.state),
            "unit": units.get(each.unit_id) if each.unit_id else each.asker_unit,
            "assignee": assignees.get(each.assignee_id),
            "outcome": gettext(names.OUTCOMES[each.outcome]) if each.outcome else None,
        }
        for each in cases
    ]


def about(
    request: Request, session: Session, actor: Actor, case: Case, today: date
) -> dict[str, Any]:
    """Everything on a case's page that is read."""
    units = named(session, Unit, actor, {case.unit_id})
    places = place_labels(session, actor, {case.place_id})
    return {
        "state": state_tag(case.state),
        "kind": gettext(names.KINDS[case.kind]),
        "channel": gettext(names.CHANNELS[case.channel]),
        "outcome": gettext(names.OUTCOMES[case.outcome]) if case.outcome else None,
        "unit": units.get(case.unit_id) if case.unit_id else None,
        "place": places.get(case.place_id) if case.place_id else None,
        "assignee": queries.people(session, [case.assignee_id]).get(case.assignee_id),
        "deadline": deadline(case.deadline or case.wanted_date, today)
        if case.state in (CaseState.NEW, CaseState.IN_PROGRESS, CaseState.WAITING)
        else None,
        "pieces": [
            {
                "href": url(request, "items:show", item_id=row.id),
                "id": row.id,
                "assess": url(request, "items:assess", item_id=row.id),
                "name": row.name,
                "state": gettext(ITEM_STATES[row.state]),
            }
            for row in session.execute(queries.pieces_of(actor, [case.id]))
        ],
        "photos": [
            {
                "id": each.id,
                "src": _photo(request, each.id, "medium"),
                "full": _photo(request, each.id, "large"),
                "is_mine": each.person_id == actor.person_id,
                "when": i18n.datetime_(each.created_at),
            }
            for each in session.scalars(queries.photos_of(actor, case.id))
        ],
    }


def _photo(request: Request, photo_id: UUID, size: str) -> str:
    return url(request, "cases:photo", case_photo_id=photo_id, size=size)


def thread(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    rows = session.scalars(queries.thread_of(actor, case)).all()
    people = queries.people(session, (each.person_id for each in rows))
    return [
        {
            "kind": gettext(names.NOTES[each.kind][0]),
            "tone": names.NOTES[each.kind][1],
            "is_internal": each.kind is NoteKind.NOTE,
            "is_mine": each.person_id == actor.person_id,
            "text": each.text,
            "who": people.get(each.person_id, ""),
            "when": i18n.datetime_(each.created_at),
        }
        for each in rows
    ]


def visits(session: Session, actor: Actor, case: Case, now: datetime) -> list[dict[str, Any]]:
    rows = session.scalars(
        queries.visits_visible_to(actor)
        .where(SiteVisit.case_id == case.id)
        .order_by(SiteVisit.starts_at, SiteVisit.id)
    ).all()
    people = queries.people(session, (each.person_id for each in rows))
    places = place_labels(session, actor, {each.place_id for each in rows})
    return [
        {
            "visit": each,
            "when": i18n.datetime_(each.starts_at),
            "where": " · ".join(filter(None, (places.get(each.place_id), each.meet_at))),
            "who": people.get(each.person_id, ""),
            "state": {
                "text": gettext(names.VISITS[each.state][0]),
                "tone": names.VISITS[each.state][1],
            },
            "is_planned": each.state is VisitState.PLANNED,
            "is_over": each.state is VisitState.PLANNED and each.starts_at < now,
            "outcome": each.outcome,
        }
        for each in rows
    ]


def history(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    """What was done with the case, the newest first."""
    rows = session.execute(
        select(EventRow.at, EventRow.kind, Person.name)
        .outerjoin(Person, Person.id == EventRow.person_id)
        .where(EventRow.org_id == actor.org_id, EventRow.subject_id == case.id)
        .order_by(EventRow.at.desc(), EventRow.id.desc())
        .limit(MOST_EVENTS)
    )
    return [
        {
            "when": i18n.datetime_(row.at),
            "who": row.name,
            "what": gettext(names.EVENTS.get(row.kind, row.kind)),
        }
        for row in rows
    ]


def kind_options() -> list[tuple[str, str]]:
    return [(each.value, gettext(names.KINDS[each])) for each in Kind]
