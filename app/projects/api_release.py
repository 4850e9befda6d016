"""The pieces that a project releases, as JSON."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.addressed import completed, of_address
from app.kit.answers import answered
from app.kit.db import Database
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, IfMatch, etag, link_next, version_of
from app.projects import queries_release, service
from app.projects.api import project_of
from app.projects.models import Release
from app.projects.outputs import ReleaseOut

router = APIRouter(tags=["projects"])


class NewReleases(service.PlanRelease):
    """Pieces of the project that the address names."""

    project_id: UUID = UUID(int=0)
    model_config = of_address("project_id")


class ReleaseFields(service.EditRelease):
    """Fields that are absent stay as they are; null empties ``gone_by``."""

    release_id: UUID = UUID(int=0)
    version: int = 0
    model_config = of_address("release_id", "version")


def release_of(session: Session, actor: Actor, release_id: UUID) -> Release:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(
        queries_release.releases_visible_to(actor).where(Release.id == release_id)
    )
    if found is None:
        raise NotFound(N_("Fant ikke møbelet på prosjektet."))
    return found


@router.get(
    "/projects/{project_id}/releases",
    name="releases:list",
    response_model=list[ReleaseOut],
)
def browse(
    request: Request,
    project_id: UUID,
    actor: SignedIn,
    db: Db,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """What the project releases now, in the order it was put there."""
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        project_of(session, actor, project_id)
        found = keyset(
            session,
            queries_release.releases_of(actor, project_id),
            [(Release.created_at.expression, False), (Release.id.expression, False)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.created_at, each.id),
        )
        body = [each.model_dump(mode="json") for each in ReleaseOut.all(session, found.rows)]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.post(
    "/projects/{project_id}/releases",
    name="releases:plan_all",
    response_model=list[ReleaseOut],
    status_code=201,
)
def plan_release(
    project_id: UUID, new: NewReleases, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Puts pieces on the project, all or none."""
    commands = [completed(service.PlanRelease, new, project_id=project_id)]
    return _done(db, actor, key, commands, service.plan_release, 201)


@router.get("/releases/{release_id}", name="releases:read", response_model=ReleaseOut)
def show(release_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        (body,) = ReleaseOut.all(session, [release_of(session, actor, release_id)])
    return JSONResponse(body.model_dump(mode="json"), headers=etag(body.version))


@router.patch("/releases/{release_id}", name="releases:patch", response_model=ReleaseOut)
def edit_release(
    release_id: UUID, fields: ReleaseFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> Answer:
    version = version_of(if_match)
    command = completed(service.EditRelease, fields, release_id=release_id, version=version)
    with db.write() as session:
        (body,) = ReleaseOut.all(session, service.edit_release(session, actor, [command]))
    return JSONResponse(body.model_dump(mode="json"), headers=etag(body.version))


@router.post(
    "/releases/{release_id}/cancel",
    name="releases:cancel_one",
    response_model=list[ReleaseOut],
)
def cancel_release(release_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Takes the piece off the project."""
    commands = [service.CancelRelease(release_id=release_id)]
    return _done(db, actor, key, commands, service.cancel_release)


def _done(
    db: Database,
    actor: Actor,
    key: str | None,
    commands: Sequence[BaseModel],
    verb: Callable[[Session, Actor, Any], Sequence[Release]],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ReleaseOut.all(session, verb(session, actor, commands)),
        status,
    )
