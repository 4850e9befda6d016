"""Printers and their offsets, and the label of one piece."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import service_codes
from app.items.models import Code, Item
from app.items.queries import codes_visible_to, items_visible_to
from app.items.service_codes import ReplaceLabel
from app.kit import codes
from app.kit.errors import Conflict, Gone, Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.labelling import queries, service
from app.labelling.rules import DEFAULT_SHEET
from app.places.rules import BELOW

router = APIRouter()

PrinterForm = Annotated[Submission[service.SetPrinter], Depends(submitted(service.SetPrinter))]
ReplaceForm = Annotated[Submission[ReplaceLabel], Depends(submitted(ReplaceLabel))]


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    rows = [
        {
            "id": str(each.id),
            "name": each.name,
            "x": typed_scaled(each.offset_x_hmm, 100),
            "y": typed_scaled(each.offset_y_hmm, 100),
        }
        for each in session.scalars(queries.printers_visible_to(actor))
    ]
    editing = next((row for row in rows if row["id"] == form.get("printer_id")), None)
    return page(
        request,
        "labelling/printers.html",
        status=status,
        printers=rows,
        editing=editing,
        form=form,
        errors=errors,
        sheet=DEFAULT_SHEET,
        key=form.get("key") or str(uuid4()),
    )


@router.get("/etiketter/skrivere", name="labelling:printers")
def browse_printers(
    request: Request, actor: SignedIn, db: Db, printer: UUID | None = None
) -> Response:
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        form: dict[str, str] = {}
        if printer is not None:
            row = service.printer(session, actor, printer)
            form = {
                "printer_id": str(row.id),
                "name": row.name,
                "offset_x_mm": typed_scaled(row.offset_x_hmm, 100),
                "offset_y_mm": typed_scaled(row.offset_y_hmm, 100),
            }
        return _show(request, session, actor, form=form, errors={})


@router.post("/etiketter/skrivere", name="labelling:set_printer")
def set_printer(request: Request, form: PrinterForm, actor: SignedIn, db: Db) -> Response:
    try:
        command = form.valid()
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service.set_printer(session, actor, command).id),
            )
    except (Invalid, Conflict) as problem:
        errors = (
            problem.by_field if isinstance(problem, Invalid) else {"name": gettext(problem.title)}
        )
        with db.read() as session:
            return _show(
                request, session, actor, form=form.raw, errors=errors, status=problem.status
            )
    message = gettext("%(name)s er lagret.", name=command.name)
    return redirect(request, "labelling:printers", message=message)


@router.post("/etiketter/skrivere/{printer_id}/fjern", name="labelling:remove_printer")
def remove_printer(request: Request, printer_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service.remove_printer(session, actor, service.RemovePrinter(printer_id=printer_id))
    return redirect(request, "labelling:printers", message=gettext("Skriveren er fjernet."))


def _show_piece(
    request: Request,
    session: Session,
    actor: Actor,
    item_id: UUID,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    item = session.scalar(items_visible_to(actor).where(Item.id == item_id))
    if item is None:
        raise NotFound(N_("Fant ikke møbelet."))
    rows = list(
        session.scalars(
            codes_visible_to(actor)
            .where(Code.item_id == item_id)
            .order_by(Code.bound_at.desc(), Code.code)
        )
    )
    now = next((row.code for row in rows if row.replaced_at is None), "")
    return page(
        request,
        "labelling/piece.html",
        status=status,
        item_id=item.id,
        name=item.name,
        code=codes.grouped(now) if now else "",
        earlier=[(codes.grouped(row.code), row.replaced_at) for row in rows if row.code != now],
        may_replace=actor.may(Permission.CODE_BIND, unit=item.owner_unit_id),
        form=form,
        errors=errors,
        key=form.get("key") or str(uuid4()),
    )


@router.get("/mobler/{item_id}/etikett", name="labelling:piece")
def show_piece(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LABEL_PRINT)
    with db.read() as session:
        return _show_piece(request, session, actor, item_id, form={}, errors={})


@router.post("/mobler/{item_id}/etikett", name="labelling:replace")
def replace_label(
    request: Request, item_id: UUID, form: ReplaceForm, actor: SignedIn, db: Db
) -> Response:
    """With the code of a blank label that is stuck on already, or with a new one to print."""
    try:
        command = form.valid(item_id=item_id)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: service_codes.replace_label(session, actor, [command]),
            )
    except (Invalid, Conflict, Gone, service_codes.CodeUnknown) as problem:
        errors = (
            problem.by_field if isinstance(problem, Invalid) else {"code": gettext(problem.title)}
        )
        with db.read() as session:
            return _show_piece(
                request,
                session,
                actor,
                item_id,
                form=form.raw,
                errors=errors,
                status=problem.status,
            )
    if command.code is None:
        message = gettext("Møbelet har fått en ny kode. Skriv ut etiketten.")
        return redirect(request, "labelling:show", message=message, query={"item": str(item_id)})
    message = gettext("Etiketten er byttet. Den gamle fører fortsatt til møbelet.")
    return redirect(request, "items:show", message=message, item_id=item_id)


def place_panel(session: Any, actor: Any, place: Any) -> tuple[str, dict[str, Any]] | None:
    """The way to the label at the door; it costs no query."""
    del session
    if not actor.may(Permission.LABEL_PRINT):
        return None
    has_more = bool(BELOW[place.kind])
    return "labelling/panel_place.html", {"place_id": place.id, "has_more": has_more}


def piece_panel(session: Any, actor: Any, item: Any) -> tuple[str, dict[str, Any]] | None:
    """What the piece's page says of its label; it costs no query."""
    del session
    if not actor.may(Permission.LABEL_PRINT):
        return None
    return "labelling/panel_piece.html", {"item_id": item.id, "lot_id": item.lot_id}
