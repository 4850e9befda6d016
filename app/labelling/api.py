"""Labels as files, and the printers, as JSON."""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.kit.web import Db, IdempotencyKey
from app.labelling import queries, service
from app.labelling.models import Printer
from app.labelling.printing import job
from app.labelling.rules import DEFAULT_SHEET, paper

router = APIRouter(tags=["labels"])

MOST_LABELS = 5_000


class LabelFormat(StrEnum):
    PDF = "pdf"
    ZPL = "zpl"


class PrintLabels(BaseModel):
    """Labels of pieces, a lot, a print batch or places, on a sheet or for a label printer.

    ``below_place_id`` means the place and everything in it.
    ``paper`` is a sheet ("L7160") or a size ("62x29"). ``start`` counts from 1 and skips labels
    that are used. The offset is the printer's, or given in mm, right and down.
    """

    model_config = ConfigDict(extra="forbid")

    item_ids: list[UUID] = Field(default=[], max_length=MOST_LABELS)
    lot_id: UUID | None = None
    print_batch_id: UUID | None = None
    place_ids: list[UUID] = Field(default=[], max_length=MOST_LABELS)
    below_place_id: UUID | None = None
    paper: str = Field(default=DEFAULT_SHEET, max_length=40)
    start: int = Field(default=1, ge=1, le=1_000)
    printer_id: UUID | None = None
    offset_x_mm: service.Millimetres = Decimal(0)
    offset_y_mm: service.Millimetres = Decimal(0)
    format: LabelFormat = LabelFormat.PDF


class PrinterOut(BaseModel):
    """A printer's offset in 1/100 mm, right and down."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    offset_x_hmm: int
    offset_y_hmm: int


@router.post(
    "/labels",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}, "application/zpl": {}}}},
)
def print_labels(request: Request, body: PrintLabels, actor: SignedIn, db: Db) -> Response:
    """The file. Nothing is changed, so a repeat gives the same one."""
    actor.must(Permission.LABEL_PRINT)
    offset = int(body.offset_x_mm * 100), int(body.offset_y_mm * 100)
    with db.read() as session:
        if body.printer_id is not None:
            row = service.printer(session, actor, body.printer_id)
            offset = row.offset_x_hmm, row.offset_y_hmm
        made = job(
            paper(body.paper),
            request.app.state.settings.public_url,
            actor.organisation_name,
            start=body.start,
            offset_hmm=offset,
        )
        printed = queries.chosen(
            session,
            actor,
            item_ids=body.item_ids,
            lot_id=body.lot_id,
            print_batch_id=body.print_batch_id,
            place_ids=body.place_ids,
            below_id=body.below_place_id,
        )
    if body.format is LabelFormat.PDF:
        return Response(made.pdf(printed), media_type="application/pdf")
    if not made.is_roll:
        raise Invalid(by_field={"format": N_("ZPL er for etikettskrivere. Velg en størrelse.")})
    return Response(made.zpl(printed), media_type="application/zpl")


@router.get("/printers", response_model=list[PrinterOut])
def list_printers(actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        rows = list(session.scalars(queries.printers_visible_to(actor)))
    return JSONResponse([PrinterOut.model_validate(each).model_dump(mode="json") for each in rows])


@router.post("/printers", response_model=PrinterOut)
def set_printer(
    command: service.SetPrinter, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    def call(session: Session) -> PrinterOut:
        row: Printer = service.set_printer(session, actor, command)
        return PrinterOut.model_validate(row)

    return answered(db, actor, key, [command], call)


@router.delete("/printers/{printer_id}", status_code=204, response_class=Response)
def remove_printer(printer_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service.remove_printer(session, actor, service.RemovePrinter(printer_id=printer_id))
    return Response(status_code=204)
