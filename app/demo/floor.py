"""The plan of a floor of the hospital: its picture, its scale, and some pieces where they stand."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.demo.drawing_floor import FIRST_FLOOR
from app.demo.stage import Stage
from app.floorplans import queries
from app.floorplans.commands import AddImage, PutPiece, SetScale
from app.floorplans.service import add_image, set_scale
from app.floorplans.service_position import put_piece
from app.items.models import Item
from app.items.service_photo_files import StoredFile

FLOOR = "Bygg A › 1. etasje"

# Room, category of the pieces, and where they stand: metres from the left and the top, degrees.
STAND: Sequence[tuple[str, str, Sequence[tuple[float, float, int]]]] = (
    ("Kantinen", "TABLE_CANTEEN", [(2, 2.6, 0), (5, 2.6, 0), (8, 2.6, 0),
                                   (2, 5.6, 0), (5, 5.6, 0), (8, 5.6, 90)]),
    ("Møterom Fjorden", "TABLE_MEETING_L", [(17.5, 4.2, 0)]),
    ("Møterom Fjorden", "CHAIR_MEETING", [(14.6, 4.2, 270), (20.4, 4.2, 90),
                                          (16.4, 6.3, 180), (18.6, 6.3, 180)]),
    ("Venterom 1", "WAIT_BENCH3", [(2, 10.4, 0), (5.4, 10.4, 0), (2, 12.9, 0), (6.8, 12.6, 45)]),
    ("Resepsjonen", "SOFA_3", [(13, 10.4, 0), (13, 12.9, 180), (20.4, 12.6, 180)]),
    ("Resepsjonen", "LAMP_FLOOR", [(11, 13, 0), (22.6, 9.6, 0)]),
)  # fmt: skip


def play(session: Session, stage: Stage, picture: StoredFile) -> None:
    """``picture`` is the floor as it was drawn, stored already."""
    manager = stage.actors["manager"]
    floor_id = stage.place(FLOOR)
    plan = add_image(session, manager, AddImage(floor_id=floor_id), picture)
    width_mm = FIRST_FLOOR.width_mm
    set_scale(
        session, manager, SetScale(floor_id=floor_id, width_mm=width_mm, version=plan.version)
    )
    for room, category_id, places in STAND:
        pieces = session.scalars(
            queries.pieces_for(manager, floor_id, None)
            .where(Item.place_id == stage.place(f"{FLOOR} › {room}"))
            .where(Item.category_id == category_id)
            .order_by(Item.created_at, Item.id)
            .limit(len(places))
        ).all()
        for piece, (x, y, turn) in zip(pieces, places, strict=False):
            left, top = FIRST_FLOOR.part(x, y)
            put_piece(
                session,
                manager,
                PutPiece(floor_id=floor_id, item_id=piece.id, x=left, y=top, turn=turn, version=0),
            )
