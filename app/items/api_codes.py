"""Codes, print batches and found reports as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import queries, queries_batches, queries_codes, service_codes, service_found
from app.items.models import Code, FoundReport, PrintBatch
from app.items.queries import codes_of
from app.items.queries_batches import BatchSeen
from app.items.rules import FoundReportState
from app.items.service_codes import CodeUnknown
from app.kit import codes
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Db, IdempotencyKey, link_next

router = APIRouter(tags=["codes"])

TypedInPath = Annotated[
    str, Path(max_length=200, description="As printed or typed; look-alikes are mended.")
]


class CodeOut(BaseModel):
    """A code: ``blank``, ``bound`` to a piece, or ``cancelled``."""

    code: str
    grouped: str
    state: str
    item_id: UUID | None
    print_batch_id: UUID | None

    @classmethod
    def of(cls, row: Code) -> "CodeOut":
        cancelled = "cancelled" if row.cancelled_at else "blank"
        return cls(
            code=row.code,
            grouped=codes.grouped(row.code),
            state="bound" if row.item_id else cancelled,
            item_id=row.item_id,
            print_batch_id=row.print_batch_id,
        )


class PrintBatchOut(BaseModel):
    """Blank codes printed together; ``bound`` of the ``count`` sit on pieces.

    ``cancelled`` were still blank as the batch was taken back; ``unit_id`` is whom it was made for.
    """

    id: UUID
    count: int
    bound: int
    cancelled: int
    person_id: UUID | None
    unit_id: UUID | None
    note: str | None
    created_at: datetime
    cancelled_at: datetime | None

    @classmethod
    def of(cls, seen: BatchSeen) -> "PrintBatchOut":
        batch = seen.batch
        return cls(
            id=batch.id,
            count=batch.count,
            bound=seen.bound,
            cancelled=seen.cancelled,
            person_id=batch.person_id,
            unit_id=seen.unit_id,
            note=batch.note,
            created_at=batch.created_at,
            cancelled_at=batch.cancelled_at,
        )


class PrintBatchWithCodes(PrintBatchOut):
    """With its codes in the order of the labels; cancelled ones are left out."""

    codes: list[str]


class BindBody(BaseModel):
    """The piece the label was stuck on."""

    model_config = ConfigDict(extra="forbid")

    item_id: UUID


class ReplaceBody(BaseModel):
    """The blank label that was stuck on instead; without one a new code is made."""

    model_config = ConfigDict(extra="forbid")

    code: str | None = None


class LabelOut(BaseModel):
    """The code on the piece's label now."""

    item_id: UUID
    code: str
    grouped: str

    @classmethod
    def of(cls, item_id: UUID, code: str) -> "LabelOut":
        return cls(item_id=item_id, code=code, grouped=codes.grouped(code))


class FoundReportOut(BaseModel):
    """What somebody sent from a label's page."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: FoundReportState
    item_id: UUID
    text: str
    contact: str | None
    created_at: datetime

    @classmethod
    def all(cls, rows: Sequence[FoundReport]) -> list["FoundReportOut"]:
        return [cls.model_validate(each) for each in rows]


def _with_codes(session: Session, actor: Actor, batch: PrintBatch) -> PrintBatchWithCodes:
    (seen,) = queries_batches.seen(session, actor, [batch])
    found = list(session.scalars(queries.codes_of_print_batch(actor, batch.id)))
    return PrintBatchWithCodes(
        **PrintBatchOut.of(seen).model_dump(), codes=[str(each) for each in found]
    )


@router.get("/print-batches", response_model=list[PrintBatchOut])
def list_print_batches(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> JSONResponse:
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        found = keyset(
            session,
            queries.print_batches_visible_to(actor),
            [(PrintBatch.created_at.expression, True), (PrintBatch.id.expression, True)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda batch: (batch.created_at, batch.id),
        )
        seen = queries_batches.seen(session, actor, found.rows)
    answer = [PrintBatchOut.of(each).model_dump(mode="json") for each in seen]
    return JSONResponse(answer, headers=link_next(request, found.next))


@router.post("/print-batches", response_model=PrintBatchWithCodes, status_code=201)
def print_blank(
    command: service_codes.PrintBlank, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: _with_codes(
            session, actor, service_codes.print_blank(session, actor, command)[0]
        ),
        201,
    )


@router.get(
    "/print-batches/{print_batch_id}", name="print_batches:get", response_model=PrintBatchWithCodes
)
def show_print_batch(print_batch_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        batch = session.scalar(
            queries.print_batches_visible_to(actor).where(PrintBatch.id == print_batch_id)
        )
        if batch is None:
            raise NotFound(N_("Fant ikke etikettopplaget."))
        out = _with_codes(session, actor, batch)
    return JSONResponse(out.model_dump(mode="json"))


@router.post("/print-batches/{print_batch_id}/cancel", response_model=PrintBatchWithCodes)
def cancel_print_batch(
    print_batch_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    command = service_codes.CancelPrintBatch(print_batch_id=print_batch_id)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: _with_codes(
            session, actor, service_codes.cancel_print_batch(session, actor, command)
        ),
    )


@router.get("/codes/{code}", response_model=CodeOut)
def show_code(code: TypedInPath, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    read = codes.read_code(code)
    with db.read() as session:
        row = session.scalar(queries.codes_visible_to(actor).where(Code.code == read))
        if row is None:
            raise CodeUnknown
    return JSONResponse(CodeOut.of(row).model_dump(mode="json"))


@router.post("/codes/{code}/bind", response_model=CodeOut)
def bind(
    code: TypedInPath, body: BindBody, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """The label goes to whoever binds it first; everybody else gets 409 ``code-taken``."""
    command = service_codes.Bind(code=codes.read_code(code), item_id=body.item_id)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: CodeOut.of(service_codes.bind(session, actor, [command])[0]),
    )


@router.get("/items/{item_id}/label", response_model=LabelOut)
def show_label(item_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        code = codes_of(session, actor, [item_id]).get(item_id)
    if code is None:
        raise NotFound(N_("Fant ikke møbelet."))
    return JSONResponse(LabelOut.of(item_id, code).model_dump(mode="json"))


@router.post("/items/{item_id}/label", response_model=LabelOut)
def replace_label(
    item_id: UUID, body: ReplaceBody, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """The old code still leads to the piece."""
    code = codes.read_code(body.code) if body.code else None
    command = service_codes.ReplaceLabel(item_id=item_id, code=code)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: LabelOut.of(
            item_id, service_codes.replace_label(session, actor, [command])[0]
        ),
    )


@router.get("/found-reports", response_model=list[FoundReportOut])
def list_found_reports(
    request: Request,
    actor: SignedIn,
    db: Db,
    state: FoundReportState | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> JSONResponse:
    actor.must(Permission.FOUND_REPORT_HANDLE)
    query = queries_codes.found_reports_visible_to(actor)
    if state is not None:
        query = query.where(FoundReport.state == state)
    with db.read() as session:
        found = keyset(
            session,
            query,
            [(FoundReport.created_at.expression, True), (FoundReport.id.expression, True)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
    answer = [each.model_dump(mode="json") for each in FoundReportOut.all(found.rows)]
    return JSONResponse(answer, headers=link_next(request, found.next))


Reports = Annotated[list[service_found.OfFoundReport], Body(min_length=1, max_length=200)]


@router.post("/found-reports/close", response_model=list[FoundReportOut])
def close_found_reports(
    commands: Reports, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: FoundReportOut.all(
            service_found.close_found_reports(session, actor, commands)
        ),
    )


@router.post("/found-reports/reopen", response_model=list[FoundReportOut])
def reopen_found_reports(
    commands: Reports, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: FoundReportOut.all(
            service_found.reopen_found_reports(session, actor, commands)
        ),
    )
