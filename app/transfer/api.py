"""Imports and mappings as JSON; the file itself comes as multipart."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.kit.once import once
from app.kit.paging import LIMIT, Cursor, Limit
from app.kit.web import Db, IdempotencyKey, IfMatch, etag, link_next, version_of
from app.transfer import (
    choosing,
    queries,
    service,
    service_apply,
    service_staging,
    service_undo,
    shown,
)
from app.transfer.mapping import Mapping
from app.transfer.models import SavedMapping
from app.transfer.pages import BODY_BYTES
from app.transfer.service import How
from app.transfer.sheet_limits import LIMITS
from app.transfer.upload import previewed

router = APIRouter(prefix="/imports", tags=["imports"])


class BadOut(BaseModel):
    row: int
    column: str
    header: str
    value: str
    reason: str


class RepeatOut(BaseModel):
    row: int
    first_row: int
    key: str
    differs: bool


class WarningOut(BaseModel):
    row: int
    kind: str
    value: str
    text: str


class ColumnOut(BaseModel):
    column: str
    header: str
    field: str | None
    unit: str | None
    samples: list[str]


class ReportOut(BaseModel):
    """Counts of all rows; of each list of lines the first thousand."""

    rows: int
    created: int
    updated: int
    unchanged: int
    repeated: int
    bad_rows: int
    bad_count: int
    bad: list[BadOut]
    repeats: list[RepeatOut]
    warnings: list[WarningOut]
    warning_counts: dict[str, int]
    unknown_words: list[tuple[str, int]]
    notices: list[str]
    skipped: int
    with_category: int
    header_row: int
    columns: list[ColumnOut]


class ImportOut(BaseModel):
    id: UUID
    state: str
    file_name: str
    mapping: str | None
    unit_id: UUID
    place_id: UUID
    created_at: str
    applied_at: str | None
    undone_at: str | None
    report: ReportOut


class MappingOut(BaseModel):
    """A saved mapping; its version is the ``ETag``."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    content: dict[str, Any]
    version: int


class Apply(BaseModel):
    """``skip_bad`` applies the rows that can be used and leaves the bad ones."""

    model_config = ConfigDict(extra="forbid")

    skip_bad: bool = False


@router.get("", name="imports:list", response_model=list[ImportOut])
def browse(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> JSONResponse:
    actor.must(Permission.IMPORT)
    with db.read() as session:
        found = queries.newest_runs(session, actor, cursor, limit)
        answer = [shown.as_json(each) for each in found.rows]
    return JSONResponse(answer, headers=link_next(request, found.next))


@router.post("", status_code=201, response_model=ImportOut, max_body_size=BODY_BYTES)
def preview(
    actor: SignedIn,
    db: Db,
    file: Annotated[UploadFile, File(description="CSV or XLSX, at most 10 MB.")],
    mapping: Annotated[str | None, Form(max_length=80)] = None,
    rate: Annotated[str | None, Form(max_length=20)] = None,
    unit_id: Annotated[UUID | None, Form()] = None,
    place_id: Annotated[UUID | None, Form()] = None,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Reads and stages a file; nothing of the inventory changes before it is applied."""
    actor.must(Permission.IMPORT)
    content = file.file.read(LIMITS.file_bytes + 1)
    with db.read() as session:
        chosen = queries.mapping_named(session, actor, mapping) if mapping else None
    if rate is not None:
        errors: dict[str, str] = {}
        found = choosing.rate_in(rate, errors)
        if errors or chosen is None or chosen.currency is None:
            raise Invalid(
                by_field={"rate": errors.get("rate") or N_("En kurs krever et oppsett med valuta.")}
            )
        chosen = chosen.model_copy(update={"rate": found})
    how = How(mapping=chosen, unit_id=unit_id, place_id=place_id)
    run_id = previewed(db, actor, content, file.filename or "", how, key)
    with db.read() as session:
        answer = shown.as_json(queries.run(session, actor, run_id))
    return JSONResponse(answer, 201)


# ---- mappings ---------------------------------------------------------------------------------


@router.get("/mappings", response_model=list[MappingOut])
def browse_mappings(actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.IMPORT)
    with db.read() as session:
        answer = [_mapping(each) for each in shown.saved(session, actor)]
    return JSONResponse(answer)


@router.post("/mappings", status_code=201, response_model=MappingOut)
def save_mapping(
    mapping: Mapping, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """Keeps a mapping under its name; one of the same name is replaced."""
    command = service.SaveMapping(mapping=mapping)
    with db.write() as session:
        answer, version = once(
            session,
            actor,
            key,
            [command],
            lambda: _mapping(service.save_mappings(session, actor, [command])[0]),
            lambda kept: (kept, kept["version"]),
        )
    return JSONResponse(answer, 201, headers=etag(version))


@router.get("/mappings/{mapping_id}", response_model=MappingOut)
def show_mapping(mapping_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.IMPORT)
    with db.read() as session:
        answer = _mapping(queries.saved_mapping(session, actor, mapping_id))
    return JSONResponse(answer, headers=etag(answer["version"]))


@router.put("/mappings/{mapping_id}", response_model=MappingOut)
def edit_mapping(
    mapping_id: UUID, mapping: Mapping, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> JSONResponse:
    command = service.EditMapping(
        mapping_id=mapping_id, version=version_of(if_match), mapping=mapping
    )
    with db.write() as session:
        answer = _mapping(service.edit_mapping(session, actor, command))
    return JSONResponse(answer, headers=etag(answer["version"]))


@router.delete("/mappings/{mapping_id}", status_code=204)
def delete_mapping(mapping_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service.delete_mapping(session, actor, mapping_id)
    return Response(status_code=204)


def _mapping(saved: SavedMapping) -> dict[str, Any]:
    return MappingOut.model_validate(saved).model_dump(mode="json")


# ---- one import -------------------------------------------------------------------------------


@router.get("/{run_id}", name="imports:show", response_model=ImportOut)
def show(run_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.IMPORT)
    with db.read() as session:
        return JSONResponse(shown.as_json(queries.run(session, actor, run_id)))


@router.post("/{run_id}/apply", response_model=ImportOut)
def apply(
    run_id: UUID, actor: SignedIn, db: Db, command: Apply | None = None, key: IdempotencyKey = None
) -> JSONResponse:
    """Registers and edits everything in one transaction; refused while rows are bad."""
    skip_bad = command is not None and command.skip_bad
    asked = service_apply.OfRun(run_id=run_id, verb="apply", skip_bad=skip_bad)
    with db.read() as session:
        ready = service_apply.prepare(session, actor, run_id)
    with db.write(is_long=True) as session:
        answer = once(
            session,
            actor,
            key,
            [asked],
            lambda: shown.as_json(service_apply.apply(session, actor, ready, skip_bad=skip_bad)),
        )
    return JSONResponse(answer)


@router.post("/{run_id}/undo", response_model=ImportOut)
def undo(run_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> JSONResponse:
    """Deletes the new pieces and takes the edits back, while nobody has touched them."""
    asked = service_apply.OfRun(run_id=run_id, verb="undo")
    with db.write(is_long=True) as session:
        answer = once(
            session,
            actor,
            key,
            [asked],
            lambda: shown.as_json(service_undo.undo(session, actor, run_id)),
        )
    return JSONResponse(answer)


@router.delete("/{run_id}", status_code=204)
def discard(run_id: UUID, actor: SignedIn, db: Db) -> Response:
    """Takes a preview away that is not applied."""
    with db.write(is_long=True) as session:
        service_staging.discard(session, actor, run_id)
    return Response(status_code=204)
