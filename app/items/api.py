"""Pieces as JSON: lists, one piece, registration, edits, and the verbs of its state machine."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import queries, queries_list, queries_piece, service
from app.items.commands import (
    MOST_PIECES,
    Delete,
    Edit,
    Identify,
    Merge,
    Move,
    NewFields,
    OfItem,
    Registrations,
)
from app.items.filters import InventoryFilter
from app.items.inventory import InventoryColumn
from app.items.models import Item
from app.items.outputs import (
    FactsOut,
    HappenedOut,
    IdentifierOut,
    ItemOut,
    items_out,
    registered_out,
)
from app.items.queries_history import history_of
from app.items.queries_list import Sorting
from app.items.rules import ItemVerb
from app.items.service_lot import edit_lot
from app.items.steps import STEPS
from app.kit.answers import answered
from app.kit.db import Database
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.once import once
from app.kit.paging import LIMIT, Limit, LongCursor
from app.kit.pointing import concerning
from app.kit.web import Answer, Db, IdempotencyKey, IfMatch, etag, link_next, version_of

router = APIRouter(tags=["items"])

StepVerb = Literal[
    "complete",
    "free",
    "take_into_use",
    "send_to_workshop",
    "back_from_workshop",
    "miss",
    "find",
]


def _done(
    db: Database,
    actor: Actor,
    key: str | None,
    commands: Sequence[BaseModel],
    verb: Callable[[Session, Actor, Any], Sequence[Item]],
) -> Answer:
    """The verb in one unit of work, its answer kept under the caller's key."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: _flushed(session, actor, verb(session, actor, commands)),
    )


def _flushed(session: Session, actor: Actor, items: Sequence[Item]) -> list[ItemOut]:
    session.flush()  # versions are counted up as rows are written
    return items_out(session, actor, items)


class InventoryList(InventoryFilter):
    """The filter, the order and where to go on."""

    sort: InventoryColumn = InventoryColumn.REGISTERED
    order: Literal["asc", "desc"] = "desc"
    cursor: LongCursor = None
    limit: Limit = LIMIT

    @property
    def sorting(self) -> Sorting:
        return Sorting(self.sort, self.order == "desc")


@router.get("/items", name="items:list", response_model=list[ItemOut])
def browse(
    request: Request, asked: Annotated[InventoryList, Query()], actor: SignedIn, db: Db
) -> Answer:
    """The newest first unless sorted otherwise; rows without a value come last either way.

    Without `state`, everything the organisation still has.
    """
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = queries_list.ids_in(
            session, actor, asked, asked.sorting, cursor=asked.cursor, limit=asked.limit
        )
        by_id = {
            item.id: item
            for item in session.scalars(
                queries.items_visible_to(actor).where(Item.id.in_(found.rows))
            )
        }
        items = [by_id[each] for each in found.rows]
        body = [each.model_dump(mode="json") for each in items_out(session, actor, items)]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.post("/items", name="items:register_all", response_model=list[ItemOut], status_code=201)
def register(
    commands: Annotated[Registrations, Body()],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """All pieces of all commands in order, or none. At most 5,000 pieces in one call."""
    actor.must(Permission.ITEM_REGISTER)

    def call(session: Session) -> list[ItemOut]:
        return registered_out(session, actor, service.registered(session, actor, commands))

    return answered(db, actor, key, commands, call, 201)


@router.get("/items/{item_id}", name="items:get", response_model=ItemOut)
def show(item_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        item = session.scalar(queries.items_ever_visible_to(actor).where(Item.id == item_id))
        if item is None:
            raise NotFound(N_("Fant ikke møbelet."))
        body = items_out(session, actor, [item])[0].model_dump(mode="json")
    return JSONResponse(body, headers=etag(item.version))


@router.patch("/items/{item_id}", name="items:patch", response_model=ItemOut)
def edit(
    item_id: UUID,
    patch: NewFields,
    actor: SignedIn,
    db: Db,
    whole_lot: Annotated[bool, Query()] = False,  # noqa: FBT002
    if_match: IfMatch = None,
    key: IdempotencyKey = None,
) -> Answer:
    """Needs `If-Match` with the version that was read; `{}` changes nothing.

    With `whole_lot` the other pieces of the same registration get the changed fields too, but stay
    where they are.
    """
    actor.must(Permission.ITEM_EDIT)
    version = version_of(if_match)
    fields = patch.model_dump(include=patch.model_fields_set)
    with db.read() as session:
        known = queries.items_visible_to(actor).where(Item.id == item_id)
        if session.scalar(known) is None:
            raise NotFound(N_("Fant ikke møbelet."))
    command = Edit(item_id=item_id, version=max(version, 1), **fields)

    def call() -> ItemOut:
        with concerning(patch):
            if whole_lot:
                edited = edit_lot(session, actor, command)
            else:
                edited = service.edit(session, actor, [command])
        piece = next(each for each in edited if each.id == item_id)
        return _flushed(session, actor, [piece])[0]

    with db.write() as session:
        # With the patch, so that the same key under the page's form is told from this call.
        answer, version = once(session, actor, key, [patch, command], call, _with_version)
    return JSONResponse(answer, headers=etag(version))


def _with_version(answer: Any) -> tuple[Any, int]:
    return answer, answer["version"]


@router.get("/items/{item_id}/facts", name="items:facts", response_model=FactsOut)
def facts(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """What counts for the piece, and where each value comes from."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id, request.app.state.signs)
        body = FactsOut.of(queries_piece.facts_shown(session, piece)).model_dump(mode="json")
    return JSONResponse(body)


@router.get("/items/{item_id}/history", name="items:history_list", response_model=list[HappenedOut])
def history(item_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """The newest event first, at most 200."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = history_of(session, actor, item_id)
    return JSONResponse([HappenedOut.of(each).model_dump(mode="json") for each in found])


@router.post("/items/move", name="items:move_all", response_model=list[ItemOut])
def move(
    commands: Annotated[list[Move], Body(min_length=1, max_length=MOST_PIECES)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """To other places, and other holders where they are named."""
    return _done(db, actor, key, commands, service.move)


@router.post("/items/merge", name="items:merge_all", response_model=list[ItemOut])
def merge(
    commands: Annotated[list[Merge], Body(min_length=1, max_length=MOST_PIECES)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Second registrations of the same piece; answers the pieces that stay."""
    return _done(db, actor, key, commands, service.merge)


@router.post("/items/delete", name="items:delete_all", response_model=list[ItemOut])
def delete(
    commands: Annotated[list[Delete], Body(min_length=1, max_length=MOST_PIECES)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Wrong registrations, with a reason. Their history is kept."""
    return _done(db, actor, key, commands, service.delete)


@router.post(
    "/items/identify",
    name="items:identify_all",
    response_model=list[IdentifierOut],
    status_code=201,
)
def identify(
    commands: Annotated[list[Identify], Body(min_length=1, max_length=MOST_PIECES)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Foreign codes: EAN, old asset tags, serial numbers."""

    def call(session: Session) -> list[IdentifierOut]:
        rows = service.identify(session, actor, commands)
        return [IdentifierOut.model_validate(row) for row in rows]

    return answered(db, actor, key, commands, call, 201)


@router.post("/items/{verb}", name="items:step_all", response_model=list[ItemOut])
def step(
    verb: StepVerb,
    commands: Annotated[list[OfItem], Body(min_length=1, max_length=MOST_PIECES)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """One step of the state machine for each piece; all of them, or none (409)."""
    return _done(db, actor, key, commands, STEPS[ItemVerb(verb)])
