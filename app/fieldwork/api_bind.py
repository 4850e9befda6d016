"""Binding what was scanned to a piece, as JSON: one call that also a phone without coverage queues."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.fieldwork.service_bind import BindCode, bind_code
from app.items.models import IdentifierKind
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["codes"])


class BoundOut(BaseModel):
    """What the piece is found by from now on; ``kind`` is null where it is a label of ours."""

    model_config = ConfigDict(from_attributes=True)

    item_id: UUID
    kind: IdentifierKind | None
    value: str


@router.post("/bindings", response_model=BoundOut, status_code=201)
def bind(command: BindCode, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """A foreign code or a blank label to the piece whose label is scanned, or to `item_id`.

    409 `code-taken` and `identifier-taken` name the piece that has it.
    """
    actor.must(Permission.ITEM_EDIT)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: BoundOut.model_validate(bind_code(session, actor, command)),
        201,
    )
