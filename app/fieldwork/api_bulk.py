"""Verbs for lists of pieces as JSON: what became of each, and how to take it back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import queries_bulk, service_bulk, views_bulk
from app.fieldwork.models import BulkAction
from app.fieldwork.service_bulk import BulkVerb, OfCodes, UndoBulk
from app.fieldwork.service_bulk_verbs import (
    PUT_ON_PROJECT,
    SET_CONDITION,
    PutOnProject,
    SetCondition,
)
from app.items.commands import Command
from app.kit.db import Database
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.once import once
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["field work"])


class BulkLineOut(BaseModel):
    """What became of one piece. ``reason`` is why it was refused, or why it was not taken back."""

    text: str
    item_id: UUID | None
    name: str | None
    is_done: bool
    is_undone: bool
    reason: str | None


class BulkOut(BaseModel):
    """One verb for a list of pieces, with a line for each code."""

    id: UUID
    verb: str
    person_id: UUID | None
    created_at: datetime
    undone_at: datetime | None
    lines: list[BulkLineOut]

    @classmethod
    def of(cls, session: Session, actor: Actor, row: BulkAction) -> "BulkOut":
        session.flush()  # the lines are read from the database
        return cls(
            id=row.id,
            verb=row.verb,
            person_id=row.person_id,
            created_at=row.created_at,
            undone_at=row.undone_at,
            lines=[
                BulkLineOut.model_validate(each, from_attributes=True)
                for each in views_bulk.shown(session, actor, row).rows
            ],
        )


def action_of(session: Session, actor: Actor, bulk_action_id: UUID) -> BulkAction:
    """Raises ``NotFound`` for another organisation's as for none."""
    query = queries_bulk.bulk_actions_visible_to(actor)
    row = session.scalar(query.where(BulkAction.id == bulk_action_id))
    if row is None:
        raise NotFound(N_("Fant ikke det som ble gjort."))
    return row


def verb_in(request: Request, name: str) -> BulkVerb:
    """A verb by its name in paths; those further right are in ``panels.BULK``."""
    verbs: dict[str, BulkVerb] = {
        each.name: each for each in (SET_CONDITION, PUT_ON_PROJECT, *request.app.state.bulk)
    }
    if name not in verbs:
        raise NotFound
    return verbs[name]


def _done(
    db: Database,
    actor: Actor,
    key: str | None,
    command: Command,
    call: Callable[[Session], BulkAction],
) -> Any:
    with db.write(is_long=True) as session:
        return once(
            session, actor, key, [command], lambda: BulkOut.of(session, actor, call(session))
        )


@router.post("/bulk/condition", response_model=BulkOut)
def set_condition(
    command: SetCondition, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """What cannot be changed says why in its own line; the others are changed."""
    verb = SET_CONDITION
    answer = _done(db, actor, key, command, lambda s: service_bulk.in_bulk(s, actor, verb, command))
    return JSONResponse(answer)


@router.post("/bulk/project", response_model=BulkOut)
def put_on_project(
    command: PutOnProject, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Pieces that the project releases. One that is on a project already says so in its line."""
    verb = PUT_ON_PROJECT
    answer = _done(db, actor, key, command, lambda s: service_bulk.in_bulk(s, actor, verb, command))
    return JSONResponse(answer)


@router.post("/bulk/{verb}", response_model=BulkOut)
def do(
    request: Request,
    verb: str,
    command: OfCodes,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """`offer`: free and from today. What cannot be offered says why in its own line."""
    known = {each.name: each for each in request.app.state.bulk}
    if verb not in known:
        raise NotFound
    answer = _done(
        db, actor, key, command, lambda s: service_bulk.in_bulk(s, actor, known[verb], command)
    )
    return JSONResponse(answer)


@router.get("/bulk-actions/{bulk_action_id}", name="bulk_actions:get", response_model=BulkOut)
def show(bulk_action_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        out = BulkOut.of(session, actor, action_of(session, actor, bulk_action_id))
    return JSONResponse(out.model_dump(mode="json"))


@router.post("/bulk-actions/{bulk_action_id}/undo", response_model=BulkOut)
def undo(
    request: Request, bulk_action_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Takes back what was changed and has not been changed since; the rest says why it stays."""
    command = UndoBulk(bulk_action_id=bulk_action_id)

    def call(session: Session) -> BulkAction:
        return service_bulk.undo(session, actor, lambda name: verb_in(request, name), command)

    return JSONResponse(_done(db, actor, key, command, call))
