"""Released pieces that are set aside for somebody before their day, and given back."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.kit.db import clock_of
from app.kit.events import publish
from app.kit.states import advance
from app.projects.events import ItemReleaseAllocated, ItemReleaseGivenBack
from app.projects.models import Release
from app.projects.rules import ReleaseState, ReleaseVerb
from app.projects.service_release import PieceNotOnProject, free_reached, of_release


def allocate(session: Session, person_id: UUID | None, rows: Sequence[Release]) -> None:
    """Nobody else takes them. Called by needs, which checks who may; the rows are locked."""
    advance(session, rows, ReleaseVerb.ALLOCATE, refused=PieceNotOnProject)
    publish(
        session,
        [
            ItemReleaseAllocated(**of_release(each, person_id), project_id=each.project_id)
            for each in rows
        ],
    )


def give_back(session: Session, person_id: UUID | None, rows: Sequence[Release]) -> None:
    """Those that are still allocated are the project's to give again, free where their day came."""
    allocated = [each for each in rows if each.state is ReleaseState.ALLOCATED]
    advance(session, allocated, ReleaseVerb.GIVE_BACK, refused=PieceNotOnProject)
    publish(
        session,
        [
            ItemReleaseGivenBack(**of_release(each, person_id), project_id=each.project_id)
            for each in allocated
        ],
    )
    today = clock_of(session).today()
    free_reached(session, [each for each in allocated if each.free_from <= today], person_id)
