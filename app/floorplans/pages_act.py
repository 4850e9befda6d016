"""What is done to a floor's plan by plain forms: picture, scale, positions, and undoing."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.floorplans import commands as do
from app.floorplans import queries, service, service_position
from app.floorplans.pages import ForProject, show_plan
from app.floorplans.rules import Sheet
from app.items.service_photo_files import store_first
from app.items.uploads import uploaded
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, Problem, Stale
from app.kit.forms import FILL_IN, STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.images import PhotoRefused
from app.kit.once import once
from app.kit.page import redirect
from app.kit.web import Db

router = APIRouter(prefix="/plantegninger")

IMAGE_BYTES = 21_000_000
"""One picture of 20 MB, and the form around it."""

ImageForm = Annotated[Submission[do.AddImage], Depends(uploaded(do.AddImage))]
ScaleForm = Annotated[Submission[do.SetScale], Depends(submitted(do.SetScale))]
PutForm = Annotated[Submission[do.PutPiece], Depends(submitted(do.PutPiece))]
TakeForm = Annotated[Submission[do.TakePiece], Depends(submitted(do.TakePiece))]
UndoForm = Annotated[Submission[do.UndoStep], Depends(submitted(do.UndoStep))]


@router.post("/{floor_id}/bilde", name="floorplans:add_image", max_body_size=IMAGE_BYTES)
def add_image(
    request: Request, floor_id: UUID, form: ImageForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.PLACE_EDIT)
    with db.read() as session:
        queries.floor_of(session, actor, floor_id)
    command = form.valid(floor_id=floor_id)
    uploads = form.files.get("image", [])
    if not uploads:
        missing = Invalid(by_field={"image": N_("Velg et bilde.")})
        return _refused(request, db, actor, floor_id, None, form, missing, "image")
    try:
        (stored,) = store_first(request.app.state.files, actor.org_id, uploads[0].file.read())
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: service.add_image(session, actor, command, stored).version,
            )
    except PhotoRefused as problem:
        text = gettext(problem.detail or problem.title)
        errors = {"image": text % problem.values if problem.values else text}
        return show_plan(
            request, db, actor, floor_id, None, errors=errors, at="image", status=problem.status
        )
    message = gettext(N_("Bildet er lagret. Det som er plassert, står der det sto."))
    return redirect(request, "floorplans:show", message=message, floor_id=floor_id)


@router.post("/{floor_id}/malestokk", name="floorplans:scale")
def set_scale(
    request: Request, floor_id: UUID, form: ScaleForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.PLACE_EDIT)
    try:
        command = form.valid(floor_id=floor_id)
        with db.write() as session:
            service.set_scale(session, actor, command)
    except (Invalid, Conflict, Stale) as problem:
        return _refused(request, db, actor, floor_id, None, form, problem, "scale")
    message = gettext(N_("Målestokken er lagret."))
    return redirect(request, "floorplans:show", message=message, floor_id=floor_id)


@router.post("/{floor_id}/plasser", name="floorplans:put")
def put(
    request: Request,
    floor_id: UUID,
    form: PutForm,
    actor: SignedIn,
    db: Db,
    project: ForProject = None,
) -> Response:
    """A position as a person types it: metres or per cent from the left and from the top."""
    try:
        with db.read() as session:
            typed = _typed(session, actor, floor_id, form)
        command = form.valid(floor_id=floor_id, project_id=project, **typed)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: service_position.put_piece(session, actor, command).version,
            )
    except (Invalid, Conflict, Stale) as problem:
        return _refused(request, db, actor, floor_id, project, form, problem, "put")
    message = gettext(N_("Plassen er lagret."))
    return _back(request, floor_id, project, message)


@router.post("/{floor_id}/ta-av", name="floorplans:take")
def take(
    request: Request,
    floor_id: UUID,
    form: TakeForm,
    actor: SignedIn,
    db: Db,
    project: ForProject = None,
) -> Response:
    try:
        command = form.valid(floor_id=floor_id, project_id=project)

        def call(session: Session) -> str:
            service_position.take_piece(session, actor, command)
            return str(command.item_id)

        with db.write() as session:
            once(session, actor, form.key, [command], lambda: call(session))
    except (Invalid, Conflict, Stale) as problem:
        return _refused(request, db, actor, floor_id, project, form, problem, "take")
    message = gettext(N_("Møbelet er tatt av planen. Det er registrert der det var."))
    return _back(request, floor_id, project, message)


@router.post("/{floor_id}/angre", name="floorplans:undo")
def undo(
    request: Request,
    floor_id: UUID,
    form: UndoForm,
    actor: SignedIn,
    db: Db,
    project: ForProject = None,
) -> Response:
    try:
        command = form.valid(floor_id=floor_id, project_id=project)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service_position.undo_step(session, actor, command).item_id),
            )
    except (Invalid, Conflict, Stale) as problem:
        return _refused(request, db, actor, floor_id, project, form, problem, "undo")
    return _back(request, floor_id, project, gettext(N_("Det siste du gjorde, er angret.")))


def _back(request: Request, floor_id: UUID, project: UUID | None, message: str) -> Response:
    return redirect(
        request,
        "floorplans:show",
        message=message,
        query={"prosjekt": project},
        floor_id=floor_id,
    )


def _typed(
    session: Session, actor: Actor, floor_id: UUID, form: Submission[Any]
) -> dict[str, object]:
    """Both sides in ten-thousandths, by the scale that the form was shown with.

    Raises ``FloorWithoutPlan``, and ``Invalid`` by the form's own fields.
    """
    queries.floor_of(session, actor, floor_id)
    plan = queries.plan_of(session, actor, floor_id)
    image = queries.image_of(session, actor, floor_id)
    if plan is None or image is None:
        raise service.FloorWithoutPlan(id=str(floor_id))
    sheet = queries.sheet_of(plan, image)
    if form.raw.get("unit", sheet.unit) != sheet.unit:
        raise Invalid(by_field={"": N_("Målestokken er endret. Se over plassen og lagre igjen.")})
    found: dict[str, object] = {"moves": form.raw.get("moves") == "1"}
    errors: dict[str, str] = {}
    for name, side in (("left", "x"), ("top", "y")):
        text = form.raw.get(name, "").strip()
        try:
            found[side] = _side(sheet, text, is_x=side == "x")
        except ValueError as error:
            errors[name] = gettext(str(error))
    if errors:
        raise Invalid(by_field=errors)
    return found


def _side(sheet: Sheet, text: str, *, is_x: bool) -> int:
    if not text:
        raise ValueError(FILL_IN)
    return sheet.typed(text[:40], is_x=is_x)


def _refused(
    request: Request,
    db: Database,
    actor: Actor,
    floor_id: UUID,
    project: UUID | None,
    form: Submission[Any],
    problem: Problem,
    at: str,
) -> Response:
    """The plan again, with what was typed and what is wrong; a stale form gets the new version."""
    errors = {"": gettext(problem.detail or problem.title)}
    if isinstance(problem, Stale):
        errors = {"": gettext(STALE)}
    elif isinstance(problem, Invalid) and problem.by_field:
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
    raw = {name: text for name, text in form.raw.items() if name != "version"}
    return show_plan(
        request,
        db,
        actor,
        floor_id,
        project,
        chosen=_uuid(form.raw.get("item_id", "")),
        form=raw,
        errors=errors,
        at=at,
        status=problem.status,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
