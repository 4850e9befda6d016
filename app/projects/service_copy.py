"""A programme that begins as another project's."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_
from app.projects.models import ProgrammeLine, Project
from app.projects.queries import lines_of, projects_visible_to
from app.projects.rules import LineState
from app.projects.service_programme import AddLine, add_lines
from app.projects.service_projects import Command

OWN_PROGRAMME = N_("Dette er prosjektets eget program. Velg et annet prosjekt.")
NOTHING_THERE = N_("Prosjektet har ingen linjer å hente.")
COPIED = (
    "category_id",
    "quantity",
    "requirement",
    "width_min_mm",
    "width_max_mm",
    "depth_min_mm",
    "depth_max_mm",
    "height_min_mm",
    "height_max_mm",
    "condition",
    "suitability",
)
"""What was asked for. Where and when is the other project's own."""


class CopyLines(Command):
    """What another project needs, but for its cancelled lines, places and dates."""

    project_id: UUID
    from_project_id: UUID = Field(description="The project whose programme is copied.")


def copy_lines(
    session: Session, actor: Actor, commands: Sequence[CopyLines]
) -> list[ProgrammeLine]:
    """Raises ``NotFound``, and ``Invalid`` at ``from_project_id`` for itself and where nothing is."""
    actor.must(Permission.PROJECT_EDIT)
    new: list[AddLine] = []
    for command in commands:
        if command.from_project_id == command.project_id:
            raise Invalid(by_field={"from_project_id": OWN_PROGRAMME})
        source = projects_visible_to(actor).where(Project.id == command.from_project_id)
        if session.scalar(source) is None:
            raise NotFound(N_("Fant ikke prosjektet."))
        query = lines_of(actor, command.from_project_id)
        found = session.scalars(query.where(ProgrammeLine.state != LineState.CANCELLED)).all()
        if not found:
            raise Invalid(by_field={"from_project_id": NOTHING_THERE})
        new += [
            AddLine(
                project_id=command.project_id,
                **{name: getattr(line, name) for name in COPIED},
            )
            for line in found
        ]
    return add_lines(session, actor, new)
