"""One promised piece for a like one."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class RequestLineExchanged(Event):
    """Subject is the request's line."""

    request_id: UUID
    reservation_id: UUID
    from_item_id: UUID
    to_item_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemExchangedAway(Event):
    """Subject is the piece that was promised, and is free again."""

    request_id: UUID
    for_item_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemExchangedFor(Event):
    """Subject is the piece that is promised instead."""

    request_id: UUID
    from_item_id: UUID
