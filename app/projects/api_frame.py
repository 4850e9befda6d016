"""A project's members, timeline and end, and a programme copied from another project, as JSON."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.addressed import completed, of_address
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey
from app.projects import queries, service
from app.projects.api import MOST, project_of
from app.projects.models import ProjectMember
from app.projects.outputs import MemberOut, MilestoneOut, ProgrammeLineOut, ProjectOut

router = APIRouter(prefix="/projects/{project_id}", tags=["projects"])


class NewMember(service.SetMember):
    """Somebody who takes part in the project that the address names."""

    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class GoneMember(service.RemoveMember):
    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class NewMilestone(service.SetMilestone):
    """A day of the project's timeline; with ``milestone_id`` it is changed."""

    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class GoneMilestone(service.RemoveMilestone):
    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class FromProject(service.CopyLines):
    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


@router.get("/members", name="projects:list_members", response_model=list[MemberOut])
def members(project_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """Who takes part, by name."""
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        project_of(session, actor, project_id)
        found = queries.members_named(session, actor, project_id)
        body = [MemberOut.of(row) for row, _ in found]
    return JSONResponse([each.model_dump(mode="json") for each in body])


@router.post("/members", name="projects:set_members", response_model=list[MemberOut])
def set_member(
    project_id: UUID,
    new: Annotated[list[NewMember], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Whoever takes part already gets the role instead."""
    commands = [completed(service.SetMember, each, project_id=project_id) for each in new]

    def done(session: Any) -> list[MemberOut]:
        rows: list[ProjectMember] = service.set_member(session, actor, commands)
        return [MemberOut.of(each) for each in rows]

    return answered(db, actor, key, commands, done)


@router.post("/members/remove", name="projects:remove_members", response_model=list[MemberOut])
def remove_member(
    project_id: UUID,
    gone: Annotated[list[GoneMember], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Gives who takes part after it."""
    commands = [completed(service.RemoveMember, each, project_id=project_id) for each in gone]

    def done(session: Any) -> list[MemberOut]:
        service.remove_member(session, actor, commands)
        session.flush()  # those who are left are read from the database
        found = queries.members_named(session, actor, project_id)
        return [MemberOut.of(row) for row, _ in found]

    return answered(db, actor, key, commands, done)


@router.get("/milestones", name="projects:list_milestones", response_model=list[MilestoneOut])
def milestones(project_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """The timeline, the first day first."""
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        project_of(session, actor, project_id)
        found = session.scalars(queries.milestones_of(actor, [project_id]))
        body = [MilestoneOut.of(each) for each in found]
    return JSONResponse([each.model_dump(mode="json") for each in body])


@router.post("/milestones", name="projects:set_milestones", response_model=list[MilestoneOut])
def set_milestone(
    project_id: UUID,
    new: Annotated[list[NewMilestone], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    commands = [completed(service.SetMilestone, each, project_id=project_id) for each in new]

    def done(session: Any) -> list[MilestoneOut]:
        return [MilestoneOut.of(each) for each in service.set_milestone(session, actor, commands)]

    return answered(db, actor, key, commands, done)


@router.post(
    "/milestones/remove", name="projects:remove_milestones", response_model=list[MilestoneOut]
)
def remove_milestone(
    project_id: UUID,
    gone: Annotated[list[GoneMilestone], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Gives what is left of the timeline."""
    commands = [completed(service.RemoveMilestone, each, project_id=project_id) for each in gone]

    def done(session: Any) -> list[MilestoneOut]:
        service.remove_milestone(session, actor, commands)
        session.flush()  # what is left is read from the database
        found = session.scalars(queries.milestones_of(actor, [project_id]))
        return [MilestoneOut.of(each) for each in found]

    return answered(db, actor, key, commands, done)


@router.post("/close", name="projects:close_one", response_model=ProjectOut)
def close_project(project_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Refused while pieces are on their way, ordered or set aside."""
    commands = [service.CloseProject(project_id=project_id)]
    return _project(db, actor, key, commands, service.close_project)


@router.post("/reopen", name="projects:reopen_one", response_model=ProjectOut)
def reopen_project(project_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    commands = [service.ReopenProject(project_id=project_id)]
    return _project(db, actor, key, commands, service.reopen_project)


@router.post(
    "/programme-lines/copy",
    name="projects:copy_all_lines",
    response_model=list[ProgrammeLineOut],
    status_code=201,
)
def copy_lines(
    project_id: UUID,
    given: FromProject,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Adds what another project needs; its places, dates and cancelled lines stay behind."""
    commands = [completed(service.CopyLines, given, project_id=project_id)]
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ProgrammeLineOut.all(
            session, actor, service.copy_lines(session, actor, commands)
        ),
        201,
    )


def _project(db: Db, actor: Actor, key: str | None, commands: Any, verb: Any) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ProjectOut.all(session, verb(session, actor, commands)),
        read=lambda kept: kept[0],
    )
