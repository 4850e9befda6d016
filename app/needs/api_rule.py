"""The organisation's rule for purchases, as JSON."""

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.kit.web import Db, IfMatch, etag, version_of
from app.needs import service_rule
from app.needs.commands import PurchaseFields, SetPurchaseRule

router = APIRouter(tags=["needs"])


class PurchaseRuleOut(BaseModel):
    """``version`` 0: the organisation has said nothing, and a purchase shows every step."""

    above_ore: int
    repair_or_redesign: bool
    buy_used: bool
    version: int

    @classmethod
    def now(cls, session: Session, actor: Actor) -> "PurchaseRuleOut":
        rule = service_rule.rule_of(session, actor.org_id)
        if rule is None:
            return cls(above_ore=0, repair_or_redesign=True, buy_used=True, version=0)
        return cls.model_validate(rule, from_attributes=True)


@router.get("/purchase-rule", name="api:purchase_rule:get")
def rule(response: Response, actor: SignedIn, db: Db) -> PurchaseRuleOut:
    with db.read() as session:
        found = PurchaseRuleOut.now(session, actor)
    response.headers.update(etag(found.version))
    return found


@router.put("/purchase-rule", name="api:purchase_rule:set")
def set_rule(
    fields: PurchaseFields, response: Response, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> PurchaseRuleOut:
    command = SetPurchaseRule(**fields.model_dump(), version=version_of(if_match))
    with db.write() as session:
        service_rule.set_purchase_rule(session, actor, command)
        session.flush()  # the version is counted up as the row is written
        found = PurchaseRuleOut.now(session, actor)
    response.headers.update(etag(found.version))
    return found
