"""A draft is changed before it is sent: what is asked for, of which pieces, where to and when."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.kit.errors import Stale
from app.kit.events import Change, change, publish, revise
from app.workshop.commands import DraftOrder, EditOrder
from app.workshop.events import SupplierOrderEdited
from app.workshop.models import Quote, SupplierOrder
from app.workshop.queries import pieces_of, quotes_of
from app.workshop.rules import OrderState
from app.workshop.service import (
    OrderOver,
    check_draft,
    locked_order,
    pieces_named,
    put_on,
    quantity_of,
)

ASKED = {"text", "category_id", "quantity", "pieces"}
"""What a quote is a price for: the chosen one is chosen anew when one of them is another."""
OWN = {"supplier_order_id", "version"}


def edit_order(session: Session, actor: Actor, command: EditOrder) -> SupplierOrder:
    """Work, unit and what it is for stay. A price that was agreed for something else is let go.

    Raises ``OrderOver`` once it is sent, ``Stale``, and what drafting it raises.
    """
    actor.must(Permission.SUPPLIER_ORDER)
    order = locked_order(session, actor, command.supplier_order_id)
    if order.state is not OrderState.DRAFT:
        raise OrderOver(state=order.state.value)
    if order.version != command.version:
        raise Stale(version=order.version)
    asked = _as_draft(order, command)
    check_draft(session, actor, asked)
    items = pieces_named(session, actor, asked)
    values = command.model_dump(exclude=OWN | {"item_ids", "quantity", "cost_centre"})
    unit = session.get_one(Unit, order.unit_id)
    changes = change(
        order,
        values
        | {
            "quantity": quantity_of(asked, items),
            "cost_centre": command.cost_centre or unit.cost_centre,
        },
    )
    if (pieces := _swap(session, actor, order, [each.id for each in items])) is not None:
        changes["pieces"] = pieces
        flag_modified(order, "title")  # as many other pieces are a new version too
    if not changes:
        return order
    is_priced_anew = bool(ASKED & changes.keys())
    if is_priced_anew:
        _let_quote_go(session, actor, order)
    told = SupplierOrderEdited.of(
        order, actor.person_id, pieces=order.quantity, is_priced_anew=is_priced_anew
    )
    publish(session, [told])
    revise(session, [(told, changes)])
    return order


def _as_draft(order: SupplierOrder, command: EditOrder) -> DraftOrder:
    """As it would be drafted today; a wanted day that was said before may have passed."""
    is_same_day = command.wanted_date == order.wanted_date
    return DraftOrder(
        **command.model_dump(exclude=OWN | {"wanted_date"}),
        wanted_date=None if is_same_day else command.wanted_date,
        work=order.work,
        unit_id=order.unit_id,
        programme_line_id=order.programme_line_id,
        need_line_id=order.need_line_id,
        case_id=order.case_id,
    )


def _swap(
    session: Session, actor: Actor, order: SupplierOrder, wanted: Collection[UUID]
) -> Change | None:
    """Takes pieces off and puts others on; nothing where they are the same."""
    rows = {each.item_id: each for each in session.scalars(pieces_of(actor, [order.id]))}
    if rows.keys() == set(wanted):
        return None
    for item_id, row in rows.items():
        if item_id not in wanted:
            session.delete(row)
    put_on(session, order, [each for each in wanted if each not in rows])
    return Change(sorted(map(str, rows)), sorted(map(str, wanted)))


def _let_quote_go(session: Session, actor: Actor, order: SupplierOrder) -> None:
    for each in session.scalars(quotes_of(actor, [order.id]).where(Quote.chosen_at.is_not(None))):
        each.chosen_at, each.chosen_why = None, None
    order.supplier_id = order.price_ore = None
    order.approved_by_id = order.approved_at = order.approved_ore = None
