"""A rule for costs, and what was booked by it."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.costs.commands import SetCostRule
from app.costs.models import CostEntry, CostRule
from app.costs.rules import Kind
from app.costs.service import set_cost_rule
from tests.marketplace.stalls import acting
from tests.people import Organised

TODAY = date(2026, 3, 2)
Parts = tuple[int, int, int]


def a_rule(session: Session, org: Organised, shares: dict[Kind, Parts], **changes: Any) -> CostRule:
    """Of giver, receiver and the common unit, which is the first unit (4100), from today on."""
    names = ("giver_percent", "receiver_percent", "common_percent")
    values = {
        "valid_from": TODAY,
        "common_unit_id": org.unit_id,
        "version": 0,
        "shares": [
            {"kind": kind, **dict(zip(names, parts, strict=True))} for kind, parts in shares.items()
        ],
        **changes,
    }
    command = SetCostRule.model_validate(values)
    return set_cost_rule(session, acting(session, org, Role.ADMIN), command)


def booked(session: Session, org: Organised, kind: Kind | None = None) -> list[CostEntry]:
    """As they were added."""
    query = select(CostEntry).where(CostEntry.org_id == org.org_id)
    if kind is not None:
        query = query.where(CostEntry.kind == kind)
    return list(session.scalars(query.order_by(CostEntry.booked_at, CostEntry.id)))


def amounts(session: Session, org: Organised, kind: Kind | None = None) -> list[int]:
    """The smallest first."""
    return sorted(each.amount_ore for each in booked(session, org, kind))
