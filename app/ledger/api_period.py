"""Years of account as JSON: which are closed, what they hold, and closing one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.impact.rules import View
from app.kit import downloads
from app.kit.answers import answered
from app.kit.exports import Format
from app.kit.web import Answer, Db, IdempotencyKey
from app.ledger.models import Period
from app.ledger.queries_period import Sum, entries_booked, sums
from app.ledger.service_period import (
    ClosePeriod,
    close_period,
    own_period,
    print_for_closing,
    print_period,
    refusal,
    unchanged,
)

router = APIRouter(prefix="/periods", tags=["ledger"])


class PeriodOut(BaseModel):
    """A year; what closing kept is empty while it is open. Hashes are SHA-256 in hexadecimal."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    year: int
    closed_at: datetime | None
    closed_by_id: UUID | None
    entries: int | None
    chain_seq: int | None
    chain_digest: str | None
    json_sha256: str | None
    csv_sha256: str | None
    xlsx_sha256: str | None

    @classmethod
    def json_of(cls, row: Period) -> dict[str, Any]:
        return cls.model_validate(row).model_dump(mode="json")


class RangedOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    value: int
    low: int
    high: int


class SumOut(BaseModel):
    """Some entries of one view: masses and CO2e in g, money in øre.

    A sum of which nothing is calculated is null; ``unpriced`` entries wait for an exchange rate.
    """

    model_config = ConfigDict(from_attributes=True)

    group: str
    key: str | None
    view: View
    entries: int
    not_calculated: int
    unpriced: int
    waste_g: RangedOut
    value_chain_waste_g: RangedOut
    co2e_g: RangedOut | None
    saved_ore: RangedOut | None


class PeriodWithSums(PeriodOut):
    """``booked`` counts every entry now, reversals included. ``hindrance`` is why it can not be closed.

    ``unchanged`` says of each form whether the report printed now has the bytes it had at the close.
    """

    booked: int
    hindrance: str | None
    sums: list[SumOut]
    unchanged: dict[str, bool] | None


def periods(session: Session, actor: Actor) -> list[Period]:
    """The organisation's years, the newest first."""
    query = select(Period).where(Period.org_id == actor.org_id).order_by(Period.year.desc())
    return list(session.scalars(query))


@router.get("", name="api:periods:list", response_model=list[PeriodOut])
def browse(actor: SignedIn, db: Db) -> Answer:
    """Every year in which something is booked, the newest first."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        return Answer([PeriodOut.json_of(each) for each in periods(session, actor)])


@router.get("/{period_id}", name="api:periods:get", response_model=PeriodWithSums)
def show(
    period_id: UUID,
    actor: SignedIn,
    db: Db,
    *,
    check: Annotated[bool, Query()] = False,
) -> JSONResponse:
    """With its sums; ``check`` prints a closed year's report again and compares the hashes."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        period = own_period(session, actor, period_id)
        found: list[Sum] = sums(session, actor.org_id, period.id)
        problem = refusal(session, actor, period)
        is_checked = check and period.closed_at is not None
        body = PeriodWithSums(
            **PeriodOut.model_validate(period).model_dump(),
            booked=entries_booked(session, actor.org_id, period.id),
            hindrance=None if problem is None else problem.slug(),
            sums=[SumOut.model_validate(each) for each in found],
            unchanged=unchanged(session, actor, period) if is_checked else None,
        )
    return JSONResponse(body.model_dump(mode="json"))


@router.get("/{period_id}/report", response_class=StreamingResponse)
def show_report(
    period_id: UUID,
    actor: SignedIn,
    db: Db,
    form: Annotated[Format, Query(alias="format")] = Format.JSON,
) -> StreamingResponse:
    """Every entry, the sums and the factors. Of a closed year the same bytes each time."""
    return sent(db, actor, period_id, form)


@router.post("/close", response_model=PeriodOut)
def close(command: ClosePeriod, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Closes a year that is over, for good; earlier years must be closed."""
    with db.read() as session:
        made = print_for_closing(session, actor, command)
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: PeriodOut.json_of(close_period(session, actor, command, made)),
    )


def sent(db: Db, actor: Actor, period_id: UUID, form: Format) -> StreamingResponse:
    with downloads.written() as file, db.read() as session:
        period, pieces = print_period(session, actor, period_id, form)
        for piece in pieces:
            file.write(piece)
        year = period.year
    return downloads.sent(file, form, f"periode-{year}")
