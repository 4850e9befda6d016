"""The picture of a floor and its scale. The file is stored first, the row written second."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.floorplans import events, queries
from app.floorplans.commands import AddImage, SetScale
from app.floorplans.models import FloorImage, FloorPlan, FloorStep
from app.items.service_photo_files import StoredFile
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict, NotFound, Stale
from app.kit.events import change, publish, revise
from app.kit.i18n import N_
from app.places.models import Place

STEPS_KEPT = timedelta(days=30)


class FloorWithoutPlan(Conflict):
    title = N_("Etasjen har ingen plantegning ennå. Last opp et bilde først.")


def add_image(session: Session, actor: Actor, command: AddImage, stored: StoredFile) -> FloorPlan:
    """The picture is shown from now on. Where pieces are drawn stays as it is."""
    actor.must(Permission.PLACE_EDIT)
    floor = session.scalar(
        queries.floors_visible_to(actor)
        .where(Place.id == command.floor_id)
        # Of two first pictures at once, the second finds the plan. Whoever draws a piece holds the
        # plan and refers to the floor: the key stays free for that.
        .with_for_update(of=Place, key_share=True)
    )
    if floor is None:
        raise NotFound(queries.NO_FLOOR)
    plan = _held(session, actor, floor.id)
    now = clock_of(session).now()
    if plan is None:
        plan = FloorPlan(org_id=actor.org_id, floor_id=floor.id, width_mm=None, created_at=now)
        session.add(plan)
    last = session.scalar(
        select(func.max(FloorImage.number)).where(
            FloorImage.org_id == actor.org_id, FloorImage.floor_id == floor.id
        )
    )
    image = FloorImage(
        org_id=actor.org_id,
        floor_id=floor.id,
        number=(last or 0) + 1,
        key=stored.key,
        media_type=stored.media_type,
        sha256=stored.sha256,
        byte_count=stored.byte_count,
        width_px=stored.width_px,
        height_px=stored.height_px,
        person_id=actor.person_id,
        created_at=now,
    )
    session.add(image)
    session.flush()  # the event names it
    event = events.FloorImageAdded.of(floor, actor.person_id, floor_image_id=image.id)
    publish(session, [event])
    return plan


def set_scale(session: Session, actor: Actor, command: SetScale) -> FloorPlan:
    """How wide the picture is in the world, so that pieces are drawn as large as they are.

    Raises ``FloorWithoutPlan`` before there is a picture, ``Stale`` when somebody else was first.
    """
    actor.must(Permission.PLACE_EDIT)
    floor = queries.floor_of(session, actor, command.floor_id)
    plan = held_plan(session, actor, floor.id)
    if plan.version != command.version:
        raise Stale
    changes = change(plan, {"width_mm": command.width_mm})
    session.flush()  # the answer carries the new version
    event = events.FloorScaleSet.of(floor, actor.person_id, width_mm=command.width_mm)
    publish(session, [event])
    revise(session, [(event, changes)])
    return plan


def held_plan(session: Session, actor: Actor, floor_id: object) -> FloorPlan:
    """The floor's plan, held until the end. Raises ``FloorWithoutPlan``."""
    plan = _held(session, actor, floor_id)
    if plan is None:
        raise FloorWithoutPlan(id=str(floor_id))
    return plan


def _held(session: Session, actor: Actor, floor_id: object) -> FloorPlan | None:
    query = queries.plans_visible_to(actor).where(FloorPlan.floor_id == floor_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def image_file(session: Session, actor: Actor, floor_image_id: object) -> FloorImage:
    """A picture of a floor, an earlier one too. Raises ``NotFound``."""
    found = session.scalar(queries.images_visible_to(actor).where(FloorImage.id == floor_image_id))
    if found is None:
        raise NotFound(N_("Fant ikke bildet."))
    return found


def forget_steps(session: Session) -> int:
    """Takes away steps that nobody takes back any more; the events stay."""
    before = clock_of(session).now() - STEPS_KEPT
    return changed_rows(session.execute(delete(FloorStep).where(FloorStep.taken_at < before)))
