"""Photos on pages: several uploaded at once, put in order, taken away, and served to their owner."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import names, queries_piece
from app.items.api_photos import purged
from app.items.models import Photo, PhotoFile, PhotoTaken
from app.items.service_photos import (
    MOST_PHOTOS,
    AddPhoto,
    MarkPhoto,
    MovePhoto,
    PhotosEnough,
    PurgePhoto,
    RemovePhoto,
    add_photos,
    mark_photo,
    move_photo,
    remove_photo,
)
from app.items.uploads import PHOTO_BYTES, stored_photos, uploaded
from app.kit.db import Database
from app.kit.errors import Invalid, NotFound, Problem
from app.kit.files import FileMissing, Files
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.images import PhotoRefused, reads_heic
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter()
log = structlog.get_logger()

SIZES = {"small": "small", "medium": "medium", "large": "large", "jpeg": "large_jpeg"}

# What stands where a file should be: the page around it goes on.
_GAP = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 48"><rect width="64" height="48" '
    b'fill="#e8ebe9"/><path d="M22 16h20v16H22z M22 29l6-6 5 5 4-3 5 5" fill="none" '
    b'stroke="#7b857f" stroke-width="1.5"/></svg>'
)

_SAID = {
    PhotoTaken.BEFORE: N_("Bildet er merket «Før»."),
    PhotoTaken.AFTER: N_("Bildet er merket «Etter»."),
    None: N_("Bildet er ikke lenger merket."),
}


class AddPhotos(AddPhoto):
    """All photos of a form. Under its key a single one is another request: the form had them all."""


PhotoForm = Annotated[Submission[AddPhotos], Depends(uploaded(AddPhotos))]


def said(problem: Problem) -> str:
    """A refusal in the reader's language."""
    text = gettext(problem.detail or problem.title)
    return text % problem.values if problem.values else text


def _show(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    errors: dict[str, str],
    status: int = 200,
    form: Mapping[str, str] | None = None,
) -> Response:
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        rows = queries_piece.photo_rows(session, piece)
        return page(
            request,
            "items/photos.html",
            status=status,
            piece=piece,
            own=[row for row in rows if row.item_id],
            of_lot=[row for row in rows if row.lot_id],
            of_model=[row for row in rows if row.product_model_id],
            lot_size=queries_piece.lot_size(session, piece),
            most=MOST_PHOTOS,
            reads_heic=reads_heic(),
            taken_options=[(each.value, gettext(text)) for each, text in names.TAKEN.items()],
            form=form,
            errors=errors,
            key=str(uuid4()),
        )


@router.get("/mobler/{item_id}/bilder", name="items:photos")
def show_photos(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_EDIT)
    return _show(request, db, actor, item_id, {})


@router.post("/mobler/{item_id}/bilder", name="items:do_add_photos", max_body_size=PHOTO_BYTES)
def add(request: Request, item_id: UUID, form: PhotoForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_EDIT)
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        actor.must(Permission.ITEM_EDIT, unit=piece.owner_unit_id)
    try:
        command = form.valid(item_id=item_id, product_model_id=None)
        photos = stored_photos(request, actor, form, least=1)
        with db.write() as session:

            def call() -> list[str]:
                return [str(row.id) for row in add_photos(session, actor, command, photos)]

            count = once(session, actor, form.key, [command], call, len)
    except Invalid as problem:
        return _show(request, db, actor, item_id, problem.by_field, 422, form.raw)
    except (PhotoRefused, PhotosEnough) as problem:
        refused = {"photos": said(problem)}
        return _show(request, db, actor, item_id, refused, problem.status, form.raw)
    text = gettext(N_("%(count)s bilder lagt til.")) if count > 1 else N_("Bildet er lagt til.")
    message = gettext(text) % {"count": count} if count > 1 else gettext(text)
    return redirect(request, "items:photos", message=message, item_id=item_id)


MoveForm = Annotated[Submission[MovePhoto], Depends(submitted(MovePhoto))]
MarkForm = Annotated[Submission[MarkPhoto], Depends(submitted(MarkPhoto))]
RemoveForm = Annotated[Submission[RemovePhoto], Depends(submitted(RemovePhoto))]
PurgeForm = Annotated[Submission[PurgePhoto], Depends(submitted(PurgePhoto))]


@router.post("/mobler/{item_id}/bilder/flytt", name="items:do_move_photo")
def move(request: Request, item_id: UUID, form: MoveForm, actor: SignedIn, db: Db) -> Response:
    command = form.valid()
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: [str(row.id) for row in move_photo(session, actor, command)],
        )
    return redirect(request, "items:photos", item_id=item_id)


@router.post("/mobler/{item_id}/bilder/merk", name="items:do_mark_photo")
def mark(request: Request, item_id: UUID, form: MarkForm, actor: SignedIn, db: Db) -> Response:
    command = form.valid()
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: str(mark_photo(session, actor, command).id),
        )
    return redirect(request, "items:photos", message=gettext(_SAID[command.taken]), item_id=item_id)


@router.post("/mobler/{item_id}/bilder/fjern", name="items:do_remove_photo")
def remove(request: Request, item_id: UUID, form: RemoveForm, actor: SignedIn, db: Db) -> Response:
    command = form.valid()
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: str(remove_photo(session, actor, command).id),
        )
    return redirect(
        request, "items:photos", message=gettext(N_("Bildet er fjernet.")), item_id=item_id
    )


@router.post("/mobler/{item_id}/bilder/slett", name="items:do_purge_photo")
def purge(request: Request, item_id: UUID, form: PurgeForm, actor: SignedIn, db: Db) -> Response:
    count = purged(
        request, actor, db, form.valid(), form.key, lambda answer: int(answer["elsewhere"])
    )
    message = gettext(N_("Bildet er slettet for godt."))
    if count:
        also = ngettext(
            "Det samme bildet vises fortsatt ett sted til.",
            "Det samme bildet vises fortsatt %(num)s steder til.",
            count,
        )
        message = f"{message} {also}"
    return redirect(request, "items:photos", message=message, item_id=item_id)


@router.get("/foto/{photo_id}/{size}", name="photos:show")
async def show(request: Request, photo_id: UUID, size: str, actor: SignedIn, db: Db) -> Response:
    """One stored size, kept by the reader's browser for good: a file never changes."""
    if size not in SIZES:
        raise NotFound(N_("Fant ikke bildet."))
    with db.read() as session:
        rows = session.execute(
            select(PhotoFile.name, PhotoFile.key, PhotoFile.media_type, PhotoFile.sha256)
            .join(Photo, (Photo.org_id == PhotoFile.org_id) & (Photo.id == PhotoFile.photo_id))
            .where(
                Photo.org_id == actor.org_id,
                Photo.id == photo_id,
                Photo.removed_at.is_(None),
                PhotoFile.name.in_((SIZES[size], SIZES["jpeg"])),
            )
        ).all()
    # Until a job has made the smaller sizes, the first one stands in for them.
    found = next((row for row in rows if row.name == SIZES[size]), rows[0] if rows else None)
    if found is None:
        raise NotFound(N_("Fant ikke bildet."))
    tag = f'"{found.sha256}"'
    is_final = found.name == SIZES[size]
    age = "max-age=31536000, immutable" if is_final else "max-age=5"
    headers = {"ETag": tag, "Cache-Control": f"private, {age}"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    files: Files = request.app.state.files
    try:
        content = await run_in_threadpool(files.get, found.key)
    except FileMissing:
        log.error("photo_without_file", photo_id=str(photo_id), key=found.key)  # noqa: TRY400
        return Response(_GAP, 404, {"Cache-Control": "no-store"}, "image/svg+xml")
    return Response(content, 200, headers, found.media_type)
