"""What is asked about the yes of the asker's own leaders."""

from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED
from app.marketplace.commands import Command, Text
from app.marketplace.rules_approval import MOST_LEVELS

Reason = Annotated[str, STRIPPED, Field(min_length=3, max_length=2000), PRINTABLE]
MostOre = Annotated[int, Field(ge=0, le=100_000_000_000)]
MostPieces = Annotated[int, Field(ge=0, le=100_000)]


class ApproveAsLeader(Command):
    approval_id: UUID
    note: Text | None = None


class RefuseAsLeader(Command):
    """No to the whole request; the reason is shown to who asked."""

    approval_id: UUID
    reason: Reason


class LevelLimit(BaseModel):
    """The level is needed above the value or above the number of pieces, whichever is passed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: int = Field(ge=1, le=MOST_LEVELS)
    above_ore: MostOre | None = None
    above_pieces: MostPieces | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.above_ore is None and self.above_pieces is None:
            raise ValueError(N_("Oppgi en verdi, et antall eller begge."))
        return self


class RuleFields(Command):
    """A rule as it is to be. Without levels and categories nobody is asked."""

    levels: list[LevelLimit] = Field(default=[], max_length=MOST_LEVELS)
    category_ids: list[Annotated[str, Field(max_length=40), PRINTABLE]] = Field(
        default=[], max_length=200
    )
    giver_may_approve_own: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        numbers = sorted(each.level for each in self.levels)
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(N_("Nivåene må fylles ut nedenfra: lederen for enheten først."))
        ordered = sorted(self.levels, key=lambda each: each.level)
        for limits in (
            [each.above_ore for each in ordered],
            [each.above_pieces for each in ordered],
        ):
            known = [each for each in limits if each is not None]
            if known != sorted(known):
                raise ValueError(N_("Grensen kan ikke være lavere enn på nivået under."))
        return self


class SetApprovalRule(RuleFields):
    """For a unit and what lies below it, or without one for the organisation.

    ``version`` is that of the rule that is changed, 0 when there is none yet.
    """

    unit_id: UUID | None = None
    version: int = Field(ge=0)

    @classmethod
    def of(cls, fields: RuleFields, **own: object) -> Self:
        return cls.model_validate({**fields.model_dump(), **own})


class RemoveApprovalRule(Command):
    """The unit follows the rule above it again."""

    unit_id: UUID


def by_approval(
    commands: Sequence[ApproveAsLeader | RefuseAsLeader],
) -> dict[UUID, ApproveAsLeader | RefuseAsLeader]:
    return {each.approval_id: each for each in commands}
