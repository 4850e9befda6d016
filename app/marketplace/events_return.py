"""What was received goes back to its giver."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event
from app.marketplace.rules import ReturnReason


@dataclass(frozen=True, kw_only=True)
class RequestLineReturned(Event):
    """Subject is the request's line; the line counts its returned pieces."""

    request_id: UUID
    pieces: int
    reason: ReturnReason
