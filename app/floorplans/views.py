"""A floor's plan as it is shown: what is drawn, what waits to be drawn, and the list by room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import ProductModel
from app.floorplans import queries
from app.floorplans.models import FloorImage, FloorPlan, FloorPosition
from app.floorplans.rules import Sheet
from app.floorplans.service_position import MOST
from app.items.models import Code, Item
from app.items.queries import Pictured, codes_of, main_photo_ids
from app.kit import codes, i18n
from app.places.models import Place
from app.places.queries import places_visible_to, subtree_ids
from app.projects.models import Project

WAITING = 100
"""So many pieces that are not drawn yet are listed; a search finds the rest."""


@dataclass(frozen=True)
class Piece:
    """What a person knows a piece by. Measurements in mm, its own or its model's."""

    id: UUID
    name: str
    code: str
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    photo_id: UUID | None
    place_id: UUID
    place: str

    @property
    def size(self) -> str:
        """«80 × 60 × 74 cm», with a dash where one is unknown; empty when all are."""
        sides = (self.width_mm, self.depth_mm, self.height_mm)
        if not any(sides):
            return ""
        return " × ".join(i18n.number(mm / 10, None) if mm else "–" for mm in sides) + "\xa0cm"


@dataclass(frozen=True)
class Drawn:
    """A piece on the plan, with its middle and its sides in the drawing's units."""

    piece: Piece
    position: FloorPosition
    room_id: UUID | None
    room: str
    comes_from: str
    cx: float
    cy: float
    width: float | None
    depth: float | None
    left: str
    top: str


@dataclass(frozen=True)
class Room:
    """A room in the list; ``name`` is empty for what is in none."""

    id: UUID | None
    name: str
    drawn: Sequence[Drawn]


@dataclass(frozen=True)
class Shown:
    floor: Place
    project: Project | None
    plan: FloorPlan | None
    image: FloorImage | None
    sheet: Sheet | None
    drawn: Sequence[Drawn]
    waiting: Sequence[Piece]
    waiting_count: int
    gone: Sequence[tuple[FloorPosition, Piece]]
    rooms: Sequence[Place]

    def by_room(self) -> list[Room]:
        """The rooms where something is drawn, in their order; what is in no room comes last."""
        order = {each.id: at for at, each in enumerate(self.rooms)}
        found: dict[UUID | None, list[Drawn]] = {}
        for each in self.drawn:
            found.setdefault(each.room_id if each.room_id in order else None, []).append(each)
        last = len(order)
        ids = sorted(found, key=lambda each: order[each] if each is not None else last)
        return [Room(each, found[each][0].room if each else "", found[each]) for each in ids]


def shown(
    session: Session,
    actor: Actor,
    floor: Place,
    project: Project | None,
    *,
    words: str = "",
    with_photos: bool = True,
) -> Shown:
    """Everything of one plan, in a number of queries that does not follow the number of pieces."""
    project_id = project.id if project else None
    plan = queries.plan_of(session, actor, floor.id)
    image = queries.image_of(session, actor, floor.id)
    sheet = queries.sheet_of(plan, image) if plan and image else None
    rooms = queries.rooms_of(session, actor, floor.id)
    belongs = queries.pieces_for(actor, floor.id, project_id)
    positions = list(session.scalars(queries.positions_on(actor, floor.id, project_id)))
    of_positions = Item.id.in_([each.item_id for each in positions])
    here = set(session.scalars(belongs.where(of_positions).with_only_columns(Item.id)))
    placed = _pieces(session, actor, of_positions, MOST, with_photos=with_photos)
    waits = and_(
        # Not «one of those pieces»: without statistics PostgreSQL looks them all up for each.
        *(each for each in (belongs.whereclause,) if each is not None),
        ~exists().where(
            FloorPosition.org_id == Item.org_id,
            FloorPosition.item_id == Item.id,
            FloorPosition.floor_id == floor.id,
            queries.variant(project_id),
        ),
        *_said(words),
    )
    count = session.scalar(
        select(func.count()).select_from(Item).where(Item.org_id == actor.org_id, waits)
    )
    waiting = _pieces(session, actor, waits, WAITING, with_photos=with_photos)
    drawn = []
    if sheet is not None:
        known = {each.id: _within(floor, each) for each in rooms}
        drawn = [
            _drawn(sheet, placed[each.item_id], each, known, is_planned=project is not None)
            for each in positions
            if each.item_id in here and each.item_id in placed
        ]
    gone = [
        (each, placed[each.item_id])
        for each in positions
        if each.item_id not in here and each.item_id in placed
    ]
    return Shown(
        floor, project, plan, image, sheet, drawn, list(waiting.values()), count or 0, gone, rooms
    )


def piece_of(session: Session, actor: Actor, item_id: UUID) -> Piece | None:
    return _pieces(session, actor, Item.id == item_id, 1).get(item_id)


def _said(words: str) -> list[ColumnElement[bool]]:
    """Every word stands in the name, or all of them together are the code."""
    parts = words.split()
    if not parts:
        return []
    in_name = and_(*(Item.name.icontains(each, autoescape=True) for each in parts))
    typed = "".join(parts).replace("-", "").upper()
    has_code = exists().where(
        Code.org_id == Item.org_id,
        Code.item_id == Item.id,
        Code.code.startswith(typed, autoescape=True),
    )
    return [or_(in_name, has_code)]


def _pieces(
    session: Session,
    actor: Actor,
    which: ColumnElement[bool],
    most: int,
    *,
    with_photos: bool = True,
) -> dict[UUID, Piece]:
    """By name, in four queries."""
    rows = session.execute(
        select(
            Item.id,
            Item.name,
            Item.lot_id,
            Item.product_model_id,
            func.coalesce(Item.width_mm, ProductModel.width_mm).label("width_mm"),
            func.coalesce(Item.depth_mm, ProductModel.depth_mm).label("depth_mm"),
            func.coalesce(Item.height_mm, ProductModel.height_mm).label("height_mm"),
            Item.place_id,
            Place.label.label("place"),
        )
        .join(Place, and_(Place.org_id == Item.org_id, Place.id == Item.place_id))
        .outerjoin(
            ProductModel,
            and_(ProductModel.org_id == Item.org_id, ProductModel.id == Item.product_model_id),
        )
        .where(Item.org_id == actor.org_id, which)
        .order_by(Item.name, Item.id)
        .limit(most)
    ).all()
    by_item = codes_of(session, actor, [row.id for row in rows])
    photos: Mapping[UUID, UUID] = {}
    if with_photos:
        of = [Pictured(row.id, row.lot_id, row.product_model_id) for row in rows]
        photos = main_photo_ids(session, actor, of)
    return {
        row.id: Piece(
            id=row.id,
            name=row.name,
            code=codes.grouped(by_item[row.id]) if row.id in by_item else "",
            width_mm=row.width_mm,
            depth_mm=row.depth_mm,
            height_mm=row.height_mm,
            photo_id=photos.get(row.id),
            place_id=row.place_id,
            place=row.place,
        )
        for row in rows
    }


def _within(floor: Place, room: Place) -> str:
    """The room's path below the floor: what is above it, everybody on the page knows."""
    return room.label.removeprefix(floor.label).removeprefix(" › ")


def _drawn(
    sheet: Sheet, piece: Piece, row: FloorPosition, rooms: Mapping[UUID, str], *, is_planned: bool
) -> Drawn:
    room_id = row.room_id if is_planned else piece.place_id
    cx, cy = sheet.drawn(row.x, row.y)
    left, top = sheet.shown(row.x, row.y)
    is_here = piece.place_id in rooms or piece.place_id == row.floor_id
    return Drawn(
        piece=piece,
        position=row,
        room_id=room_id,
        room=rooms.get(room_id, "") if room_id else "",
        comes_from="" if not is_planned or is_here else piece.place,
        cx=cx,
        cy=cy,
        width=sheet.length(piece.width_mm),
        depth=sheet.length(piece.depth_mm),
        left=left,
        top=top,
    )


def floors(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Every floor, with how many pieces are drawn where it has a plan."""
    with_plan = set(
        session.scalars(queries.plans_visible_to(actor).with_only_columns(FloorPlan.floor_id))
    )
    counted = queries.drawn_by_floor(session, actor)
    query = queries.floors_visible_to(actor).order_by(Place.label, Place.id)
    return [
        {
            "floor_id": each.id,
            "label": each.label,
            "has_plan": each.id in with_plan,
            "drawn": counted.get(each.id, 0),
        }
        for each in session.scalars(query)
    ]


def floors_of_project(session: Session, actor: Actor, project: Project) -> list[Place]:
    """Floors with a plan that the project is about: where it is, and where something is drawn."""
    drawn = select(FloorPosition.floor_id).where(
        FloorPosition.org_id == actor.org_id, FloorPosition.project_id == project.id
    )
    near = [Place.id.in_(drawn)]
    if project.place_id is not None:
        near.append(Place.id.in_(queries.around_ids(actor, project.place_id)))
        near.append(Place.id.in_(subtree_ids(actor, project.place_id)))
    has_plan = Place.id.in_(queries.plans_visible_to(actor).with_only_columns(FloorPlan.floor_id))
    query = queries.floors_visible_to(actor).where(has_plan, or_(*near)).order_by(Place.label)
    return list(session.scalars(query.limit(20)))


def floor_around(session: Session, actor: Actor, place: Place) -> Place | None:
    """The floor that the place is or lies on."""
    around = places_visible_to(actor).where(Place.id.in_(queries.around_ids(actor, place.id)))
    query = around.where(Place.id.in_(queries.floors_visible_to(actor).with_only_columns(Place.id)))
    return session.scalar(query.limit(1))
