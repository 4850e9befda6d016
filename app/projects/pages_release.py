"""One piece and the project that releases it: put on, planned otherwise, taken off."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import names as item_names
from app.items.models import Item
from app.items.queries import items_visible_to
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.projects import service
from app.projects.api import project_of
from app.projects.api_release import release_of
from app.projects.models import Release
from app.projects.outputs import ReleaseOut
from app.projects.queries import open_projects
from app.projects.queries_release import live_of_piece

router = APIRouter()

PlanForm = Annotated[Submission[service.PlanRelease], Depends(submitted(service.PlanRelease))]
EditForm = Annotated[Submission[service.EditRelease], Depends(submitted(service.EditRelease))]
CancelForm = Annotated[Submission[service.CancelRelease], Depends(submitted(service.CancelRelease))]


def fate_options() -> list[tuple[str, str]]:
    """The most useful first."""
    return [(fate.value, gettext(text)) for fate, text in item_names.FATES.items()]


@router.get("/mobler/{item_id}/prosjekt", name="releases:choose")
def choose(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The form that puts a piece on a project, or that changes its plan."""
    actor.must(Permission.PROJECT_EDIT)
    with db.read() as session:
        item = _item(session, actor, item_id)
        row = session.scalar(live_of_piece(actor, item.id))
        form = _typed(row) if row else {"fate": "offer"}
        return _form(request, session, actor, item, row, form=form, errors={})


@router.post("/mobler/{item_id}/prosjekt", name="releases:plan")
def plan_release(
    request: Request, item_id: UUID, form: PlanForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(item_ids=[item_id])
        project_id = _done(
            db, actor, form.key, [command], service.plan_release, _id_in("project_id")
        )
    except (Invalid, Conflict, NotFound) as problem:
        with db.read() as session:
            item = _item(session, actor, item_id)
            row = session.scalar(live_of_piece(actor, item.id))
            errors = _said(problem)
            return _form(
                request,
                session,
                actor,
                item,
                row,
                form=form.raw,
                errors=errors,
                status=problem.status,
            )
    with db.read() as session:
        name = project_of(session, actor, project_id).name
    message = gettext(N_("Møbelet står nå på prosjektet %(name)s."), name=name)
    return redirect(request, "items:show", message=message, item_id=item_id)


@router.post("/prosjekter/frigivelser/{release_id}", name="releases:save")
def edit_release(
    request: Request, release_id: UUID, form: EditForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(release_id=release_id)
        with db.write() as session:
            (row,) = service.edit_release(session, actor, [command])
            item_id = row.item_id
    except (Invalid, Stale) as problem:
        with db.read() as session:
            row = release_of(session, actor, release_id)
            item = _item(session, actor, row.item_id)
            errors = _said(problem)
            return _form(
                request,
                session,
                actor,
                item,
                row,
                form=form.raw,
                errors=errors,
                status=problem.status,
            )
    return redirect(request, "items:show", message=gettext("Lagret."), item_id=item_id)


@router.post("/prosjekter/frigivelser/{release_id}/ta-av", name="releases:cancel")
def cancel_release(
    request: Request, release_id: UUID, form: CancelForm, actor: SignedIn, db: Db
) -> Response:
    commands = [form.valid(release_id=release_id)]
    item_id = _done(db, actor, form.key, commands, service.cancel_release, _id_in("item_id"))
    message = gettext("Møbelet er tatt av prosjektet.")
    return redirect(request, "items:show", message=message, item_id=item_id)


def _done(
    db: Database,
    actor: Actor,
    key: str | None,
    commands: Sequence[Any],
    verb: Callable[[Session, Actor, Any], Sequence[Release]],
    read: Callable[[Any], UUID],
) -> UUID:
    with db.write() as session:
        found: UUID = once(
            session,
            actor,
            key,
            commands,
            lambda: ReleaseOut.all(session, verb(session, actor, commands)),
            read,
        )
    return found


def _id_in(field: str) -> Callable[[Any], UUID]:
    return lambda answer: UUID(answer[0][field])


def _said(problem: Invalid | Conflict | NotFound | Stale) -> dict[str, str]:
    if isinstance(problem, Invalid) and problem.by_field:
        return {name: gettext(text) for name, text in problem.by_field.items()}
    if isinstance(problem, Stale):
        return {"": gettext(STALE)}
    return {"": gettext(problem.detail or problem.title)}


def _item(session: Session, actor: Actor, item_id: UUID) -> Item:
    found = session.scalar(items_visible_to(actor).where(Item.id == item_id))
    if found is None:
        raise NotFound(N_("Fant ikke møbelet."))
    return found


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    item: Item,
    row: Release | None,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    actor.must(Permission.PROJECT_EDIT, item.owner_unit_id)
    return page(
        request,
        "projects/release.html",
        status=status,
        item=item,
        row=row,
        project=project_of(session, actor, row.project_id) if row else None,
        projects=open_projects(session, actor),
        fates=fate_options(),
        form=form,
        errors=errors,
        key=str(uuid4()),
    )


def _typed(row: Release) -> dict[str, str]:
    return {
        "fate": row.fate.value,
        "free_from": row.free_from.isoformat(),
        "gone_by": row.gone_by.isoformat() if row.gone_by else "",
    }
