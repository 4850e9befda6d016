"""Handing over to another organisation, and confirming what came from one."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.handovers import (
    commands_across,
    service_across,
    service_unconfirmed,
    views,
    views_across,
)
from app.handovers.pages import errors_of
from app.handovers.pictures import copied, copied_overdue
from app.handovers.signatures import store_signature
from app.handovers.views_across import ConfirmedOut
from app.handovers.views_receipt import ReceiptOut
from app.kit import codes
from app.kit.errors import Conflict, Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.units import typed_scaled
from app.kit.web import Db
from app.marketplace.names import OUTSIDE, OUTSIDE_TONES
from app.places.queries import place_choices

router = APIRouter(prefix="/overleveringer")

GiveForm = Annotated[
    Submission[commands_across.GiveToOthers], Depends(submitted(commands_across.GiveToOthers))
]
ConfirmForm = Annotated[
    Submission[commands_across.ConfirmForReceiver],
    Depends(submitted(commands_across.ConfirmForReceiver)),
]
TakeForm = Annotated[
    Submission[commands_across.ReceiveFromOthers],
    Depends(submitted(commands_across.ReceiveFromOthers)),
]


@router.get("/til-andre/{outside_request_id}", name="across:give")
def ask_to_give(request: Request, outside_request_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    form: dict[str, Any] = {"handed_over_on": db.clock.today().isoformat()}
    with db.read() as session:
        return _give(request, session, actor, outside_request_id, form=form)


@router.post("/til-andre/{outside_request_id}", name="across:do_give")
def give(
    request: Request, outside_request_id: UUID, form: GiveForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    chosen = form.many.get("item_ids", [])
    try:
        _require_chosen(chosen)
        command = form.valid(outside_request_id=outside_request_id)
        drawn = store_signature(request.app.state.files, actor.org_id, command.signature)
        with db.write() as session:
            receipt_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: ReceiptOut.of(
                    session, actor, service_across.give(session, actor, command, drawn)
                ),
                lambda answer: UUID(answer["id"]),
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _give(
                request,
                session,
                actor,
                outside_request_id,
                form=form.raw,
                chosen=chosen,
                problem=problem,
            )
    message = gettext("Møblene er på vei. De bekrefter når de er framme.")
    return redirect(request, "receipts:show", message=message, receipt_id=receipt_id)


@router.post("/til-andre/{outside_request_id}/framme", name="across:do_confirm")
def confirm(
    request: Request, outside_request_id: UUID, form: ConfirmForm, actor: SignedIn, db: Db
) -> Response:
    """By the giver, of what the receiver forgot to confirm."""
    actor.must(Permission.HANDOVER_MAKE)
    command = form.valid(outside_request_id=outside_request_id)
    stored = copied_overdue(request.app.state.files, db, actor, outside_request_id)
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: ConfirmedOut.of(
                service_unconfirmed.confirm_for_receiver(session, actor, command, stored), command
            ),
        )
    message = gettext(N_("Bekreftet. De har fått beskjed."))
    return redirect(request, "outside:got", message=message)


def _require_chosen(chosen: Sequence[str]) -> None:
    """In a form nothing ticked is nothing; in JSON nothing named is all."""
    if not chosen:
        raise Invalid(by_field={"item_ids": N_("Velg minst ett møbel.")})


def _give(
    request: Request,
    session: Session,
    actor: Actor,
    outside_request_id: UUID,
    *,
    form: dict[str, Any],
    chosen: Sequence[str] | None = None,
    problem: Invalid | Conflict | None = None,
) -> Response:
    row, asker, pieces = views_across.to_give(session, actor, outside_request_id)
    listing = views_across.listing_of(session, row)
    if listing.price_ore is not None:
        form = {"price_kr": typed_scaled(listing.price_ore, 100), **form}
    errors = errors_of(problem) if problem else {}
    if "price_ore" in errors:
        errors["price_kr"] = errors.pop("price_ore")
    return page(
        request,
        "handovers/give.html",
        status=problem.status if problem else 200,
        row=row,
        asker=asker,
        state=gettext(OUTSIDE[row.state]),
        tone=OUTSIDE_TONES.get(row.state, "neutral"),
        pieces=pieces,
        chosen=chosen,
        form=form,
        errors=errors,
        listing=listing,
        key=str(uuid4()),
    )


@router.get("/fra-andre/{outside_request_id}", name="across:take")
def ask_to_take(request: Request, outside_request_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return _take(request, session, actor, outside_request_id)


@router.post("/fra-andre/{outside_request_id}", name="across:do_take")
def take(
    request: Request, outside_request_id: UUID, form: TakeForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    try:
        command = form.valid(outside_request_id=outside_request_id)
        files = request.app.state.files
        drawn = store_signature(files, actor.org_id, command.signature)
        stored = copied(files, db, actor, command.handover_line_ids)
        with db.write() as session:
            receipt_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: ReceiptOut.of(
                    session,
                    actor,
                    service_across.receive_from_others(session, actor, command, drawn, stored),
                ),
                lambda answer: UUID(answer["id"]),
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _take(
                request,
                session,
                actor,
                outside_request_id,
                form=form.raw,
                chosen=form.many.get("handover_line_ids", []),
                problem=problem,
            )
    message = gettext("Møblene er deres nå, og står i oversikten.")
    return redirect(request, "receipts:show", message=message, receipt_id=receipt_id)


def _take(
    request: Request,
    session: Session,
    actor: Actor,
    outside_request_id: UUID,
    *,
    form: dict[str, Any] | None = None,
    chosen: Sequence[str] | None = None,
    problem: Invalid | Conflict | None = None,
) -> Response:
    row, giver, delivery = views_across.to_take(session, actor, outside_request_id)
    asked = {}
    if delivery is not None:
        asked = {"to_unit_id": str(delivery.unit_id), "to_place_id": str(delivery.place_id or "")}
    return page(
        request,
        "handovers/take.html",
        status=problem.status if problem else 200,
        row=row,
        giver=giver,
        state=gettext(OUTSIDE[row.state]),
        tone=OUTSIDE_TONES.get(row.state, "neutral"),
        pieces=[
            each.model_copy(update={"code": codes.grouped(each.code) if each.code else None})
            for each in views_across.pieces_on_their_way(session, actor, outside_request_id)
        ],
        units=unit_choices(session, actor),
        places=place_choices(session, actor),
        vehicles=views.vehicle_choices(session),
        chosen=chosen,
        form=form or asked,
        errors=errors_of(problem, "pieces") if problem else {},
        key=str(uuid4()),
    )
