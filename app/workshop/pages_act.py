"""What is done with an order: quotes, a yes, sending, confirming, delivery, calling it off."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.disposals.rules import Fraction
from app.kit.db import Database, clock_of
from app.kit.errors import Conflict, Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect
from app.kit.units import g_from_kg
from app.kit.web import Db
from app.workshop import commands as do
from app.workshop import (
    service,
    service_again,
    service_approval,
    service_deliver,
    service_invoice,
    service_quote,
    views,
)
from app.workshop.models import SupplierOrder
from app.workshop.pages import errors_of, show_order, written
from app.workshop.queries import order_of

router = APIRouter(prefix="/oppdrag")

QuoteForm = Annotated[Submission[do.AddQuote], Depends(submitted(do.AddQuote))]
ChooseForm = Annotated[Submission[do.ChooseQuote], Depends(submitted(do.ChooseQuote))]
OfForm = Annotated[Submission[do.OfOrder], Depends(submitted(do.OfOrder))]
ConfirmForm = Annotated[Submission[do.ConfirmOrder], Depends(submitted(do.ConfirmOrder))]
CancelForm = Annotated[Submission[do.CancelOrder], Depends(submitted(do.CancelOrder))]
InvoiceForm = Annotated[Submission[do.InvoiceOrder], Depends(submitted(do.InvoiceOrder))]
DeliverForm = Annotated[Submission[do.DeliverOrder], Depends(submitted(do.DeliverOrder))]

MATERIAL_ROWS = 4


@router.post("/{supplier_order_id}/tilbud", name="supplier_orders:quote")
def quote(
    request: Request, supplier_order_id: UUID, form: QuoteForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Tilbudet er ført.")
    return _changed(
        request, db, actor, supplier_order_id, form, service_quote.add_quote, text, "quote"
    )


@router.post("/{supplier_order_id}/velg", name="supplier_orders:choose")
def choose(
    request: Request, supplier_order_id: UUID, form: ChooseForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Tilbudet er valgt.")
    at = f"choose-{form.raw.get('quote_id', '')}"
    return _changed(
        request, db, actor, supplier_order_id, form, service_quote.choose_quote, text, at
    )


@router.post("/{supplier_order_id}/godkjenn", name="supplier_orders:approve")
def approve(
    request: Request, supplier_order_id: UUID, form: OfForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Du har sagt ja. Oppdraget kan sendes.")
    return _changed(
        request, db, actor, supplier_order_id, form, service_approval.approve_order, text, "send"
    )


@router.post("/{supplier_order_id}/send", name="supplier_orders:send")
def send(
    request: Request, supplier_order_id: UUID, form: OfForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Oppdraget er sendt. Gi leverandøren dokumentet.")
    return _changed(request, db, actor, supplier_order_id, form, service.send_order, text, "send")


@router.post("/{supplier_order_id}/bekreft", name="supplier_orders:confirm")
def confirm(
    request: Request, supplier_order_id: UUID, form: ConfirmForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Leverandørens bekreftelse er ført.")
    verb = service.confirm_order
    return _changed(request, db, actor, supplier_order_id, form, verb, text, "confirm")


@router.post("/{supplier_order_id}/avlys", name="supplier_orders:cancel")
def cancel(
    request: Request, supplier_order_id: UUID, form: CancelForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Oppdraget er avlyst. Møblene er som før.")
    verb = service.cancel_order
    return _changed(request, db, actor, supplier_order_id, form, verb, text, "cancel")


@router.post("/{supplier_order_id}/igjen", name="supplier_orders:reopen")
def reopen(
    request: Request, supplier_order_id: UUID, form: OfForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Oppdraget venter på levering igjen.")
    verb = service_again.reopen_order
    return _changed(request, db, actor, supplier_order_id, form, verb, text, "again")


@router.post("/{supplier_order_id}/faktura", name="supplier_orders:invoice")
def invoice(
    request: Request, supplier_order_id: UUID, form: InvoiceForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Fakturaen er ført.")
    verb = service_invoice.invoice_order
    return _changed(request, db, actor, supplier_order_id, form, verb, text, "invoice")


@router.get("/{supplier_order_id}/levert", name="supplier_orders:delivery")
def ask_delivery(request: Request, supplier_order_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    with db.read() as session:
        order = order_of(session, actor, supplier_order_id)
        form = {"delivered_on": clock_of(session).today().isoformat()}
        return _delivery(
            request, session, actor, order, form=form, chosen=[], missing=[], errors={}
        )


@router.post("/{supplier_order_id}/levert", name="supplier_orders:deliver")
def deliver(
    request: Request, supplier_order_id: UUID, form: DeliverForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    try:
        command = form.valid(supplier_order_id=supplier_order_id, **_typed(form.raw))
        written(db, actor, form, command, service_deliver.deliver_order)
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _delivery(
                request,
                session,
                actor,
                order_of(session, actor, supplier_order_id),
                form=form.raw,
                chosen=form.many.get("dismantled_ids", []),
                missing=form.many.get("not_returned_ids", []),
                errors=errors_of(problem),
                status=problem.status,
            )
    message = gettext("Leveringen er ført.")
    return redirect(
        request, "supplier_orders:show", message=message, supplier_order_id=supplier_order_id
    )


def _typed(raw: Mapping[str, str]) -> dict[str, Any]:
    """Materials in rows of a choice and a weight, fractions and donors by a field each."""
    found: dict[str, Any] = {}
    for name in ("materials", "removed"):
        rows = []
        for n in range(1, MATERIAL_ROWS + 1):
            material = raw.get(f"{name}_{n}", "").strip()
            grams = _grams(raw, f"{name}_{n}_kg", name)
            if material and grams:
                rows.append({"material": material, "mass_g": grams})
            elif material or grams:
                raise Invalid(by_field={name: N_("Velg materialet, og skriv vekten.")})
        found[name] = rows
    found["offcuts"] = [
        {"fraction": each, "mass_g": grams}
        for each in Fraction
        if (grams := _grams(raw, f"offcut_{each.value}_kg", "offcuts"))
    ]
    found["donors"] = [
        {"item_id": name.removeprefix("donor_").removesuffix("_kg"), "built_in_g": grams}
        for name in raw
        if name.startswith("donor_") and (grams := _grams(raw, name, "donors"))
    ]
    if raw.get("energy_kwh", "").strip():
        found["energy_wh"] = _grams(raw, "energy_kwh", "energy_kwh")
    return found


def _grams(raw: Mapping[str, str], name: str, field: str) -> int:
    typed = raw.get(name, "").strip()
    if not typed:
        return 0
    try:
        return g_from_kg(typed)
    except ValueError as wrong:
        raise Invalid(by_field={field: str(wrong)}) from wrong


def _changed(
    request: Request,
    db: Database,
    actor: Actor,
    order_id: UUID,
    form: Submission[Any],
    verb: Callable[[Session, Actor, Any], SupplierOrder],
    said: str,
    at: str,
) -> Response:
    try:
        written(db, actor, form, form.valid(supplier_order_id=order_id), verb)
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return show_order(
                request,
                session,
                actor,
                order_of(session, actor, order_id),
                errors=errors_of(problem),
                form=form.raw,
                at=at,
                status=problem.status,
            )
    message = gettext(said)
    return redirect(request, "supplier_orders:show", message=message, supplier_order_id=order_id)


def _delivery(
    request: Request,
    session: Session,
    actor: Actor,
    order: SupplierOrder,
    *,
    form: Mapping[str, str],
    chosen: list[str],
    missing: list[str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    return page(
        request,
        "workshop/deliver.html",
        status=status,
        order=order,
        shown=views.document(request, session, actor, order),
        **views.delivery(session, actor, order),
        material_rows=range(1, MATERIAL_ROWS + 1),
        chosen=chosen,
        missing=missing,
        form=form,
        errors=errors,
        key=str(uuid4()),
    )
