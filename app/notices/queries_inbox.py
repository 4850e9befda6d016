"""What waits of cases: for who asked an answer, for who handles them the next act."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.inbox.models import Case, SiteVisit
from app.inbox.queries_waiting import Stage, Waits, due_visits, open_cases
from app.inbox.rules import CaseState, case_number
from app.kit.db import clock_of
from app.kit.i18n import gettext, ngettext
from app.notices.tasks import OF_EACH_KIND, Task, Waiting


def asked_back(session: Session, actor: Actor) -> list[Waiting]:
    """Of one's own cases those that wait for an answer."""
    rows = session.execute(
        select(Case.id, Case.year, Case.number, Case.subject, Case.received_at)
        .where(Case.org_id == actor.org_id, Case.person_id == actor.person_id)
        .where(Case.state == CaseState.WAITING)
        .order_by(Case.received_at, Case.id)
        .limit(OF_EACH_KIND)
    )
    title = gettext("Svar på henvendelse %(number)s")
    return [
        Waiting(
            task=Task.ANSWER_CASE,
            title=title % {"number": case_number(row.year, row.number)},
            text=row.subject,
            since=row.received_at,
            route="cases:show",
            params={"case_id": row.id},
            icon="message",
            tone="warning",
        )
        for row in rows
    ]


def cases_to_handle(session: Session, actor: Actor) -> list[Waiting]:
    """Cases nobody has begun, and visits of the coming days or without an outcome."""
    cases, visits = open_cases(actor), due_visits(actor, clock_of(session).now())
    if cases is None or visits is None:
        return []
    new = cases.where(Case.state == CaseState.NEW)
    one = session.execute(
        new.with_only_columns(func.count(Case.id), func.min(Case.received_at))
    ).one()
    two = session.execute(
        visits.with_only_columns(func.count(SiteVisit.id), func.min(SiteVisit.created_at))
    ).one()
    found = []
    if one[0]:
        title = ngettext("%(num)s ny henvendelse", "%(num)s nye henvendelser", one[0])
        query = {"kind": Waits.CASE.value, "stage": Stage.NEW.value}
        task, route = Task.BEGIN_CASE, "inbox:browse"
        found.append(Waiting(task, title, None, one[1], route, "message", query=query))
    if two[0]:
        title = ngettext("%(num)s befaring denne uken", "%(num)s befaringer denne uken", two[0])
        query = {"kind": Waits.VISIT.value}
        found.append(Waiting(Task.VISIT, title, None, two[1], "inbox:browse", "place", query=query))
    return found
