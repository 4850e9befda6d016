"""Projects and programme lines as JSON."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.addressed import completed, of_address
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, IfMatch, etag, link_next, version_of
from app.projects import queries, service
from app.projects.models import ProgrammeLine, Project
from app.projects.outputs import ProgrammeLineOut, ProjectOut
from app.projects.rules import ProjectState

router = APIRouter(tags=["projects"])

MOST = 200
NEWEST_FIRST: Any = ((Project.number, True), (Project.id, True))


class ProjectFields(service.EditProject):
    """Fields that are absent stay as they are; null empties one that may be empty."""

    project_id: UUID = UUID(int=0)
    version: int = 0
    model_config = of_address("project_id", "version")


class LineFields(service.EditLine):
    """Fields that are absent stay as they are; null empties one that may be empty."""

    programme_line_id: UUID = UUID(int=0)
    version: int = 0
    model_config = of_address("programme_line_id", "version")


class NewLine(service.AddLine):
    """A line of the project that the address names."""

    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


def project_of(session: Session, actor: Actor, project_id: UUID) -> Project:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(queries.projects_visible_to(actor).where(Project.id == project_id))
    if found is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    return found


def line_of(session: Session, actor: Actor, programme_line_id: UUID) -> ProgrammeLine:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(
        queries.lines_visible_to(actor).where(ProgrammeLine.id == programme_line_id)
    )
    if found is None:
        raise NotFound(N_("Fant ikke linjen i behovsprogrammet."))
    return found


@router.get("/projects", name="projects:list", response_model=list[ProjectOut])
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    state: ProjectState | None = None,
    name: Annotated[str, Query(max_length=160, description="Exactly this name.")] = "",
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first."""
    actor.must(Permission.PROJECT_READ)
    query = queries.projects_visible_to(actor)
    if state is not None:
        query = query.where(Project.state == state)
    if name:
        query = query.where(Project.name == name.replace("\x00", ""))
    with db.read() as session:
        found = keyset(
            session,
            query,
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        body = [each.model_dump(mode="json") for each in ProjectOut.all(session, found.rows)]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.post(
    "/projects", name="projects:start_all", response_model=list[ProjectOut], status_code=201
)
def start_project(
    commands: Annotated[list[service.StartProject], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ProjectOut.all(session, service.start_project(session, actor, commands)),
        201,
    )


@router.get("/projects/{project_id}", name="projects:read", response_model=ProjectOut)
def show(project_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        (body,) = ProjectOut.all(session, [project_of(session, actor, project_id)])
    return JSONResponse(body.model_dump(mode="json"), headers=etag(body.version))


@router.patch("/projects/{project_id}", name="projects:patch", response_model=ProjectOut)
def edit_project(
    project_id: UUID, fields: ProjectFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> Answer:
    command = _named(service.EditProject, fields, project_id=project_id, if_match=if_match)
    with db.write() as session:
        (body,) = ProjectOut.all(session, service.edit_project(session, actor, [command]))
    return JSONResponse(body.model_dump(mode="json"), headers=etag(body.version))


@router.post("/projects/{project_id}/begin", name="projects:begin_one", response_model=ProjectOut)
def begin_project(project_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Sets a planned project going."""
    commands = [service.BeginProject(project_id=project_id)]
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ProjectOut.all(session, service.begin_project(session, actor, commands)),
        read=lambda kept: kept[0],
    )


@router.get(
    "/projects/{project_id}/programme-lines",
    name="projects:list_lines",
    response_model=list[ProgrammeLineOut],
)
def lines(project_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """All lines in the order they were added, with what meets them by source."""
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        project_of(session, actor, project_id)
        found = session.scalars(queries.lines_of(actor, project_id)).all()
        body = ProgrammeLineOut.all(session, actor, found)
    return JSONResponse([each.model_dump(mode="json") for each in body])


@router.post(
    "/projects/{project_id}/programme-lines",
    name="projects:add_all_lines",
    response_model=list[ProgrammeLineOut],
    status_code=201,
)
def add_lines(
    project_id: UUID,
    new: Annotated[list[NewLine], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    commands = [completed(service.AddLine, each, project_id=project_id) for each in new]
    return _lines(db, actor, key, commands, service.add_lines, 201)


@router.get(
    "/programme-lines/{programme_line_id}",
    name="projects:read_line",
    response_model=ProgrammeLineOut,
)
def line(programme_line_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        (body,) = ProgrammeLineOut.all(session, actor, [line_of(session, actor, programme_line_id)])
    return JSONResponse(body.model_dump(mode="json"), headers=etag(body.version))


@router.patch(
    "/programme-lines/{programme_line_id}",
    name="projects:patch_line",
    response_model=ProgrammeLineOut,
)
def edit_line(
    programme_line_id: UUID, fields: LineFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> Answer:
    command = _named(
        service.EditLine, fields, programme_line_id=programme_line_id, if_match=if_match
    )
    with db.write() as session:
        edited = service.edit_line(session, actor, [command])
        (body,) = ProgrammeLineOut.all(session, actor, edited)
    return JSONResponse(body.model_dump(mode="json"), headers=etag(body.version))


@router.post(
    "/programme-lines/{programme_line_id}/cancel",
    name="projects:cancel_one_line",
    response_model=list[ProgrammeLineOut],
)
def cancel_line(
    programme_line_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    commands = [service.CancelLine(programme_line_id=programme_line_id)]
    return _lines(db, actor, key, commands, service.cancel_line)


@router.post(
    "/programme-lines/{programme_line_id}/reopen",
    name="projects:reopen_one_line",
    response_model=list[ProgrammeLineOut],
)
def reopen_line(
    programme_line_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    commands = [service.ReopenLine(programme_line_id=programme_line_id)]
    return _lines(db, actor, key, commands, service.reopen_line)


def _lines(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: Sequence[BaseModel],
    verb: Callable[[Session, Actor, Any], Sequence[ProgrammeLine]],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ProgrammeLineOut.all(session, actor, verb(session, actor, commands)),
        status,
    )


def _named(command: Any, fields: BaseModel, *, if_match: str | None, **ids: UUID) -> Any:
    """The command with only the fields the caller named."""
    return completed(command, fields, **ids, version=version_of(if_match))
