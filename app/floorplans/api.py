"""Plans of floors as JSON: picture, scale, positions and the list by room."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, Request, UploadFile
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.floorplans import commands as do
from app.floorplans import queries, service, service_position, views
from app.floorplans.outputs import FloorOut, FloorPlanOut, PositionOut, RoomOut, UndoneOut
from app.items.models import Item
from app.items.service_photo_files import store_first
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey, IfMatch, etag, version_of

router = APIRouter(prefix="/floor-plans", tags=["floor plans"])

IMAGE_BYTES = 21_000_000
"""One picture of 20 MB, and the form around it."""
ProjectId = Annotated[
    UUID | None, Query(description="As this project will have it; left out: as it is now.")
]


@router.get("", name="floor_plans:list", response_model=list[FloorOut])
def browse(actor: SignedIn, db: Db) -> Answer:
    """Every floor, and whether it has a plan."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = [FloorOut(**each) for each in views.floors(session, actor)]
    return JSONResponse([each.model_dump(mode="json") for each in rows])


def _plan(session: Session, actor: Actor, floor_id: UUID, project_id: UUID | None) -> FloorPlanOut:
    return FloorPlanOut.of(_shown(session, actor, floor_id, project_id))


def _shown(session: Session, actor: Actor, floor_id: UUID, project_id: UUID | None) -> views.Shown:
    floor = queries.floor_of(session, actor, floor_id)
    project = queries.project_of(session, actor, project_id)
    return views.shown(session, actor, floor, project, with_photos=False)


@router.get("/{floor_id}", name="floor_plans:read", response_model=FloorPlanOut)
def read(floor_id: UUID, actor: SignedIn, db: Db, project_id: ProjectId = None) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        out = _plan(session, actor, floor_id, project_id)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.put("/{floor_id}", name="floor_plans:scale", response_model=FloorPlanOut)
def set_scale(
    floor_id: UUID, fields: do.ScaleFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> Answer:
    """How wide the picture is in the world, in mm; without it pieces are drawn as dots."""
    command = do.SetScale(floor_id=floor_id, version=version_of(if_match), **fields.model_dump())
    with db.write() as session:
        service.set_scale(session, actor, command)
        out = _plan(session, actor, floor_id, None)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.post(
    "/{floor_id}/images",
    name="floor_plans:add_image",
    response_model=FloorPlanOut,
    status_code=201,
    max_body_size=IMAGE_BYTES,
)
def add_image(
    request: Request,
    floor_id: UUID,
    image: Annotated[UploadFile, File(description="JPEG, PNG or WebP, at most 20 MB.")],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Turned upright and without metadata. Scale and positions stay as they are."""
    actor.must(Permission.PLACE_EDIT)
    with db.read() as session:
        queries.floor_of(session, actor, floor_id)
    (stored,) = store_first(request.app.state.files, actor.org_id, image.file.read())
    command = do.AddImage(floor_id=floor_id)

    def call(session: Session) -> FloorPlanOut:
        service.add_image(session, actor, command, stored)
        return _plan(session, actor, floor_id, None)

    return answered(db, actor, key, [command], call, 201)


@router.put("/{floor_id}/positions/{item_id}", name="floor_plans:put", response_model=PositionOut)
def put(
    floor_id: UUID,
    item_id: UUID,
    fields: do.PutFields,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Answer:
    """If-Match is the position's version, `"v0"` for a piece that is not drawn yet."""
    command = do.PutPiece(
        floor_id=floor_id, item_id=item_id, version=version_of(if_match), **fields.model_dump()
    )

    def call(session: Session) -> PositionOut:
        row = service_position.put_piece(session, actor, command)
        room_id = row.room_id
        if row.project_id is None:
            room_id = session.get_one(Item, row.item_id).place_id
        return PositionOut.of(row, room_id)

    return answered(db, actor, key, [command], call)


@router.delete(
    "/{floor_id}/positions/{item_id}", name="floor_plans:take", response_model=FloorPlanOut
)
def take(
    floor_id: UUID,
    item_id: UUID,
    actor: SignedIn,
    db: Db,
    project_id: ProjectId = None,
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Answer:
    """No longer drawn. Where the piece is registered stays as it is."""
    command = do.TakePiece(
        floor_id=floor_id, item_id=item_id, project_id=project_id, version=version_of(if_match)
    )

    def call(session: Session) -> FloorPlanOut:
        service_position.take_piece(session, actor, command)
        return _plan(session, actor, floor_id, project_id)

    return answered(db, actor, key, [command], call)


@router.post("/undo", name="floor_plans:undo", response_model=UndoneOut)
def undo(command: do.UndoStep, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The caller's own last step on the floor, with the move between rooms it made."""
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: UndoneOut(
            item_id=service_position.undo_step(session, actor, command).item_id
        ),
    )


@router.get("/{floor_id}/room-list", name="floor_plans:room_list", response_model=list[RoomOut])
def room_list(floor_id: UUID, actor: SignedIn, db: Db, project_id: ProjectId = None) -> Answer:
    """What is drawn, room by room; ``number`` is the one on the plan."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = RoomOut.all(_shown(session, actor, floor_id, project_id))
    return JSONResponse([each.model_dump(mode="json") for each in rows])
