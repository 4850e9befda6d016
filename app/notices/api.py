"""What waits for the caller, and what the caller was told, as JSON."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.page import url
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Db, link_next
from app.notices import queries
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
    """One e-mail: ``kind`` says what about, ``subject_id`` the id of what happened.

    ``sent_at`` is empty until a mail server took it; after ``gave_up_at`` it is tried no more.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    person_id: UUID
    kind: str
    subject_id: UUID
    created_at: datetime
    sent_at: datetime | None
    gave_up_at: datetime | None


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
            queries.notices_visible_to(actor, everybody=everybody),
            queries.NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
    answer: list[dict[str, Any]] = [
        NoticeOut.model_validate(each).model_dump(mode="json") for each in found.rows
    ]
    return JSONResponse(answer, headers=link_next(request, found.next))
