"""Own savings, and what is switched on, as JSON."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel

from app.goals.models import GoalRule
from app.impact.rules import Rounded, View
from app.ledger.queries import Total


class RangedOut(BaseModel):
    value: int
    low: int
    high: int

    @classmethod
    def of(cls, figure: Rounded) -> Self:
        return cls(value=figure.value, low=figure.low, high=figure.high)


class OwnViewOut(BaseModel):
    """In g, g CO2e and øre; of the uses ``not_calculated`` lack a CO2e factor, ``unpriced`` a rate."""

    pieces: int
    uses: int
    not_calculated: int
    unpriced: int
    waste_g: RangedOut
    co2e_g: RangedOut
    saved_ore: RangedOut

    @classmethod
    def of(cls, total: Total) -> Self:
        return cls(
            pieces=total.pieces,
            uses=total.uses,
            not_calculated=total.not_calculated,
            unpriced=total.unpriced,
            waste_g=RangedOut.of(total.waste_g),
            co2e_g=RangedOut.of(total.co2e_g),
            saved_ore=RangedOut.of(total.saved_ore),
        )


class OwnSavingsOut(BaseModel):
    """Of pieces that the caller's own requests led to."""

    currency: str
    gross: OwnViewOut
    net: OwnViewOut

    @classmethod
    def build(cls, found: Mapping[View, Total], currency: str) -> Self:
        return cls(
            currency=currency,
            gross=OwnViewOut.of(found[View.GROSS]),
            net=OwnViewOut.of(found[View.NET]),
        )


class GoalRuleOut(BaseModel):
    has_leader_board: bool
    has_own_savings: bool
    version: int

    @classmethod
    def of(cls, rule: GoalRule) -> Self:
        return cls(
            has_leader_board=rule.has_leader_board,
            has_own_savings=rule.has_own_savings,
            version=rule.version,
        )
