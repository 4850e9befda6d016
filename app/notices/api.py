"""What waits for the caller, and what the caller was told, as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.once import once
from app.kit.page import url
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Db, IdempotencyKey, link_next
from app.notices import queries, queries_notices, service
from app.notices.kinds import KINDS, Delivery
from app.notices.tasks import Task

router = APIRouter(tags=["notices"])


class WaitingOut(BaseModel):
    """One thing to do. ``title`` and ``text`` are for people; ``page`` is the path to do it at."""

    task: Task
    title: str
    text: str | None
    since: datetime
    page: str


class NoticeOut(BaseModel):
    """One thing told: ``kind`` says what about, ``subject_id`` the id of what happened.

    ``delivery`` is what the person had chosen: an e-mail at once, a line in the daily one, or
    neither. ``sent_at`` is empty until a mail server took it; after ``gave_up_at`` it is tried no
    more.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    person_id: UUID
    kind: str
    subject_id: UUID
    created_at: datetime
    delivery: Delivery
    read_at: datetime | None
    sent_at: datetime | None
    gave_up_at: datetime | None


class ChoiceOut(BaseModel):
    """How one is told of a kind. Who ``is_asked`` can not turn it off."""

    kind: str
    delivery: Delivery
    is_asked: bool


class ReadOut(BaseModel):
    """How many notices were unread until now."""

    count: int


@router.get("/waiting")
def list_waiting(request: Request, actor: SignedIn, db: Db) -> list[WaitingOut]:
    """The oldest of each kind first; a last row of a kind leads to the rest of them."""
    with db.read() as session:
        found = queries.waiting_for(session, actor)
    return [
        WaitingOut(
            task=each.task,
            title=each.title,
            text=each.text,
            since=each.since,
            page=url(request, each.route, query=each.query, **each.params),
        )
        for each in found
    ]


@router.get("/notices", response_model=list[NoticeOut])
def list_notices(
    request: Request,
    actor: SignedIn,
    db: Db,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
    *,
    everybody: bool = False,
) -> JSONResponse:
    """One's own, newest first; with ``everybody`` those of all, for an administrator."""
    if everybody:
        actor.must(Permission.ORGANISATION_EDIT)
    with db.read() as session:
        found = keyset(
            session,
            queries_notices.notices_visible_to(actor, everybody=everybody),
            queries_notices.NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
    answer: list[dict[str, Any]] = [
        NoticeOut.model_validate(each).model_dump(mode="json") for each in found.rows
    ]
    return JSONResponse(answer, headers=link_next(request, found.next))


@router.post("/notices/read")
def read(
    commands: list[service.Read], actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> ReadOut:
    """Marks one's own as read: those that are named, or all."""
    with db.write() as session:
        count = once(
            session, actor, key, commands, lambda: service.read(session, actor, commands), int
        )
    return ReadOut(count=count)


@router.get("/notices/choices")
def list_choices(actor: SignedIn, db: Db) -> list[ChoiceOut]:
    with db.read() as session:
        return _choices(queries_notices.choices_of(session, actor))


@router.post("/notices/choices")
def choose(
    commands: list[service.Choose], actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> list[ChoiceOut]:
    """Answers with all choices as they are afterwards."""
    with db.write() as session:

        def call() -> int:
            return len(service.choose(session, actor, commands))

        once(session, actor, key, commands, call)
        session.flush()  # the choices are read back
        return _choices(queries_notices.choices_of(session, actor))


def _choices(chosen: Mapping[str, Delivery]) -> list[ChoiceOut]:
    return [
        ChoiceOut(kind=name, delivery=delivery, is_asked=KINDS[name].is_asked)
        for name, delivery in chosen.items()
    ]
