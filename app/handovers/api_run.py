"""Run sheets as JSON."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.handovers import service_run as service
from app.handovers.models_run import RunSheet
from app.handovers.queries_run import runs_visible_to
from app.handovers.views_run import RunSheetOut
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next

router = APIRouter(prefix="/run-sheets", tags=["handovers"])

NEWEST_FIRST: Any = ((RunSheet.number, True), (RunSheet.id, True))


def run_of(session: Session, actor: Actor, run_id: UUID) -> RunSheet:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(runs_visible_to(actor).where(RunSheet.id == run_id))
    if found is None:
        raise NotFound(N_("Fant ikke kjørelisten."))
    return found


@router.get("", name="runs:list", response_model=list[RunSheetOut])
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    driven_on: Annotated[date | None, Query(description="Only this day's.")] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first, each with its pieces."""
    actor.must(Permission.ITEM_READ)
    query = runs_visible_to(actor)
    if driven_on is not None:
        query = query.where(RunSheet.driven_on == driven_on)
    with db.read() as session:
        found = keyset(
            session,
            query,
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        body = [
            each.model_dump(mode="json") for each in RunSheetOut.all(session, actor, found.rows)
        ]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.get("/{run_sheet_id}", name="runs:get", response_model=RunSheetOut)
def show(run_sheet_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        run = run_of(session, actor, run_sheet_id)
        (body,) = RunSheetOut.all(session, actor, [run])
    return JSONResponse(body.model_dump(mode="json"))


@router.post("", name="runs:plan_one", response_model=RunSheetOut, status_code=201)
def plan(command: service.PlanRun, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """A run with its first pieces. The distance is measured where it is not entered."""
    return _done(db, actor, key, command, service.plan_run, 201)


@router.post("/edit", name="runs:edit_one", response_model=RunSheetOut)
def edit(command: service.EditRun, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """All of the fields as they are to be; 412 when somebody else changed the sheet since."""
    return _done(db, actor, key, command, service.edit_run)


@router.post("/add", name="runs:add_pieces", response_model=RunSheetOut)
def add(command: service.AddToRun, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return _done(db, actor, key, command, service.add_to_run)


@router.post("/take-off", name="runs:take_off_pieces", response_model=RunSheetOut)
def take_off(
    command: service.TakeOffRun, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Pieces that wait for another run."""
    return _done(db, actor, key, command, service.take_off_run)


@router.post("/finish", name="runs:finish_one", response_model=RunSheetOut)
def finish(command: service.OfRun, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The day is over; what was not fetched can be planned anew."""
    return _done(db, actor, key, command, service.finish_run)


@router.post("/cancel", name="runs:cancel_one", response_model=RunSheetOut)
def cancel(command: service.OfRun, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Nobody drives; only before something was fetched."""
    return _done(db, actor, key, command, service.cancel_run)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], RunSheet],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: RunSheetOut.all(session, actor, [verb(session, actor, command)])[0],
        status,
    )
