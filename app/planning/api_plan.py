"""A project's plan, its supply and what is set aside, as JSON."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.web import Answer, Db, IdempotencyKey
from app.planning import service_allocate as service
from app.planning.outputs import AllocationOut, FixedPlanOut, PileOut, PlanOut
from app.planning.queries_plan import allocations_visible_to
from app.planning.queries_supply import fitting
from app.planning.service_fix import FixPlan, fix_plan
from app.planning.views_plan import plan_of
from app.projects.models import ProgrammeLine, Project
from app.projects.models_allocation import PlanAllocation
from app.projects.queries import lines_visible_to, projects_visible_to

router = APIRouter(tags=["projects"])

MOST_LINES = 500
Lines = Annotated[list[service.Allocate], Body(min_length=1, max_length=200)]
Gone = Annotated[list[service.LetGo], Body(min_length=1, max_length=200)]


class Chosen(BaseModel):
    """`now`, `supply`, `used`, `new`, or `redesign` where there is something to mend or build of."""

    model_config = ConfigDict(extra="forbid")

    alternative: str = Field(max_length=40)


@router.get("/projects/{project_id}/plan", name="plans:read", response_model=PlanOut)
def show(request: Request, project_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """The supply of every line, and the alternatives with their figures."""
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        project = _project(session, actor, project_id)
        today = request.app.state.db.clock.today()
        body = PlanOut.of(plan_of(session, actor, project, today))
    return JSONResponse(body.model_dump(mode="json"))


@router.post(
    "/projects/{project_id}/plan/fix",
    name="plans:fix_one",
    response_model=FixedPlanOut,
    status_code=201,
)
def fix(
    project_id: UUID, given: Chosen, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Keeps an alternative: the result is held against it from now on."""
    command = FixPlan(project_id=project_id, alternative=given.alternative)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: FixedPlanOut.of(fix_plan(session, actor, [command])[0]),
        201,
    )


@router.get(
    "/programme-lines/{programme_line_id}/supply",
    name="plans:supply",
    response_model=list[PileOut],
)
def supply(request: Request, programme_line_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """Like pieces that meet the line, in the order they would be taken; at most 500 piles."""
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        row = _line(session, actor, programme_line_id)
        project = _project(session, actor, row.project_id)
        found = fitting(session, actor, project.id, row, request.app.state.db.clock.today())
        body = [PileOut.of(each).model_dump(mode="json") for each in found[:MOST_LINES]]
    return JSONResponse(body)


@router.get(
    "/programme-lines/{programme_line_id}/allocations",
    name="plans:list_allocations",
    response_model=list[AllocationOut],
)
def allocations(programme_line_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """The pieces that are set aside for the line now."""
    actor.must(Permission.PROJECT_READ)
    with db.read() as session:
        row = _line(session, actor, programme_line_id)
        query = allocations_visible_to(actor).where(PlanAllocation.programme_line_id == row.id)
        found = session.scalars(query.order_by(PlanAllocation.created_at, PlanAllocation.id))
        body = [AllocationOut.of(each).model_dump(mode="json") for each in found]
    return JSONResponse(body)


@router.post(
    "/allocations", name="plans:allocate_all", response_model=list[AllocationOut], status_code=201
)
def allocate(commands: Lines, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Sets pieces aside for lines, all or none. No piece is anybody else's meanwhile."""
    return _done(db, actor, key, commands, service.allocate, 201)


@router.post("/allocations/let-go", name="plans:let_all_go", response_model=list[AllocationOut])
def let_go(commands: Gone, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Without ``item_ids`` everything that is set aside for the line."""
    return _done(db, actor, key, commands, service.let_go)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: Sequence[BaseModel],
    verb: Callable[[Session, Actor, Any], Sequence[PlanAllocation]],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: [AllocationOut.of(each) for each in verb(session, actor, commands)],
        status,
    )


def _project(session: Session, actor: Actor, project_id: UUID) -> Project:
    found = session.scalar(projects_visible_to(actor).where(Project.id == project_id))
    if found is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    return found


def _line(session: Session, actor: Actor, programme_line_id: UUID) -> ProgrammeLine:
    query = lines_visible_to(actor).where(ProgrammeLine.id == programme_line_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound(N_("Fant ikke linjen i behovsprogrammet."))
    return found
