"""The supplier's invoice, when it comes after the delivery: what was booked is corrected by it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers.models import HandoverLine
from app.kit.events import change, publish, revise
from app.workshop.commands import InvoiceOrder
from app.workshop.events import SupplierOrderInvoiced
from app.workshop.models import OrderPiece, SupplierOrder
from app.workshop.queries import delivered_lines, lines_of_order
from app.workshop.rules import BUYING, MAKING, MENDED, OrderState, each_ore
from app.workshop.service import OrderOver, locked_order


def invoice_order(session: Session, actor: Actor, command: InvoiceOrder) -> SupplierOrder:
    """What the delivered order cost in all; it takes the place of the quote, or an earlier invoice.

    No budget refuses it: the pieces have come, and are paid for. Raises ``OrderOver`` before the
    delivery, which takes the invoice itself.
    """
    actor.must(Permission.SUPPLIER_ORDER)
    order = locked_order(session, actor, command.supplier_order_id)
    if order.state is not OrderState.DONE:
        raise OrderOver(state=order.state.value)
    # Who undoes one of them holds it, and what is booked of it is taken back once.
    locking = lines_of_order(order.org_id, order.id).with_for_update(of=HandoverLine)
    session.scalars(locking.execution_options(populate_existing=True)).all()
    changes = change(order, {"invoiced_ore": command.invoiced_ore})
    if not changes:
        return order
    part_ore = each_ore(command.invoiced_ore, _sharing(session, order))
    for line in session.scalars(delivered_lines(order)):
        if order.work in BUYING:
            line.price_ore = part_ore
        else:
            line.redesign_ore = part_ore
    session.flush()  # the ledger and the costs read them
    told = SupplierOrderInvoiced.of(order, actor.person_id, invoiced_ore=command.invoiced_ore)
    publish(session, [told])
    revise(session, [(told, changes)])
    return order


def _sharing(session: Session, order: SupplierOrder) -> int:
    """How many pieces share the price, as when it was delivered."""
    if order.work in MAKING:
        return order.received or order.quantity
    mended = select(func.count()).where(
        OrderPiece.org_id == order.org_id,
        OrderPiece.supplier_order_id == order.id,
        OrderPiece.outcome.in_(MENDED),
    )
    return session.scalar(mended) or 0
