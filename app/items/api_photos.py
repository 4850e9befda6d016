"""Photos as JSON: uploaded one at a time, listed, put in order and taken away."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import queries_piece
from app.items.models import PhotoTaken
from app.items.outputs import PhotoOut
from app.items.service_photo_files import store_first
from app.items.service_photos import (
    AddPhoto,
    MarkPhoto,
    MovePhoto,
    PurgePhoto,
    RemovePhoto,
    add_photos,
    mark_photo,
    move_photo,
    purge_photo,
    remove_photo,
)
from app.kit.answers import answered
from app.kit.db import Database
from app.kit.files import Files
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
    taken: Annotated[
        PhotoTaken | None, Form(description="Before or after a repair or redesign.")
    ] = None,
    key: IdempotencyKey = None,
) -> Answer:
    """The picture is turned upright and every kind of metadata is taken away."""
    actor.must(Permission.ITEM_EDIT)
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        actor.must(Permission.ITEM_EDIT, unit=piece.owner_unit_id)
    stored = store_first(request.app.state.files, actor.org_id, photo.file.read())
    command = AddPhoto(item_id=item_id, of_lot=of_lot, taken=taken)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: PhotoOut.model_validate(add_photos(session, actor, command, [stored])[0]),
        201,
    )


@router.delete("/photos/{photo_id}", name="photos:remove", response_model=PhotoOut)
def remove(photo_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Shown nowhere from now on."""
    command = RemovePhoto(photo_id=photo_id)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: PhotoOut.model_validate(remove_photo(session, actor, command)),
    )


class PurgedOut(BaseModel):
    """In ``elsewhere`` other places the same picture is shown, and still is."""

    elsewhere: int


@router.post("/photos/{photo_id}/purge", name="photos:purge", response_model=PurgedOut)
def purge(
    request: Request, photo_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """All sizes are gone at once and for good: for what shows people, screens or papers."""
    command = PurgePhoto(photo_id=photo_id)
    return JSONResponse(purged(request, actor, db, command, key, lambda answer: answer))


def purged(
    request: Request,
    actor: Actor,
    db: Database,
    command: PurgePhoto,
    key: str | None,
    read: Callable[[Any], Any],
) -> Any:
    """The rows first, then the files: a repeat finds none, so it takes nothing stored since."""
    keys: list[str] = []
    with db.write() as session:

        def call() -> PurgedOut:
            found = purge_photo(session, actor, command)
            keys.extend(found.keys)
            return PurgedOut(elsewhere=found.elsewhere)

        answer = once(session, actor, key, [command], call, read)
    files: Files = request.app.state.files
    for each in keys:
        files.delete(each)
    return answer


@router.post("/photos/mark", name="photos:mark", response_model=PhotoOut)
def mark(command: MarkPhoto, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """As taken before or after a repair or redesign, or neither; "before" goes to the end."""
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: PhotoOut.model_validate(mark_photo(session, actor, command)),
    )


@router.post("/photos/move", name="photos:move", response_model=list[PhotoOut])
def move(command: MovePhoto, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """One place forward, or back when `later`; answers the row in its new order."""
    return answered(
        db, actor, key, [command], lambda session: PhotoOut.all(move_photo(session, actor, command))
    )
