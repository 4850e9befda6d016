"""Moves by scanning as JSON."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import queries, service_move
from app.fieldwork.models import Relocation
from app.fieldwork.rules import ARRIVED, MoveOutcome
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.web import Db, IdempotencyKey

router = APIRouter(prefix="/relocations", tags=["field work"])


class RelocationLineOut(BaseModel):
    """One scan, in the order scanned. Places are empty when the piece did not move."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    outcome: MoveOutcome
    item_id: UUID | None
    from_place_id: UUID | None
    to_place_id: UUID | None
    is_undone: bool


class RelocationOut(BaseModel):
    """Pieces moved in one go; ``arrived`` of them are in their place now."""

    id: UUID
    person_id: UUID | None
    created_at: datetime
    undone_at: datetime | None
    arrived: int
    lines: list[RelocationLineOut]

    @classmethod
    def of(cls, session: Session, actor: Actor, row: Relocation) -> "RelocationOut":
        lines = list(session.scalars(queries.lines_of(actor, row.id)))
        return cls(
            id=row.id,
            person_id=row.person_id,
            created_at=row.created_at,
            undone_at=row.undone_at,
            arrived=sum(line.outcome in ARRIVED for line in lines),
            lines=[RelocationLineOut.model_validate(line) for line in lines],
        )


@router.post("", response_model=RelocationOut, status_code=201)
def relocate(
    command: service_move.Relocate, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """Places and pieces as they were scanned. What cannot be moved says why in its own line.

    ``at`` is when they were scanned, for scans that waited for coverage: a piece that somebody has
    moved or seen after it stays where it is (``moved_since``). Send it again without ``at``, or
    with a later one, to move it all the same.
    """
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: RelocationOut.of(
            session, actor, service_move.relocate(session, actor, command)
        ),
        201,
    )


@router.get("/{relocation_id}", response_model=RelocationOut, name="relocations:get")
def show(relocation_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        row = session.scalar(
            queries.relocations_visible_to(actor).where(Relocation.id == relocation_id)
        )
        if row is None:
            raise NotFound(N_("Fant ikke flyttingen."))
        out = RelocationOut.of(session, actor, row)
    return JSONResponse(out.model_dump(mode="json"))


@router.post("/{relocation_id}/undo", response_model=RelocationOut)
def undo(relocation_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> JSONResponse:
    """Back to where they were; a piece that somebody has moved since stays (``is_undone``)."""
    command = service_move.UndoRelocation(relocation_id=relocation_id)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: RelocationOut.of(
            session, actor, service_move.undo(session, actor, command)
        ),
    )
