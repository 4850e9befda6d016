"""What the verbs of a floor's plan take."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.floorplans.rules import STEP, WHOLE
from app.items.commands import Command

Part = Annotated[int, Field(ge=0, le=WHOLE)]
"""Ten-thousandths of the picture's width or height."""
Turn = Annotated[int, Field(ge=0, lt=360, multiple_of=STEP)]


class AddImage(Command):
    """A new picture of the floor. Scale and positions stay as they are."""

    floor_id: UUID


class ScaleFields(Command):
    """How wide the picture is in the world. Empty: no scale, and pieces are drawn as dots."""

    width_mm: Annotated[int, Field(ge=1_000, le=1_000_000)] | None = None


class SetScale(ScaleFields):
    floor_id: UUID
    version: int


class PutFields(Command):
    """Where the middle of a piece is drawn, as it is now or as a project will have it.

    ``room_id`` is the room it is in; left out, it stays. As it is now, another room than the one
    where the piece is registered is refused unless ``moves``, which moves the piece there.
    """

    project_id: UUID | None = None
    x: Part
    y: Part
    turn: Turn = 0
    room_id: UUID | None = None
    moves: bool = False


class PutPiece(PutFields):
    """``version`` is the position's; 0 for a piece that is not drawn yet."""

    floor_id: UUID
    item_id: UUID
    version: int


class TakePiece(Command):
    floor_id: UUID
    item_id: UUID
    project_id: UUID | None = None
    version: int


class UndoStep(Command):
    """The caller's own last step on the floor, as it is now or in a project."""

    floor_id: UUID
    project_id: UUID | None = None
