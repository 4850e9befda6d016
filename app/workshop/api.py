"""Orders to suppliers as JSON: drafted, quoted, sent, confirmed, delivered, cancelled."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next
from app.workshop import commands as do
from app.workshop import (
    service,
    service_again,
    service_approval,
    service_deliver,
    service_edit,
    service_invoice,
    service_quote,
)
from app.workshop.models import SupplierOrder
from app.workshop.outputs import SupplierOrderOut
from app.workshop.queries import order_of, orders_visible_to
from app.workshop.rules import OrderState

router = APIRouter(prefix="/supplier-orders", tags=["supplier orders"])

NEWEST_FIRST: Any = ((SupplierOrder.number, True), (SupplierOrder.id, True))


@router.get("", name="supplier_orders:list", response_model=list[SupplierOrderOut])
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    state: Annotated[OrderState | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first."""
    actor.must(Permission.ITEM_READ)
    query = orders_visible_to(actor)
    if state is not None:
        query = query.where(SupplierOrder.state == state)
    with db.read() as session:
        found = keyset(
            session,
            query,
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        answers = SupplierOrderOut.all(session, actor, found.rows)
        body = [each.model_dump(mode="json") for each in answers]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.get("/{supplier_order_id}", name="supplier_orders:get", response_model=SupplierOrderOut)
def show(supplier_order_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = order_of(session, actor, supplier_order_id)
        (body,) = SupplierOrderOut.all(session, actor, [found])
    return JSONResponse(body.model_dump(mode="json"))


@router.post("", name="supplier_orders:draft_one", response_model=SupplierOrderOut, status_code=201)
def draft(command: do.DraftOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The pieces stay as they are until it is sent."""
    return _done(db, actor, key, command, service.draft_order, 201)


@router.post("/edit", name="supplier_orders:edit_one", response_model=SupplierOrderOut)
def edit(command: do.EditOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """All of a draft's fields as they are to be; 412 when somebody else changed it since."""
    return _done(db, actor, key, command, service_edit.edit_order)


@router.post("/quote", name="supplier_orders:quote_one", response_model=SupplierOrderOut)
def quote(command: do.AddQuote, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """A supplier's price; a later one of the same supplier takes its place."""
    return _done(db, actor, key, command, service_quote.add_quote)


@router.post("/choose", name="supplier_orders:choose_one", response_model=SupplierOrderOut)
def choose(command: do.ChooseQuote, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """``why`` is needed where the supplier is not the first-ranked."""
    return _done(db, actor, key, command, service_quote.choose_quote)


@router.post("/approve", name="supplier_orders:approve_one", response_model=SupplierOrderOut)
def approve(command: do.OfOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """A leader's yes to a price above the limit of the rules for orders."""
    return _done(db, actor, key, command, service_approval.approve_order)


@router.post("/send", name="supplier_orders:send_one", response_model=SupplierOrderOut)
def send(command: do.OfOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """From now on the pieces are ``in_workshop``."""
    return _done(db, actor, key, command, service.send_order)


@router.post("/confirm", name="supplier_orders:confirm_one", response_model=SupplierOrderOut)
def confirm(
    command: do.ConfirmOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    return _done(db, actor, key, command, service.confirm_order)


@router.post("/deliver", name="supplier_orders:deliver_one", response_model=SupplierOrderOut)
def deliver(
    command: do.DeliverOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Books the savings from what was used, or from the share of the level where that is unknown."""
    return _done(db, actor, key, command, service_deliver.deliver_order)


@router.post("/reopen", name="supplier_orders:reopen_one", response_model=SupplierOrderOut)
def reopen(command: do.OfOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Once its handovers are undone it waits for its delivery again."""
    return _done(db, actor, key, command, service_again.reopen_order)


@router.post("/invoice", name="supplier_orders:invoice_one", response_model=SupplierOrderOut)
def invoice(
    command: do.InvoiceOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """An invoice that came after the delivery: what was booked by another price is corrected."""
    return _done(db, actor, key, command, service_invoice.invoice_order)


@router.post("/cancel", name="supplier_orders:cancel_one", response_model=SupplierOrderOut)
def cancel(command: do.CancelOrder, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The pieces are as they were before."""
    return _done(db, actor, key, command, service.cancel_order)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], SupplierOrder],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: SupplierOrderOut.all(session, actor, [verb(session, actor, command)])[0],
        status,
    )
