"""Photos as JSON: uploaded one at a time, listed, put in order and taken away."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.items import queries_piece
from app.items.outputs import PhotoOut
from app.items.service_photo_files import store_first
from app.items.service_photos import (
    AddPhoto,
    MovePhoto,
    RemovePhoto,
    add_photos,
    move_photo,
    remove_photo,
)
from app.kit.once import once
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["photos"])

PHOTO_BYTES = 21_000_000
"""One photo of 20 MB, and the form around it."""


@router.get("/items/{item_id}/photos", name="items:photo_list", response_model=list[PhotoOut])
def browse(item_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """What shows the piece: its own photos, then its lot's, then its model's, in order."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        rows = PhotoOut.all(queries_piece.photo_rows(session, piece))
    return JSONResponse([row.model_dump(mode="json") for row in rows])


@router.post(
    "/items/{item_id}/photos",
    name="items:photo_add",
    response_model=PhotoOut,
    status_code=201,
    max_body_size=PHOTO_BYTES,
)
def add(
    request: Request,
    item_id: UUID,
    photo: Annotated[UploadFile, File(description="JPEG, PNG or WebP, at most 20 MB.")],
    actor: SignedIn,
    db: Db,
    of_lot: Annotated[bool, Form(description="It shows every piece of the lot.")] = False,  # noqa: FBT002
    key: IdempotencyKey = None,
) -> Answer:
    """The picture is turned upright and every kind of metadata is taken away."""
    actor.must(Permission.ITEM_EDIT)
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        actor.must(Permission.ITEM_EDIT, unit=piece.owner_unit_id)
    stored = store_first(request.app.state.files, actor.org_id, photo.file.read())
    command = AddPhoto(item_id=item_id, of_lot=of_lot)
    with db.write() as session:
        answer = once(
            session,
            actor,
            key,
            [command],
            lambda: PhotoOut.model_validate(add_photos(session, actor, command, [stored])[0]),
        )
    return JSONResponse(answer, 201)


@router.delete("/photos/{photo_id}", name="photos:remove", response_model=PhotoOut)
def remove(photo_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """Shown nowhere from now on."""
    with db.write() as session:
        row = remove_photo(session, actor, RemovePhoto(photo_id=photo_id))
        body = PhotoOut.model_validate(row).model_dump(mode="json")
    return JSONResponse(body)


@router.post("/photos/move", name="photos:move", response_model=list[PhotoOut])
def move(command: MovePhoto, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """One place forward, or back when `later`; answers the row in its new order."""
    with db.write() as session:
        answer = once(
            session,
            actor,
            key,
            [command],
            lambda: PhotoOut.all(move_photo(session, actor, command)),
        )
    return JSONResponse(answer)
