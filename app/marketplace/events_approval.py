"""What the asker's own leaders do about a request, and what they are asked about.

Of an approval the subject is the request.
"""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class LeaderAsked(Event):
    """A level's turn has come. Without a unit the administrators are asked."""

    approval_id: UUID
    level: int
    unit_id: UUID | None
    value_ore: int
    pieces: int


@dataclass(frozen=True, kw_only=True)
class LeaderApproved(Event):
    approval_id: UUID
    level: int


@dataclass(frozen=True, kw_only=True)
class LeaderRefused(Event):
    """The request ends here: its ``pieces`` are declined."""

    approval_id: UUID
    level: int
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestPassedOn(Event):
    """Every leader has said yes: it is the giver's turn."""

    pieces: int


@dataclass(frozen=True, kw_only=True)
class ApprovalRuleSet(Event):
    """Of the rule. ``limits_ore`` and ``limits_pieces`` are by level, from the first."""

    unit_id: UUID | None
    limits_ore: list[int | None]
    limits_pieces: list[int | None]
    category_ids: list[str]
    giver_may_approve_own: bool


@dataclass(frozen=True, kw_only=True)
class ApprovalRuleRemoved(Event):
    unit_id: UUID
