"""Where pieces go that a plan has set aside, for the form of their handover."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.queries import unit_choices
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.handovers.rules import MOST_PIECES
from app.handovers.service_aside import lines_waiting, user_cases
from app.handovers.service_trips import only
from app.handovers.views import piece_rows
from app.impact.rules import UserCase
from app.items.models import Item
from app.items.queries import items_visible_to
from app.kit.errors import NotFound
from app.places.queries import place_choices
from app.projects.models import ProgrammeLine, Project


def meant(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> dict[str, str]:
    """The form as the plan has it: the project's unit, the line's place, and who uses the pieces.

    Where only some move along, the form does not ask: each piece goes as it was planned.
    """
    cases = user_cases(session, actor, item_ids)
    is_mixed = 0 < len(cases) < len(set(item_ids))
    form = {"as_planned": "1"} if is_mixed else {}
    if cases and not is_mixed:
        form["user_case"] = UserCase.MOVES_ALONG.value
    rows = _lines(session, actor, item_ids)
    unit_id = only({project.unit_id for _, project in rows})
    place_id = only({line.place_id or project.place_id for line, project in rows})
    return {
        **form,
        **({"to_unit_id": str(unit_id)} if unit_id else {}),
        **({"to_place_id": str(place_id)} if place_id else {}),
    }


def for_run(
    session: Session, actor: Actor, posted: Sequence[UUID | str], form: Mapping[str, str]
) -> dict[str, Any]:
    """Pieces nobody ordered, for the form of a run sheet, with where their plan has them go.

    ``posted`` are ids as they were asked for, ``form`` what was typed. Raises ``NotFound`` for a
    piece that is another organisation's, or none.
    """
    ids = ids_of(posted)
    if not ids:
        return {"others": [], "other_form": {}}
    found = items_visible_to(actor).where(Item.id.in_(ids)).order_by(Item.name, Item.id)
    items = list(session.scalars(found))
    if len(items) < len(set(ids)):
        raise NotFound
    rows = piece_rows(session, actor, items)
    return {
        "others": [rows[each.id] for each in items],
        "other_form": {**meant(session, actor, ids), **form},
        "other_ids": ids,
        "units": unit_choices(session, actor),
        "places": place_choices(session, actor),
    }


def ids_of(posted: Sequence[UUID | str]) -> list[UUID]:
    """Those that are ids, at most what a run sheet holds."""
    found = []
    for each in posted[:MOST_PIECES]:
        with suppress(ValueError):  # as it was posted
            found.append(UUID(str(each)))
    return found


def waiting(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> list[Mapping[str, object]]:
    """The lines that the pieces are set aside for, with their projects."""
    rows = _lines(session, actor, item_ids)
    codes = {line.category_id for line, _ in rows}
    named = {
        each.id: category_name(each)
        for each in session.scalars(select(Category).where(Category.id.in_(codes)))
    }
    return [
        {"line_id": line.id, "category": named[line.category_id], "project": project.name}
        for line, project in rows
    ]


def _lines(
    session: Session, actor: Actor, item_ids: Sequence[UUID]
) -> list[tuple[ProgrammeLine, Project]]:
    line_ids = set(lines_waiting(session, actor, item_ids).values()) if item_ids else set()
    if not line_ids:
        return []
    found = session.execute(
        select(ProgrammeLine, Project)
        .join(
            Project,
            (Project.org_id == ProgrammeLine.org_id) & (Project.id == ProgrammeLine.project_id),
        )
        .where(ProgrammeLine.org_id == actor.org_id, ProgrammeLine.id.in_(line_ids))
        .order_by(ProgrammeLine.created_at, ProgrammeLine.id)
    )
    return [(row[0], row[1]) for row in found]
