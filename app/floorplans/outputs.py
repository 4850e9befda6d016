"""The plan of a floor as JSON."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from app.floorplans.models import FloorPosition
from app.floorplans.views import Drawn, Shown


class FloorOut(BaseModel):
    """A floor; ``drawn`` is how many pieces are drawn on it as it is now."""

    floor_id: UUID
    label: str
    has_plan: bool
    drawn: int


class FloorImageOut(BaseModel):
    """The picture that is shown, upright and without metadata."""

    id: UUID
    number: int
    width_px: int
    height_px: int


class PositionOut(BaseModel):
    """Where a piece's middle is drawn, in ten-thousandths of the picture's width and height.

    ``turn`` is in degrees, with the clock. ``room_id`` is the room it is in, as it is now or in the
    project.
    """

    item_id: UUID
    floor_id: UUID
    project_id: UUID | None
    number: int
    x: int
    y: int
    turn: int
    room_id: UUID | None
    version: int

    @classmethod
    def of(cls, row: FloorPosition, room_id: UUID | None) -> "PositionOut":
        names = cls.model_fields.keys() - {"room_id"}
        return cls(**{name: getattr(row, name) for name in names}, room_id=room_id)


class DrawnOut(PositionOut):
    """A position with what a person knows the piece by. ``comes_from``: where it stands till then."""

    name: str
    code: str
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    comes_from: str | None

    @classmethod
    def all(cls, drawn: Sequence[Drawn]) -> "list[DrawnOut]":
        return [
            cls(
                **PositionOut.of(each.position, each.room_id).model_dump(),
                name=each.piece.name,
                code=each.piece.code,
                width_mm=each.piece.width_mm,
                depth_mm=each.piece.depth_mm,
                height_mm=each.piece.height_mm,
                comes_from=each.comes_from or None,
            )
            for each in drawn
        ]


class FloorPlanOut(BaseModel):
    """The plan; ``version`` is that of the scale, 0 where there is no picture yet.

    ``waiting`` is how many pieces belong here and are not drawn; ``gone`` are drawn pieces that do
    not belong here any more.
    """

    floor_id: UUID
    label: str
    project_id: UUID | None
    image: FloorImageOut | None
    width_mm: int | None
    version: int
    positions: list[DrawnOut]
    waiting: int
    gone: list[UUID]

    @classmethod
    def of(cls, shown: Shown) -> "FloorPlanOut":
        image = shown.image
        return cls(
            floor_id=shown.floor.id,
            label=shown.floor.label,
            project_id=shown.project.id if shown.project else None,
            image=FloorImageOut.model_validate(image, from_attributes=True) if image else None,
            width_mm=shown.plan.width_mm if shown.plan else None,
            version=shown.plan.version if shown.plan else 0,
            positions=DrawnOut.all(shown.drawn),
            waiting=shown.waiting_count,
            gone=[piece.id for _, piece in shown.gone],
        )


class RoomOut(BaseModel):
    """What is drawn in one room; without ``room_id``, what is in none."""

    room_id: UUID | None
    name: str
    positions: list[DrawnOut]

    @classmethod
    def all(cls, shown: Shown) -> "list[RoomOut]":
        return [
            cls(room_id=each.id, name=each.name, positions=DrawnOut.all(each.drawn))
            for each in shown.by_room()
        ]


class UndoneOut(BaseModel):
    """Whose position is as before."""

    item_id: UUID
