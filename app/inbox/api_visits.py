"""Site visits as JSON."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.inbox import commands as do
from app.inbox import queries, service_visit
from app.inbox.api import Some, case_of
from app.inbox.models import SiteVisit
from app.inbox.outputs import SiteVisitOut
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["inbox"])


def visit_of(session: Session, actor: Actor, site_visit_id: UUID) -> SiteVisit:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(queries.visits_visible_to(actor).where(SiteVisit.id == site_visit_id))
    if found is None:
        raise NotFound(N_("Fant ikke befaringen."))
    return found


@router.get("/cases/{case_id}/visits", name="visits:list", response_model=list[SiteVisitOut])
def browse(case_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """By their time, the earliest first."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        case = case_of(session, actor, case_id)
        rows = session.scalars(
            queries.visits_visible_to(actor)
            .where(SiteVisit.case_id == case.id)
            .order_by(SiteVisit.starts_at, SiteVisit.id)
        ).all()
        body = [each.model_dump(mode="json") for each in SiteVisitOut.all(session, rows)]
    return JSONResponse(body)


def _visits(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: Sequence[Any],
    verb: Callable[[Session, Actor, Any], list[SiteVisit]],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: SiteVisitOut.all(session, verb(session, actor, commands)),
        status,
    )


@router.post(
    "/visits/plan", name="visits:plan_all", response_model=list[SiteVisitOut], status_code=201
)
def plan(
    commands: Annotated[list[do.PlanVisit], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """``day`` and ``at`` are those of the clock on the wall in Norway."""
    return _visits(db, actor, key, commands, service_visit.plan_visits, 201)


@router.post("/visits/move", name="visits:move_all", response_model=list[SiteVisitOut])
def move(
    commands: Annotated[list[do.MoveVisit], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """``sequence`` is the one that was seen; 412 when it is not the newest."""
    return _visits(db, actor, key, commands, service_visit.move_visits)


@router.post("/visits/finish", name="visits:finish_all", response_model=list[SiteVisitOut])
def finish(
    commands: Annotated[list[do.FinishVisit], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return _visits(db, actor, key, commands, service_visit.finish_visits)


@router.post("/visits/cancel", name="visits:cancel_all", response_model=list[SiteVisitOut])
def cancel(
    commands: Annotated[list[do.OfVisit], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return _visits(db, actor, key, commands, service_visit.cancel_visits)
