"""A floor with rooms, a picture and pieces to arrange with."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.floorplans.commands import AddImage
from app.floorplans.models import FloorPlan
from app.floorplans.service import add_image
from app.items.service_photo_files import StoredFile
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from tests.people import Organised


@dataclass(frozen=True)
class Floor:
    """A floor of 1,600 × 800 pixels, and two rooms on it."""

    id: UUID
    room_id: UUID
    other_room_id: UUID


def a_floor(session: Session, org: Organised, name: str = "2. etasje") -> Floor:
    actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
    assert actor is not None
    (floor,) = add_places(
        session, actor, [AddPlace(kind=PlaceKind.FLOOR, name=name, parent_id=org.building_id)]
    )
    rooms = add_places(
        session,
        actor,
        [
            AddPlace(kind=PlaceKind.ROOM, name=each, parent_id=floor.id)
            for each in ("Kontorer", "Møterom")
        ],
    )
    return Floor(floor.id, rooms[0].id, rooms[1].id)


def a_plan(session: Session, org: Organised, floor: Floor) -> FloorPlan:
    """A picture whose file is not there: what is tested here reads its size alone."""
    actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
    assert actor is not None
    stored = StoredFile(
        name="large_jpeg",
        key=f"{org.org_id}/00/00/{'0' * 64}.jpg",
        media_type="image/jpeg",
        sha256="0" * 64,
        byte_count=1,
        width_px=1600,
        height_px=800,
    )
    return add_image(session, actor, AddImage(floor_id=floor.id), stored)
