"""The leaders' yes or no, and the rules that ask for it, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey, IfMatch, etag, version_of
from app.marketplace import service
from app.marketplace.commands_approval import (
    ApproveAsLeader,
    RefuseAsLeader,
    RemoveApprovalRule,
    RuleFields,
    SetApprovalRule,
)
from app.marketplace.models_approval import Approval
from app.marketplace.outputs import ApprovalOut
from app.marketplace.outputs_approval import ApprovalRuleOut
from app.marketplace.queries_approval import rules_of, waiting_for_leader

router = APIRouter(tags=["market"])
Many = Field(min_length=1, max_length=200)


@router.get("/approvals", name="api:approvals:list")
def waiting(actor: SignedIn, db: Db) -> list[ApprovalOut]:
    """What waits for one's own yes or no as leader or deputy, the oldest first."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        query = waiting_for_leader(actor).order_by(Approval.asked_at, Approval.id).limit(200)
        return ApprovalOut.all(session.scalars(query).all())


@router.post("/approvals/approve", response_model=list[ApprovalOut])
def approve(
    commands: Annotated[list[ApproveAsLeader], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Yes at the level whose turn it is; then the next level is asked, or the giver."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ApprovalOut.all(service.approve_as_leader(session, actor, commands)),
    )


@router.post("/approvals/refuse", response_model=list[ApprovalOut])
def refuse(
    commands: Annotated[list[RefuseAsLeader], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """No, with a reason: everything the request asks for is declined."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ApprovalOut.all(service.refuse_as_leader(session, actor, commands)),
    )


@router.get("/approval-rules", name="api:approval_rules:list")
def rules(actor: SignedIn, db: Db) -> list[ApprovalRuleOut]:
    """All rules, open to everybody: the organisation's first, then those of units."""
    with db.read() as session:
        found = rules_of(session, actor.org_id)
        order = sorted(found.items(), key=lambda each: str(each[0] or ""))
        return [ApprovalRuleOut.of(rule) for _, rule in order]


@router.put("/approval-rules", name="api:approval_rules:set")
def set_rule(
    fields: RuleFields, response: Response, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> ApprovalRuleOut:
    """The organisation's rule as it is to be; ``If-Match: "v0"`` makes the first one."""
    command = SetApprovalRule.of(fields, version=version_of(if_match))
    with db.write() as session:
        service.set_approval_rule(session, actor, command)
    return _now(response, actor, db, None)


@router.put("/approval-rules/{unit_id}", name="api:approval_rules:set_of_unit")
def set_rule_of_unit(
    unit_id: UUID,
    fields: RuleFields,
    response: Response,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
) -> ApprovalRuleOut:
    """A unit's own rule as it is to be, for it and what lies below it."""
    command = SetApprovalRule.of(fields, version=version_of(if_match), unit_id=unit_id)
    with db.write() as session:
        service.set_approval_rule(session, actor, command)
    return _now(response, actor, db, unit_id)


@router.delete("/approval-rules/{unit_id}", status_code=204, name="api:approval_rules:remove")
def remove_rule(unit_id: UUID, actor: SignedIn, db: Db) -> None:
    with db.write() as session:
        service.remove_approval_rule(session, actor, RemoveApprovalRule(unit_id=unit_id))


def _now(response: Response, actor: SignedIn, db: Db, unit_id: UUID | None) -> ApprovalRuleOut:
    with db.read() as session:
        found = ApprovalRuleOut.of(rules_of(session, actor.org_id)[unit_id])
    response.headers.update(etag(found.version))
    return found
