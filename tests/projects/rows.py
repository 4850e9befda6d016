"""Rows these tests need, made in one line each."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.projects.models import ProgrammeLine, Project
from app.projects.service import AddLine, StartProject, add_lines, start_project
from tests.people import Organised


def a_project(session: Session, actor: Actor, org: Organised, **changes: Any) -> Project:
    fields = {"name": "Lensmannslia", "unit_id": org.unit_id, **changes}
    return start_project(session, actor, [StartProject.model_validate(fields)])[0]


def a_line(session: Session, actor: Actor, project: Project, **changes: Any) -> ProgrammeLine:
    fields = {"project_id": project.id, "category_id": "CHAIR_TASK", "quantity": 2, **changes}
    return add_lines(session, actor, [AddLine.model_validate(fields)])[0]
