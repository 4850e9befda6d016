"""Registering on a phone in a corridor: one piece or many like ones, photos in the same step."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import choices, queries, queries_list, service
from app.items.commands import Register
from app.items.filters import InventoryFilter
from app.items.models import Item
from app.items.registering import errors_of, registration_in
from app.items.service_codes import CodeCancelled, CodeUnknown
from app.items.service_photos import AddPhoto, add_photos
from app.items.shown import row_shown
from app.items.uploads import PHOTO_BYTES, stored_photos, uploaded
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import Submission
from app.kit.i18n import N_
from app.kit.images import PhotoRefused, reads_heic
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter()

RegisterForm = Annotated[Submission[Register], Depends(uploaded(Register))]


@router.get("/mobler/ny", name="items:register")
def show_register(request: Request, actor: SignedIn, db: Db) -> Response:
    """Filled with what the address names: a blank ``code``, a piece ``like`` it, or any field."""
    actor.must(Permission.ITEM_REGISTER)
    given = {name: text.replace("\x00", "") for name, text in request.query_params.items()}
    with db.read() as session:
        form = _like(session, actor, given.pop("like", "")) | given
        form.setdefault("owner_unit_id", str(actor.home_unit_id or ""))
        form.setdefault("condition", "B")
        form.setdefault("quantity", "1")
        form["codes"] = form.pop("code", form.get("codes", ""))
        return _form(request, session, actor, form, {})


def _like(session: Session, actor: Actor, typed: str) -> dict[str, str]:
    """A registered piece's fields, to register another like it."""
    try:
        item_id = UUID(typed)
    except ValueError:
        return {}
    piece = session.scalar(queries.items_visible_to(actor).where(Item.id == item_id))
    if piece is None:
        return {}
    measured = queries.measurements_of(session, actor, [item_id]).get(item_id, {})
    form = choices.typed_from(piece, measured)
    form.pop("holder_unit_id")
    form.pop("note")
    return form


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    return page(
        request,
        "items/register.html",
        block="defaults",
        status=status,
        form=form,
        errors=errors,
        key=form.get("key") or str(uuid4()),
        hints=choices.default_hints(session, actor, form),
        category_options=choices.category_options(session),
        place_options=choices.place_options(session, actor),
        unit_options=choices.unit_options(session, actor),
        model_options=choices.model_options(session, actor),
        condition_options=choices.condition_options(),
        **choices.measurements_by_category(form, errors),
        identifier_options=choices.identifier_options(),
        reads_heic=reads_heic(),
    )


@router.post("/mobler/ny", name="items:do_register", max_body_size=PHOTO_BYTES)
def register(request: Request, form: RegisterForm, actor: SignedIn, db: Db) -> Response:
    """Photos are stored first, outside the transaction; then everything is saved, or nothing."""
    actor.must(Permission.ITEM_REGISTER)
    try:
        command = registration_in(form)
        photos = stored_photos(request, actor, form)
        with db.write() as session:
            lot_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: _registered(session, actor, command, photos),
                lambda answer: UUID(answer["lot_id"]),
            )
    except (Invalid, PhotoRefused, Conflict, CodeUnknown, CodeCancelled) as problem:
        with db.read() as session:
            status = 422 if isinstance(problem, Invalid) else problem.status
            return _form(request, session, actor, form.raw, errors_of(problem), status=status)
    return redirect(request, "items:lot", lot_id=lot_id, query={"ny": "1"})


def _registered(session: Session, actor: Actor, command: Register, photos: Any) -> dict[str, Any]:
    items = service.register(session, actor, [command])
    if photos:
        of_lot = command.quantity > 1
        add_photos(session, actor, AddPhoto(item_id=items[0].id, of_lot=of_lot), photos)
    return {"lot_id": str(items[0].lot_id), "item_ids": [str(item.id) for item in items]}


@router.get("/mobler/parti/{lot_id}", name="items:lot")
def show_lot(request: Request, lot_id: UUID, actor: SignedIn, db: Db, ny: str = "") -> Response:
    """The pieces of one registration, what to do with them next, and their codes."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = queries_list.inventory(
            session, actor, InventoryFilter(lot_id=lot_id), cursor=None, limit=500
        )
        if not found.rows:
            raise NotFound(N_("Fant ikke partiet."))
        return page(
            request,
            "items/lot.html",
            rows=[row_shown(each) for each in found.rows],
            first=found.rows[0].row,
            is_new=bool(ny),
            may_register=actor.may(Permission.ITEM_REGISTER),
            may_print=actor.may(Permission.LABEL_PRINT),
        )
