"""Parts with a code of their own as JSON: on a whole, off it, or one instead of another."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.items.models import Item
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey
from app.workshop import commands as do
from app.workshop import service_component

router = APIRouter(prefix="/components", tags=["components"])


class ComponentOut(BaseModel):
    """A part; ``parent_id`` is what it sits on."""

    item_id: UUID
    parent_id: UUID | None
    place_id: UUID


@router.post("/attach", name="components:attach_one", response_model=ComponentOut)
def attach(command: do.AttachPart, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """From now on the part goes where the whole goes, and is handed over with it alone."""
    return _done(db, actor, key, command, service_component.attach_part)


@router.post("/detach", name="components:detach_one", response_model=ComponentOut)
def detach(command: do.DetachPart, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return _done(db, actor, key, command, service_component.detach_part)


@router.post("/swap", name="components:swap_one", response_model=ComponentOut)
def swap(command: do.SwapPart, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Both or neither: the old part is a piece by itself again."""
    return _done(db, actor, key, command, service_component.swap_part)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], Item],
) -> Answer:
    def call(session: Session) -> ComponentOut:
        part = verb(session, actor, command)
        return ComponentOut(item_id=part.id, parent_id=part.parent_id, place_id=part.place_id)

    return answered(db, actor, key, [command], call)
