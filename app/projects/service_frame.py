"""A project's frame: who takes part, the days of its timeline, and its end."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.kit.text import printable
from app.projects.events import (
    ProjectEnded,
    ProjectMemberRemoved,
    ProjectMemberSet,
    ProjectMilestoneRemoved,
    ProjectMilestoneSet,
    ProjectReopened,
)
from app.projects.models import Project, ProjectMember, ProjectMilestone, Release
from app.projects.queries import members_of, milestones_of, projects_visible_to
from app.projects.queries_release import releases_of
from app.projects.rules import ProjectRole, ProjectState, ProjectVerb, ReleaseState
from app.projects.service_projects import Command, own_projects
from app.projects.service_release import take_off

PERSON_UNKNOWN = N_("Velg en person i virksomheten.")

MilestoneName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(printable),
]


class ProjectNotActive(Conflict):
    title = N_("Bare et prosjekt som er i gang, kan avsluttes.")


class ProjectNotClosed(Conflict):
    title = N_("Prosjektet er ikke avsluttet.")


class PiecesStillAllocated(Conflict):
    title = N_("Møbler fra prosjektet er satt av til noen og ikke hentet ennå.")


class SetMember(Command):
    """Somebody of the organisation takes part; whoever does already, gets the role instead."""

    project_id: UUID
    person_id: UUID
    role: ProjectRole


class RemoveMember(Command):
    project_id: UUID
    person_id: UUID


class SetMilestone(Command):
    """A new day of the timeline, or with ``milestone_id`` another plan for one."""

    project_id: UUID
    milestone_id: UUID | None = None
    name: MilestoneName
    day: date
    is_reached: bool = False


class RemoveMilestone(Command):
    project_id: UUID
    milestone_id: UUID


class CloseProject(Command):
    project_id: UUID


class ReopenProject(Command):
    project_id: UUID


def set_member(
    session: Session, actor: Actor, commands: Sequence[SetMember]
) -> list[ProjectMember]:
    """Raises ``Invalid`` at ``person_id`` for whoever is not of the organisation."""
    actor.must(Permission.PROJECT_EDIT)
    projects = own_projects(session, actor, [each.project_id for each in commands])
    _require_people(session, actor, {each.person_id for each in commands})
    known = _members(session, actor, projects)
    told = []
    for command in commands:
        key = command.project_id, command.person_id
        if key not in known:
            known[key] = ProjectMember(id=new_id(), org_id=actor.org_id, **command.model_dump())
            session.add(known[key])
        known[key].role = command.role.value
        told.append(
            ProjectMemberSet.of(
                projects[command.project_id],
                actor.person_id,
                member_id=command.person_id,
                role=command.role,
            )
        )
    publish(session, told)
    return [known[each.project_id, each.person_id] for each in commands]


def remove_member(session: Session, actor: Actor, commands: Sequence[RemoveMember]) -> None:
    """Raises ``NotFound`` for whoever does not take part."""
    actor.must(Permission.PROJECT_EDIT)
    projects = own_projects(session, actor, [each.project_id for each in commands])
    known = _members(session, actor, projects)
    for command in commands:
        row = known.pop((command.project_id, command.person_id), None)
        if row is None:
            raise NotFound(N_("Personen er ikke med i prosjektet."))
        session.delete(row)
    publish(
        session,
        [
            ProjectMemberRemoved.of(
                projects[each.project_id], actor.person_id, member_id=each.person_id
            )
            for each in commands
        ],
    )


def set_milestone(
    session: Session, actor: Actor, commands: Sequence[SetMilestone]
) -> list[ProjectMilestone]:
    """Raises ``NotFound`` for a milestone that is another project's."""
    actor.must(Permission.PROJECT_EDIT)
    projects = own_projects(session, actor, [each.project_id for each in commands])
    known = _milestones(session, actor, projects)
    now = clock_of(session).now()
    rows = []
    for command in commands:
        if command.milestone_id is None:
            row = ProjectMilestone(
                id=new_id(), org_id=actor.org_id, project_id=command.project_id, created_at=now
            )
            session.add(row)
        else:
            row = _milestone(known, command.project_id, command.milestone_id)
        row.name, row.day, row.is_reached = command.name, command.day, command.is_reached
        rows.append(row)
    publish(
        session,
        [
            ProjectMilestoneSet.of(
                projects[each.project_id],
                actor.person_id,
                milestone_id=each.id,
                day=each.day,
                is_reached=each.is_reached,
            )
            for each in rows
        ],
    )
    return rows


def remove_milestone(session: Session, actor: Actor, commands: Sequence[RemoveMilestone]) -> None:
    actor.must(Permission.PROJECT_EDIT)
    projects = own_projects(session, actor, [each.project_id for each in commands])
    known = _milestones(session, actor, projects)
    for command in commands:
        session.delete(_milestone(known, command.project_id, command.milestone_id))
    publish(
        session,
        [
            ProjectMilestoneRemoved.of(
                projects[each.project_id], actor.person_id, milestone_id=each.milestone_id
            )
            for each in commands
        ],
    )


def close_project(
    session: Session, actor: Actor, commands: Sequence[CloseProject]
) -> list[Project]:
    """Ends projects: nothing of them changes any more, and what they had to release stays behind.

    Raises ``PiecesStillAllocated``, ``ProjectNotActive``, and what those refuse who know of
    something open.
    """
    actor.must(Permission.PROJECT_EDIT)
    projects = own_projects(session, actor, [each.project_id for each in commands])
    ending = list(projects.values())
    for project in ending:
        left = list(session.scalars(releases_of(actor, project.id).with_for_update(of=Release)))
        if aside := [each for each in left if each.state is ReleaseState.ALLOCATED]:
            raise PiecesStillAllocated(
                N_("%(count)s møbler er satt av til noen og ikke hentet. Fri dem først."),
                values={"count": len(aside)},
            )
        take_off(session, actor, left)
    advance(session, ending, ProjectVerb.CLOSE, refused=ProjectNotActive)
    publish(session, [ProjectEnded.of(each, actor.person_id) for each in ending])
    return ending


def reopen_project(
    session: Session, actor: Actor, commands: Sequence[ReopenProject]
) -> list[Project]:
    """Ended projects go on."""
    actor.must(Permission.PROJECT_EDIT)
    wanted = {each.project_id for each in commands}
    query = projects_visible_to(actor).where(Project.id.in_(wanted)).order_by(Project.id)
    locked = query.with_for_update(of=Project).execution_options(populate_existing=True)
    found = list(session.scalars(locked))
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke prosjektet."))
    for project in found:
        actor.must(Permission.PROJECT_EDIT, project.unit_id)
        if project.state is not ProjectState.CLOSED:
            raise ProjectNotClosed
    advance(session, found, ProjectVerb.REOPEN, refused=ProjectNotClosed)
    publish(session, [ProjectReopened.of(each, actor.person_id) for each in found])
    return found


def _require_people(session: Session, actor: Actor, ids: set[UUID]) -> None:
    found = session.scalars(
        select(Membership.person_id).where(
            Membership.org_id == actor.org_id,
            Membership.ended_at.is_(None),
            Membership.person_id.in_(ids),
        )
    )
    if unknown := ids - set(found):
        raise Invalid(by_field={"person_id": PERSON_UNKNOWN}, where={"person_id": unknown})


def _members(
    session: Session, actor: Actor, project_ids: Iterable[UUID]
) -> dict[tuple[UUID, UUID], ProjectMember]:
    rows = session.scalars(members_of(actor, list(project_ids)))
    return {(each.project_id, each.person_id): each for each in rows}


def _milestones(
    session: Session, actor: Actor, project_ids: Iterable[UUID]
) -> dict[UUID, ProjectMilestone]:
    rows = session.scalars(milestones_of(actor, list(project_ids)))
    return {each.id: each for each in rows}


def _milestone(
    known: dict[UUID, ProjectMilestone], project_id: UUID, milestone_id: UUID
) -> ProjectMilestone:
    row = known.get(milestone_id)
    if row is None or row.project_id != project_id:
        raise NotFound(N_("Fant ikke milepælen."))
    return row
