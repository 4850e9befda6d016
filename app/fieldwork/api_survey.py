"""Surveys as JSON. A phone without coverage sends to these when it is back."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import queries_survey
from app.fieldwork import service_survey as service
from app.fieldwork.models_survey import Survey
from app.fieldwork.queries_survey import Tally
from app.fieldwork.rules_survey import SurveyState
from app.fieldwork.service_survey import BeginSurvey, OfSurvey, RegisterInSurvey
from app.items.commands import Registrations
from app.items.queries import codes_of
from app.kit.answers import answered
from app.kit.db import Database
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.pointing import places_of
from app.kit.web import Answer, Db, IdempotencyKey, link_next

router = APIRouter(prefix="/surveys", tags=["field work"])


class TallyOut(BaseModel):
    """Pieces, and how many have a photo, a measurement, and a condition that somebody judged."""

    pieces: int
    photographed: int
    measured: int
    judged: int

    @classmethod
    def of(cls, tally: Tally) -> "TallyOut":
        return cls(
            pieces=tally.pieces,
            photographed=tally.photographed,
            measured=tally.measured,
            judged=tally.judged,
        )


class SurveyOut(BaseModel):
    """A campaign of registration."""

    id: UUID
    state: SurveyState
    name: str
    place_id: UUID | None
    project_id: UUID | None
    free_from: date | None
    person_id: UUID | None
    started_at: datetime
    finished_at: datetime | None
    total: TallyOut

    @classmethod
    def all(cls, session: Session, actor: Actor, rows: list[Survey]) -> list["SurveyOut"]:
        session.flush()  # the counts are read from the database
        tallies = queries_survey.tallies(session, actor, [row.id for row in rows])
        return [
            cls(
                id=row.id,
                state=row.state,
                name=row.name,
                place_id=row.place_id,
                project_id=row.project_id,
                free_from=row.free_from,
                person_id=row.person_id,
                started_at=row.started_at,
                finished_at=row.finished_at,
                total=TallyOut.of(tallies.get(row.id, Tally())),
            )
            for row in rows
        ]


class RoomOut(TallyOut):
    place_id: UUID
    label: str


class PersonOut(TallyOut):
    """``name`` is empty for the system."""

    name: str | None


class SurveyReport(SurveyOut):
    """With its progress by room and by person."""

    rooms: list[RoomOut]
    people: list[PersonOut]


class RegisteredOut(BaseModel):
    """A piece that was registered, with the code on its label."""

    id: UUID
    lot_id: UUID
    name: str
    code: str | None


@router.get("", response_model=list[SurveyOut], name="surveys:list")
def list_surveys(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> Answer:
    """The newest first."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = keyset(
            session,
            queries_survey.surveys_visible_to(actor),
            [(Survey.started_at.expression, True), (Survey.id.expression, True)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda row: (row.started_at, row.id),
        )
        out = SurveyOut.all(session, actor, found.rows)
    body = [each.model_dump(mode="json") for each in out]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.post("", response_model=SurveyOut, status_code=201)
def begin(command: BeginSurvey, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    def call(session: Session) -> SurveyOut:
        return SurveyOut.all(session, actor, [service.begin(session, actor, command)])[0]

    return answered(db, actor, key, [command], call, 201)


@router.get("/{survey_id}", response_model=SurveyReport, name="surveys:get")
def show(survey_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        row = session.scalar(queries_survey.surveys_visible_to(actor).where(Survey.id == survey_id))
        if row is None:
            raise NotFound(N_("Fant ikke kartleggingen."))
        found = queries_survey.progress(session, actor, row.id)
        out = SurveyReport(
            **SurveyOut.all(session, actor, [row])[0].model_dump(),
            rooms=[
                RoomOut(place_id=place_id, label=label, **TallyOut.of(tally).model_dump())
                for place_id, label, tally in found.rooms
            ],
            people=[
                PersonOut(name=name, **TallyOut.of(tally).model_dump())
                for name, tally in found.people
            ],
        )
    return JSONResponse(out.model_dump(mode="json"))


@router.post("/{survey_id}/pieces", response_model=list[RegisteredOut], status_code=201)
def register(
    survey_id: UUID,
    pieces: Annotated[Registrations, Body()],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """As ``POST /items``, counted in the survey and put on its project, if it has one.

    Also in a survey that was finished meanwhile.
    """
    actor.must(Permission.ITEM_REGISTER)
    command = RegisterInSurvey(survey_id=survey_id, pieces=pieces)

    def call(session: Session) -> list[RegisteredOut]:
        try:
            items = service.register(session, actor, command).items
        except Invalid as problem:
            problem.places = places_of(problem, pieces)  # the body is the list itself
            raise
        codes = codes_of(session, actor, [item["id"] for item in items])
        return [
            RegisteredOut(
                id=item["id"],
                lot_id=item["lot_id"],
                name=item["name"],
                code=codes.get(item["id"]),
            )
            for item in items
        ]

    return answered(db, actor, key, [command], call, 201)


def _step(
    db: Database,
    actor: Actor,
    key: str | None,
    survey_id: UUID,
    verb: Callable[[Session, Actor, OfSurvey], Survey],
) -> Answer:
    command = OfSurvey(survey_id=survey_id)

    def call(session: Session) -> SurveyOut:
        return SurveyOut.all(session, actor, [verb(session, actor, command)])[0]

    return answered(db, actor, key, [command], call)


@router.post("/{survey_id}/finish", response_model=SurveyOut)
def finish(survey_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return _step(db, actor, key, survey_id, service.finish)


@router.post("/{survey_id}/reopen", response_model=SurveyOut)
def reopen(survey_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return _step(db, actor, key, survey_id, service.reopen)
