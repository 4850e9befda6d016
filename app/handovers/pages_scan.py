"""Fetching and delivering with the scanner, and the receipt of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.handovers import service_scan, views_receipt, views_run
from app.handovers.api_run import run_of
from app.handovers.api_scan import receipt_of
from app.handovers.pages import errors_of
from app.handovers.pictures import copied_of_labels
from app.handovers.queries_run import runs_of_receipt
from app.handovers.rules import MOST_PIECES, Way
from app.handovers.signatures import store_signature
from app.handovers.views_receipt import ReceiptOut
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.files import Files
from app.kit.forms import FILL_IN, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.pdf import as_pdf
from app.kit.web import READER_CSP, Db
from app.places.queries import place_choices

router = APIRouter(prefix="/overleveringer")

OutForm = Annotated[Submission[service_scan.ScanOut], Depends(submitted(service_scan.ScanOut))]
InForm = Annotated[Submission[service_scan.ScanIn], Depends(submitted(service_scan.ScanIn))]


class Stop(BaseModel):
    """The stop of a run sheet that is scanned at; its pieces stand on the page to be ticked."""

    kjoreliste: UUID | None = None
    sted: UUID | None = None


AtStop = Annotated[Stop, Query()]


@router.get("/hent", name="handovers:scan_out")
def ask_out(request: Request, actor: SignedIn, db: Db, stop: AtStop) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return _ask(request, session, actor, Way.OUT, stop, form={}, errors={})


@router.get("/ta-imot", name="handovers:scan_in")
def ask_in(request: Request, actor: SignedIn, db: Db, stop: AtStop) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return _ask(request, session, actor, Way.IN, stop, form={}, errors={})


@router.post("/hent", name="handovers:do_scan_out")
def scan_out(request: Request, form: OutForm, actor: SignedIn, db: Db, stop: AtStop) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    try:
        command = form.valid(codes=lines_in(form))
        drawn = store_signature(request.app.state.files, actor.org_id, command.signature)
        with db.write() as session:
            receipt_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: ReceiptOut.of(
                    session, actor, service_scan.scan_out(session, actor, command, drawn)
                ),
                lambda answer: UUID(answer["id"]),
            )
    except (Invalid, Conflict) as problem:
        return _refused(request, db, actor, Way.OUT, stop, form, problem)
    return redirect(request, "receipts:show", receipt_id=receipt_id)


@router.post("/ta-imot", name="handovers:do_scan_in")
def scan_in(request: Request, form: InForm, actor: SignedIn, db: Db, stop: AtStop) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    try:
        command = form.valid(codes=lines_in(form))
        drawn = store_signature(request.app.state.files, actor.org_id, command.signature)
        stored = copied_of_labels(request.app.state.files, db, actor, command.codes)
        with db.write() as session:
            receipt_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: ReceiptOut.of(
                    session, actor, service_scan.scan_in(session, actor, command, drawn, stored)
                ),
                lambda answer: UUID(answer["id"]),
            )
    except (Invalid, Conflict) as problem:
        return _refused(request, db, actor, Way.IN, stop, form, problem)
    return redirect(request, "receipts:show", receipt_id=receipt_id)


@router.get("/kvittering/{receipt_id}", name="receipts:show")
def show(request: Request, receipt_id: UUID, actor: SignedIn, db: Db) -> Response:
    """What came along, who signed, and what did not; it prints on one sheet."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        receipt = receipt_of(session, actor, receipt_id)
        return page(
            request,
            "handovers/receipt.html",
            shown=views_receipt.shown(session, actor, receipt),
            runs=session.scalars(runs_of_receipt(actor, receipt.id)).all(),
            is_out=receipt.way is Way.OUT,
            key=str(uuid4()),
        )


@router.get("/kvittering/{receipt_id}/pdf", name="receipts:pdf")
def show_as_pdf(request: Request, receipt_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The receipt with its signature, for the archive."""
    shown = show(request, receipt_id, actor, db)
    with db.read() as session:
        found = views_receipt.signature_of(session, actor, receipt_id)
    pictures = {}
    if found is not None:
        files: Files = request.app.state.files
        path = url(request, "receipts:signature", receipt_id=receipt_id)
        pictures[path] = found.media_type, files.get(found.key)
    return as_pdf(request, shown, pictures)


@router.get("/kvittering/{receipt_id}/underskrift", name="receipts:signature")
async def signature(request: Request, receipt_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The drawn signature, to the organisation's own readers."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        receipt_of(session, actor, receipt_id)
        found = views_receipt.signature_of(session, actor, receipt_id)
    if found is None:
        raise NotFound(N_("Fant ingen underskrift."))
    files: Files = request.app.state.files
    content = await run_in_threadpool(files.get, found.key)
    headers = {"Cache-Control": "private, max-age=3600", "ETag": f'"{found.sha256}"'}
    return Response(content, 200, headers, found.media_type)


def lines_in(form: Submission[Any]) -> list[str]:
    """The codes of the field, one a line, and those that were ticked. Raises ``Invalid``."""
    typed = [*form.raw.get("codes", "").splitlines(), *form.many.get("ticked", [])]
    found = [each.strip() for each in typed if each.strip()]
    if not found:
        raise Invalid(by_field={"codes": FILL_IN})
    if len(found) > MOST_PIECES:
        raise Invalid(by_field={"codes": N_("Skann høyst 500 om gangen.")})
    if any(len(each) > 200 for each in found):
        raise Invalid(by_field={"codes": N_("En av linjene er for lang til å være en kode.")})
    return found


def _refused(
    request: Request,
    db: Database,
    actor: Actor,
    way: Way,
    stop: Stop,
    form: Submission[Any],
    problem: Invalid | Conflict,
) -> Response:
    errors = {name.partition("/")[0]: text for name, text in errors_of(problem).items()}
    with db.read() as session:
        return _ask(
            request,
            session,
            actor,
            way,
            stop,
            form=form.raw,
            ticked=form.many.get("ticked", []),
            errors=errors,
            status=problem.status,
        )


def _ask(
    request: Request,
    session: Session,
    actor: Actor,
    way: Way,
    stop: Stop,
    *,
    form: Mapping[str, str],
    ticked: Sequence[str] = (),
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    is_out = way is Way.OUT
    response = page(
        request,
        "handovers/scan.html",
        status=status,
        is_out=is_out,
        stop=stop.model_dump(exclude_none=True),
        expected=_expected(session, actor, stop, is_out=is_out),
        ticked=ticked,
        modes=[
            _mode(request, N_("Slå opp"), "search", "scan:show", is_current=False),
            _mode(request, N_("Hent"), "handover", "handovers:scan_out", is_current=is_out),
            _mode(request, N_("Ta imot"), "check", "handovers:scan_in", is_current=not is_out),
        ],
        places=place_choices(session, actor) if is_out else [],
        form=form,
        errors={name: gettext(text) for name, text in errors.items()},
        key=str(uuid4()),
    )
    # Lets this page compile the wasm that reads labels, as the scanner's own page.
    response.headers["Content-Security-Policy"] = READER_CSP
    return response


def _expected(session: Session, actor: Actor, stop: Stop, *, is_out: bool) -> list[views_run.Piece]:
    """What is still to be fetched or delivered at the stop. Raises ``NotFound`` for no such run."""
    if stop.kjoreliste is None:
        return []
    sheet = views_run.sheet(session, actor, run_of(session, actor, stop.kjoreliste))
    return [
        piece
        for each in sheet.stops
        if stop.sted in (None, each.place_id)
        for piece in (each.to_fetch if is_out else each.to_deliver)
        if is_out or piece.is_fetched
    ]


def _mode(
    request: Request, label: str, icon: str, route: str, *, is_current: bool
) -> dict[str, Any]:
    return {
        "label": gettext(label),
        "icon": icon,
        "is_current": is_current,
        "href": url(request, route),
    }
