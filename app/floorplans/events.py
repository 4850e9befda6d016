"""What is done to the plan of a floor. The subject of all of them is the floor."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class FloorImageAdded(Event):
    """A picture is shown from now on; the earlier ones are kept."""

    floor_image_id: UUID


@dataclass(frozen=True, kw_only=True)
class FloorScaleSet(Event):
    width_mm: int | None


@dataclass(frozen=True, kw_only=True)
class FloorPiecePut(Event):
    """A piece is drawn here, for the first time or anew."""

    item_id: UUID
    project_id: UUID | None
    x: int
    y: int
    turn: int


@dataclass(frozen=True, kw_only=True)
class FloorPieceTaken(Event):
    """A piece is no longer drawn on the floor; where it stands is as before."""

    item_id: UUID
    project_id: UUID | None
