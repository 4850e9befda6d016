"""A plan as JSON."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from app.impact.rules import FulfilmentSource, Rounded
from app.items.rules import Condition
from app.planning.figures import PlanSums
from app.planning.models import FixedPlan
from app.planning.rules_match import Origin, Pile
from app.planning.views_plan import Alternative, Plan
from app.projects.models_allocation import PlanAllocation


class RangeOut(BaseModel):
    value: int
    low: int
    high: int

    @classmethod
    def of(cls, figure: Rounded) -> "RangeOut":
        return cls(value=figure.value, low=figure.low, high=figure.high)


class SumsOut(BaseModel):
    """What is not delivered yet would save: g of waste and CO2e, øre."""

    waste_g: RangeOut
    co2e_g: RangeOut
    saved_ore: RangeOut

    @classmethod
    def of(cls, sums: PlanSums) -> "SumsOut":
        return cls(
            waste_g=RangeOut.of(sums.waste_g),
            co2e_g=RangeOut.of(sums.co2e_g),
            saved_ore=RangeOut.of(sums.saved_ore),
        )


class AlternativeOut(BaseModel):
    """``counts`` are of the whole programme; the shares are empty where nothing is planned."""

    key: str
    counts: dict[FulfilmentSource, int]
    share_without_bought_used: float | None
    share_with_bought_used: float | None
    gross: SumsOut
    net: SumsOut
    transport_g: int
    cost_ore: int
    not_calculated: int
    has_money: bool
    open: int

    @classmethod
    def of(cls, found: Alternative) -> "AlternativeOut":
        share = found.share
        return cls(
            key=found.key,
            counts=dict(found.counts),
            share_without_bought_used=float(share.without_bought_used) if share else None,
            share_with_bought_used=float(share.with_bought_used) if share else None,
            gross=SumsOut.of(found.figures.gross),
            net=SumsOut.of(found.figures.net),
            transport_g=found.figures.transport_g,
            cost_ore=found.figures.cost_ore,
            not_calculated=found.figures.not_calculated,
            has_money=found.figures.has_money,
            open=found.open,
        )


class LineSupplyOut(BaseModel):
    """``fit`` counts what meets the line; ``got`` what it would get when no piece is given twice."""

    programme_line_id: UUID
    quantity: int
    met: int
    allocated: int
    ordered: int
    open: int
    fit: dict[Origin, int]
    got: dict[Origin, int]


class PlanOut(BaseModel):
    alternatives: list[AlternativeOut]
    lines: list[LineSupplyOut]

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        return cls(
            alternatives=[AlternativeOut.of(each) for each in plan.alternatives],
            lines=[
                LineSupplyOut(
                    programme_line_id=each.id,
                    quantity=each.quantity,
                    met=sum(plan.met.get(each.id, {}).values()),
                    allocated=plan.aside.get(each.id, 0),
                    ordered=sum(plan.ordered.get(each.id, {}).values()),
                    open=plan.open[each.id],
                    fit=plan.supply[each.id].fit,
                    got=plan.supply[each.id].got,
                )
                for each in plan.lines
            ],
        )


class PileOut(BaseModel):
    """Like pieces that could meet a line. ``item_id`` is one of ours, ``listing_id`` an offer."""

    origin: Origin
    name: str
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    free_from: date | None
    place_id: UUID | None
    item_id: UUID | None
    listing_id: UUID | None
    project_id: UUID | None
    pieces: int

    @classmethod
    def of(cls, pile: Pile) -> "PileOut":
        return cls(**{name: getattr(pile, name) for name in cls.model_fields})


class AllocationOut(BaseModel):
    """A piece that is set aside for a line, or was."""

    programme_line_id: UUID
    item_id: UUID
    release_id: UUID | None
    free_from: date | None
    created_at: datetime

    @classmethod
    def of(cls, row: PlanAllocation) -> "AllocationOut":
        return cls.model_validate(row, from_attributes=True)


class FixedPlanOut(BaseModel):
    id: UUID
    project_id: UUID
    alternative: str
    fixed_at: datetime

    @classmethod
    def of(cls, row: FixedPlan) -> "FixedPlanOut":
        return cls.model_validate(row, from_attributes=True)
