"""Orders to suppliers that wait for an act: quotes to gather, a reply, a delivery."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, case, func, literal, type_coerce

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.inbox.waits import Stage, Waits, columns
from app.workshop.models import SupplierOrder
from app.workshop.queries import open_orders
from app.workshop.rules import AT_SUPPLIER


def orders(actor: Actor, _now: datetime) -> Select[Any] | None:
    """New until a quote is chosen; waiting while it is the supplier's turn."""
    if not actor.may(Permission.SUPPLIER_ORDER):
        return None
    stage = case(
        (SupplierOrder.state.in_(AT_SUPPLIER), Stage.WAITING.value),
        (SupplierOrder.supplier_id.is_(None), Stage.NEW.value),
        else_=Stage.IN_PROGRESS.value,
    )
    return (
        open_orders(actor)
        .outerjoin(Person, Person.id == SupplierOrder.person_id)
        .with_only_columns(
            *columns(
                kind=literal(Waits.SUPPLIER_ORDER.value),
                id=SupplierOrder.id,
                subject_id=SupplierOrder.id,
                number=SupplierOrder.number,
                title=SupplierOrder.title,
                who=Person.name,
                unit_id=SupplierOrder.unit_id,
                state=type_coerce(stage, String()),
                since=SupplierOrder.created_at,
                deadline=func.coalesce(SupplierOrder.due_on, SupplierOrder.wanted_date),
                assignee_id=SupplierOrder.person_id,
                pieces=SupplierOrder.quantity,
            )
        )
    )
