"""The rule for costs and what was booked by it, as JSON: the basis of internal invoices."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import units_below
from app.accounts.rules import Permission
from app.costs import service
from app.costs.commands import CostRuleFields, SetCostRule
from app.costs.outputs import CostEntryOut, CostRuleOut, CostSumOut
from app.costs.queries import (
    NEWEST_FIRST,
    entries_between,
    entry_of,
    must_see_costs,
    rule_of,
    rules_of,
    sums_of,
)
from app.costs.rules import NO_MONTH, month_of
from app.kit.errors import Invalid
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IfMatch, etag, link_next, version_of

router = APIRouter(tags=["costs"])
Month = Annotated[
    str | None, Query(max_length=7, description="Booked in it, such as `2026-03`; else all.")
]


def _bounds(month: str | None) -> tuple[date, date] | None:
    if month is None:
        return None
    found = month_of(month)
    if found is None:
        raise Invalid(by_field={"month": NO_MONTH})
    return found


def _below(session: Session, actor: Actor, unit_id: UUID | None) -> frozenset[UUID] | None:
    return None if unit_id is None else units_below(session, actor, unit_id)


@router.get("/cost-rules", name="api:cost_rules:list")
def rules(actor: SignedIn, db: Db) -> list[CostRuleOut]:
    """All versions, the newest first, open to everybody."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return [CostRuleOut.of(each) for each in rules_of(session, actor.org_id)]


@router.get("/cost-rules/{cost_rule_id}", name="api:cost_rules:get")
def rule(cost_rule_id: UUID, actor: SignedIn, db: Db) -> CostRuleOut:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return CostRuleOut.of(rule_of(session, actor, cost_rule_id))


@router.put("/cost-rules", name="api:cost_rules:set")
def set_rule(
    fields: CostRuleFields, response: Response, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> CostRuleOut:
    """The rule as it is to be from a day on; ``If-Match: "v0"`` makes the first one."""
    command = SetCostRule.of(fields, version_of(if_match))
    with db.write() as session:
        made = service.set_cost_rule(session, actor, command)
        session.flush()  # what is read back below
        answer = CostRuleOut.of(rule_of(session, actor, made.id))
    response.headers.update(etag(answer.version))
    return answer


@router.get("/cost-entries", name="api:cost_entries:list", response_model=list[CostEntryOut])
def entries(
    request: Request,
    actor: SignedIn,
    db: Db,
    month: Month = None,
    unit_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first. ``unit_id`` is on either side, with what lies below it."""
    with db.read() as session:
        must_see_costs(session, actor)
        found = keyset(
            session,
            entries_between(actor, _bounds(month), _below(session, actor, unit_id)),
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.booked_at, row.id),
        )
        rows = [CostEntryOut.of(each).model_dump(mode="json") for each in found.rows]
    return Answer(rows, headers=link_next(request, found.next))


@router.get("/cost-entries/sums", name="api:cost_entries:sums")
def sums(
    actor: SignedIn, db: Db, month: Month = None, unit_id: UUID | None = None
) -> list[CostSumOut]:
    """What each cost centre owes each other one: the lines of internal invoices."""
    with db.read() as session:
        must_see_costs(session, actor)
        query = entries_between(actor, _bounds(month), _below(session, actor, unit_id))
        return [CostSumOut.model_validate(each) for each in sums_of(session, query)]


@router.get(
    "/cost-entries/{cost_entry_id}", name="api:cost_entries:get", response_model=CostEntryOut
)
def entry(cost_entry_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    with db.read() as session:
        must_see_costs(session, actor)
        body = CostEntryOut.of(entry_of(session, actor, cost_entry_id)).model_dump(mode="json")
    return JSONResponse(body)
