"""A programme from a spreadsheet: choose the file, see the lines and the bad rows, add them."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.errors import Conflict, Invalid, NotFound, Problem
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.projects.models import Project
from app.projects.queries import projects_visible_to
from app.transfer import service_programme as service
from app.transfer import shown, shown_programme
from app.transfer.service_programme import ApplySheet
from app.transfer.sheet_limits import LIMITS
from app.transfer.upload_programme import BODY_BYTES, kept

router = APIRouter(prefix="/prosjekter")


class Choose(BaseModel):
    """Nothing stands beside the file."""


_read_form = submitted(Choose)


async def _uploaded(request: Request) -> AsyncIterator[Submission[Choose]]:
    """The form with its file, whose temporary file is closed with the answer."""
    try:
        yield await _read_form(request)
    finally:
        await request.close()


ChooseForm = Annotated[Submission[Choose], Depends(_uploaded)]
ApplyForm = Annotated[Submission[ApplySheet], Depends(submitted(ApplySheet))]


@router.get("/{project_id}/regneark", name="programme_sheets:new")
def new(request: Request, project_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PROJECT_EDIT)
    with db.read() as session:
        return _new(request, session, actor, project_id)


@router.post("/{project_id}/regneark", name="programme_sheets:upload", max_body_size=BODY_BYTES)
def upload(
    request: Request, project_id: UUID, form: ChooseForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.PROJECT_EDIT)
    try:
        sent = form.files.get("file")
        if not sent:
            raise Invalid(by_field={"file": N_("Velg en fil.")})
        content = sent[0].file.read(LIMITS.file_bytes + 1)
        sheet_id = kept(db, actor, project_id, content, sent[0].filename or "", form.key)
    except NotFound:
        raise
    except Problem as problem:
        with db.read() as session:
            return _new(request, session, actor, project_id, problem)
    return redirect(request, "programme_sheets:show", programme_sheet_id=sheet_id)


@router.get("/regneark/{programme_sheet_id}", name="programme_sheets:show")
def show(request: Request, programme_sheet_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.PROJECT_EDIT)
    with db.read() as session:
        return _show(request, session, actor, programme_sheet_id)


@router.post("/regneark/{programme_sheet_id}", name="programme_sheets:apply")
def apply_sheet(
    request: Request, programme_sheet_id: UUID, form: ApplyForm, actor: SignedIn, db: Db
) -> Response:
    try:
        skip = "skip_bad" in form.raw
        commands = [form.valid(programme_sheet_id=programme_sheet_id, skip_bad=skip)]
        with db.write() as session:
            project_id = service.sheet_of(session, actor, programme_sheet_id).project_id
            count: int = once(
                session,
                actor,
                form.key,
                commands,
                lambda: [str(each.id) for each in service.apply_sheet(session, actor, commands)],
                len,
            )
    except Conflict as problem:
        with db.read() as session:
            return _show(request, session, actor, programme_sheet_id, problem)
    message = ngettext("%(num)s linje er lagt inn.", "%(num)s linjer er lagt inn.", count)
    return redirect(request, "projects:show", message=message, project_id=project_id)


def _project(session: Session, actor: Actor, project_id: UUID) -> Project:
    project = session.scalar(projects_visible_to(actor).where(Project.id == project_id))
    if project is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    return project


def _new(
    request: Request,
    session: Session,
    actor: Actor,
    project_id: UUID,
    problem: Problem | None = None,
) -> Response:
    project = _project(session, actor, project_id)
    actor.must(Permission.PROJECT_EDIT, project.unit_id)
    return page(
        request,
        "transfer/programme_new.html",
        status=problem.status if problem else 200,
        project=project,
        errors=shown.errors_of(problem, "file") if problem else {},
        key=str(uuid4()),
    )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    programme_sheet_id: UUID,
    problem: Problem | None = None,
) -> Response:
    row = service.sheet_of(session, actor, programme_sheet_id)
    return page(
        request,
        "transfer/programme.html",
        status=problem.status if problem else 200,
        project=_project(session, actor, row.project_id),
        sheet=row,
        **shown_programme.sheet_page(session, actor, row),
        errors=shown.errors_of(problem, "") if problem else {},
        key=str(uuid4()),
    )
