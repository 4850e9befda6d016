"""What happens to places. Ids only."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class PlaceAdded(Event):
    parent_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class PlaceChanged(Event):
    pass
