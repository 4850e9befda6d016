"""What happens to needs. Payloads hold ids and amounts; what was typed stands on the rows."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event
from app.needs.rules import AllocationEnd, Outcome, Step


@dataclass(frozen=True, kw_only=True)
class NeedSubmitted(Event):
    """The subject is the need, as of all these events."""

    unit_id: UUID
    lines: int


@dataclass(frozen=True, kw_only=True)
class NeedLineAdded(Event):
    need_line_id: UUID
    category_id: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class LadderStepDecided(Event):
    """The chain proves that the decision stands as it was made.

    ``matches_sha256`` is of what there was to choose from, ``decision_sha256`` of all the row says.
    """

    need_line_id: UUID
    ladder_step_id: UUID
    step: Step
    outcome: Outcome
    quantity: int
    matches: int
    matches_sha256: str
    decision_sha256: str


@dataclass(frozen=True, kw_only=True)
class NeedFulfilled(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class NeedClosedUnmet(Event):
    """``missing`` pieces were not found at any step that was examined."""

    missing: int


@dataclass(frozen=True, kw_only=True)
class NeedCancelled(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class NeedReopened(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class NeedMatched(Event):
    """``pieces`` that could meet it came since it was last told."""

    pieces: int


@dataclass(frozen=True, kw_only=True)
class NeedAllocationEnded(Event):
    """``pieces`` of planned releases that were set aside for it are not its any more."""

    pieces: int
    why: AllocationEnd


@dataclass(frozen=True, kw_only=True)
class PurchaseRuleSet(Event):
    """What purchases must show from now on. The subject is the organisation's rule."""

    above_ore: int
    repair_or_redesign: bool
    buy_used: bool


@dataclass(frozen=True, kw_only=True)
class WishMade(Event):
    """The subject is the wish, as of all these events."""


@dataclass(frozen=True, kw_only=True)
class WishEdited(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class WishEnded(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class WishMatched(Event):
    """``pieces`` that could meet it came since it was last told."""

    pieces: int
