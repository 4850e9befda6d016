"""The inbox as JSON: what waits, cases, their threads and photos."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, File, Path, Request, UploadFile
from fastapi import Query as Asked
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.inbox import commands as do
from app.inbox import queries, service
from app.inbox.models import Case, CaseNote
from app.inbox.outputs import CaseNoteOut, CaseOut, CasePhotoOut, WaitsOut
from app.inbox.queries import CaseFilter
from app.inbox.queries_figures import as_document, figures
from app.inbox.queries_waiting import InboxFilter, waiting
from app.inbox.service_photos import AddCasePhotos, add_case_photos
from app.items.service_photo_files import store_first
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, etag, link_next

router = APIRouter(tags=["inbox"])

MOST = 100
BY_NUMBER: Any = ((Case.year, True), (Case.number, True), (Case.id, True))


def case_of(session: Session, actor: Actor, case_id: UUID) -> Case:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(queries.cases_visible_to(actor).where(Case.id == case_id))
    if found is None:
        raise NotFound(N_("Fant ikke henvendelsen."))
    return found


class InboxList(InboxFilter):
    """The filter and where to go on."""

    cursor: Cursor = None
    limit: Limit = LIMIT


class CaseList(CaseFilter):
    """The filter and where to go on."""

    cursor: Cursor = None
    limit: Limit = LIMIT


@router.get("/inbox", name="inbox:list", response_model=list[WaitsOut])
def browse_inbox(
    request: Request, asked: Annotated[InboxList, Asked()], actor: SignedIn, db: Db
) -> Answer:
    """What is overdue first, then by deadline, then what has waited longest."""
    actor.must(Permission.CASE_HANDLE)
    with db.read() as session:
        found = waiting(session, actor, asked, cursor=asked.cursor, limit=asked.limit)
    body = [WaitsOut.of(each).model_dump(mode="json") for each in found.rows]
    return JSONResponse(body, headers=link_next(request, found.next))


class DaysOut(BaseModel):
    """Calendar days, of ``count`` cases: the median, and what nine of ten do not exceed."""

    count: int
    median: float | None
    p90: float | None


class FiguresOut(BaseModel):
    """Of cases that came in that year. ``by_unit`` has an empty key for those without a unit."""

    year: int
    total: int
    open: int
    closed: int
    withdrawn: int
    pieces: int
    visits: int
    days_to_reply: DaysOut
    days_to_end: DaysOut
    by_kind: dict[str, int]
    by_outcome: dict[str, int]
    by_unit: dict[str, int]
    by_month: list[int]


@router.get("/inbox/figures/{year}", name="inbox:figures_json", response_model=FiguresOut)
def show_figures(year: Annotated[int, Path(ge=2000, le=2999)], actor: SignedIn, db: Db) -> Answer:
    """Every part adds up to ``total``, but for outcomes, which are those of closed cases."""
    actor.must(Permission.CASE_HANDLE)
    with db.read() as session:
        return JSONResponse(as_document(figures(session, actor, year)))


@router.get("/cases", name="cases:list", response_model=list[CaseOut])
def browse(
    request: Request, asked: Annotated[CaseList, Asked()], actor: SignedIn, db: Db
) -> Answer:
    """The highest number first: one's own, and those one handles."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        found = keyset(
            session,
            queries.narrowed(queries.cases_visible_to(actor), asked),
            BY_NUMBER,
            cursor=asked.cursor,
            limit=asked.limit,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.year, each.number, each.id),
        )
        body = [each.model_dump(mode="json") for each in CaseOut.all(session, actor, found.rows)]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.get("/cases/{case_id}", name="cases:read", response_model=CaseOut)
def show(case_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        (body,) = CaseOut.all(session, actor, [case_of(session, actor, case_id)])
    return JSONResponse(body.model_dump(mode="json"), headers=etag(body.version))


@router.get("/cases/{case_id}/notes", name="cases:notes", response_model=list[CaseNoteOut])
def notes(case_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """The oldest first; who asked does not see the notes among those who handle it."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        case = case_of(session, actor, case_id)
        rows = session.scalars(queries.thread_of(actor, case)).all()
        body = [each.model_dump(mode="json") for each in CaseNoteOut.all(session, rows)]
    return JSONResponse(body)


def _cases(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: Sequence[Any],
    verb: Callable[[Session, Actor, Any], list[Case]],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: CaseOut.all(session, actor, verb(session, actor, commands)),
        status,
    )


def _notes(
    db: Db,
    actor: Actor,
    key: str | None,
    commands: Sequence[Any],
    verb: Callable[[Session, Actor, Any], list[CaseNote]],
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: CaseNoteOut.all(session, verb(session, actor, commands)),
        201,
    )


Some = Body(min_length=1, max_length=MOST)


@router.post("/cases/ask", name="cases:ask_all", response_model=list[CaseOut], status_code=201)
def ask(
    commands: Annotated[list[do.Ask], Some], actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """As an employee does by the form."""
    return _cases(db, actor, key, commands, service.ask, 201)


@router.post(
    "/cases/receive", name="cases:receive_all", response_model=list[CaseOut], status_code=201
)
def receive(
    commands: Annotated[list[do.Receive], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """What came by e-mail or phone, also on a day that is over."""
    return _cases(db, actor, key, commands, service.receive, 201)


@router.post("/cases/edit", name="cases:edit_all", response_model=list[CaseOut])
def edit(
    commands: Annotated[list[do.EditCase], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """``version`` is the one that was seen; 412 when it is not the newest."""
    return _cases(db, actor, key, commands, service.edit)


@router.post("/cases/assign", name="cases:assign_all", response_model=list[CaseOut])
def assign(
    commands: Annotated[list[do.AssignCase], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return _cases(db, actor, key, commands, service.assign)


@router.post("/cases/close", name="cases:close_all", response_model=list[CaseOut])
def close(
    commands: Annotated[list[do.CloseCase], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """All of them or none."""
    return _cases(db, actor, key, commands, service.close)


@router.post("/cases/withdraw", name="cases:withdraw_all", response_model=list[CaseOut])
def withdraw(
    commands: Annotated[list[do.OfCase], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return _cases(db, actor, key, commands, service.withdraw)


@router.post("/cases/reopen", name="cases:reopen_all", response_model=list[CaseOut])
def reopen(
    commands: Annotated[list[do.OfCase], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return _cases(db, actor, key, commands, service.reopen)


@router.post(
    "/cases/note", name="cases:note_all", response_model=list[CaseNoteOut], status_code=201
)
def note(
    commands: Annotated[list[do.AddNote], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Who asked never sees it."""
    return _notes(db, actor, key, commands, service.add_notes)


@router.post(
    "/cases/reply", name="cases:reply_all", response_model=list[CaseNoteOut], status_code=201
)
def reply(
    commands: Annotated[list[do.Reply], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """To who asked; with ``waits`` the case then waits for the answer."""
    return _notes(db, actor, key, commands, service.reply)


@router.post(
    "/cases/write", name="cases:write_all", response_model=list[CaseNoteOut], status_code=201
)
def write(
    commands: Annotated[list[do.Write], Some],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """From who asked."""
    return _notes(db, actor, key, commands, service.write)


@router.post(
    "/cases/{case_id}/photos",
    name="cases:add_photo",
    response_model=list[CasePhotoOut],
    status_code=201,
    max_body_size=22_000_000,
)
def add_photo(
    request: Request,
    case_id: UUID,
    photo: Annotated[UploadFile, File(description="JPEG, PNG or WebP, at most 20 MB.")],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """The picture is turned upright and every kind of metadata is taken away."""
    with db.read() as session:
        case_of(session, actor, case_id)
    stored = store_first(request.app.state.files, actor.org_id, photo.file.read())
    command = AddCasePhotos(case_id=case_id)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: CasePhotoOut.all(
            session, add_case_photos(session, actor, command, [stored])
        ),
        201,
    )
