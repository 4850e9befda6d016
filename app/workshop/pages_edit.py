"""A draft is changed: the form that made it, filled in with what it says."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.queries import codes_of, items_visible_to
from app.kit import codes
from app.kit.errors import Conflict, Invalid, Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import gettext
from app.kit.page import page, redirect
from app.kit.web import Db
from app.places.queries import place_choices
from app.projects.queries import category_choices
from app.workshop.commands import EditOrder
from app.workshop.models import SupplierOrder
from app.workshop.pages import errors_of, pieces_typed, written
from app.workshop.queries import order_of, pieces_of
from app.workshop.rules import ON_PIECES
from app.workshop.service_edit import edit_order

router = APIRouter(prefix="/oppdrag")

EditForm = Annotated[Submission[EditOrder], Depends(submitted(EditOrder))]


@router.get("/{supplier_order_id}/endre", name="supplier_orders:change")
def ask_edit(request: Request, supplier_order_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    with db.read() as session:
        order = order_of(session, actor, supplier_order_id)
        form = _filled_in(session, actor, order)
        return _form(request, session, actor, order, form=form, errors={})


@router.post("/{supplier_order_id}/endre", name="supplier_orders:edit")
def edit(
    request: Request, supplier_order_id: UUID, form: EditForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.SUPPLIER_ORDER)
    try:
        with db.read() as session:
            order = order_of(session, actor, supplier_order_id)
            is_on_pieces = order.work in ON_PIECES
            item_ids = _pieces(session, actor, order, form) if is_on_pieces else []
        command = form.valid(supplier_order_id=supplier_order_id, item_ids=item_ids)
        written(db, actor, form, command, edit_order)
    except (Invalid, Conflict, Stale) as problem:
        with db.read() as session:
            order = order_of(session, actor, supplier_order_id)
            typed = dict(form.raw)
            if isinstance(problem, Stale):
                # Who saves again has seen what stands there now.
                typed["version"] = str(order.version)
                errors = {"": gettext(STALE)}
            else:
                errors = errors_of(problem)
            return _form(
                request, session, actor, order, form=typed, errors=errors, status=problem.status
            )
    message = gettext("Oppdraget er endret.")
    return redirect(
        request, "supplier_orders:show", message=message, supplier_order_id=supplier_order_id
    )


def _pieces(
    session: Session, actor: Actor, order: SupplierOrder, form: Submission[EditOrder]
) -> list[UUID]:
    """Those typed, and those that have no code to type: they stay on the order."""
    kept = [
        each for each in _on(session, actor, order) if str(each) in form.many.get("uncoded", ())
    ]
    if kept and not form.raw.get("codes", "").strip():
        return kept
    return list(dict.fromkeys([*pieces_typed(session, actor, form), *kept]))


def _on(session: Session, actor: Actor, order: SupplierOrder) -> list[UUID]:
    return [each.item_id for each in session.scalars(pieces_of(actor, [order.id]))]


def _uncoded(session: Session, actor: Actor, order: SupplierOrder) -> list[tuple[str, str]]:
    """Pieces of the order whose labels are all cancelled: by id, what they are."""
    on = _on(session, actor, order)
    found = codes_of(session, actor, on)
    own = items_visible_to(actor).where(Item.id.in_(set(on) - found.keys()))
    items = session.scalars(own.order_by(Item.name, Item.id))
    return [(str(each.id), each.name) for each in items]


def _filled_in(session: Session, actor: Actor, order: SupplierOrder) -> dict[str, str]:
    names = ("title", "text", "place_id", "cost_centre", "wanted_date", "category_id", "quantity")
    values = {name: getattr(order, name) for name in names}
    form = {name: "" if value is None else str(value) for name, value in values.items()}
    found = codes_of(session, actor, _on(session, actor, order))
    form["codes"] = "\n".join(codes.grouped(each) for each in found.values())
    if order.purchase_cancelled:
        form["purchase_cancelled"] = "1"
    return form


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    order: SupplierOrder,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    actor.must(Permission.SUPPLIER_ORDER, unit=order.unit_id)
    return page(
        request,
        "workshop/edit.html",
        status=status,
        order=order,
        work=order.work.value,
        is_on_pieces=order.work in ON_PIECES,
        uncoded=_uncoded(session, actor, order) if order.work in ON_PIECES else [],
        places=place_choices(session, actor),
        categories=category_choices(session),
        form=form,
        errors=errors,
        key=str(uuid4()),
    )
