"""Site visits on a phone in a basement, their calendar files, and photos with a case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.inbox import calendar_file, queries, service_visit, shown_case
from app.inbox import commands as do
from app.inbox.api import case_of
from app.inbox.api_visits import visit_of
from app.inbox.models import Case, CasePhoto, CasePhotoFile, SiteVisit
from app.inbox.outputs import CasePhotoOut, SiteVisitOut
from app.inbox.pages_act import at_fields, said
from app.inbox.queries_appointments import appointment_of
from app.inbox.service import must_handle
from app.inbox.service_photos import (
    AddCasePhotos,
    CasePhotosEnough,
    RemoveCasePhoto,
    add_case_photos,
    remove_case_photo,
)
from app.items.uploads import PHOTO_BYTES, stored_photos, uploaded
from app.kit import images
from app.kit.clock import OSLO
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.files import FileMissing, Files
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.images import PhotoRefused
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.places.queries import place_choices

router = APIRouter()
log = structlog.get_logger()

SIZES = {"small": "small", "medium": "medium", "large": images.FIRST_SIZE}
PlanForm = Annotated[Submission[do.PlanVisit], Depends(submitted(do.PlanVisit))]
MoveForm = Annotated[Submission[do.MoveVisit], Depends(submitted(do.MoveVisit))]
FinishForm = Annotated[Submission[do.FinishVisit], Depends(submitted(do.FinishVisit))]
CancelForm = Annotated[Submission[do.OfVisit], Depends(submitted(do.OfVisit))]
PhotoForm = Annotated[Submission[AddCasePhotos], Depends(uploaded(AddCasePhotos))]
RemoveForm = Annotated[Submission[RemoveCasePhoto], Depends(submitted(RemoveCasePhoto))]


def _page(
    request: Request,
    db: Db,
    actor: Actor,
    case_id: UUID,
    visit: SiteVisit | None,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    with db.read() as session:
        case = case_of(session, actor, case_id)
        must_handle(actor, case)
        handlers = queries.handlers(session, actor.org_id)
        return page(
            request,
            "inbox/visit.html",
            status=status,
            case=case,
            visit=visit,
            places=place_choices(session, actor),
            handlers=[(str(key), name) for key, name in handlers.items()],
            key=str(uuid4()),
            form=form,
            errors=errors,
        )


@router.get("/henvendelser/{case_id}/befaring", name="visits:new")
def new(request: Request, case_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.CASE_HANDLE)
    with db.read() as session:
        case = case_of(session, actor, case_id)
    form = {
        "day": (db.clock.today() + timedelta(days=1)).isoformat(),
        "at": "10:00",
        "minutes": "30",
        "place_id": str(case.place_id or ""),
        "person_id": str(actor.person_id or ""),
    }
    return _page(request, db, actor, case_id, None, form, {})


@router.post("/henvendelser/{case_id}/befaring", name="visits:plan")
def plan(request: Request, case_id: UUID, form: PlanForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.CASE_HANDLE)
    try:
        command = form.valid(case_id=case_id)
        _acted(db, actor, form.key, [command], service_visit.plan_visits)
    except (Invalid, Conflict) as problem:
        errors = _errors(problem)
        return _page(request, db, actor, case_id, None, form.raw, errors, problem.status)
    message = gettext(N_("Befaringen er planlagt."))
    return redirect(request, "cases:show", message=message, case_id=case_id)


def _errors(problem: Invalid | Conflict) -> dict[str, str]:
    return at_fields(problem) if isinstance(problem, Invalid) else {"": said(problem)}


def _acted(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: list[Any],
    verb: Callable[[Session, Actor, Any], list[SiteVisit]],
) -> None:
    with db.write() as session:
        once(
            session,
            actor,
            key,
            commands,
            lambda: SiteVisitOut.all(session, verb(session, actor, commands)),
        )


def _seen(db: Db, actor: Actor, site_visit_id: UUID) -> SiteVisit:
    with db.read() as session:
        return visit_of(session, actor, site_visit_id)


@router.get("/befaringer/{site_visit_id}/flytt", name="visits:edit")
def edit(request: Request, site_visit_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.CASE_HANDLE)
    visit = _seen(db, actor, site_visit_id)
    there = visit.starts_at.astimezone(OSLO)
    form = {
        "day": there.date().isoformat(),
        "at": there.strftime("%H:%M"),
        "minutes": str(visit.minutes),
        "place_id": str(visit.place_id or ""),
        "meet_at": visit.meet_at or "",
        "person_id": str(visit.person_id),
        "sequence": str(visit.sequence),
    }
    return _page(request, db, actor, visit.case_id, visit, form, {})


@router.post("/befaringer/{site_visit_id}/flytt", name="visits:move")
def move(
    request: Request, site_visit_id: UUID, form: MoveForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.CASE_HANDLE)
    visit = _seen(db, actor, site_visit_id)
    try:
        command = form.valid(site_visit_id=site_visit_id)
        _acted(db, actor, form.key, [command], service_visit.move_visits)
    except (Invalid, Conflict) as problem:
        errors = _errors(problem)
        return _page(request, db, actor, visit.case_id, visit, form.raw, errors, problem.status)
    except Stale:
        errors = {"": gettext(STALE)}
        return _page(request, db, actor, visit.case_id, visit, form.raw, errors, 412)
    message = gettext(N_("Befaringen er flyttet."))
    return redirect(request, "cases:show", message=message, case_id=visit.case_id)


@router.post("/befaringer/{site_visit_id}/ferdig", name="visits:finish")
def finish(
    request: Request, site_visit_id: UUID, form: FinishForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.CASE_HANDLE)
    visit = _seen(db, actor, site_visit_id)
    try:
        command = form.valid(site_visit_id=site_visit_id)
        _acted(db, actor, form.key, [command], service_visit.finish_visits)
    except (Invalid, Conflict) as problem:
        return shown_case.show(
            request,
            db,
            actor,
            visit.case_id,
            at=f"visit-{site_visit_id}",
            form=form.raw,
            errors=_errors(problem),
            status=problem.status,
        )
    message = gettext(N_("Befaringen er gjennomført."))
    return redirect(request, "cases:show", message=message, case_id=visit.case_id)


@router.post("/befaringer/{site_visit_id}/avlys", name="visits:cancel")
def cancel(
    request: Request, site_visit_id: UUID, form: CancelForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.CASE_HANDLE)
    visit = _seen(db, actor, site_visit_id)
    command = form.valid(site_visit_id=site_visit_id)
    _acted(db, actor, form.key, [command], service_visit.cancel_visits)
    message = gettext(N_("Befaringen er avlyst."))
    return redirect(request, "cases:show", message=message, case_id=visit.case_id)


@router.get("/befaringer/{site_visit_id}/befaring.ics", name="visits:calendar")
def calendar(request: Request, site_visit_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The visit for a calendar; the same file for the same facts."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        visit = visit_of(session, actor, site_visit_id)
        found = appointment_of(session, visit, request.app.state.settings.public_url)
    headers = {"Content-Disposition": 'attachment; filename="befaring.ics"'}
    body = calendar_file.calendar_file(found)
    return Response(body, 200, headers, calendar_file.MEDIA_TYPE)


@router.post("/henvendelser/{case_id}/bilder", name="cases:add_photos", max_body_size=PHOTO_BYTES)
def add_photos(
    request: Request, case_id: UUID, form: PhotoForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        case_of(session, actor, case_id)
    try:
        command = form.valid(case_id=case_id)
        photos = stored_photos(request, actor, form, least=1)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: CasePhotoOut.all(session, add_case_photos(session, actor, command, photos)),
            )
    except (Invalid, PhotoRefused, CasePhotosEnough) as problem:
        errors = problem.by_field if isinstance(problem, Invalid) else {}
        return shown_case.show(
            request,
            db,
            actor,
            case_id,
            at="photos",
            errors=errors or {"photos": said(problem)},
            status=problem.status,
        )
    return redirect(request, "cases:show", message=gettext(N_("Lagret.")), case_id=case_id)


@router.post("/henvendelser/{case_id}/bilder/fjern", name="cases:remove_photo")
def remove_photo(
    request: Request, case_id: UUID, form: RemoveForm, actor: SignedIn, db: Db
) -> Response:
    command = form.valid()
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: CasePhotoOut.all(session, [remove_case_photo(session, actor, command)]),
        )
    message = gettext(N_("Bildet er fjernet."))
    return redirect(request, "cases:show", message=message, case_id=case_id)


@router.get("/henvendelser/bilder/{case_photo_id}/{size}", name="cases:photo")
async def photo(
    request: Request, case_photo_id: UUID, size: str, actor: SignedIn, db: Db
) -> Response:
    """One stored size, for those who see the case."""
    if size not in SIZES:
        raise NotFound(N_("Fant ikke bildet."))
    with db.read() as session:
        rows = session.execute(
            select(CasePhotoFile.name, CasePhotoFile.key, CasePhotoFile.media_type)
            .join(
                CasePhoto,
                (CasePhoto.org_id == CasePhotoFile.org_id)
                & (CasePhoto.id == CasePhotoFile.case_photo_id),
            )
            .where(
                CasePhoto.org_id == actor.org_id,
                CasePhoto.id == case_photo_id,
                CasePhoto.removed_at.is_(None),
                CasePhoto.case_id.in_(queries.cases_visible_to(actor).with_only_columns(Case.id)),
                CasePhotoFile.name.in_((SIZES[size], images.FIRST_SIZE)),
            )
        ).all()
    # Until a job has made the smaller sizes, the first one stands in for them.
    found = next((row for row in rows if row.name == SIZES[size]), rows[0] if rows else None)
    if found is None:
        raise NotFound(N_("Fant ikke bildet."))
    age = "max-age=31536000, immutable" if found.name == SIZES[size] else "max-age=5"
    headers = {"Cache-Control": f"private, {age}"}
    files: Files = request.app.state.files
    try:
        content = await run_in_threadpool(files.get, found.key)
    except FileMissing:
        log.error("photo_without_file", photo_id=str(case_photo_id), key=found.key)  # noqa: TRY400
        raise NotFound(N_("Fant ikke bildet.")) from None
    return Response(content, 200, headers, found.media_type)
