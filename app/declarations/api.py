"""Declarations as JSON: a file is sent and read, then applied to a model or a piece."""

from typing import Annotated
from uuid import UUID

import starlette.datastructures
from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.declarations import service
from app.declarations.commands import ApplyDeclaration, EndDeclaration
from app.declarations.outputs import DeclarationFileOut, DeclarationOut
from app.declarations.queries import (
    NEWEST_FIRST,
    declaration_of,
    declarations_visible_to,
    file_of,
)
from app.declarations.rules import DeclarationRefused, Reading, chosen, read
from app.kit.answers import answered
from app.kit.db import Database
from app.kit.errors import Invalid
from app.kit.files import Files
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next

router = APIRouter(tags=["declarations"])

FILE_BYTES = 10_000_000
BODY_BYTES = FILE_BYTES + 200_000


def read_upload(upload: starlette.datastructures.UploadFile) -> tuple[bytes, Reading]:
    """The file's bytes and what it states. Raises ``Invalid`` at ``file`` with the rule."""
    content = upload.file.read(FILE_BYTES + 1)
    if len(content) > FILE_BYTES:
        raise Invalid(by_field={"file": N_("Filen er for stor: høyst 10 MB.")})
    try:
        reading = read(content)
        chosen(reading)
    except DeclarationRefused as error:
        raise service.refusal(error) from error
    return content, reading


def stored_reading(db: Database, files: Files, actor: Actor, file_id: UUID) -> Reading:
    """What a kept file states, read outside of any transaction. Raises ``NotFound``."""
    with db.read() as session:
        key = file_of(session, actor, file_id).key
    try:
        return read(files.get(key))
    except DeclarationRefused as error:  # read by an older program
        raise service.refusal(error, "") from error


@router.post(
    "/declaration-files",
    name="api:declaration_files:add",
    response_model=DeclarationFileOut,
    status_code=201,
    max_body_size=BODY_BYTES,
)
def add_file(
    request: Request,
    file: Annotated[
        UploadFile, File(description="openEPD JSON, ILCD+EPD XML or a ZIP of such, at most 10 MB.")
    ],
    actor: SignedIn,
    db: Db,
) -> JSONResponse:
    """Keeps the file, and says what it states and what a person must answer."""
    actor.must(Permission.MODEL_EDIT)
    content, reading = read_upload(file)
    stored = service.kept(request.app.state.files, actor, file.filename or "", content, reading)
    with db.write() as session:
        out = DeclarationFileOut.of(service.add_file(session, actor, stored), reading)
    return JSONResponse(out.model_dump(mode="json"), 201)


@router.get(
    "/declaration-files/{declaration_file_id}",
    name="api:declaration_files:get",
    response_model=DeclarationFileOut,
)
def show_file(request: Request, declaration_file_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.MODEL_EDIT)
    reading = stored_reading(db, request.app.state.files, actor, declaration_file_id)
    with db.read() as session:
        out = DeclarationFileOut.of(file_of(session, actor, declaration_file_id), reading)
    return Answer(out.model_dump(mode="json"))


@router.get("/declarations", name="api:declarations:list", response_model=list[DeclarationOut])
def browse(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> JSONResponse:
    """The newest first, ended ones too."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = keyset(
            session,
            declarations_visible_to(actor),
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
        rows = [DeclarationOut.json_of(each) for each in found.rows]
    return Answer(rows, headers=link_next(request, found.next))


@router.get(
    "/declarations/{declaration_id}", name="api:declarations:get", response_model=DeclarationOut
)
def show(declaration_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return Answer(DeclarationOut.json_of(declaration_of(session, actor, declaration_id)))


@router.get(
    "/declarations/{declaration_id}/file",
    name="api:declarations:file",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}, "application/xml": {}, "application/zip": {}}}
    },
)
def download(request: Request, declaration_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The file as it came, JSON, XML or ZIP."""
    return file_answer(request, declaration_id, actor, db)


def file_answer(request: Request, declaration_id: UUID, actor: Actor, db: Database) -> Response:
    """For who may read pieces; only for download. Raises ``NotFound``."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        row = declaration_of(session, actor, declaration_id)
        found = file_of(session, actor, row.declaration_file_id)
    files: Files = request.app.state.files
    suffix = found.key.rpartition(".")[2]
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f'attachment; filename="epd-{found.sha256[:12]}.{suffix}"',
    }
    return Response(files.get(found.key), 200, headers, found.media_type)


@router.post("/declarations", response_model=DeclarationOut, status_code=201)
def apply(
    request: Request,
    command: ApplyDeclaration,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """The file counts for the model or the piece; another one that did is ended."""
    actor.must(Permission.MODEL_EDIT)
    files: Files = request.app.state.files
    reading = stored_reading(db, files, actor, command.declaration_file_id)

    def call(session: Session) -> DeclarationOut:
        row = service.apply_declaration(session, actor, command, reading)
        return DeclarationOut.model_validate(row)

    return answered(db, actor, key, [command], call, 201)


@router.post("/declarations/end", response_model=DeclarationOut)
def end(
    command: EndDeclaration, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """It counts no more for what is booked from now on."""

    def call(session: Session) -> DeclarationOut:
        return DeclarationOut.model_validate(service.end_declaration(session, actor, command))

    return answered(db, actor, key, [command], call)
