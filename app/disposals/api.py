"""Disposal decisions as JSON: proposed, signed, delivered, withdrawn."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.disposals import service
from app.disposals.models import Disposal
from app.disposals.outputs import DisposalOut
from app.disposals.queries import disposals_visible_to
from app.disposals.rules import DisposalState
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next

router = APIRouter(prefix="/disposals", tags=["disposals"])

NEWEST_FIRST: Any = ((Disposal.number, True), (Disposal.id, True))


def disposal_of(session: Session, actor: Actor, disposal_id: UUID) -> Disposal:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(disposals_visible_to(actor).where(Disposal.id == disposal_id))
    if found is None:
        raise NotFound(N_("Fant ikke kassasjonsvedtaket."))
    return found


@router.get("", name="disposals:list", response_model=list[DisposalOut])
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    state: Annotated[DisposalState | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first."""
    actor.must(Permission.ITEM_READ)
    query = disposals_visible_to(actor)
    if state is not None:
        query = query.where(Disposal.state == state)
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
            each.model_dump(mode="json") for each in DisposalOut.all(session, actor, found.rows)
        ]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.get("/{disposal_id}", name="disposals:get", response_model=DisposalOut)
def show(disposal_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = disposal_of(session, actor, disposal_id)
        (body,) = DisposalOut.all(session, actor, [found])
    return JSONResponse(body.model_dump(mode="json"))


@router.post("", name="disposals:propose_one", response_model=DisposalOut, status_code=201)
def propose(
    command: service.Propose, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """The pieces stay as they are until somebody who may signs."""
    return _done(db, actor, key, command, service.propose, 201)


@router.post("/weigh", name="disposals:weigh_one", response_model=DisposalOut)
def weigh(command: service.Weigh, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Fractions as entered, instead of the calculated ones; before it is signed."""
    return _done(db, actor, key, command, service.weigh)


@router.post("/decide", name="disposals:decide_one", response_model=DisposalOut)
def decide(command: service.Decide, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The signature: from now on the pieces are ``disposed`` or ``recycled``."""
    return _done(db, actor, key, command, service.decide)


@router.post("/deliver", name="disposals:deliver_one", response_model=DisposalOut)
def deliver(
    command: service.Deliver, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """The waste has been handed over; nothing is taken back after it."""
    return _done(db, actor, key, command, service.deliver)


@router.post("/withdraw", name="disposals:withdraw_one", response_model=DisposalOut)
def withdraw(
    command: service.Withdraw, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """A proposal is dropped, or a signed decision reversed: only while nothing was delivered."""
    return _done(db, actor, key, command, service.withdraw)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], Disposal],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: DisposalOut.all(session, actor, [verb(session, actor, command)])[0],
        status,
    )
