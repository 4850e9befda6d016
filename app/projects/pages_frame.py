"""A project's frame on one page: who takes part, its timeline, its end; and a copied programme."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, Problem
from app.kit.forms import Submission, submitted
from app.kit.i18n import gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.projects import names, queries, service
from app.projects.api import project_of
from app.projects.models import Project
from app.projects.rules import ProjectRole, ProjectState

router = APIRouter(prefix="/prosjekter/{project_id}")

MemberForm = Annotated[Submission[service.SetMember], Depends(submitted(service.SetMember))]
GoneForm = Annotated[Submission[service.RemoveMember], Depends(submitted(service.RemoveMember))]
MilestoneForm = Annotated[
    Submission[service.SetMilestone], Depends(submitted(service.SetMilestone))
]
DroppedForm = Annotated[
    Submission[service.RemoveMilestone], Depends(submitted(service.RemoveMilestone))
]
CopyForm = Annotated[Submission[service.CopyLines], Depends(submitted(service.CopyLines))]
CloseForm = Annotated[Submission[service.CloseProject], Depends(submitted(service.CloseProject))]
ReopenForm = Annotated[Submission[service.ReopenProject], Depends(submitted(service.ReopenProject))]


@router.get("/rammer", name="projects:frame")
def show(request: Request, project_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        return _show(request, session, actor, project_of(session, actor, project_id))


@router.post("/deltakere", name="projects:set_member")
def set_member(
    request: Request, project_id: UUID, form: MemberForm, actor: SignedIn, db: Db
) -> Response:
    return _done(request, form, actor, db, project_id, service.set_member, "member")


@router.post("/deltakere/fjern", name="projects:remove_member")
def remove_member(
    request: Request, project_id: UUID, form: GoneForm, actor: SignedIn, db: Db
) -> Response:
    return _done(request, form, actor, db, project_id, service.remove_member, "member")


@router.post("/milepaeler", name="projects:set_milestone")
def set_milestone(
    request: Request, project_id: UUID, form: MilestoneForm, actor: SignedIn, db: Db
) -> Response:
    is_reached = "is_reached" in form.raw
    return _done(
        request, form, actor, db, project_id, service.set_milestone, "day", is_reached=is_reached
    )


@router.post("/milepaeler/fjern", name="projects:remove_milestone")
def remove_milestone(
    request: Request, project_id: UUID, form: DroppedForm, actor: SignedIn, db: Db
) -> Response:
    return _done(request, form, actor, db, project_id, service.remove_milestone, "day")


@router.post("/avslutt", name="projects:close")
def close_project(
    request: Request, project_id: UUID, form: CloseForm, actor: SignedIn, db: Db
) -> Response:
    return _done(request, form, actor, db, project_id, service.close_project, "end")


@router.post("/gjenapne", name="projects:reopen")
def reopen_project(
    request: Request, project_id: UUID, form: ReopenForm, actor: SignedIn, db: Db
) -> Response:
    return _done(request, form, actor, db, project_id, service.reopen_project, "end")


@router.post("/linjer/hent", name="projects:copy_lines")
def copy_lines(
    request: Request, project_id: UUID, form: CopyForm, actor: SignedIn, db: Db
) -> Response:
    try:
        commands = [form.valid(project_id=project_id)]
        with db.write() as session:
            count: int = once(
                session,
                actor,
                form.key,
                commands,
                lambda: [str(each.id) for each in service.copy_lines(session, actor, commands)],
                len,
            )
    except Invalid as problem:
        with db.read() as session:
            project = project_of(session, actor, project_id)
            return _show(request, session, actor, project, form, problem, "copy")
    message = ngettext("%(num)s linje er hentet.", "%(num)s linjer er hentet.", count)
    return redirect(request, "projects:show", message=message, project_id=project_id)


def _done(
    request: Request,
    form: Submission[Any],
    actor: Actor,
    db: Database,
    project_id: UUID,
    verb: Callable[[Session, Actor, Any], Sequence[Any] | None],
    at: str,
    **given: object,
) -> Response:
    """Carries it out; a refusal stands on the page, in the section it was asked for in."""
    try:
        commands: list[BaseModel] = [form.valid(project_id=project_id, **given)]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: [str(each.id) for each in verb(session, actor, commands) or ()],
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            project = project_of(session, actor, project_id)
            return _show(request, session, actor, project, form, problem, at)
    return redirect(request, "projects:frame", message=gettext("Lagret."), project_id=project_id)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    project: Project,
    form: Submission[Any] | None = None,
    problem: Problem | None = None,
    at: str = "",
) -> Response:
    is_closed = project.state is ProjectState.CLOSED
    may = actor.may(Permission.PROJECT_EDIT, project.unit_id)
    others = [each for each in queries.all_projects(session, actor) if each[0] != str(project.id)]
    return page(
        request,
        "projects/frame.html",
        status=problem.status if problem else 200,
        project=project,
        members=[
            {"row": row, "name": name, "role": gettext(names.PROJECT_ROLES[ProjectRole(row.role)])}
            for row, name in queries.members_named(session, actor, project.id)
        ],
        milestones=session.scalars(queries.milestones_of(actor, [project.id])).all(),
        people=queries.people_choices(session, actor) if may else [],
        roles=[(each.value, gettext(text)) for each, text in names.PROJECT_ROLES.items()],
        others=others,
        may_edit=may and not is_closed,
        may_close=may and project.state is ProjectState.ACTIVE,
        may_reopen=may and is_closed,
        key=str(uuid4()),
        at=at,
        form=form.raw if form else {},
        errors=_said(problem),
    )


def _said(problem: Problem | None) -> Mapping[str, str]:
    if problem is None:
        return {}
    if isinstance(problem, Invalid) and problem.by_field:
        return problem.by_field
    return {"": gettext(problem.detail or problem.title, **problem.values)}
