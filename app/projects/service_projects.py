"""Projects: started, edited, and set going."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import change, publish, revise
from app.kit.i18n import N_
from app.kit.states import advance
from app.kit.text import printable
from app.places.models import Place
from app.projects.events import ProjectEdited, ProjectStarted
from app.projects.models import Project
from app.projects.queries import projects_visible_to
from app.projects.rules import ProjectKind, ProjectState, ProjectVerb

MOST_ORE = 10_000_000_000_000
"""100 billion kroner: more than any furniture budget, and safe to add up in 64 bits."""

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=160),
    AfterValidator(printable),
]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(printable)
]

UNIT_UNKNOWN = N_("Velg en enhet i virksomheten.")
PLACE_UNKNOWN = N_("Velg et sted i virksomheten.")
DATES_TURNED = N_("Slutten kan ikke komme før starten.")
FILL_IN = N_("Fyll ut feltet.")


class ProjectClosed(Conflict):
    title = N_("Prosjektet er avsluttet og kan ikke endres.")


class ProjectStartedAlready(Conflict):
    title = N_("Prosjektet er alt i gang.")


class Command(BaseModel):
    """An unknown field is refused: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class StartProject(Command):
    """A new project. ``is_planned`` keeps it from counting as under way."""

    name: Name
    kind: ProjectKind = ProjectKind.MOVE
    unit_id: UUID
    place_id: UUID | None = None
    from_date: date | None = None
    until_date: date | None = None
    budget_ore: int | None = Field(default=None, ge=0, le=MOST_ORE)
    budget_warn_percent: int = Field(default=80, ge=1, le=100)
    budget_is_limit: bool = False
    goal_percent: int | None = Field(default=None, ge=0, le=100)
    all_new_brief: bool = False
    description: Text | None = None
    is_planned: bool = False

    @field_validator("until_date")
    @classmethod
    def _ends_after_it_starts(cls, until: date | None, known: ValidationInfo) -> date | None:
        start = known.data.get("from_date")
        if start and until and until < start:
            raise ValueError(DATES_TURNED)
        return until


class EditProject(Command):
    """Fields that are absent stay as they are; ``version`` is the one the editor saw.

    ``move_releases`` moves what the project releases by as many days as its start.
    """

    project_id: UUID
    version: int
    move_releases: bool = False
    name: Name | None = None
    kind: ProjectKind | None = None
    unit_id: UUID | None = None
    place_id: UUID | None = None
    from_date: date | None = None
    until_date: date | None = None
    budget_ore: int | None = Field(default=None, ge=0, le=MOST_ORE)
    budget_warn_percent: int | None = Field(default=None, ge=1, le=100)
    budget_is_limit: bool | None = None
    goal_percent: int | None = Field(default=None, ge=0, le=100)
    all_new_brief: bool | None = None
    description: Text | None = None


NEVER_EMPTY = (
    "name",
    "kind",
    "unit_id",
    "all_new_brief",
    "budget_warn_percent",
    "budget_is_limit",
)


class BeginProject(Command):
    project_id: UUID


def start_project(
    session: Session, actor: Actor, commands: Sequence[StartProject]
) -> list[Project]:
    """Begins projects, each with the organisation's next number. Raises ``Invalid``."""
    actor.must(Permission.PROJECT_EDIT)
    for command in commands:
        actor.must(Permission.PROJECT_EDIT, command.unit_id)
    require_units(session, actor, [each.unit_id for each in commands])
    require_places(session, actor, [each.place_id for each in commands])
    now = clock_of(session).now()
    projects = [
        Project(
            **command.model_dump(exclude={"is_planned"}),
            id=new_id(),
            org_id=actor.org_id,
            number=next_number(session, actor.org_id, "project"),
            state=ProjectState.PLANNED if command.is_planned else ProjectState.ACTIVE,
            created_at=now,
        )
        for command in commands
    ]
    session.add_all(projects)
    publish(
        session,
        [ProjectStarted.of(each, actor.person_id, unit_id=each.unit_id) for each in projects],
    )
    return projects


def edit_project(session: Session, actor: Actor, commands: Sequence[EditProject]) -> list[Project]:
    """Changes fields of projects. Raises ``Stale`` when somebody else was first."""
    actor.must(Permission.PROJECT_EDIT)
    projects = own_projects(session, actor, [each.project_id for each in commands])
    revisions = []
    for command in commands:
        project = projects[command.project_id]
        if project.version != command.version:
            raise Stale(version=project.version)
        values = _given(command)
        if "unit_id" in values:
            actor.must(Permission.PROJECT_EDIT, values["unit_id"])
            require_units(session, actor, [values["unit_id"]])
        require_places(session, actor, [values.get("place_id")])
        start = values.get("from_date", project.from_date)
        end = values.get("until_date", project.until_date)
        if start and end and end < start:
            raise Invalid(by_field={"until_date": DATES_TURNED})
        changes = change(project, values)
        if changes:
            revisions.append((ProjectEdited.of(project, actor.person_id), changes))
    publish(session, [event for event, _ in revisions])
    revise(session, revisions)
    return [projects[each.project_id] for each in commands]


def begin_project(
    session: Session, actor: Actor, commands: Sequence[BeginProject]
) -> list[Project]:
    """Sets planned projects going."""
    actor.must(Permission.PROJECT_EDIT)
    projects = own_projects(session, actor, [each.project_id for each in commands])
    begun = list(projects.values())
    advance(session, begun, ProjectVerb.START, refused=ProjectStartedAlready)
    publish(session, [ProjectEdited.of(each, actor.person_id) for each in begun])
    return begun


def _given(command: EditProject) -> dict[str, Any]:
    names = command.model_fields_set - {"project_id", "version", "move_releases"}
    values = {name: getattr(command, name) for name in names}
    empty = {name: FILL_IN for name in NEVER_EMPTY if name in values and values[name] is None}
    if empty:
        raise Invalid(by_field=empty)
    return values


def own_projects(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Project]:
    """The projects by id, locked, each one the actor may edit and none of them closed."""
    wanted = set(ids)
    query = projects_visible_to(actor).where(Project.id.in_(wanted)).order_by(Project.id)
    locked = query.with_for_update(of=Project).execution_options(populate_existing=True)
    found = {each.id: each for each in session.scalars(locked)}
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke prosjektet."))
    for project in found.values():
        actor.must(Permission.PROJECT_EDIT, project.unit_id)
        if project.state is ProjectState.CLOSED:
            raise ProjectClosed
    return found


def require_units(session: Session, actor: Actor, ids: Sequence[UUID | None]) -> None:
    """Raises ``Invalid`` at ``unit_id`` unless all are units of the organisation."""
    wanted = {each for each in ids if each}
    found = session.scalars(select(Unit.id).where(Unit.org_id == actor.org_id, Unit.id.in_(wanted)))
    if unknown := wanted - set(found):
        raise Invalid(by_field={"unit_id": UNIT_UNKNOWN}, where={"unit_id": unknown})


def require_places(session: Session, actor: Actor, ids: Sequence[UUID | None]) -> None:
    """Raises ``Invalid`` at ``place_id`` unless all are places of the organisation."""
    wanted = {each for each in ids if each}
    if not wanted:
        return
    found = session.scalars(
        select(Place.id).where(Place.org_id == actor.org_id, Place.id.in_(wanted))
    )
    if unknown := wanted - set(found):
        raise Invalid(by_field={"place_id": PLACE_UNKNOWN}, where={"place_id": unknown})
