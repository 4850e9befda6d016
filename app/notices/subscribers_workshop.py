"""Who is told of orders to suppliers: who says yes to the price, who ordered, who needs it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.kit.i18n import money_ore
from app.needs.models import Need, NeedLine
from app.notices.service import tell
from app.notices.subscribers import name_of
from app.workshop.events import (
    SupplierOrderApprovalAsked,
    SupplierOrderApproved,
    SupplierOrderDone,
)
from app.workshop.models import SupplierOrder
from app.workshop.service_approval import who_says_yes


def on_asked(session: Session, events: Sequence[SupplierOrderApprovalAsked]) -> None:
    for event in events:
        order = _order(session, event.org_id, event.subject_id)
        organisation = session.get_one(Organisation, event.org_id)
        facts = {
            "number": order.number,
            "title": order.title,
            "price": money_ore(event.price_ore, organisation.currency),
            "asker": name_of(session, order.person_id),
        }
        people = who_says_yes(session, order, event.price_ore)
        tell(session, order.org_id, people, "supplier_order_asked", order.id, facts)


def on_approved(session: Session, events: Sequence[SupplierOrderApproved]) -> None:
    for event in events:
        order = _order(session, event.org_id, event.subject_id)
        if order.person_id is not None:
            facts = {"number": order.number, "title": order.title}
            people = {order.person_id}
            tell(session, order.org_id, people, "supplier_order_approved", order.id, facts)


def on_done(session: Session, events: Sequence[SupplierOrderDone]) -> None:
    """To who registered the need that it was ordered for."""
    for event in events:
        order = _order(session, event.org_id, event.subject_id)
        if order.need_line_id is None or not event.pieces:
            continue
        need = session.scalars(
            select(Need)
            .join(NeedLine, (NeedLine.org_id == Need.org_id) & (NeedLine.need_id == Need.id))
            .where(Need.org_id == order.org_id, NeedLine.id == order.need_line_id)
        ).one()
        facts = {"number": need.number, "title": order.title, "pieces": event.pieces}
        people = {need.person_id} - {event.person_id}
        tell(session, order.org_id, people, "supplier_order_done", need.id, facts)


def _order(session: Session, org_id: UUID, order_id: UUID) -> SupplierOrder:
    return session.scalars(
        select(SupplierOrder).where(SupplierOrder.org_id == org_id, SupplierOrder.id == order_id)
    ).one()
