"""What was to come from a supplier and does not: the need lacks it again."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.kit.db import clock_of
from app.needs.models_given_up import LadderGivenUp


def give_up(session: Session, org_id: UUID, ladder_step_id: UUID, pieces: int) -> None:
    """Called by those who hold the order, who checked who may."""
    session.add(
        LadderGivenUp(
            org_id=org_id,
            ladder_step_id=ladder_step_id,
            pieces=pieces,
            created_at=clock_of(session).now(),
        )
    )
    session.flush()  # what is read of the need next lacks them
