"""Assessments of pieces as JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.items.commands import MOST_PIECES
from app.items.models import Assessment
from app.items.outputs import Output
from app.items.queries_assessed import assessments_of
from app.items.queries_piece import piece
from app.items.rules import Suitability, Verdict
from app.items.service_assess import Assess, assess
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["items"])


class AssessmentOut(Output):
    """An expert's verdict. Of a piece's assessments the one that ``is_newest`` counts."""

    id: UUID
    item_id: UUID
    verdict: Verdict
    suitability: Suitability | None
    cost_ore: int | None
    note: str | None
    person_id: UUID | None
    assessed_on: date
    created_at: datetime
    is_newest: bool

    @classmethod
    def all(cls, session: Session, rows: Sequence[Assessment]) -> list["AssessmentOut"]:
        session.flush()
        return [cls.model_validate(each) for each in rows]


@router.get(
    "/items/{item_id}/assessments", name="items:assessments", response_model=list[AssessmentOut]
)
def browse(item_id: UUID, actor: SignedIn, db: Db) -> Answer:
    """The newest day first."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        piece(session, actor, item_id)
        rows = session.scalars(assessments_of(actor, item_id)).all()
        body = [each.model_dump(mode="json") for each in AssessmentOut.all(session, rows)]
    return JSONResponse(body)


@router.post(
    "/items/assess",
    name="items:assess_all",
    response_model=list[AssessmentOut],
    status_code=201,
)
def assess_all(
    commands: Annotated[list[Assess], Body(min_length=1, max_length=MOST_PIECES)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """One row for each piece, also where a command is of a whole lot."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: AssessmentOut.all(session, assess(session, actor, commands)),
        201,
    )
