"""From pieces or blank codes to sheets of labels."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.items import queries as item_queries
from app.items import queries_batches
from app.items.models import PrintBatch
from app.items.service_codes import MOST_BLANK, PrintBlank, print_blank
from app.kit.errors import Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.labelling import queries, rules, service
from app.labelling.printing import Job, job, missing_letters
from app.labelling.queries import Printed
from app.places.queries import place_choices
from labels.stock import LabelSize, Stock, sizes, stock

router = APIRouter()

MOST_CHOSEN = 500
"""Pieces that fit into an address."""

ROWS = 20
BlankForm = Annotated[Submission[PrintBlank], Depends(submitted(PrintBlank))]


@dataclass(frozen=True)
class Asked:
    """What is to be printed and how, as the address says it."""

    item_ids: list[UUID]
    lot_id: UUID | None
    list_id: UUID | None
    print_batch_id: UUID | None
    place_ids: list[UUID]
    below_id: UUID | None
    paper: str
    start: str
    printer: str

    @property
    def is_chosen(self) -> bool:
        of_pieces = self.item_ids or self.lot_id or self.list_id or self.print_batch_id
        return bool(of_pieces or self.is_places)

    @property
    def is_places(self) -> bool:
        return bool(self.place_ids or self.below_id)

    @property
    def form(self) -> dict[str, str]:
        return {"paper": self.paper, "start": self.start, "printer": self.printer}


async def _asked(
    item: Annotated[list[UUID] | None, Query(max_length=MOST_CHOSEN)] = None,
    lot: UUID | None = None,
    liste: UUID | None = None,
    batch: UUID | None = None,
    place: Annotated[list[UUID] | None, Query(alias="sted", max_length=MOST_CHOSEN)] = None,
    below: Annotated[UUID | None, Query(alias="under")] = None,
    paper: Annotated[str, Query(max_length=40)] = rules.DEFAULT_SHEET,
    start: Annotated[str, Query(max_length=10)] = "1",
    printer: Annotated[str, Query(max_length=40)] = "",
) -> Asked:
    start = start.strip() or "1"
    return Asked(item or [], lot, liste, batch, place or [], below, paper, start, printer)


AskedFor = Annotated[Asked, Depends(_asked)]


def _millimetres(width: int, height: int) -> str:
    """From 1/100 mm, as the reader's language writes it: ``63,5 × 38,1 mm``."""
    return f"{typed_scaled(width, 100)} × {typed_scaled(height, 100)} mm"


def paper_options() -> list[tuple[str, Any]]:
    """The common sheets first, then label printers' sizes, then all sheets by maker."""

    def named(each: Stock) -> tuple[str, str]:
        size = _millimetres(each.label_width, each.label_height)
        text = gettext("%(name)s – %(count)s på arket, %(size)s")
        return each.name, text % {"name": each.name, "count": each.per_page, "size": size}

    rolls = [(each.name, _millimetres(each.width, each.height)) for each in sizes()]
    return [
        (gettext("Vanligst"), [named(stock(each)) for each in rules.FIRST_SHEETS]),
        (gettext("Etikettskriver, én om gangen"), rolls),
        *((vendor, [named(each) for each in found]) for vendor, found in rules.by_vendor()),
    ]


def _job(request: Request, session: Session, actor: Actor, asked: Asked) -> Job:
    """Raises ``Invalid`` at the field of the form."""
    offset = 0, 0
    if asked.printer:
        try:
            row = service.printer(session, actor, UUID(asked.printer))
        except ValueError as error:
            raise Invalid(by_field={"printer": N_("Velg en av skriverne.")}) from error
        offset = row.offset_x_hmm, row.offset_y_hmm
    if not asked.start.isdecimal():
        raise Invalid(by_field={"start": N_("Skriv et helt tall.")})
    return job(
        rules.paper(asked.paper),
        request.app.state.settings.public_url,
        actor.organisation_name,
        start=int(asked.start),
        offset_hmm=offset,
    )


def _printed(session: Session, actor: Actor, asked: Asked) -> list[Printed]:
    return queries.chosen(
        session,
        actor,
        item_ids=asked.item_ids,
        lot_id=asked.lot_id,
        list_id=asked.list_id,
        print_batch_id=asked.print_batch_id,
        place_ids=asked.place_ids,
        below_id=asked.below_id,
    )


def _warnings(request: Request) -> list[str]:
    public_url = request.app.state.settings.public_url
    return [gettext(each) for each in rules.address_warnings(public_url, request.url.hostname)]


@router.get("/etiketter", name="labelling:show")
def show(
    request: Request, asked: AskedFor, actor: SignedIn, db: Db, cursor: Cursor = None
) -> Response:
    """The print job when something is chosen; else blank labels and the batches so far."""
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        if not asked.is_chosen:
            return _start(request, session, actor, form={}, errors={}, cursor=cursor)
        return _show_job(request, session, actor, asked)


def _show_job(request: Request, session: Session, actor: Actor, asked: Asked) -> Response:
    printed = _printed(session, actor, asked)
    made: Job | None = None
    errors: dict[str, str] = {}
    status = 200
    try:
        made = _job(request, session, actor, asked)
    except Invalid as problem:
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
        status = problem.status
    printers = [
        (str(each.id), each.name) for each in session.scalars(queries.printers_visible_to(actor))
    ]
    return page(
        request,
        "labelling/job.html",
        block="result",
        status=status,
        asked=asked,
        printed=printed,
        job=made,
        sheet=_sheet(asked.paper),
        sheet_count=made.sheets(len(printed)) if made else 0,
        missing=missing_letters(made, printed) if made else "",
        papers=paper_options(),
        printers=printers,
        form=asked.form,
        errors=errors,
        warnings=_warnings(request),
        address=rules.url_prefix(
            request.app.state.settings.public_url, "P" if asked.is_places else "I"
        ),
    )


def _sheet(name: str) -> Stock | None:
    """The sheet to draw, also when the start on it is wrong."""
    try:
        found = rules.paper(name)
    except Invalid:
        return None
    return None if isinstance(found, LabelSize) else found


def _start(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    cursor: str | None = None,
    status: int = 200,
) -> Response:
    found = keyset(
        session,
        item_queries.print_batches_visible_to(actor),
        [(PrintBatch.created_at.expression, True), (PrintBatch.id.expression, True)],
        cursor=cursor,
        limit=ROWS,
        rows=lambda result: result.scalars().all(),
        position=lambda batch: (batch.created_at, batch.id),
    )
    next_href = url(request, "labelling:show", query={"cursor": found.next}) if found.next else None
    return page(
        request,
        "labelling/start.html",
        status=status,
        batches=queries_batches.seen(session, actor, found.rows),
        next_href=next_href,
        form=form,
        errors=errors,
        most=MOST_BLANK,
        places=place_choices(session, actor),
        units=unit_choices(session, actor),
        warnings=_warnings(request),
        key=form.get("key") or str(uuid4()),
    )


@router.post("/etiketter", name="labelling:print_blank")
def make_blank(request: Request, form: BlankForm, actor: SignedIn, db: Db) -> Response:
    try:
        command = form.valid()
        with db.write() as session:
            batch_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(print_blank(session, actor, command)[0].id),
                UUID,
            )
    except Invalid as problem:
        with db.read() as session:
            return _start(
                request,
                session,
                actor,
                form=form.raw,
                errors=problem.by_field,
                status=problem.status,
            )
    return redirect(request, "labelling:show", query={"batch": batch_id})


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/etiketter/etiketter.pdf", name="labelling:download")
def download(request: Request, asked: AskedFor, actor: SignedIn, db: Db) -> Response:
    """The sheets; the form again when something in it is wrong."""
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        try:
            made = _job(request, session, actor, asked)
        except Invalid:
            return _show_job(request, session, actor, asked)
        printed = _printed(session, actor, asked)
    return _file(made.pdf(printed), "application/pdf", f"etiketter-{made.paper.name}.pdf")


@router.get("/etiketter/etiketter.zpl", name="labelling:download_zpl")
def download_zpl(request: Request, asked: AskedFor, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        made = _job(request, session, actor, asked)
        printed = _printed(session, actor, asked)
    if not made.is_roll:
        raise Invalid(N_("ZPL er for etikettskrivere. Velg en størrelse for etikettskriver."))
    content = made.zpl(printed).encode("ascii")
    return _file(content, "application/zpl", f"etiketter-{made.paper.name}.zpl")


@router.get("/etiketter/kalibrering.pdf", name="labelling:calibration")
def calibrate(request: Request, asked: AskedFor, actor: SignedIn, db: Db) -> Response:
    """Outlines and rulers to hold against a sheet, moved as the printer's offset says."""
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        made = _job(request, session, actor, asked)
    if made.is_roll:
        raise Invalid(N_("En etikettskriver trenger ingen kalibrering. Velg et ark."))
    name = f"kalibrering-{made.paper.name}.pdf"
    return _file(made.calibration(), "application/pdf", name)
