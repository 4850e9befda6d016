"""The rules for whose yes a request needs, as JSON."""

from typing import Self
from uuid import UUID

from app.marketplace.outputs import Out
from app.marketplace.queries_approval import Rule


class LevelLimitOut(Out):
    level: int
    above_ore: int | None
    above_pieces: int | None


class ApprovalRuleOut(Out):
    """A rule; without a unit it is the organisation's. ``version`` 0 says that there is none yet."""

    unit_id: UUID | None
    levels: list[LevelLimitOut]
    category_ids: list[str]
    giver_may_approve_own: bool
    version: int

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return cls(
            unit_id=rule.row.unit_id,
            levels=LevelLimitOut.all(list(rule.limits)),
            category_ids=sorted(rule.category_ids),
            giver_may_approve_own=rule.row.giver_may_approve_own,
            version=rule.row.version,
        )
