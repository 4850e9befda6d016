"""One row of every kind of the workshop's in another organisation, by the name its id has."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue.models_supplier import FrameworkAgreement, Supplier
from app.catalogue.rules import Work
from app.workshop.models import Quote, SupplierOrder
from app.workshop.rules import OrderState
from tests.people import Organised


def workshop_rows(session: Session, org: Organised, now: datetime) -> dict[str, Any]:
    """A supplier with an agreement, and an order with a quote."""
    supplier = Supplier(org_id=org.org_id, name="hemmelig", created_at=now)
    session.add(supplier)
    session.flush()
    order_row = SupplierOrder(
        org_id=org.org_id,
        number=1,
        state=OrderState.DRAFT,
        work=Work.CLEAN_OR_REPAIR,
        title="hemmelig",
        unit_id=org.unit_id,
        quantity=1,
        created_at=now,
    )
    agreement = FrameworkAgreement(
        org_id=org.org_id,
        supplier_id=supplier.id,
        work=Work.CLEAN_OR_REPAIR,
        reference="hemmelig",
        rank=1,
        valid_from=now.date(),
        valid_until=now.date(),
        created_at=now,
    )
    session.add_all([order_row, agreement])
    session.flush()
    quote = Quote(
        org_id=org.org_id,
        supplier_order_id=order_row.id,
        supplier_id=supplier.id,
        price_ore=1,
        created_at=now,
    )
    session.add(quote)
    session.flush()
    return {
        "supplier_id": supplier,
        "framework_agreement_id": agreement,
        "supplier_order_id": order_row,
        "quote_id": quote,
    }
