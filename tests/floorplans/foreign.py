"""One row of every kind of a floor's plan in another organisation, by the name its id has."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.floorplans.commands import PutPiece
from app.floorplans.models import FloorImage
from app.floorplans.service_position import put_piece
from app.items.models import Item
from app.places.models import Place
from tests.floorplans.plans import a_floor, a_plan
from tests.people import Organised


def floor_rows(session: Session, org: Organised, item_id: UUID) -> dict[str, Any]:
    """A floor with its picture, and one piece of the organisation drawn on it."""
    floor = a_floor(session, org, "Hemmelig etasje")
    a_plan(session, org, floor)
    actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
    assert actor is not None
    item = session.get_one(Item, item_id)
    was, item.place_id = item.place_id, floor.room_id
    session.flush()
    put_piece(session, actor, PutPiece(floor_id=floor.id, item_id=item_id, x=1, y=1, version=0))
    item.place_id = was
    session.flush()
    image = session.scalars(select(FloorImage).where(FloorImage.floor_id == floor.id)).one()
    return {
        "floor_id": session.get_one(Place, floor.id),
        "floor_image_id": image,
        "room_id": session.get_one(Place, floor.room_id),
    }
