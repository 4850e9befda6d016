"""Which floors have a plan, and which pieces belong on it: as it is now, or as a project will."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.floorplans.models import FloorImage, FloorPlan, FloorPosition, FloorStep
from app.floorplans.rules import Sheet
from app.items.models import Item
from app.items.queries import items_visible_to
from app.items.rules import PRESENT, ItemState
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.places.models import Place, PlaceKind
from app.places.queries import places_visible_to, subtree_ids
from app.projects.models import ProgrammeLine, Project, Release
from app.projects.models_allocation import PlanAllocation
from app.projects.queries import projects_visible_to
from app.projects.queries_release import is_live

NO_FLOOR = N_("Fant ikke etasjen.")
HERE = (ItemState.DRAFT, ItemState.IN_USE, ItemState.AVAILABLE)
"""What stands where it is registered."""
COMING = tuple(sorted(PRESENT - {ItemState.LOST}))
"""What a project can still get: in a workshop and on its way too."""


def floors_visible_to(actor: Actor) -> Select[Place]:
    return places_visible_to(actor).where(Place.kind == PlaceKind.FLOOR)


def floor_of(session: Session, actor: Actor, floor_id: UUID) -> Place:
    """Raises ``NotFound`` for what is no floor of the organisation."""
    found = session.scalar(floors_visible_to(actor).where(Place.id == floor_id))
    if found is None:
        raise NotFound(NO_FLOOR)
    return found


def project_of(session: Session, actor: Actor, project_id: UUID | None) -> Project | None:
    """The project whose plan is meant; nothing means as it is now. Raises ``NotFound``."""
    if project_id is None:
        return None
    actor.must(Permission.PROJECT_READ)
    found = session.scalar(projects_visible_to(actor).where(Project.id == project_id))
    if found is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    return found


def plans_visible_to(actor: Actor) -> Select[FloorPlan]:
    return select(FloorPlan).where(FloorPlan.org_id == actor.org_id)


def plan_of(session: Session, actor: Actor, floor_id: UUID) -> FloorPlan | None:
    return session.scalar(plans_visible_to(actor).where(FloorPlan.floor_id == floor_id))


def images_visible_to(actor: Actor) -> Select[FloorImage]:
    return select(FloorImage).where(FloorImage.org_id == actor.org_id)


def image_of(session: Session, actor: Actor, floor_id: UUID) -> FloorImage | None:
    """The newest picture of the floor."""
    query = images_visible_to(actor).where(FloorImage.floor_id == floor_id)
    return session.scalar(query.order_by(FloorImage.number.desc()).limit(1))


def sheet_of(plan: FloorPlan, image: FloorImage) -> Sheet:
    return Sheet(image.width_px, image.height_px, plan.width_mm)


def variant(project_id: UUID | None) -> ColumnElement[bool]:
    """Positions as it is now, or those of a project."""
    if project_id is None:
        return FloorPosition.project_id.is_(None)
    return FloorPosition.project_id == project_id


def positions_visible_to(actor: Actor) -> Select[FloorPosition]:
    return select(FloorPosition).where(FloorPosition.org_id == actor.org_id)


def positions_on(actor: Actor, floor_id: UUID, project_id: UUID | None) -> Select[FloorPosition]:
    """Of the floor, by the number that stands on the plan."""
    return (
        positions_visible_to(actor)
        .where(FloorPosition.floor_id == floor_id, variant(project_id))
        .order_by(FloorPosition.number, FloorPosition.id)
    )


def last_step(actor: Actor, floor_id: UUID, project_id: UUID | None) -> Select[FloorStep]:
    """The last step of the caller that is not taken back."""
    return (
        _steps_on(actor, floor_id, project_id)
        .where(FloorStep.person_id == actor.person_id, FloorStep.undone_at.is_(None))
        .order_by(FloorStep.number.desc())
        .limit(1)
    )


def last_number(actor: Actor, floor_id: UUID, project_id: UUID | None) -> Select[int | None]:
    """The highest number that a step gave on the plan, or took off it."""
    numbers = func.coalesce(
        FloorStep.after["number"].as_integer(), FloorStep.before["number"].as_integer()
    )
    return _steps_on(actor, floor_id, project_id).with_only_columns(func.max(numbers))


def _steps_on(actor: Actor, floor_id: UUID, project_id: UUID | None) -> Select[FloorStep]:
    of: ColumnElement[bool] = FloorStep.project_id == project_id
    if project_id is None:
        of = FloorStep.project_id.is_(None)
    return select(FloorStep).where(
        FloorStep.org_id == actor.org_id, FloorStep.floor_id == floor_id, of
    )


def around_ids(actor: Actor, floor_id: UUID) -> Select[UUID]:
    """The floor and everything it lies in, as a sub-query for ``IN``."""
    up = (
        select(Place.id, Place.parent_id)
        .where(Place.org_id == actor.org_id, Place.id == floor_id)
        .cte("floor_around", recursive=True)
    )
    above = select(Place.id, Place.parent_id).where(
        Place.org_id == actor.org_id, Place.id == up.c.parent_id
    )
    up = up.union_all(above)
    return select(up.c.id)


def pieces_for(actor: Actor, floor_id: UUID, project_id: UUID | None) -> Select[Item]:
    """What can be drawn on the floor.

    As it is now: what is registered on it, parts with the whole they sit on. As a project will have
    it: that, without what the project releases or has set aside for another floor, and with what its
    plan has set aside for lines whose place is the floor, one of its rooms, something around it, or
    not said.
    """
    wholes = items_visible_to(actor).where(Item.parent_id.is_(None))
    below = subtree_ids(actor, floor_id)  # one for both: a statement names it once
    stands = and_(Item.place_id.in_(below), Item.state.in_(HERE))
    if project_id is None:
        return wholes.where(stands)
    leaves = exists().where(
        Release.org_id == Item.org_id,
        Release.item_id == Item.id,
        Release.project_id == project_id,
        is_live(),
    )
    is_for_here = or_(
        ProgrammeLine.place_id.is_(None),
        ProgrammeLine.place_id.in_(below),
        ProgrammeLine.place_id.in_(around_ids(actor, floor_id)),
    )
    comes = _set_aside(project_id, is_for_here)
    goes = _set_aside(project_id, and_(ProgrammeLine.place_id.is_not(None), ~is_for_here))
    return wholes.where(or_(and_(stands, ~leaves, ~goes), and_(comes, Item.state.in_(COMING))))


def _set_aside(project_id: UUID, whose: ColumnElement[bool]) -> ColumnElement[bool]:
    """For a line of the project of which that is true."""
    return exists().where(
        PlanAllocation.org_id == Item.org_id,
        PlanAllocation.item_id == Item.id,
        PlanAllocation.ended_at.is_(None),
        ProgrammeLine.org_id == PlanAllocation.org_id,
        ProgrammeLine.id == PlanAllocation.programme_line_id,
        ProgrammeLine.project_id == project_id,
        whose,
    )


def rooms_of(session: Session, actor: Actor, floor_id: UUID) -> Sequence[Place]:
    """The rooms and storages of the floor, by name."""
    query = places_visible_to(actor).where(
        Place.id.in_(subtree_ids(actor, floor_id)), Place.id != floor_id
    )
    return session.scalars(query.order_by(Place.label, Place.id)).all()


def wanted_rooms(
    session: Session, actor: Actor, project_id: UUID, item_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """Where the lines of the plan want these pieces."""
    rows = session.execute(
        select(PlanAllocation.item_id, ProgrammeLine.place_id)
        .join(
            ProgrammeLine,
            and_(
                ProgrammeLine.org_id == PlanAllocation.org_id,
                ProgrammeLine.id == PlanAllocation.programme_line_id,
            ),
        )
        .where(
            PlanAllocation.org_id == actor.org_id,
            PlanAllocation.item_id.in_(item_ids),
            PlanAllocation.ended_at.is_(None),
            ProgrammeLine.project_id == project_id,
            ProgrammeLine.place_id.is_not(None),
        )
    )
    return {item_id: place_id for item_id, place_id in rows if place_id is not None}


def drawn_by_floor(session: Session, actor: Actor) -> dict[UUID, int]:
    """How many pieces are drawn on each floor as it is now."""
    rows = session.execute(
        select(FloorPosition.floor_id, func.count())
        .where(FloorPosition.org_id == actor.org_id, FloorPosition.project_id.is_(None))
        .group_by(FloorPosition.floor_id)
    )
    return {row[0]: row[1] for row in rows}
