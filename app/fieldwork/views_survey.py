"""Surveys as their pages show them, and what the next piece takes over from the last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.catalogue.models import ProductModel
from app.fieldwork import queries_survey
from app.fieldwork.models_survey import Survey
from app.fieldwork.queries_survey import Tally
from app.fieldwork.rules_survey import SurveyState
from app.items import choices
from app.items.measured import ASKED, field_of
from app.items.models import Item
from app.items.queries import items_visible_to, measurements_of
from app.kit.i18n import gettext
from app.places.models import Place
from app.places.queries import places_visible_to
from app.projects.models import Project
from app.projects.queries import projects_visible_to


@dataclass(frozen=True, slots=True)
class Summary:
    """A survey with names for its ids."""

    id: UUID
    name: str
    is_open: bool
    place: str | None
    project_id: UUID | None
    project: str | None
    free_from: date | None
    who: str | None
    started_at: datetime
    finished_at: datetime | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class Last:
    """What the person registered last in the survey."""

    item_id: UUID
    lot_id: UUID
    name: str
    place: str
    count: int


def summaries(session: Session, actor: Actor, rows: Sequence[Survey]) -> list[Summary]:
    """Four queries, however many."""
    tallies = queries_survey.tallies(session, actor, [row.id for row in rows])
    places: dict[Any, str] = _named(
        session,
        places_visible_to(actor)
        .with_only_columns(Place.id, Place.label)
        .where(Place.id.in_({row.place_id for row in rows})),
    )
    projects: dict[Any, str] = _named(
        session,
        projects_visible_to(actor)
        .with_only_columns(Project.id, Project.name)
        .where(Project.id.in_({row.project_id for row in rows})),
    )
    people: dict[Any, str] = _named(
        session,
        select(Person.id, Person.name).where(Person.id.in_({row.person_id for row in rows})),
    )
    return [
        Summary(
            id=row.id,
            name=row.name,
            is_open=row.state is SurveyState.OPEN,
            place=places.get(row.place_id),
            project_id=row.project_id,
            project=projects.get(row.project_id),
            free_from=row.free_from,
            who=people.get(row.person_id),
            started_at=row.started_at,
            finished_at=row.finished_at,
            tally=tallies.get(row.id, Tally()),
        )
        for row in rows
    ]


def _named(session: Session, query: Any) -> dict[Any, str]:
    return {row[0]: row[1] for row in session.execute(query)}


def last_shown(session: Session, actor: Actor, survey_id: UUID) -> Last | None:
    last = queries_survey.last_piece(session, actor, survey_id)
    if last is None:
        return None
    lot = items_visible_to(actor).with_only_columns(func.count()).where(Item.lot_id == last.lot_id)
    place = session.scalar(
        places_visible_to(actor).with_only_columns(Place.label).where(Place.id == last.place_id)
    )
    return Last(last.id, last.lot_id, last.name, place or "", session.scalar(lot) or 0)


def kept_from_last(
    session: Session, actor: Actor, survey: Survey, *, is_like: bool
) -> dict[str, str]:
    """What the form begins with: where and whose the last piece is, and its category.

    ``is_like`` keeps everything else of it too.
    """
    last = queries_survey.last_piece(session, actor, survey.id)
    if last is None:
        return {
            "place_id": str(survey.place_id or ""),
            "owner_unit_id": str(actor.home_unit_id or ""),
        }
    measured = measurements_of(session, actor, [last.id]).get(last.id, {})
    form = choices.typed_from(last, measured)
    if not is_like:
        return {name: form[name] for name in ("place_id", "category_id", "owner_unit_id")}
    for name in ("holder_unit_id", "note", "amount"):
        form.pop(name)
    form["product_model"] = _title(session, actor, last.product_model_id)
    return form


def _title(session: Session, actor: Actor, model_id: UUID | None) -> str:
    row = session.execute(
        select(ProductModel.maker, ProductModel.name).where(
            ProductModel.org_id == actor.org_id, ProductModel.id == model_id
        )
    ).one_or_none()
    return f"{row.maker} {row.name}" if row else ""


def asked_by_category() -> dict[str, Any]:
    """For the script: each category's heading and the fields it asks for, first things first."""
    return {
        category_id: [gettext(asked.heading), *map(field_of, asked.fields)]
        for category_id, asked in ASKED.items()
    }
