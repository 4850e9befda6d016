"""How long approved pieces are held, as JSON."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from app.accounts.actor import SignedIn
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey, IfMatch, etag, version_of
from app.marketplace import service
from app.marketplace.commands_hold import ExtendHold, HoldFields, SetHoldRule
from app.marketplace.outputs import LineOut, Out
from app.marketplace.queries_hold import held_days
from app.marketplace.rules_hold import HELD_FOR

router = APIRouter(tags=["market"])


class HoldRuleOut(Out):
    """``version`` 0: the organisation has said nothing, and the product's own number counts."""

    working_days: int
    version: int


@router.post("/reservations/extend", response_model=list[LineOut])
def extend(
    commands: Annotated[list[ExtendHold], Field(min_length=1, max_length=200)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """What is approved on the lines is held longer, by who gives it."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LineOut.all(service.extend_hold(session, actor, commands)),
    )


@router.get("/hold-rule", name="api:hold_rule:get")
def rule(response: Response, actor: SignedIn, db: Db) -> HoldRuleOut:
    with db.read() as session:
        own = held_days(session, actor.org_id)
        found = HoldRuleOut(
            working_days=own.working_days if own else HELD_FOR, version=own.version if own else 0
        )
    response.headers.update(etag(found.version))
    return found


@router.put("/hold-rule", name="api:hold_rule:set")
def set_rule(
    fields: HoldFields, response: Response, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> HoldRuleOut:
    command = SetHoldRule(working_days=fields.working_days, version=version_of(if_match))
    with db.write() as session:
        found = HoldRuleOut.model_validate(service.set_hold_rule(session, actor, command))
    response.headers.update(etag(found.version))
    return found
