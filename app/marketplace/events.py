"""What happens to offers, requests and reservations; payloads hold ids and amounts only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class ListingOpened(Event):
    """Pieces came onto the market."""

    pieces: int


@dataclass(frozen=True, kw_only=True)
class ListingWithdrawn(Event):
    """Taken off the market; what was not yet approved was declined."""

    declined: int


@dataclass(frozen=True, kw_only=True)
class ListingEnded(Event):
    """Its last piece is gone."""


@dataclass(frozen=True, kw_only=True)
class RequestSubmitted(Event):
    lines: int
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestLineApproved(Event):
    """The giver's yes to all or a part; ``waiting`` pieces were wanted but are not left."""

    request_id: UUID
    approved: int
    waiting: int
    declined: int


@dataclass(frozen=True, kw_only=True)
class RequestLineDeclined(Event):
    request_id: UUID
    declined: int


@dataclass(frozen=True, kw_only=True)
class RequestLineMadeReady(Event):
    """The pieces stand where they can be picked up."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestLineOffered(Event):
    """Pieces fell free for who waited, and stand for them until ``limit_at``."""

    request_id: UUID
    pieces: int
    limit_at: datetime


@dataclass(frozen=True, kw_only=True)
class RequestLineOfferAccepted(Event):
    """The asker's yes: the pieces are approved."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestLineOfferDeclined(Event):
    """The asker's no: the pieces go to who is next."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestLineOfferExpired(Event):
    """Nobody answered in time: the pieces go to who is next."""

    request_id: UUID
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestCancelled(Event):
    pieces: int


@dataclass(frozen=True, kw_only=True)
class RequestClosed(Event):
    """Every piece was received or given up."""


@dataclass(frozen=True, kw_only=True)
class RequestReopened(Event):
    """A handover was undone: something is to be delivered again."""


@dataclass(frozen=True, kw_only=True)
class MessagePosted(Event):
    """Subject is the request."""

    message_id: UUID
