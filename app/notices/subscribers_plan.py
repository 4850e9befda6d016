"""Who is told of a project's plan: who set a piece aside, when it does not come after all."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.events import subjects
from app.notices.service import tell
from app.notices.subscribers import requests_of
from app.planning.events import PlanAllocationEnded, PlanAllocationMoved, RequestDayMoved
from app.projects.models import Project
from app.projects.names import PLAN_ENDS
from app.projects.rules import PlanEnd

OWN_DOING = (PlanEnd.DELIVERED, PlanEnd.LET_GO, PlanEnd.LINE_ENDED)


def on_plan_ended(session: Session, events: Sequence[PlanAllocationEnded]) -> None:
    """Who planned with it looks for something else; not who did it."""
    gone: Counter[tuple[UUID, UUID, UUID, PlanEnd]] = Counter()
    for each in events:
        planner = each.planner_id
        if each.why not in OWN_DOING and planner is not None and planner != each.person_id:
            gone[each.org_id, each.project_id, planner, each.why] += 1
    for (org_id, project_id, planner, why), pieces in gone.items():
        query = select(Project).where(Project.org_id == org_id, Project.id == project_id)
        project = session.scalars(query).one()
        facts = {"project": project.name, "pieces": pieces, "reason": PLAN_ENDS[why]}
        tell(session, org_id, {planner}, "plan_ended", project.id, facts)


def on_plan_moved(session: Session, events: Sequence[PlanAllocationMoved]) -> None:
    """Who planned with it hears the new day; not who moved it."""
    moved: Counter[tuple[UUID, UUID, UUID, date]] = Counter()
    for each in events:
        if each.planner_id is not None and each.planner_id != each.person_id:
            moved[each.org_id, each.project_id, each.planner_id, each.free_from] += 1
    for (org_id, project_id, planner, day), pieces in moved.items():
        query = select(Project).where(Project.org_id == org_id, Project.id == project_id)
        project = session.scalars(query).one()
        facts = {"project": project.name, "pieces": pieces, "day": day.isoformat()}
        tell(session, org_id, {planner}, "plan_moved", project.id, facts)


def on_request_day_moved(session: Session, events: Sequence[RequestDayMoved]) -> None:
    """Who ordered it hears the new day once, the latest of its pieces; not who moved it."""
    moved: dict[tuple[UUID, UUID | None, UUID], list[RequestDayMoved]] = defaultdict(list)
    for event in events:
        moved[event.org_id, event.person_id, event.subject_id].append(event)
    requests = {
        key: request
        for org_id, ids in subjects(events).items()
        for key, request in requests_of(session, org_id, ids).items()
    }
    for (org_id, person_id, request_id), some in moved.items():
        request = requests[request_id]
        facts = {
            "number": request.number,
            "pieces": sum(each.pieces for each in some),
            "day": max(each.free_from for each in some).isoformat(),
        }
        people = {request.person_id} - {person_id}
        tell(session, org_id, people, "request_day_moved", request.id, facts)
