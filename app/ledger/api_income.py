"""External income as JSON: its own series, apart from the savings."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next
from app.ledger import service_income
from app.ledger.models_income import ExternalIncome
from app.ledger.queries_income import NEWEST_FIRST, incomes_between, incomes_visible_to

router = APIRouter(prefix="/external-incomes", tags=["ledger"])


class IncomeOut(BaseModel):
    """Amounts in øre of ``currency``, VAT included in ``amount_ore``; negative in a reversal."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    sold_on: date
    what: str
    buyer: str
    contact: str | None
    amount_ore: int
    vat_percent: int
    vat_ore: int
    net_ore: int
    currency: str
    reason: str | None
    buyer_ask_id: UUID | None
    reverses_id: UUID | None
    created_at: datetime

    @classmethod
    def json_of(cls, row: ExternalIncome) -> dict[str, Any]:
        return cls.model_validate(row).model_dump(mode="json")


def income_of(session: Session, actor: Actor, income_id: UUID) -> ExternalIncome:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(incomes_visible_to(actor).where(ExternalIncome.id == income_id))
    if found is None:
        raise NotFound(N_("Fant ikke inntekten."))
    return found


@router.get("", name="api:incomes:list", response_model=list[IncomeOut])
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    first: date | None = None,
    last: date | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first; ``first`` and ``last`` are days of sale, both included."""
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        found = keyset(
            session,
            incomes_between(actor, first, last),
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.number, row.id),
        )
        rows = [IncomeOut.json_of(each) for each in found.rows]
    return Answer(rows, headers=link_next(request, found.next))


@router.get("/{income_id}", name="api:incomes:get", response_model=IncomeOut)
def show(income_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        body = IncomeOut.json_of(income_of(session, actor, income_id))
    return JSONResponse(body)


@router.post("", response_model=IncomeOut, status_code=201)
def record(
    command: service_income.RecordIncome, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """A sale that did not go through the public page."""
    return _done(db, actor, key, command, service_income.record_income)


@router.post("/reverse", response_model=IncomeOut, status_code=201)
def reverse(
    command: service_income.ReverseIncome, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """The answer is the new row, with the amounts turned."""
    return _done(db, actor, key, command, service_income.reverse_income)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], ExternalIncome],
) -> Answer:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: IncomeOut.json_of(verb(session, actor, command)),
        201,
    )
