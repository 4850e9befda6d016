"""Surveys, and how far each has come: pieces, and what is known of them, by room and person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.catalogue.models import ProductModel
from app.fieldwork.models_survey import Survey, SurveyPiece
from app.fieldwork.rules_survey import SurveyState
from app.items.models import Item, Measurement, Photo
from app.items.queries import WRONG
from app.places.models import Place


@dataclass(frozen=True, slots=True)
class Tally:
    """Pieces, and how many have a photo, a measurement, and a condition that somebody judged."""

    pieces: int = 0
    photographed: int = 0
    measured: int = 0
    judged: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.pieces + other.pieces,
            self.photographed + other.photographed,
            self.measured + other.measured,
            self.judged + other.judged,
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """``rooms`` and ``people`` by name, those with the most pieces first; no name is the system."""

    total: Tally
    rooms: list[tuple[UUID, str, Tally]]
    people: list[tuple[str | None, Tally]]


def surveys_visible_to(actor: Actor) -> Select[Survey]:
    return select(Survey).where(Survey.org_id == actor.org_id)


def last_piece(session: Session, actor: Actor, survey_id: UUID) -> Any:
    """The piece that the actor registered last in the survey, to go on from."""
    return session.scalar(
        select(Item)
        .join(SurveyPiece, (SurveyPiece.org_id == Item.org_id) & (SurveyPiece.item_id == Item.id))
        .where(
            Item.org_id == actor.org_id,
            Item.state.not_in(WRONG),
            SurveyPiece.survey_id == survey_id,
            SurveyPiece.person_id == actor.person_id,
        )
        .order_by(SurveyPiece.created_at.desc(), SurveyPiece.id.desc())
        .limit(1)
    )


def last_survey_id(session: Session, actor: Actor) -> UUID | None:
    """The open survey that the actor last began or registered in, else the newest that is open."""
    mine = (
        select(func.max(SurveyPiece.created_at))
        .where(
            SurveyPiece.org_id == Survey.org_id,
            SurveyPiece.survey_id == Survey.id,
            SurveyPiece.person_id == actor.person_id,
        )
        .scalar_subquery()
    )
    begun = case((Survey.person_id == actor.person_id, Survey.started_at))
    latest = func.coalesce(mine, begun)
    return session.scalar(
        surveys_visible_to(actor)
        .with_only_columns(Survey.id)
        .where(Survey.state == SurveyState.OPEN)
        .order_by(case((latest.is_(None), 1), else_=0), latest.desc(), Survey.started_at.desc())
        .limit(1)
    )


def _shows(subject: ColumnElement[Any], piece: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(Photo.org_id == Item.org_id, subject == piece, Photo.removed_at.is_(None))


def _is_photographed() -> ColumnElement[bool]:
    """By a photo of its own, of its lot or of its product model."""
    return or_(
        _shows(Photo.item_id.expression, Item.id.expression),
        _shows(Photo.lot_id.expression, Item.lot_id.expression),
        _shows(Photo.product_model_id.expression, Item.product_model_id.expression),
    )


def _is_measured() -> ColumnElement[bool]:
    """At least one measurement, its own or its product model's."""
    own = or_(*(column.is_not(None) for column in (Item.width_mm, Item.depth_mm, Item.height_mm)))
    model = (ProductModel.width_mm, ProductModel.depth_mm, ProductModel.height_mm)
    return or_(
        own,
        exists().where(Measurement.org_id == Item.org_id, Measurement.item_id == Item.id),
        exists().where(
            ProductModel.org_id == Item.org_id,
            ProductModel.id == Item.product_model_id,
            or_(*(column.is_not(None) for column in model)),
        ),
    )


def _counted(actor: Actor, survey_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    """Count of pieces and of what is known of them, survey by survey."""

    def how_many(fact: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((fact, 1), else_=0))

    return (
        select(
            func.count().label("pieces"),
            how_many(_is_photographed()).label("photographed"),
            how_many(_is_measured()).label("measured"),
            how_many(SurveyPiece.is_judged.is_(True)).label("judged"),
        )
        .select_from(SurveyPiece)
        .join(Item, and_(Item.org_id == SurveyPiece.org_id, Item.id == SurveyPiece.item_id))
        .where(
            SurveyPiece.org_id == actor.org_id,
            SurveyPiece.survey_id.in_(survey_ids),
            Item.state.not_in(WRONG),
        )
    )


def tallies(session: Session, actor: Actor, survey_ids: Sequence[UUID]) -> dict[UUID, Tally]:
    """One query, however many surveys; one without pieces is left out."""
    rows = session.execute(
        _counted(actor, survey_ids)
        .add_columns(SurveyPiece.survey_id)
        .group_by(SurveyPiece.survey_id)
    )
    return {row.survey_id: _tally(row) for row in rows}


def _tally(row: Any) -> Tally:
    return Tally(row.pieces, row.photographed, row.measured, row.judged)


def progress(session: Session, actor: Actor, survey_id: UUID) -> Progress:
    """Three queries: the counts by room and person, and the names of both."""
    rows = session.execute(
        _counted(actor, [survey_id])
        .add_columns(Item.place_id, SurveyPiece.person_id)
        .group_by(Item.place_id, SurveyPiece.person_id)
    ).all()
    rooms: dict[UUID, Tally] = {}
    people: dict[UUID | None, Tally] = {}
    for row in rows:
        rooms[row.place_id] = rooms.get(row.place_id, Tally()) + _tally(row)
        people[row.person_id] = people.get(row.person_id, Tally()) + _tally(row)
    labels = _names(
        session,
        select(Place.id, Place.label).where(Place.org_id == actor.org_id, Place.id.in_(rooms)),
    )
    named = _names(session, select(Person.id, Person.name).where(Person.id.in_(people)))
    return Progress(
        total=sum(rooms.values(), Tally()),
        rooms=[(each, labels[each], rooms[each]) for each in _most_first(rooms, labels)],
        people=[(named.get(each), people[each]) for each in _most_first(people, named)],
    )


def _names(session: Session, query: Select[*tuple[Any, ...]]) -> dict[Any, str]:
    return dict(map(tuple, session.execute(query)))


def _most_first(tallies_by_id: dict[Any, Tally], names: dict[Any, str]) -> list[Any]:
    return sorted(
        tallies_by_id, key=lambda each: (-tallies_by_id[each].pieces, names.get(each, ""))
    )
