"""What was done to many pieces at once, and what has become of them since."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.fieldwork.models import BulkAction, BulkActionLine
from app.kit.events import EventRow, Revision


def bulk_actions_visible_to(actor: Actor) -> Select[BulkAction]:
    return select(BulkAction).where(BulkAction.org_id == actor.org_id)


def lines_of(actor: Actor, bulk_action_id: UUID) -> Select[BulkActionLine]:
    """What was refused first, then in the order of the list."""
    return (
        select(BulkActionLine)
        .where(BulkActionLine.org_id == actor.org_id)
        .where(BulkActionLine.bulk_action_id == bulk_action_id)
        .order_by(BulkActionLine.position)
    )


def changed_since(
    session: Session, actor: Actor, item_ids: Sequence[UUID], field: str, moment: datetime
) -> set[UUID]:
    """The pieces of which somebody changed the field later, even if only there and back."""
    rows = session.scalars(
        select(Revision.subject_id)
        .join(EventRow, (EventRow.org_id == Revision.org_id) & (EventRow.id == Revision.event_id))
        .where(
            Revision.org_id == actor.org_id,
            EventRow.subject_id.in_(item_ids),
            Revision.field == field,
            EventRow.at > moment,
        )
    )
    return set(rows)
