"""A request once more, and one promised piece for a like one, as JSON."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.accounts.actor import SignedIn
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey
from app.marketplace import service
from app.marketplace.commands_exchange import Exchange
from app.marketplace.outputs import LineOut
from app.marketplace.outputs_repeat import RepeatedOut

router = APIRouter(tags=["market"])
Many = Field(min_length=1, max_length=200)


@router.post("/requests/repeat", response_model=list[RepeatedOut])
def repeat(
    commands: Annotated[list[service.OfRequest], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Fills one's own basket with what is still there, and says what is not."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: RepeatedOut.all(service.repeat(session, actor, commands)),
    )


@router.post("/reservations/exchange", response_model=list[LineOut])
def exchange(
    commands: Annotated[list[Exchange], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Another free piece of the same kind instead of a promised one, by who gives it."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LineOut.all(service.exchange(session, actor, commands)),
    )
