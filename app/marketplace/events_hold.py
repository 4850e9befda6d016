"""For how long approved pieces are held. Of a hold the subject is the request's line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class RequestLineHoldEnding(Event):
    """Some days are left: both sides are reminded."""

    request_id: UUID
    pieces: int
    limit_at: datetime


@dataclass(frozen=True, kw_only=True)
class RequestLineHoldExtended(Event):
    request_id: UUID
    pieces: int
    limit_at: datetime


@dataclass(frozen=True, kw_only=True)
class RequestLineHoldExpired(Event):
    """Nobody fetched the pieces in time: they go to who waits, or back to the market."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class HoldRuleSet(Event):
    """Of the rule."""

    working_days: int
