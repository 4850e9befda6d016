"""What the rule for costs is set by."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.costs.rules import MOST_ORE, InternalPrice, Kind, share_problem
from app.kit.i18n import N_
from app.kit.text import PRINTABLE

Percent = Annotated[int, Field(ge=0, le=100)]


class KindShare(BaseModel):
    """Who pays a kind of cost, in percent that add up to 100."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    giver_percent: Percent = 0
    receiver_percent: Percent = 0
    common_percent: Percent = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        parts = (self.giver_percent, self.receiver_percent, self.common_percent)
        problem = share_problem(self.kind, parts)
        if problem is not None:
            raise ValueError(problem[1])
        return self


class CategoryPrice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    category_id: Annotated[str, Field(max_length=40), PRINTABLE]
    price_ore: int = Field(ge=1, le=MOST_ORE)


class CostRuleFields(BaseModel):
    """A rule as it is to be from a day on. A kind that is not named is not shared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: date
    common_unit_id: UUID
    shares: list[KindShare] = Field(default=[], max_length=len(Kind))
    price_kind: InternalPrice = InternalPrice.NONE
    price_percent: int | None = Field(default=None, ge=1, le=100)
    prices: list[CategoryPrice] = Field(default=[], max_length=200)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        kinds = [each.kind for each in self.shares]
        categories = [each.category_id for each in self.prices]
        if len(set(kinds)) < len(kinds) or len(set(categories)) < len(categories):
            raise ValueError(N_("Hver kostnad og hver kategori kan stå bare én gang."))
        return self


class SetCostRule(CostRuleFields):
    """``version`` is the number of the newest rule that was seen, 0 when there was none."""

    version: int = Field(ge=0)

    @classmethod
    def of(cls, fields: CostRuleFields, version: int) -> Self:
        return cls.model_validate({**fields.model_dump(), "version": version})
