"""Needs and the reuse ladder as JSON."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, etag, link_next
from app.needs import queries, service, service_ladder
from app.needs.matching import matches_of
from app.needs.models import Need, NeedLine
from app.needs.outputs import LadderStepOut, MatchesOut, MatchOut, NeedLineOut, NeedOut
from app.needs.rules import FOUND, NeedState, Step

router = APIRouter(tags=["needs"])

MOST = 50
NEWEST_FIRST: Any = ((Need.number, True), (Need.id, True))


def need_of(session: Session, actor: Actor, need_id: UUID) -> Need:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(queries.needs_visible_to(actor).where(Need.id == need_id))
    if found is None:
        raise NotFound(N_("Fant ikke behovet."))
    return found


def line_of(session: Session, actor: Actor, need_line_id: UUID) -> NeedLine:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(queries.lines_visible_to(actor).where(NeedLine.id == need_line_id))
    if found is None:
        raise NotFound(N_("Fant ikke behovet."))
    return found


@router.get("/needs", name="needs:list", response_model=list[NeedOut])
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    state: NeedState | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first: one's own, and those of units one decides for."""
    actor.must(Permission.REQUEST_MAKE)
    query = queries.needs_visible_to(actor)
    if state is not None:
        query = query.where(Need.state == state)
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
        shown = NeedOut.all(session, actor, found.rows)
        body = [each.model_dump(mode="json") for each in shown]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.post("/needs", name="needs:submit_all", response_model=list[NeedOut], status_code=201)
def submit(
    commands: Annotated[list[service.SubmitNeed], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Registers needs; each of their lines then has its reuse ladder."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: NeedOut.all(session, actor, service.submit(session, actor, commands)),
        201,
    )


@router.get("/needs/{need_id}", name="needs:read", response_model=NeedOut)
def show(need_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        (body,) = NeedOut.all(session, actor, [need_of(session, actor, need_id)])
    return JSONResponse(body.model_dump(mode="json"), headers=etag(body.version))


@router.get("/needs/{need_id}/ladder", name="needs:ladder", response_model=list[LadderStepOut])
def ladder(need_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """Every decision: line by line, each in the order in which they were made."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        need = need_of(session, actor, need_id)
        lines = session.scalars(queries.lines_of(actor, [need.id])).all()
        ids = [each.id for each in lines]
        decisions = queries.decisions_by_line(session, actor, ids, with_matches=True)
        rows = [each.row for line in lines for each in decisions.get(line.id, ())]
        body = [each.model_dump(mode="json") for each in LadderStepOut.all(session, rows)]
    return JSONResponse(body)


@router.post(
    "/needs/add-lines", name="needs:add_lines", response_model=list[NeedLineOut], status_code=201
)
def add_lines(
    commands: Annotated[list[service.AddNeedLine], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: NeedLineOut.all(
            session, actor, service.add_lines(session, actor, commands)
        ),
        201,
    )


def _end(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: list[service.OfNeed],
    verb: Callable[[Session, Actor, Sequence[service.OfNeed]], list[Need]],
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: NeedOut.all(session, actor, verb(session, actor, commands)),
    )


Needs = Annotated[list[service.OfNeed], Body(min_length=1, max_length=MOST)]


@router.post("/needs/close", name="needs:close_all", response_model=list[NeedOut])
def close(commands: Needs, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Fulfilled when every piece was found, else closed unmet."""
    return _end(db, actor, key, commands, service.close)


@router.post("/needs/cancel", name="needs:cancel_all", response_model=list[NeedOut])
def cancel(commands: Needs, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return _end(db, actor, key, commands, service.cancel)


@router.post("/needs/reopen", name="needs:reopen_all", response_model=list[NeedOut])
def reopen(commands: Needs, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return _end(db, actor, key, commands, service.reopen)


@router.get("/need-lines/{need_line_id}/matches", name="needs:matches", response_model=MatchesOut)
def matches(need_line_id: UUID, actor: SignedIn, db: Db, step: Step = Step.OWN_UNIT) -> Answer:
    """What the organisation has or gets free that fits; only the three lowest steps have any."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        line = line_of(session, actor, need_line_id)
        need = need_of(session, actor, line.need_id)
        today = db.clock.now().date()
        found = matches_of(session, actor, need, line, step, today) if step in FOUND else []
        body = MatchesOut(
            step=step,
            seen=service_ladder.mark(found),
            matches=[MatchOut.model_validate(each, from_attributes=True) for each in found],
        )
    return JSONResponse(body.model_dump(mode="json"))


@router.post(
    "/need-lines/take", name="needs:take_all", response_model=list[LadderStepOut], status_code=201
)
def take(
    commands: Annotated[list[service.Take], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Takes pieces at the lines' next steps; from an offer it becomes an order."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LadderStepOut.all(session, service_ladder.take(session, actor, commands)),
        201,
    )


@router.post(
    "/need-lines/leave", name="needs:leave_all", response_model=list[LadderStepOut], status_code=201
)
def leave(
    commands: Annotated[list[service.Leave], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Leaves the lines' next steps, with the reason why what was there was not taken."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LadderStepOut.all(session, service_ladder.leave(session, actor, commands)),
        201,
    )
