"""One row of every kind of cost sharing in another organisation, by the name its id has."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.costs.models import CostEntry, CostRule
from app.costs.rules import InternalPrice, Kind, Payer
from app.kit.events import EventRow
from tests.people import Organised


def cost_rows(session: Session, org: Organised, item_id: UUID, now: datetime) -> dict[str, Any]:
    """A rule, and an entry of a piece."""
    event_id = session.scalars(select(EventRow.id).where(EventRow.org_id == org.org_id)).first()
    assert event_id is not None
    rule = CostRule(
        org_id=org.org_id,
        number=1,
        valid_from=now.date(),
        common_unit_id=org.unit_id,
        price_kind=InternalPrice.NONE,
        created_at=now,
    )
    session.add(rule)
    session.flush()
    entry = CostEntry(
        org_id=org.org_id,
        event_id=event_id,
        booked_by_event_id=event_id,
        cost_rule_id=rule.id,
        kind=Kind.HANDLING,
        payer=Payer.RECEIVER,
        percent=100,
        whole_ore=1,
        amount_ore=1,
        currency="NOK",
        payer_unit_id=org.other_unit_id,
        payee_unit_id=org.unit_id,
        happened_on=now.date(),
        booked_on=now.date(),
        item_id=item_id,
        booked_at=now,
    )
    session.add(entry)
    session.flush()
    return {"cost_rule_id": rule, "cost_entry_id": entry}
