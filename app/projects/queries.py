"""What may be seen of projects, and the sums of their programme."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.queries import people_visible_to
from app.catalogue.queries import GROUP_NAMES, categories, category_name
from app.kit.i18n import gettext
from app.places.models import Place
from app.projects.models import (
    Fulfilment,
    ProgrammeLine,
    Project,
    ProjectMember,
    ProjectMilestone,
)
from app.projects.rules import LineState, ProjectState


def projects_visible_to(actor: Actor) -> Select[Project]:
    """The organisation's projects: everybody in it may see what is being built."""
    return select(Project).where(Project.org_id == actor.org_id)


def held_together(actor: Actor, project_id: UUID) -> Select[Project]:
    """The project as it stays until the end, for any number of holders at once."""
    query = projects_visible_to(actor).where(Project.id == project_id)
    return query.with_for_update(of=Project, read=True).execution_options(populate_existing=True)


def lines_visible_to(actor: Actor) -> Select[ProgrammeLine]:
    return select(ProgrammeLine).where(ProgrammeLine.org_id == actor.org_id)


def fulfilments_visible_to(actor: Actor) -> Select[Fulfilment]:
    """Standing fulfilments: what was undone is left out."""
    return select(Fulfilment).where(
        Fulfilment.org_id == actor.org_id, Fulfilment.undone_at.is_(None)
    )


def lines_of(actor: Actor, project_id: UUID) -> Select[ProgrammeLine]:
    """A project's lines in the order they were added."""
    return (
        lines_visible_to(actor)
        .where(ProgrammeLine.project_id == project_id)
        .order_by(ProgrammeLine.created_at, ProgrammeLine.id)
    )


def members_of(actor: Actor, project_ids: Sequence[UUID]) -> Select[ProjectMember]:
    """Who takes part in projects."""
    return select(ProjectMember).where(
        ProjectMember.org_id == actor.org_id, ProjectMember.project_id.in_(project_ids)
    )


def members_named(
    session: Session, actor: Actor, project_id: UUID
) -> list[tuple[ProjectMember, str]]:
    """Who takes part in a project, by name."""
    query = (
        members_of(actor, [project_id])
        .add_columns(Person.name)
        .join(Person, Person.id == ProjectMember.person_id)
        .order_by(Person.name, Person.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def people_choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """The organisation's people by name, as a select wants them."""
    found = session.execute(people_visible_to(actor).order_by(Person.name, Person.id))
    return [(str(row.id), row.name) for row in found]


def milestones_of(actor: Actor, project_ids: Sequence[UUID]) -> Select[ProjectMilestone]:
    """The days of projects' timelines in order."""
    return (
        select(ProjectMilestone)
        .where(
            ProjectMilestone.org_id == actor.org_id, ProjectMilestone.project_id.in_(project_ids)
        )
        .order_by(ProjectMilestone.day, ProjectMilestone.created_at, ProjectMilestone.id)
    )


def _sum(
    actor: Actor, columns: Sequence[Any], where: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns, Fulfilment.source, func.count())
        .select_from(Fulfilment)
        .join(
            ProgrammeLine,
            (ProgrammeLine.org_id == Fulfilment.org_id)
            & (ProgrammeLine.id == Fulfilment.programme_line_id),
        )
        .where(Fulfilment.org_id == actor.org_id, Fulfilment.undone_at.is_(None), where)
        .group_by(*columns, Fulfilment.source)
    )


def fulfilled_by_line(actor: Actor, line_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    """(line, source, number of standing fulfilments)."""
    return _sum(actor, [Fulfilment.programme_line_id], Fulfilment.programme_line_id.in_(line_ids))


def fulfilled_by_project(actor: Actor, project_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    """(project, source, number of standing fulfilments)."""
    return _sum(actor, [ProgrammeLine.project_id], ProgrammeLine.project_id.in_(project_ids))


def needed_by_project(actor: Actor, project_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    """(project, state of line, number of lines, pieces needed)."""
    return (
        select(
            ProgrammeLine.project_id,
            ProgrammeLine.state,
            func.count(),
            func.sum(ProgrammeLine.quantity),
        )
        .where(ProgrammeLine.org_id == actor.org_id, ProgrammeLine.project_id.in_(project_ids))
        .group_by(ProgrammeLine.project_id, ProgrammeLine.state)
    )


def standing_count(actor: Actor, line_ids: Sequence[UUID]) -> Select[UUID, int]:
    """How many pieces meet each line now."""
    return (
        select(Fulfilment.programme_line_id, func.count())
        .where(
            Fulfilment.org_id == actor.org_id,
            Fulfilment.undone_at.is_(None),
            Fulfilment.programme_line_id.in_(line_ids),
        )
        .group_by(Fulfilment.programme_line_id)
    )


def programme_sums(actor: Actor, project_id: UUID) -> Select[*tuple[Any, ...]]:
    """(number of lines that stand, of cancelled ones, pieces that standing lines still lack)."""
    met = (
        select(Fulfilment.programme_line_id, func.count().label("pieces"))
        .join(
            ProgrammeLine,
            (ProgrammeLine.org_id == Fulfilment.org_id)
            & (ProgrammeLine.id == Fulfilment.programme_line_id),
        )
        .where(
            Fulfilment.org_id == actor.org_id,
            Fulfilment.undone_at.is_(None),
            ProgrammeLine.project_id == project_id,
        )
        .group_by(Fulfilment.programme_line_id)
        .subquery()
    )
    stands = ProgrammeLine.state != LineState.CANCELLED
    lacks = ProgrammeLine.quantity - func.coalesce(met.c.pieces, 0)
    return (
        select(
            func.count().filter(stands).label("lines"),
            func.count().filter(~stands).label("cancelled"),
            func.coalesce(func.sum(lacks).filter(stands, lacks > 0), 0).label("open"),
        )
        .select_from(ProgrammeLine)
        .outerjoin(met, met.c.programme_line_id == ProgrammeLine.id)
        .where(ProgrammeLine.org_id == actor.org_id, ProgrammeLine.project_id == project_id)
    )


def named(session: Session, model: Any, actor: Actor, ids: set[Any]) -> dict[UUID, str]:
    """Names by id of the organisation's own rows."""
    rows = session.execute(
        select(model.id, model.name).where(model.org_id == actor.org_id, model.id.in_(ids))
    )
    return {row[0]: row[1] for row in rows}


def place_labels(session: Session, actor: Actor, ids: set[UUID | None]) -> dict[Any, str]:
    """Readable paths of places by id."""
    rows = session.execute(
        select(Place.id, Place.label).where(Place.org_id == actor.org_id, Place.id.in_(ids))
    )
    return {row[0]: row[1] for row in rows}


def all_projects(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Every project by name, as a select wants them."""
    return _choices(session, projects_visible_to(actor))


def open_projects(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Projects that are not closed, by name, as a select wants them."""
    return _choices(session, projects_visible_to(actor).where(Project.state != ProjectState.CLOSED))


def _choices(session: Session, query: Select[Project]) -> list[tuple[str, str]]:
    named = query.with_only_columns(Project.id, Project.name).order_by(Project.name, Project.id)
    return [(str(row.id), row.name) for row in session.execute(named)]


def category_choices(session: Session) -> list[tuple[str, list[tuple[str, str]]]]:
    """All categories, grouped, as the select macro wants them."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for category in session.scalars(categories()):
        groups[category.group].append((category.id, category_name(category)))
    return [
        (gettext(text), sorted(groups[group], key=lambda each: each[1]))
        for group, text in GROUP_NAMES.items()
        if groups[group]
    ]
