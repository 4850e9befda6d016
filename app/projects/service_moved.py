"""A project's start is moved, and what it releases with it, if its editor says so."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.commands import MOST_PIECES
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext
from app.projects.models import Project, Release
from app.projects.queries import projects_visible_to
from app.projects.queries_claims import lock_before
from app.projects.queries_release import planned_of
from app.projects.service_projects import EditProject
from app.projects.service_projects import edit_project as edit_fields
from app.projects.service_release import EditRelease, edit_release

MOST_MOVED = 5_000
TOO_MANY = N_("Prosjektet frigir mer enn %(most)s møbler. Flytt datoene på frigivelsessiden.")


def edit_project(session: Session, actor: Actor, commands: Sequence[EditProject]) -> list[Project]:
    """As ``service_projects.edit_project``; releases that are not free yet may move along.

    Raises ``Invalid`` at ``move_releases`` for more than MOST_MOVED of a project.
    """
    actor.must(Permission.PROJECT_EDIT)
    moving = [each for each in commands if each.move_releases]
    waiting = {each.project_id: _waiting(session, actor, each.project_id) for each in moving}
    # Pieces before projects, as those lock who fetch them: else each could wait for the other.
    item_ids = sorted(row.item_id for rows in waiting.values() for row in rows)
    for start in range(0, len(item_ids), MOST_PIECES):
        lock_before(session, actor.org_id, item_ids[start : start + MOST_PIECES])
    ids = [each.project_id for each in moving]
    before = {
        each.id: each.from_date
        for each in session.scalars(projects_visible_to(actor).where(Project.id.in_(ids)))
    }
    projects = edit_fields(session, actor, commands)
    for project in projects:
        was, now = before.get(project.id), project.from_date
        if was and now and was != now:
            _move(session, actor, waiting[project.id], now - was)
    return projects


def _waiting(session: Session, actor: Actor, project_id: UUID) -> list[Release]:
    query = planned_of(actor, project_id, clock_of(session).today())
    rows = list(session.scalars(query.order_by(Release.id).limit(MOST_MOVED + 1)))
    if len(rows) > MOST_MOVED:
        raise Invalid(by_field={"move_releases": gettext(TOO_MANY, most=MOST_MOVED)})
    return rows


def _move(session: Session, actor: Actor, rows: Sequence[Release], by: timedelta) -> None:
    """No piece comes free on a day that has passed."""
    today = clock_of(session).today()
    commands = []
    for row in rows:
        first = max(row.free_from + by, today)
        last = None if row.gone_by is None else max(row.gone_by + by, first)
        commands.append(
            EditRelease(release_id=row.id, version=row.version, free_from=first, gone_by=last)
        )
    for start in range(0, len(commands), MOST_PIECES):
        edit_release(session, actor, commands[start : start + MOST_PIECES])
