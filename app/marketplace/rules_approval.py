"""When the asker's own leaders have to say yes, and the states of such a yes. No session."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST_LEVELS = 4
"""The unit's leader, and at most so many less one further up."""


class ApprovalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    DROPPED = "dropped"


class ApprovalVerb(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    DROP = "drop"


APPROVAL_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    ApprovalState.WAITING: {
        ApprovalVerb.APPROVE: ApprovalState.APPROVED,
        ApprovalVerb.DECLINE: ApprovalState.DECLINED,
        ApprovalVerb.DROP: ApprovalState.DROPPED,
    },
}
"""``dropped``: the request was cancelled, or said no to at another level."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A level is needed above the value or above the number of pieces; an empty limit never is."""

    level: int
    above_ore: int | None
    above_pieces: int | None

    def is_passed(self, value_ore: int, pieces: int) -> bool:
        return (self.above_ore is not None and value_ore > self.above_ore) or (
            self.above_pieces is not None and pieces > self.above_pieces
        )


def levels_needed(
    limits: Iterable[Limit], *, value_ore: int, pieces: int, is_chosen_category: bool
) -> int:
    """How many levels have to say yes: up to the highest whose limit is passed.

    A chosen category needs the first level whatever it costs.
    """
    passed = [each.level for each in limits if each.is_passed(value_ore, pieces)]
    return max([*passed, int(is_chosen_category)])
