"""Places as JSON."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Db, IdempotencyKey, IfMatch, etag, link_next, version_of
from app.places import queries, service
from app.places.models import Place, PlaceKind

router = APIRouter(prefix="/places", tags=["places"])


class PlaceOut(BaseModel):
    """A place; ``label`` is its readable path, ``code`` what its label carries (``/P/<code>``)."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: PlaceKind
    name: str
    label: str
    parent_id: UUID | None
    address: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    code: str | None
    version: int

    @classmethod
    def all(cls, places: Sequence[Place]) -> list["PlaceOut"]:
        return [cls.model_validate(each) for each in places]


@router.get("", response_model=list[PlaceOut])
def list_places(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = keyset(
            session,
            queries.places_visible_to(actor),
            [(Place.label.expression, False), (Place.id.expression, False)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda place: (place.label, place.id),
        )
    answer = [each.model_dump(mode="json") for each in PlaceOut.all(found.rows)]
    return JSONResponse(answer, headers=link_next(request, found.next))


@router.post("", response_model=list[PlaceOut])
def add_places(
    commands: Annotated[list[service.AddPlace], Body(min_length=1, max_length=200)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: PlaceOut.all(service.add_places(session, actor, commands)),
    )


@router.get("/{place_id}", response_model=PlaceOut)
def show_place(place_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        place = session.scalar(queries.places_visible_to(actor).where(Place.id == place_id))
        if place is None:
            raise NotFound
    out = PlaceOut.model_validate(place)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.put("/{place_id}", response_model=PlaceOut)
def edit_place(
    place_id: UUID, fields: service.PlaceFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> JSONResponse:
    """All of the fields as they are to be: one that is left out is emptied."""
    command = service.EditPlace(
        place_id=place_id, version=version_of(if_match), **fields.model_dump()
    )
    with db.write() as session:
        out = PlaceOut.model_validate(service.edit_place(session, actor, command))
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))
