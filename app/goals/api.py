"""Goals of a year, the leader board and own savings as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.goals import service
from app.goals.commands import GoalFields, GoalRuleFields, SetGoalRule, SetGoals
from app.goals.figures import (
    LeaderBoard,
    Overview,
    Subject,
    leader_board,
    overview,
    own_savings,
    project_goals,
    unit_goals,
)
from app.goals.outputs import GoalRuleOut, OwnSavingsOut
from app.goals.queries import rule_of
from app.goals.rules import Kind
from app.kit.web import Db, IfMatch, etag, version_of

router = APIRouter(tags=["goals"])
Year = Annotated[int, Path(ge=2000, le=2999)]


@router.get("/goals/{year}", name="api:goals:list")
def browse(year: Year, actor: SignedIn, db: Db) -> Overview:
    """Every unit with result, forecast, what is promised below it, and the next goal proposed."""
    with db.read() as session:
        return overview(session, actor, year)


@router.get("/goals/{year}/units/{unit_id}", name="api:goals:unit")
def show_unit(year: Year, unit_id: UUID, response: Response, actor: SignedIn, db: Db) -> Subject:
    with db.read() as session:
        found = unit_goals(session, actor, year, unit_id)
    response.headers.update(etag(found.version))
    return found


@router.put("/goals/{year}/units/{unit_id}", name="api:goals:set_unit")
def set_unit(
    year: Year,
    unit_id: UUID,
    fields: GoalFields,
    response: Response,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
) -> Subject:
    """All goals of the unit for the year; ``If-Match: "v0"`` makes the first ones."""
    command = SetGoals(
        year=year, unit_id=unit_id, version=version_of(if_match), targets=fields.targets
    )
    with db.write() as session:
        service.set_goals(session, actor, command)
        found = unit_goals(session, actor, year, unit_id)
    response.headers.update(etag(found.version))
    return found


@router.get("/goals/{year}/projects/{project_id}", name="api:goals:project")
def show_project(
    year: Year, project_id: UUID, response: Response, actor: SignedIn, db: Db
) -> Subject:
    with db.read() as session:
        found = project_goals(session, actor, year, project_id)
    response.headers.update(etag(found.version))
    return found


@router.put("/goals/{year}/projects/{project_id}", name="api:goals:set_project")
def set_project(
    year: Year,
    project_id: UUID,
    fields: GoalFields,
    response: Response,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
) -> Subject:
    """As a unit's; a project has no goal for enquiries."""
    command = SetGoals(
        year=year, project_id=project_id, version=version_of(if_match), targets=fields.targets
    )
    with db.write() as session:
        service.set_goals(session, actor, command)
        found = project_goals(session, actor, year, project_id)
    response.headers.update(etag(found.version))
    return found


@router.get("/goals/{year}/leader-board", name="api:goals:board")
def board(
    year: Year, actor: SignedIn, db: Db, kind: Annotated[Kind, Query()] = Kind.CO2E
) -> LeaderBoard:
    with db.read() as session:
        return leader_board(session, actor, year, kind)


@router.get("/my-savings", name="api:goals:mine")
def mine(actor: SignedIn, db: Db) -> OwnSavingsOut:
    """What the caller's own requests saved."""
    with db.read() as session:
        return OwnSavingsOut.build(own_savings(session, actor), actor.currency)


@router.get("/goal-rule", name="api:goals:rule", response_model=GoalRuleOut)
def show_rule(actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        return _rule(session, actor)


@router.put("/goal-rule", name="api:goals:set_rule", response_model=GoalRuleOut)
def set_rule(
    fields: GoalRuleFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> JSONResponse:
    """What is switched on; ``If-Match: "v0"`` before anything was said."""
    command = SetGoalRule(**fields.model_dump(), version=version_of(if_match))
    with db.write() as session:
        service.set_goal_rule(session, actor, command)
        return _rule(session, actor)


def _rule(session: Session, actor: Actor) -> JSONResponse:
    found = GoalRuleOut.of(rule_of(session, actor))
    return JSONResponse(found.model_dump(mode="json"), headers=etag(found.version))
