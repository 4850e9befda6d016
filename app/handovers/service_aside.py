"""What a plan has set aside goes to the line it waits for, and to nobody else meanwhile."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact.rules import UserCase
from app.kit.errors import Conflict
from app.kit.i18n import N_
from app.projects.queries_release import moving_along, planned_lines


class PiecePlannedFor(Conflict):
    title = N_("Møbelet er satt av i en plan. Frigi det fra linjen først.")


def lines_waiting(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The line that each of the pieces is set aside for; the others are left out."""
    found = session.execute(planned_lines(actor.org_id, item_ids))
    return {row[0]: row[1] for row in found}


def require_unplanned(
    session: Session, actor: Actor, item_ids: Sequence[UUID], line_id: UUID | None = None
) -> None:
    """Raises ``PiecePlannedFor`` for what is set aside, unless for this line."""
    for item_id, waiting in lines_waiting(session, actor, item_ids).items():
        if waiting != line_id:
            raise PiecePlannedFor(id=str(item_id))


def user_cases(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> Mapping[UUID, UserCase]:
    """Who uses the pieces afterwards, where their project has said that they move along."""
    found = session.scalars(moving_along(actor.org_id, item_ids))
    return dict.fromkeys(found, UserCase.MOVES_ALONG)
