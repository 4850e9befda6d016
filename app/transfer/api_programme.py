"""A programme from a spreadsheet as JSON: preview, then apply."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.web import Db, IdempotencyKey
from app.transfer import service_programme as service
from app.transfer.service_programme import ApplySheet
from app.transfer.sheet_limits import LIMITS
from app.transfer.shown_programme import ProgrammeSheetOut
from app.transfer.upload_programme import BODY_BYTES, kept

router = APIRouter(tags=["projects"])


class Decide(BaseModel):
    """``skip_bad`` adds the rows that can be used and leaves the bad ones."""

    model_config = ConfigDict(extra="forbid")

    skip_bad: bool = False


class AppliedOut(BaseModel):
    """The lines that were added, in the order of the sheet."""

    programme_line_ids: list[UUID]


@router.post(
    "/projects/{project_id}/programme-sheets",
    status_code=201,
    response_model=ProgrammeSheetOut,
    max_body_size=BODY_BYTES,
)
def upload(
    project_id: UUID,
    actor: SignedIn,
    db: Db,
    file: Annotated[UploadFile, File(description="CSV or XLSX, at most 10 MB.")],
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Reads a sheet; nothing is added before it is applied."""
    actor.must(Permission.PROJECT_EDIT)
    content = file.file.read(LIMITS.file_bytes + 1)
    sheet_id = kept(db, actor, project_id, content, file.filename or "", key)
    with db.read() as session:
        out = ProgrammeSheetOut.of(service.sheet_of(session, actor, sheet_id))
    return JSONResponse(out.model_dump(mode="json"), 201)


@router.get(
    "/programme-sheets/{programme_sheet_id}",
    name="programme_sheets:read",
    response_model=ProgrammeSheetOut,
)
def show(programme_sheet_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.PROJECT_EDIT)
    with db.read() as session:
        out = ProgrammeSheetOut.of(service.sheet_of(session, actor, programme_sheet_id))
    return JSONResponse(out.model_dump(mode="json"))


@router.post("/programme-sheets/{programme_sheet_id}/apply", response_model=AppliedOut)
def apply_sheet(
    programme_sheet_id: UUID, given: Decide, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """Adds the lines once, all that can be used or none."""
    commands = [ApplySheet(programme_sheet_id=programme_sheet_id, skip_bad=given.skip_bad)]
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: AppliedOut(
            programme_line_ids=[each.id for each in service.apply_sheet(session, actor, commands)]
        ),
    )
