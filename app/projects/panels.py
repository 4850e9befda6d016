"""Which project releases a piece, on the piece's page."""

from typing import Any

from sqlalchemy import and_
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items import names as item_names
from app.items.models import Item
from app.items.queries_piece import Signs
from app.items.rules import PRESENT
from app.kit.i18n import gettext
from app.projects import names
from app.projects.models import Project, Release
from app.projects.queries_release import is_live
from app.projects.views import state_tag

Panel = tuple[str, dict[str, Any]] | None

SIGNS = Signs(
    columns=(
        ("release_id", Release.id),
        ("release_state", Release.state),
        ("release_fate", Release.fate),
        ("release_free_from", Release.free_from),
        ("release_gone_by", Release.gone_by),
        ("release_project_id", Project.id),
        ("release_project", Project.name),
    ),
    joined=(
        (
            Release,
            and_(
                Release.org_id == Item.org_id,
                Release.item_id == Item.id,
                is_live(),
            ),
        ),
        (Project, and_(Project.org_id == Release.org_id, Project.id == Release.project_id)),
    ),
)
"""What the piece's page asks beforehand, in its own statement."""


def piece(_session: Session, actor: Actor, subject: Any) -> Panel:
    """The plan for a piece that a project releases, or the way to put it on one."""
    may_edit = subject.state in PRESENT and actor.may(
        Permission.PROJECT_EDIT, subject.owner_unit_id
    )
    if subject.release_id is None and not may_edit:
        return None
    is_on = subject.release_id is not None
    return "projects/panel_piece.html", {
        "item_id": subject.id,
        "is_on": is_on,
        "project_id": subject.release_project_id,
        "project": subject.release_project,
        "state": state_tag(names.RELEASE_STATES[subject.release_state]) if is_on else None,
        "fate": gettext(item_names.FATES[subject.release_fate]) if is_on else None,
        "free_from": subject.release_free_from,
        "gone_by": subject.release_gone_by,
        "may_edit": may_edit,
    }
