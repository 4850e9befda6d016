"""Site visits: planned, moved, done, called off. Calendars hear of each step by its number."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.inbox import events
from app.inbox.commands import FinishVisit, MoveVisit, OfVisit, PlanVisit
from app.inbox.models import Case, SiteVisit
from app.inbox.queries import handlers, visits_visible_to
from app.inbox.rules import CaseState, CaseVerb, VisitState, VisitVerb
from app.inbox.service import CaseNotOpen, locked, must_be_open, must_handle
from app.items.service_lifecycle import own_places
from app.kit.chance import new_id
from app.kit.clock import OSLO
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance

LONGEST_AGO = timedelta(days=366)
FURTHEST = timedelta(days=3 * 366)


class VisitOver(Conflict):
    title = N_("Befaringen er gjennomført eller avlyst.")


def plan_visits(session: Session, actor: Actor, commands: Sequence[PlanVisit]) -> list[SiteVisit]:
    """An appointment for an open case; who plans it goes, unless somebody else is named."""
    actor.must(Permission.CASE_HANDLE)
    cases = locked(session, actor, [each.case_id for each in commands])
    now = clock_of(session).now()
    made = []
    for command in commands:
        case = cases[command.case_id]
        must_handle(actor, case)
        must_be_open(case)
        visit = SiteVisit(
            id=new_id(),
            org_id=case.org_id,
            case_id=case.id,
            state=VisitState.PLANNED,
            starts_at=_moment(session, command),
            on_day=command.day,
            minutes=command.minutes,
            place_id=_place(session, actor, command) or case.place_id,
            meet_at=command.meet_at,
            person_id=_visitor(session, actor, command),
            sequence=0,
            created_at=now,
            changed_at=now,
        )
        session.add(visit)
        if case.state is CaseState.NEW:
            advance(session, [case], CaseVerb.BEGIN, refused=CaseNotOpen)
        session.flush()  # who is told of it reads it
        publish(session, [_told(events.SiteVisitPlanned, case, actor, visit)])
        made.append(visit)
    return made


def move_visits(session: Session, actor: Actor, commands: Sequence[MoveVisit]) -> list[SiteVisit]:
    """Another time, place or person. Raises ``Stale`` when somebody has moved it before."""
    actor.must(Permission.CASE_HANDLE)
    visits = _locked(session, actor, [each.site_visit_id for each in commands])
    for command in commands:
        visit, case = visits[command.site_visit_id]
        if visit.state is not VisitState.PLANNED:
            raise VisitOver
        if visit.sequence != command.sequence:
            raise Stale
        new = {
            "starts_at": _moment(session, command),
            "on_day": command.day,
            "minutes": command.minutes,
            "place_id": _place(session, actor, command),
            "meet_at": command.meet_at,
            "person_id": _visitor(session, actor, command),
        }
        if all(getattr(visit, name) == value for name, value in new.items()):
            continue
        for name, value in new.items():
            setattr(visit, name, value)
        visit.sequence += 1
        visit.changed_at = clock_of(session).now()
        session.flush()  # who is told of it reads it
        publish(session, [_told(events.SiteVisitMoved, case, actor, visit)])
    return [visits[each.site_visit_id][0] for each in commands]


def finish_visits(
    session: Session, actor: Actor, commands: Sequence[FinishVisit]
) -> list[SiteVisit]:
    """What was seen and agreed."""
    actor.must(Permission.CASE_HANDLE)
    visits = _locked(session, actor, [each.site_visit_id for each in commands])
    for command in commands:
        visit, case = visits[command.site_visit_id]
        now = clock_of(session).now()
        values = {"outcome": command.outcome, "changed_at": now}
        advance(session, [visit], VisitVerb.FINISH, refused=VisitOver, values=values)
        event = events.SiteVisitDone.of(case, actor.person_id, site_visit_id=visit.id)
        publish(session, [event])
    return [visits[each.site_visit_id][0] for each in commands]


def cancel_visits(session: Session, actor: Actor, commands: Sequence[OfVisit]) -> list[SiteVisit]:
    """It is taken out of the calendars it stands in."""
    actor.must(Permission.CASE_HANDLE)
    visits = _locked(session, actor, [each.site_visit_id for each in commands])
    for command in commands:
        visit, case = visits[command.site_visit_id]
        values = {"sequence": visit.sequence + 1, "changed_at": clock_of(session).now()}
        advance(session, [visit], VisitVerb.CANCEL, refused=VisitOver, values=values)
        event = events.SiteVisitCancelled.of(case, actor.person_id, site_visit_id=visit.id)
        publish(session, [event])
    return [visits[each.site_visit_id][0] for each in commands]


def _told(
    kind: type[events.SiteVisitPlanned | events.SiteVisitMoved],
    case: Case,
    actor: Actor,
    visit: SiteVisit,
) -> events.SiteVisitPlanned | events.SiteVisitMoved:
    return kind.of(
        case,
        actor.person_id,
        site_visit_id=visit.id,
        starts_at=visit.starts_at,
        visitor_id=visit.person_id,
    )


def _moment(session: Session, command: PlanVisit | MoveVisit) -> datetime:
    """The wall clock's time as a moment; an hour that summer time leaves out is the next one."""
    today = clock_of(session).today()
    if not today - LONGEST_AGO <= command.day <= today + FURTHEST:
        raise Invalid(by_field={"day": N_("Velg en dag fra i fjor til om tre år.")})
    at = command.at.replace(tzinfo=None, fold=0)
    return datetime.combine(command.day, at, tzinfo=OSLO).astimezone(UTC)


def _place(session: Session, actor: Actor, command: PlanVisit | MoveVisit) -> UUID | None:
    if command.place_id is not None:
        own_places(session, actor, {command.place_id})
    return command.place_id


def _visitor(session: Session, actor: Actor, command: PlanVisit | MoveVisit) -> UUID:
    person_id = command.person_id or actor.person_id
    if person_id is None or person_id not in handlers(session, actor.org_id):
        raise Invalid(by_field={"person_id": N_("Velg en som behandler henvendelser.")})
    return person_id


def _locked(
    session: Session, actor: Actor, ids: Sequence[UUID]
) -> dict[UUID, tuple[SiteVisit, Case]]:
    """The visits with their cases, which are locked first. Raises ``NotFound`` and ``Forbidden``."""
    wanted = set(ids)
    of = visits_visible_to(actor).where(SiteVisit.id.in_(wanted))
    case_ids = session.scalars(of.with_only_columns(SiteVisit.case_id)).all()
    cases = locked(session, actor, case_ids)
    rows = session.scalars(
        of.order_by(SiteVisit.id)
        .with_for_update(of=SiteVisit)
        .execution_options(populate_existing=True)
    )
    found = {each.id: (each, cases[each.case_id]) for each in rows}
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke befaringen."))
    for _, case in found.values():
        must_handle(actor, case)
    return found
