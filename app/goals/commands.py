"""What goals are set by."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.goals.rules import MOST, SHARES, Kind
from app.kit.i18n import N_

Year = Annotated[int, Field(ge=2000, le=2999)]


class Target(BaseModel):
    """In percent for a share, else in g, g CO2e or øre."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    target: int = Field(ge=1, le=MOST)

    @model_validator(mode="after")
    def _is_a_share(self) -> "Target":
        if self.kind in SHARES and self.target > 100:
            raise ValueError(N_("En andel er høyst 100 prosent."))
        return self


class GoalFields(BaseModel):
    """All goals of a unit or project for a year; what is not named is no goal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: list[Target] = Field(max_length=len(Kind))

    @model_validator(mode="after")
    def _each_once(self) -> "GoalFields":
        if len({each.kind for each in self.targets}) < len(self.targets):
            raise ValueError(N_("Hvert mål kan stå bare én gang."))
        return self


class SetGoals(GoalFields):
    """Of exactly one of the two. ``version`` is the one that was seen, 0 when there was none."""

    year: Year
    unit_id: UUID | None = None
    project_id: UUID | None = None
    version: int = Field(ge=0)

    @model_validator(mode="after")
    def _of_one(self) -> "SetGoals":
        if (self.unit_id is None) == (self.project_id is None):
            raise ValueError(N_("Velg enten en enhet eller et prosjekt."))
        return self


class GoalRuleFields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    has_leader_board: bool
    has_own_savings: bool


class SetGoalRule(GoalRuleFields):
    version: int = Field(ge=0)
