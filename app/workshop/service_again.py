"""A delivery that was a mistake: once its handovers are undone, the order waits for it anew."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.handovers.models import HandoverLine
from app.handovers.service_aside import require_unplanned
from app.handovers.service_trips import require_unclaimed
from app.items.events import ItemSentToWorkshop
from app.items.rules import ItemState, ItemVerb
from app.items.service import Delete
from app.items.service import delete as delete_pieces
from app.items.service_lifecycle import locked, moved_by
from app.kit.errors import Conflict
from app.kit.events import change, publish, revise
from app.kit.i18n import N_, gettext
from app.kit.states import advance
from app.workshop.commands import OfOrder
from app.workshop.events import SupplierOrderReopened
from app.workshop.models import OrderMaterial, OrderOffcut, OrderPiece, SupplierOrder
from app.workshop.queries import delivered_lines, pieces_of
from app.workshop.rules import MAKING, MENDED, OrderState, OrderVerb, Outcome
from app.workshop.service import OrderOver, PieceOnOrder, locked_order

NOT_SAID = ("done_on", "received", "invoiced_ore", "handover_id", "level", "energy_wh")
"""What a delivery says of an order, and no order before it."""


class DeliveryStands(Conflict):
    title = N_("Angre hele overleveringen først. Da kan leveringen føres på nytt.")


def reopen_order(session: Session, actor: Actor, command: OfOrder) -> SupplierOrder:
    """Confirmed as before it was delivered, with its pieces at the supplier again.

    What was registered with the delivery is deleted, since it is registered anew. What was taken
    apart or lost stays so, and what came back without a user and has found one since stays there.
    Where none had a user nothing was handed over, and nothing is to be undone first. Raises
    ``OrderOver``, ``DeliveryStands`` while a piece of the delivery counts, ``PieceOnOrder``, and the conflicts of a piece that is reserved, on offer, set aside or not there.
    """
    actor.must(Permission.SUPPLIER_ORDER)
    order = locked_order(session, actor, command.supplier_order_id)
    if order.state is not OrderState.DONE:
        raise OrderOver(state=order.state.value)
    lines = list(session.scalars(delivered_lines(order)))
    if any(each.undone_at is None for each in lines):
        raise DeliveryStands
    rows = _stand_again(session, actor, order)
    if not lines and not rows:  # each has found a user since, or none came
        raise DeliveryStands
    _send_again(session, actor, order, rows)
    if order.work in MAKING:
        _delete_registered(session, actor, order, lines)
        if order.need_line_id is not None and order.received is not None:
            # The need looks elsewhere for what did not come, and was told so.
            order.quantity = order.received
    for model in (OrderMaterial, OrderOffcut):
        session.execute(
            delete(model).where(model.org_id == order.org_id, model.supplier_order_id == order.id)
        )
    changes = change(order, dict.fromkeys(NOT_SAID))
    order.has_inputs = False
    advance(session, [order], OrderVerb.REOPEN, refused=OrderOver)
    told = SupplierOrderReopened.of(order, actor.person_id, pieces=len(rows))
    publish(session, [told])
    revise(session, [(told, changes)])
    return order


def _stand_again(session: Session, actor: Actor, order: SupplierOrder) -> list[OrderPiece]:
    again = [
        each for each in session.scalars(pieces_of(actor, [order.id])) if was_delivered(order, each)
    ]
    try:
        with session.begin_nested():
            for each in again:
                each.ended_at = each.outcome = each.handover_id = None
                each.had_no_user = False
            session.flush()  # the unique index must answer inside the savepoint
    except IntegrityError as error:  # another order has one of them by now
        raise PieceOnOrder from error
    return again


def was_delivered(order: SupplierOrder, piece: OrderPiece) -> bool:
    """Donors all stand again; of treated pieces those that came back, and nobody has got since."""
    if order.work in MAKING:
        return piece.outcome is not Outcome.NOT_RETURNED
    is_reused = piece.had_no_user and piece.handover_id is not None
    return piece.outcome in MENDED and not is_reused


def _send_again(
    session: Session, actor: Actor, order: SupplierOrder, rows: Sequence[OrderPiece]
) -> None:
    items = locked(session, actor, [each.item_id for each in rows], Permission.SUPPLIER_ORDER)
    going = [each for each in items if each.state in {ItemState.IN_USE, ItemState.AVAILABLE}]
    ids = [each.id for each in going]
    require_unclaimed(session, actor, ids)
    require_unplanned(session, actor, ids, order.programme_line_id)
    moved_by(session, actor, going, ItemVerb.SEND_TO_WORKSHOP, ItemSentToWorkshop)


def _delete_registered(
    session: Session, actor: Actor, order: SupplierOrder, lines: Sequence[HandoverLine]
) -> None:
    reason = gettext(N_("Leveringen av oppdrag %(number)s ble angret."), number=order.number)
    ids = sorted({each.item_id for each in lines})
    delete_pieces(session, actor, [Delete(item_id=each, reason=reason) for each in ids])
