"""The way to a floor's plan from the pages of its places and of projects."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.floorplans import queries, views
from app.places.models import Place
from app.projects.models import Project

Panel = tuple[str, dict[str, Any]] | None


def place(session: Session, actor: Actor, subject: Place) -> Panel:
    """On a floor and in its rooms; without a plan only for who may add one, on the floor itself."""
    floor = views.floor_around(session, actor, subject)
    if floor is None:
        return None
    has_plan = queries.plan_of(session, actor, floor.id) is not None
    may_add = floor.id == subject.id and actor.may(Permission.PLACE_EDIT)
    if not has_plan and not may_add:
        return None
    return "floorplans/panel_place.html", {"floor_id": floor.id, "has_plan": has_plan}


def project(session: Session, actor: Actor, subject: Project) -> Panel:
    """The floors that the project is about, as they will be."""
    floors = views.floors_of_project(session, actor, subject)
    if not floors:
        return None
    return "floorplans/panel_project.html", {"floors": floors, "project_id": subject.id}
