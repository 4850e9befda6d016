"""Pieces are put on a project, which releases them, and taken off it again."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.commands import MOST_PIECES
from app.items.events import ItemDeleted, ItemMerged
from app.items.rules import Fate
from app.items.service_lifecycle import refusals
from app.kit.bulk import new_ids
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Problem, Stale
from app.kit.events import Change, Changes, Event, change, publish, revise, subjects
from app.kit.i18n import N_
from app.kit.states import advance
from app.projects.events import (
    ItemReleaseCancelled,
    ItemReleaseEdited,
    ItemReleaseFreed,
    ItemReleasePlanned,
)
from app.projects.models import Project, Release
from app.projects.queries import held_together, projects_visible_to
from app.projects.queries_claims import lock_before, promised
from app.projects.queries_release import (
    due,
    is_live,
    live_of_pieces,
    project_names,
    releases_visible_to,
    set_aside,
)
from app.projects.rules import LIVE, ProjectState, ReleaseState, ReleaseVerb
from app.projects.service_projects import Command, ProjectClosed, own_projects

NO_DATE = N_("Prosjektet har ingen startdato. Oppgi når møblene blir ledige.")
DATE_PASSED = N_("Datoen er passert. Velg i dag eller senere.")
GONE_TOO_EARLY = N_("Møblene kan ikke være borte før de er ledige.")
FREE_ALREADY = N_("Møbelet er alt ledig fra prosjektet. Ta det av og sett det på igjen.")


class PieceOnProjectAlready(Conflict):
    title = N_("Møbelet står alt på et prosjekt.")


class PiecePromised(Conflict):
    title = N_("Møbelet er lovet bort, og kan ikke frigis av prosjektet.")


class PieceNotOnProject(Conflict):
    title = N_("Møbelet står ikke lenger på prosjektet.")


class PlanRelease(Command):
    """Pieces that come free with the project, from its first day unless another is named.

    A first day that has passed means today.
    """

    project_id: UUID
    item_ids: list[UUID] = Field(min_length=1, max_length=MOST_PIECES)
    fate: Fate = Fate.OFFER
    free_from: date | None = None
    gone_by: date | None = None


class EditRelease(Command):
    """Fields that are absent stay as they are; ``version`` is the one the editor saw."""

    release_id: UUID
    version: int
    fate: Fate | None = None
    free_from: date | None = None
    gone_by: date | None = None


class CancelRelease(Command):
    """The piece stays where it is and is no longer the project's to release."""

    release_id: UUID


def plan_release(session: Session, actor: Actor, commands: Sequence[PlanRelease]) -> list[Release]:
    """Puts pieces on projects, all or none.

    Raises ``PieceOnProjectAlready``, ``ItemNotThere``, ``ProjectClosed``, and ``Invalid`` where no
    date can be found or one has passed.
    """
    actor.must(Permission.PROJECT_EDIT)
    ids = [each for command in commands for each in command.item_ids]
    if len(set(ids)) < len(ids):
        raise PieceOnProjectAlready
    for problem in release_refusals(session, actor, ids).values():
        raise problem
    projects = own_projects(session, actor, [each.project_id for each in commands])
    made: list[Release] = []
    for command in commands:
        project = projects[command.project_id]
        days = _days(session, project, command)
        made += _put(session, actor, project, command.item_ids, command.fate, *days)
    return made


def release_refusals(
    session: Session, actor: Actor, item_ids: Sequence[UUID]
) -> dict[UUID, Problem]:
    """Those of the pieces that no project can be given, and why; all are locked from now on."""
    actor.must(Permission.PROJECT_EDIT)
    found = refusals(session, actor, item_ids, Permission.PROJECT_EDIT)
    on_one = releases_visible_to(actor).where(Release.item_id.in_(item_ids), is_live())
    taken = session.scalars(on_one.with_only_columns(Release.item_id))
    theirs = promised(session, actor.org_id, item_ids)
    theirs |= set(session.scalars(set_aside(actor.org_id, item_ids)))
    told: dict[UUID, Problem] = {each: PiecePromised() for each in theirs}
    return told | {each: PieceOnProjectAlready() for each in taken} | found


def check_plan(session: Session, actor: Actor, command: PlanRelease) -> None:
    """What is wrong whatever the pieces are. Raises ``Invalid``, ``NotFound``, ``ProjectClosed``.

    It locks nothing: the pieces are locked before the project.
    """
    actor.must(Permission.PROJECT_EDIT)
    project = session.scalar(projects_visible_to(actor).where(Project.id == command.project_id))
    if project is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    actor.must(Permission.PROJECT_EDIT, project.unit_id)
    if project.state is ProjectState.CLOSED:
        raise ProjectClosed
    _days(session, project, command)


def release_registered(
    session: Session, actor: Actor, project_id: UUID, item_ids: Sequence[UUID], free_from: date
) -> list[Release]:
    """New pieces onto the project they were surveyed for; part of their registration.

    Who may register may do this: the survey says which project. One that was closed meanwhile
    takes no more, and the registration stands. Phones that survey for one project hold it together;
    only who changes or closes it waits.
    """
    actor.must(Permission.ITEM_REGISTER)
    project = session.scalars(held_together(actor, project_id)).one()
    if project.state is ProjectState.CLOSED:
        return []
    return _put(session, actor, project, item_ids, Fate.OFFER, free_from, None)


def _days(session: Session, project: Project, command: PlanRelease) -> tuple[date, date | None]:
    today = clock_of(session).today()
    errors = {}
    first = command.free_from
    if first is None:
        if project.from_date is None:
            raise Invalid(by_field={"free_from": NO_DATE})
        first = max(project.from_date, today)
    elif first < today:
        errors["free_from"] = DATE_PASSED
    if command.gone_by is not None and command.gone_by < first:
        errors["gone_by"] = GONE_TOO_EARLY
    if errors:
        raise Invalid(by_field=errors)
    return first, command.gone_by


def _put(
    session: Session,
    actor: Actor,
    project: Project,
    item_ids: Sequence[UUID],
    fate: Fate,
    free_from: date,
    gone_by: date | None,
) -> list[Release]:
    now = clock_of(session).now()
    is_free = free_from <= clock_of(session).today()
    shared = {
        "org_id": actor.org_id,
        "project_id": project.id,
        "state": ReleaseState.FREE if is_free else ReleaseState.PLANNED,
        "fate": fate,
        "free_from": free_from,
        "gone_by": gone_by,
        "person_id": actor.person_id,
        "created_at": now,
        "version": 1,
    }
    rows = [
        {**shared, "id": row_id, "item_id": item_id}
        for row_id, item_id in zip(new_ids(len(item_ids)), item_ids, strict=True)
    ]
    try:
        with session.begin_nested():
            # The index is the judge: a piece may be new, and then there was nothing to lock.
            made = list(session.scalars(insert(Release).returning(Release), rows))
    except IntegrityError as error:
        raise PieceOnProjectAlready from error
    told: list[tuple[Event, Changes]] = [
        (
            ItemReleasePlanned(
                **of_release(each, actor.person_id),
                project_id=project.id,
                fate=fate,
                free_from=free_from,
            ),
            {
                "project": Change(None, project.name),
                "fate": Change(None, fate),
                "free_from": Change(None, free_from),
            },
        )
        for each in made
    ]
    publish(session, [event for event, _ in told])
    revise(session, told)
    return made


def edit_release(session: Session, actor: Actor, commands: Sequence[EditRelease]) -> list[Release]:
    """Another plan for pieces. Raises ``Stale``, ``PieceNotOnProject`` and ``Invalid``."""
    actor.must(Permission.PROJECT_EDIT)
    ids = [each.release_id for each in commands]
    # Their listings move along with the day.
    of_items = (
        releases_visible_to(actor).where(Release.id.in_(ids)).with_only_columns(Release.item_id)
    )
    lock_before(session, actor.org_id, session.scalars(of_items).all())
    rows = _own(session, actor, ids)
    today = clock_of(session).today()
    told: list[tuple[Event, Changes]] = []
    for command in commands:
        row = rows[command.release_id]
        if row.version != command.version:
            raise Stale(version=row.version)
        if row.state not in LIVE:
            raise PieceNotOnProject(id=str(row.id))
        values = _new_values(command, row, today)
        changes = change(row, values)
        if changes:
            event = ItemReleaseEdited(
                **of_release(row, actor.person_id),
                project_id=row.project_id,
                moved_to=row.free_from if "free_from" in changes else None,
                moved_from=changes["free_from"].before if "free_from" in changes else None,
            )
            told.append((event, changes))
    publish(session, [event for event, _ in told])
    revise(session, told)
    free_reached(
        session, [each for each in rows.values() if each.free_from <= today], actor.person_id
    )
    return [rows[each.release_id] for each in commands]


def _new_values(command: EditRelease, row: Release, today: date) -> dict[str, Any]:
    names = command.model_fields_set - {"release_id", "version"}
    values = {name: getattr(command, name) for name in names}
    # Of these none can be empty: a form's empty field says "as it is".
    values = {
        name: value for name, value in values.items() if value is not None or name == "gone_by"
    }
    first: date = values.get("free_from", row.free_from)
    last = values.get("gone_by", row.gone_by)
    errors = {}
    if first != row.free_from:
        if first < today:
            errors["free_from"] = DATE_PASSED
        elif row.state is ReleaseState.FREE and first > today:
            errors["free_from"] = FREE_ALREADY
    if last is not None and last != row.gone_by and last < today:
        errors["gone_by"] = DATE_PASSED
    elif last is not None and last < first:
        errors["gone_by"] = GONE_TOO_EARLY
    if errors:
        raise Invalid(by_field=errors)
    return values


def cancel_release(
    session: Session, actor: Actor, commands: Sequence[CancelRelease]
) -> list[Release]:
    """Takes pieces off their projects. Raises ``PieceNotOnProject`` when one is off already."""
    actor.must(Permission.PROJECT_EDIT)
    rows = _own(session, actor, [each.release_id for each in commands])
    _cancel(session, list(rows.values()), {each.item_id: actor.person_id for each in rows.values()})
    return [rows[each.release_id] for each in commands]


def take_off(session: Session, actor: Actor, rows: Sequence[Release]) -> None:
    """What a project that ends had left to release; part of its end. The rows are locked."""
    if rows:
        _cancel(session, rows, {each.item_id: actor.person_id for each in rows})


def _cancel(session: Session, rows: Sequence[Release], people: Mapping[UUID, UUID | None]) -> None:
    """``people`` says by whom, for each piece."""
    advance(session, rows, ReleaseVerb.CANCEL, refused=PieceNotOnProject)
    names = project_names(session, rows)
    told: list[tuple[Event, Changes]] = [
        (
            ItemReleaseCancelled(
                **of_release(each, people[each.item_id]), project_id=each.project_id
            ),
            {"project": Change(names[each.project_id], None)},
        )
        for each in rows
    ]
    publish(session, [event for event, _ in told])
    revise(session, told)


def _own(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Release]:
    """The releases by id, locked, each of a project the actor may edit and that is not closed."""
    wanted = set(ids)
    query = releases_visible_to(actor).where(Release.id.in_(wanted)).order_by(Release.id)
    project_ids = session.scalars(query.with_only_columns(Release.project_id)).all()
    if len(project_ids) < len(wanted):
        raise NotFound(N_("Fant ikke møbelet på prosjektet."))
    # The projects first, as those do who put pieces on them: else each could wait for the other.
    own_projects(session, actor, project_ids)
    locking = query.with_for_update(of=Release).execution_options(populate_existing=True)
    return {each.id: each for each in session.scalars(locking)}


def of_release(row: Release, person_id: UUID | None) -> dict[str, Any]:
    """What every event of a release says: its subject is the piece."""
    return {
        "org_id": row.org_id,
        "subject_id": row.item_id,
        "person_id": person_id,
        "release_id": row.id,
    }


def free_reached(session: Session, rows: Sequence[Release], person_id: UUID | None) -> None:
    """Those of the rows that are planned, and whose day the caller knows has come."""
    reached = [each for each in rows if each.state is ReleaseState.PLANNED]
    advance(session, reached, ReleaseVerb.FREE, refused=PieceNotOnProject)
    publish(
        session,
        [
            ItemReleaseFreed(**of_release(each, person_id), project_id=each.project_id)
            for each in reached
        ],
    )


def free_due(session: Session) -> int:
    """Pieces whose day has come are free from their projects. By the clock, in every organisation."""
    rows = session.scalars(due(clock_of(session).today())).all()
    free_reached(session, rows, None)
    return len(rows)


def keep_off(session: Session, events: Sequence[ItemDeleted | ItemMerged]) -> None:
    """Subscribes to mistaken registrations: a piece that never was is released by no project."""
    people = {event.subject_id: event.person_id for event in events}
    for org_id, item_ids in subjects(events).items():
        rows = session.scalars(live_of_pieces(org_id, item_ids)).all()
        if rows:
            _cancel(session, rows, people)
