"""Surveys: begun, ended, and the pieces registered in them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork import events
from app.fieldwork.models_survey import Survey, SurveyPiece
from app.fieldwork.queries_survey import surveys_visible_to
from app.fieldwork.rules_survey import SurveyState, SurveyVerb
from app.items.commands import Command, Register, Registrations
from app.items.queries import ids_of
from app.items.service import Registration
from app.items.service_register import registered
from app.kit.bulk import insert_rows, new_ids
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import change, publish, revise
from app.kit.i18n import N_
from app.kit.states import advance
from app.kit.text import Name
from app.places.models import Place
from app.projects.models import Project
from app.projects.queries import projects_visible_to
from app.projects.rules import ProjectState
from app.projects.service import ProjectClosed, release_registered
from app.projects.service_release import NO_DATE


class SurveyEnded(Conflict):
    title = N_("Dette kan ikke gjøres slik kartleggingen er nå.")


class SurveyIdTaken(Conflict):
    """The phone's id is another survey's."""

    title = N_("Denne kartleggingen finnes alt et annet sted.")


class BeginSurvey(Command):
    """``id`` may be made by a phone that has no coverage yet.

    ``free_from`` is when what is registered for the project comes free: its first day unless said.
    """

    id: UUID | None = None
    name: Name
    place_id: UUID | None = None
    project_id: UUID | None = None
    free_from: date | None = None


class OfSurvey(Command):
    """A verb that needs nothing but the survey."""

    survey_id: UUID


class RegisterInSurvey(OfSurvey):
    """Pieces met on the walk. A condition that is not named counts as not judged."""

    pieces: Registrations


def begin(session: Session, actor: Actor, command: BeginSurvey) -> Survey:
    """The phone's own id that comes a second time is the survey it began, as it is sent last.

    Raises ``Invalid`` for a place or project that is not the organisation's, or no date.
    """
    actor.must(Permission.ITEM_REGISTER)
    known = _known(session, actor, command)
    if known is not None and _says_the_same(known, command):
        return known
    errors = {}
    if command.place_id and not session.scalar(ids_of(actor, Place, [command.place_id])):
        errors["place_id"] = N_("Velg et av virksomhetens steder.")
    free_from = _free_from(session, actor, command, errors)
    if errors:
        raise Invalid(by_field=errors)
    values = {
        "name": command.name,
        "place_id": command.place_id,
        "project_id": command.project_id,
        "free_from": free_from,
    }
    if known is None:
        row = Survey(
            id=command.id or new_id(),
            org_id=actor.org_id,
            state=SurveyState.OPEN,
            person_id=actor.person_id,
            started_at=clock_of(session).now(),
            **values,
        )
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()  # an id that is taken is met here, inside the savepoint
        except IntegrityError as error:
            # The form that was thought lost may have been stored in this very moment.
            known = _known(session, actor, command)
            if known is None:
                raise SurveyIdTaken(id=str(command.id)) from error
        else:
            publish(session, [events.SurveyBegun.of(row, actor.person_id)])
            return row
    return _corrected(session, actor, known, values)


def _says_the_same(known: Survey, command: BeginSurvey) -> bool:
    same = all(
        getattr(known, name) == getattr(command, name)
        for name in ("name", "place_id", "project_id")
    )
    return same and command.free_from in (None, known.free_from)


def _corrected(session: Session, actor: Actor, row: Survey, values: Mapping[str, Any]) -> Survey:
    """Its beginning was mended on the phone after it had arrived."""
    changes = change(row, values)
    if changes:
        event = events.SurveyCorrected.of(row, actor.person_id)
        publish(session, [event])
        revise(session, [(event, changes)])
    return row


def _known(session: Session, actor: Actor, command: BeginSurvey) -> Survey | None:
    """The phone has sent its beginning before, under another key or as a form."""
    if command.id is None:
        return None
    mine = surveys_visible_to(actor).where(Survey.person_id == actor.person_id)
    return session.scalar(mine.where(Survey.id == command.id))


def _free_from(
    session: Session, actor: Actor, command: BeginSurvey, errors: dict[str, str]
) -> date | None:
    if command.project_id is None:
        if command.free_from is not None:
            errors["project_id"] = N_("Velg prosjektet møblene blir ledige fra.")
        return None
    query = projects_visible_to(actor).where(Project.id == command.project_id)
    project = session.scalar(query)
    if project is None:
        errors["project_id"] = N_("Velg et av virksomhetens prosjekter.")
        return None
    if project.state is ProjectState.CLOSED:
        errors["project_id"] = ProjectClosed.title
    found = command.free_from or project.from_date
    if found is None:
        errors["free_from"] = NO_DATE
    return found


def finish(session: Session, actor: Actor, command: OfSurvey) -> Survey:
    """The walk is over. A phone that was without coverage may still send what it registered."""
    actor.must(Permission.ITEM_REGISTER)
    row = _survey(session, actor, command.survey_id)
    ended = {"finished_at": clock_of(session).now()}
    advance(session, [row], SurveyVerb.FINISH, refused=SurveyEnded, values=ended)
    publish(session, [events.SurveyFinished.of(row, actor.person_id)])
    return row


def reopen(session: Session, actor: Actor, command: OfSurvey) -> Survey:
    """It was ended too early."""
    actor.must(Permission.ITEM_REGISTER)
    row = _survey(session, actor, command.survey_id)
    advance(session, [row], SurveyVerb.REOPEN, refused=SurveyEnded, values={"finished_at": None})
    publish(session, [events.SurveyReopened.of(row, actor.person_id)])
    return row


def register(session: Session, actor: Actor, command: RegisterInSurvey) -> Registration:
    """New pieces as ``items`` registers them, which count in the survey from now on.

    A survey for a project puts them on it.
    """
    actor.must(Permission.ITEM_REGISTER)
    survey = _survey(session, actor, command.survey_id)
    new = registered(session, actor, command.pieces)
    judged = [each for piece in command.pieces for each in [_is_judged(piece)] * piece.quantity]
    rows = [
        {"id": row_id, "item_id": item["id"], "is_judged": is_judged}
        for row_id, item, is_judged in zip(new_ids(len(new.items)), new.items, judged, strict=True)
    ]
    shared = {
        "org_id": actor.org_id,
        "survey_id": survey.id,
        "person_id": actor.person_id,
        "created_at": clock_of(session).now(),
    }
    insert_rows(session, SurveyPiece.metadata.tables["survey_piece"], rows, shared=shared)
    if survey.project_id is not None and survey.free_from is not None:
        first = max(survey.free_from, clock_of(session).today())
        ids = [item["id"] for item in new.items]
        release_registered(session, actor, survey.project_id, ids, first)
    return new


def _is_judged(piece: Register) -> bool:
    return "condition" in piece.model_fields_set


def _survey(session: Session, actor: Actor, survey_id: UUID) -> Survey:
    row = session.scalar(surveys_visible_to(actor).where(Survey.id == survey_id))
    if row is None:
        raise NotFound(N_("Fant ikke kartleggingen."))
    return row
