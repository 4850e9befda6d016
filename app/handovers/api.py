"""Handovers as JSON: hand over, receive, undo, give back, and what is entered by hand."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.handovers import queries, service
from app.handovers.models import Handover
from app.handovers.outputs import HandoverOut
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next

router = APIRouter(tags=["handovers"])

MOST = 50
NEWEST_FIRST: Any = ((Handover.number, True), (Handover.id, True))


def handover_of(session: Session, actor: Actor, handover_id: UUID) -> Handover:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(queries.handovers_visible_to(actor).where(Handover.id == handover_id))
    if found is None:
        raise NotFound(N_("Fant ikke overleveringen."))
    return found


@router.get("/handovers", name="handovers:list", response_model=list[HandoverOut])
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    project_id: Annotated[UUID | None, Query(description="Only this project's.")] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first, each with its pieces."""
    actor.must(Permission.ITEM_READ)
    query = queries.handovers_visible_to(actor)
    if project_id is not None:
        query = query.where(Handover.project_id == project_id)
    with db.read() as session:
        found = keyset(
            session,
            query,
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        body = [
            each.model_dump(mode="json") for each in HandoverOut.all(session, actor, found.rows)
        ]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.get("/handovers/{handover_id}", name="handovers:read", response_model=HandoverOut)
def show(handover_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = handover_of(session, actor, handover_id)
        (body,) = HandoverOut.all(session, actor, [found])
    return JSONResponse(body.model_dump(mode="json"))


@router.post(
    "/handovers", name="handovers:make_all", response_model=list[HandoverOut], status_code=201
)
def hand_over(
    commands: Annotated[list[service.HandOver], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """The pieces are picked up; one handover for each command."""
    return _done(db, actor, key, commands, service.hand_over, HandoverOut.all, 201)


@router.post(
    "/handovers/record",
    name="handovers:record_all",
    response_model=list[HandoverOut],
    status_code=201,
)
def record(
    commands: Annotated[list[service.Record], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Redesigned, built from surplus, bought used or new: registered, received and counted."""
    return _done(db, actor, key, commands, service.record, HandoverOut.all, 201)


@router.post("/handovers/receive", name="handovers:receive_all", response_model=list[HandoverOut])
def receive(
    commands: Annotated[list[service.Receive], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Either side confirms; place, holder and owner follow."""
    return _done(db, actor, key, commands, service.receive, HandoverOut.of_lines)


@router.post("/handovers/undo", name="handovers:undo_all", response_model=list[HandoverOut])
def undo(
    commands: Annotated[list[service.Undo], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Everything as before; the history stays."""
    return _done(db, actor, key, commands, service.undo, HandoverOut.of_lines)


@router.post(
    "/handovers/give-back", name="handovers:give_back_all", response_model=list[HandoverOut]
)
def give_back(
    commands: Annotated[list[service.GiveBack], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Received pieces back to their giver; the savings are reversed, the order stays delivered."""
    return _done(db, actor, key, commands, service.give_back, HandoverOut.of_lines)


@router.post("/handovers/exchange", name="handovers:exchange_all", response_model=list[HandoverOut])
def exchange_received(
    commands: Annotated[list[service.ExchangeReceived], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """A received piece back, and a like one promised in its stead, in one act; by the giver."""
    return _done(db, actor, key, commands, service.exchange_received, HandoverOut.of_lines)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: Sequence[BaseModel],
    verb: Callable[[Session, Actor, Any], Sequence[Any]],
    output: Callable[[Session, Actor, Any], list[HandoverOut]],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: output(session, actor, verb(session, actor, commands)),
        status,
    )
