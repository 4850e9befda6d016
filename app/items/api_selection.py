"""The pieces a person has ticked, as JSON."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.items.queries_selection import selected_ids
from app.items.service_selection import Choose, Unchoose, choose, clear, unchoose
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(prefix="/selection", tags=["items"])


class SelectionOut(BaseModel):
    """What the caller has ticked; it is forgotten when nobody touches it for 14 days."""

    item_ids: list[UUID]


class CountOut(BaseModel):
    count: int


@router.get("", name="selection:get", response_model=SelectionOut)
def show(actor: SignedIn, db: Db) -> Answer:
    """In the order in which they were ticked."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        ids: Sequence[UUID] = selected_ids(session, actor)
    return JSONResponse({"item_ids": [str(each) for each in ids]})


@router.post("/add", response_model=CountOut)
def add(command: Choose, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """At most 500 altogether."""
    return answered(
        db, actor, key, [command], lambda session: CountOut(count=choose(session, actor, command))
    )


@router.post("/remove", response_model=CountOut)
def remove(command: Unchoose, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return answered(
        db, actor, key, [command], lambda session: CountOut(count=unchoose(session, actor, command))
    )


@router.post("/clear", response_model=CountOut)
def empty(actor: SignedIn, db: Db) -> Answer:
    with db.write() as session:
        clear(session, actor)
    return JSONResponse({"count": 0})
