"""The rule for costs, and what was booked by it, as JSON. Amounts are in øre."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.costs.models import CostEntry
from app.costs.queries import Rule
from app.costs.rules import InternalPrice, Kind, Payer


class KindShareOut(BaseModel):
    kind: Kind
    giver_percent: int
    receiver_percent: int
    common_percent: int


class CategoryPriceOut(BaseModel):
    category_id: str
    price_ore: int


class CostRuleOut(BaseModel):
    """One version. ``version`` is its number; the newest one's is asked for when another is set."""

    id: UUID
    version: int
    valid_from: date
    common_unit_id: UUID
    shares: list[KindShareOut]
    price_kind: InternalPrice
    price_percent: int | None
    prices: list[CategoryPriceOut]
    person_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, rule: Rule) -> Self:
        row = rule.row
        return cls(
            id=row.id,
            version=row.number,
            valid_from=row.valid_from,
            common_unit_id=row.common_unit_id,
            shares=[
                KindShareOut(
                    kind=kind,
                    giver_percent=rule.shares[kind][0],
                    receiver_percent=rule.shares[kind][1],
                    common_percent=rule.shares[kind][2],
                )
                for kind in Kind
                if kind in rule.shares
            ],
            price_kind=row.price_kind,
            price_percent=row.price_percent,
            prices=[
                CategoryPriceOut(category_id=category_id, price_ore=price_ore)
                for category_id, price_ore in sorted(rule.prices.items())
            ],
            person_id=row.person_id,
            created_at=row.created_at,
        )


class CostEntryOut(BaseModel):
    """A payer's part of a cost; ``reverses_id`` marks a reversal, whose amounts are negative."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    event_id: UUID
    booked_by_event_id: UUID
    cost_rule_id: UUID
    kind: Kind
    payer: Payer
    percent: int
    whole_ore: int
    amount_ore: int
    currency: str
    payer_unit_id: UUID
    payer_cost_centre: str | None
    payee_unit_id: UUID
    payee_cost_centre: str | None
    happened_on: date
    booked_on: date
    item_id: UUID | None
    handover_line_id: UUID | None
    request_id: UUID | None
    supplier_order_id: UUID | None
    reverses_id: UUID | None
    booked_at: datetime

    @classmethod
    def of(cls, row: CostEntry) -> Self:
        return cls.model_validate(row)


class CostSumOut(BaseModel):
    """What one cost centre owes another; ``is_own`` where it bears the cost itself."""

    model_config = ConfigDict(from_attributes=True)

    payer_unit_id: UUID
    payer: str
    payer_cost_centre: str | None
    payee_unit_id: UUID
    payee: str
    payee_cost_centre: str | None
    currency: str
    rows: int
    amount_ore: int
    is_own: bool
