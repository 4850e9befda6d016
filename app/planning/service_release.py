"""Releases in bulk: what of the inventory comes free, another plan for many, and onto the market."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.models_survey import SurveyPiece
from app.items.commands import MOST_PIECES
from app.items.filters import InventoryFilter
from app.items.models import Item
from app.items.queries_list import is_narrowed, pieces_in
from app.items.rules import Fate
from app.kit.db import clock_of
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_, gettext
from app.marketplace.commands import Offer
from app.marketplace.models import Listing
from app.marketplace.service_listing import offer, offer_refusals
from app.projects.models import Release
from app.projects.queries_release import releases_of
from app.projects.service import (
    CancelRelease,
    EditRelease,
    PlanRelease,
    cancel_release,
    check_plan,
    edit_release,
    plan_release,
    release_refusals,
)
from app.projects.service_projects import Command

MOST_AT_ONCE = 5_000
NOTHING_CHOSEN = N_("Velg sted, kategori, kartlegging eller et annet utvalg.")
NOTHING_LEFT = N_("Ingen av disse møblene kan settes på prosjektet.")
NOTHING_TO_CHANGE = N_("Velg hva som skal endres.")
NOTHING_TO_OFFER = N_("Ingen av møblene skal tilbys, eller de ligger alt på markedet.")

Ids = Annotated[list[UUID], Field(min_length=1, max_length=MOST_PIECES)]


class ReleaseFrom(Command):
    """All pieces that the inventory's filter finds, those of a survey, or those that both name.

    What is on a project already, or promised to somebody, is left as it is.
    """

    project_id: UUID
    pieces: InventoryFilter = InventoryFilter()
    survey_id: UUID | None = None
    fate: Fate = Fate.OFFER
    free_from: date | None = None
    gone_by: date | None = None


class Replan(Command):
    """Another plan for pieces of a project; what is empty stays as it is."""

    project_id: UUID
    release_ids: Ids
    fate: Fate | None = None
    free_from: date | None = None
    gone_by: date | None = None


class TakeOff(Command):
    project_id: UUID
    release_ids: Ids


class OfferReleased(Command):
    """The pieces that are to be offered, onto the market from their days."""

    project_id: UUID
    release_ids: Ids


@dataclass(frozen=True, slots=True)
class PutOn:
    """``made`` are on the project now; so many were ``left`` because they could not be."""

    made: int
    left: int


def release_from(session: Session, actor: Actor, command: ReleaseFrom) -> PutOn:
    """Raises ``Invalid`` where nothing narrows, nothing is found, too much is, or a date is wrong."""
    actor.must(Permission.PROJECT_EDIT)
    if not is_narrowed(command.pieces) and command.survey_id is None:
        raise Invalid(by_field={"pieces": NOTHING_CHOSEN})
    query = pieces_in(session, actor, command.pieces)
    if command.survey_id is not None:
        query = query.where(
            Item.id.in_(
                select(SurveyPiece.item_id).where(
                    SurveyPiece.org_id == actor.org_id, SurveyPiece.survey_id == command.survey_id
                )
            )
        )
    found = list(session.scalars(query.limit(MOST_AT_ONCE + 1)))
    if len(found) > MOST_AT_ONCE:
        text = gettext(N_("Det er mer enn %(most)s møbler. Snevr inn."), most=MOST_AT_ONCE)
        raise Invalid(by_field={"pieces": text})
    plan = {
        "project_id": command.project_id,
        "fate": command.fate,
        "free_from": command.free_from,
        "gone_by": command.gone_by,
    }
    if found:
        check_plan(session, actor, PlanRelease(item_ids=found[:1], **plan))
    ids = sorted(found)
    refused: set[UUID] = set()
    for start in range(0, len(ids), MOST_PIECES):
        refused |= set(release_refusals(session, actor, ids[start : start + MOST_PIECES]))
    left = [each for each in ids if each not in refused]
    if not left:
        raise Invalid(by_field={"pieces": NOTHING_LEFT})
    commands = [
        PlanRelease(item_ids=left[start : start + MOST_PIECES], **plan)
        for start in range(0, len(left), MOST_PIECES)
    ]
    return PutOn(len(plan_release(session, actor, commands)), len(refused))


def replan(session: Session, actor: Actor, command: Replan) -> list[Release]:
    """Raises ``Invalid`` at the field, for all of them or none."""
    actor.must(Permission.PROJECT_EDIT)
    given = {
        name: value
        for name in ("fate", "free_from", "gone_by")
        if (value := getattr(command, name)) is not None
    }
    if not given:
        raise Invalid(by_field={"fate": NOTHING_TO_CHANGE})
    rows = _of_project(session, actor, command.project_id, command.release_ids)
    commands = [EditRelease(release_id=each.id, version=each.version, **given) for each in rows]
    return edit_release(session, actor, commands)


def take_off(session: Session, actor: Actor, command: TakeOff) -> list[Release]:
    actor.must(Permission.PROJECT_EDIT)
    rows = _of_project(session, actor, command.project_id, command.release_ids)
    return cancel_release(session, actor, [CancelRelease(release_id=each.id) for each in rows])


def offer_released(session: Session, actor: Actor, command: OfferReleased) -> list[Listing]:
    """One listing for like pieces of one day. What is out already, or not to be, stays as it is.

    Raises ``Invalid`` where none is left.
    """
    actor.must(Permission.LISTING_PUBLISH)
    rows = _of_project(session, actor, command.project_id, command.release_ids)
    wanted = [each for each in rows if each.fate is Fate.OFFER]
    refused = offer_refusals(session, actor, [each.item_id for each in wanted])
    today = clock_of(session).today()
    by_days: dict[tuple[date, date | None], list[UUID]] = defaultdict(list)
    for each in wanted:
        is_over = each.gone_by is not None and each.gone_by < today
        if each.item_id not in refused and not is_over:
            by_days[max(each.free_from, today), each.gone_by].append(each.item_id)
    if not by_days:
        raise Invalid(by_field={"release_ids": NOTHING_TO_OFFER})
    offers = [
        Offer(item_ids=ids, from_date=first, until_date=last)
        for (first, last), ids in by_days.items()
    ]
    return offer(session, actor, offers)


def _of_project(
    session: Session, actor: Actor, project_id: UUID, ids: Sequence[UUID]
) -> list[Release]:
    """Raises ``NotFound`` for one that is not the project's, or not any more."""
    query = releases_of(actor, project_id).where(Release.id.in_(set(ids)))
    rows = list(session.scalars(query.order_by(Release.id)))
    if len(rows) < len(set(ids)):
        raise NotFound(N_("Fant ikke møbelet på prosjektet."))
    return rows
