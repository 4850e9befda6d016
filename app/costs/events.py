"""What happens to the organisation's rule for costs. The subject is the new version."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.costs.rules import InternalPrice, Kind
from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class CostRuleSet(Event):
    """``parts`` are the percent of giver, receiver and common unit, one text for each ``shared``."""

    number: int
    valid_from: date
    common_unit_id: UUID
    shared: list[Kind]
    parts: list[str]
    price_kind: InternalPrice
    price_percent: int | None
