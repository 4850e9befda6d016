"""Savings as JSON, each with every value it rests on."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.impact.rules import FulfilmentSource, Rounded, View
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Db, link_next
from app.ledger import queries
from app.ledger.explaining import Calculation, explain
from app.ledger.models import LedgerEntry
from app.ledger.queries_entries import EntriesAsked, Without, entries_asked
from app.ledger.wording import statement

router = APIRouter(prefix="/ledger-entries", tags=["ledger"])


class EntryOut(BaseModel):
    """One entry: masses and CO2e in g, money in øre, each with low and high.

    ``reverses_id`` marks a reversal, whose figures are negated.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    event_id: UUID
    booked_by_event_id: UUID
    item_id: UUID
    view: View
    source: FulfilmentSource
    category_id: str
    giver_unit_id: UUID | None
    receiver_unit_id: UUID | None
    project_id: UUID | None
    programme_line_id: UUID | None
    handed_over_on: date
    waste_g: int
    waste_g_low: int
    waste_g_high: int
    value_chain_waste_g: int
    value_chain_waste_g_low: int
    value_chain_waste_g_high: int
    co2e_g: int | None
    co2e_g_low: int | None
    co2e_g_high: int | None
    saved_ore: int | None
    saved_ore_low: int | None
    saved_ore_high: int | None
    currency: str
    mass_g: int
    new_price_ore: int
    reference_co2e_g: int | None
    mass_tier: str
    co2e_tier: str | None
    price_tier: str
    factor_set_id: str
    formula_version: int
    reverses_id: UUID | None
    booked_at: datetime


class StepOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    label: str
    numbers: str
    result: str


class CalculationOut(BaseModel):
    """One figure, step by step."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    formula: str
    steps: list[StepOut]
    value: int
    low: int
    high: int


class LinkOut(BaseModel):
    """The entry's place in the organisation's hash chain."""

    seq: int
    digest: str


class ExplainedEntryOut(EntryOut):
    """An entry with its stored inputs: exact numbers as text, each with tier, key and source."""

    inputs: dict[str, Any]
    calculations: list[CalculationOut]
    statement: str | None
    chain: LinkOut | None
    reversed_by_id: UUID | None


def statement_of(entry: LedgerEntry) -> str | None:
    """The sentence the entry's climate figure is shown with; none where it is not calculated."""
    if entry.co2e_g is None or entry.co2e_g_low is None or entry.co2e_g_high is None:
        return None
    figure = Rounded(entry.co2e_g, entry.co2e_g_low, entry.co2e_g_high)
    return statement(figure, [entry.factor_set_id], entry.view)


def explained(session: Session, actor: Actor, entry: LedgerEntry) -> dict[str, Any]:
    plain = EntryOut.model_validate(entry).model_dump()
    calculations: list[Calculation] = explain(entry)
    link = queries.link_of(session, entry)
    return ExplainedEntryOut(
        **plain,
        inputs=entry.inputs,
        calculations=[CalculationOut.model_validate(each) for each in calculations],
        statement=statement_of(entry),
        chain=None if link is None else LinkOut(seq=link[0], digest=link[1]),
        reversed_by_id=queries.reversed_by(session, actor, entry.id),
    ).model_dump(mode="json")


def asked(
    item_id: Annotated[UUID | None, Query()] = None,
    project_id: Annotated[UUID | None, Query()] = None,
    programme_line_id: Annotated[UUID | None, Query()] = None,
    view: Annotated[View | None, Query()] = None,
    source: Annotated[
        list[FulfilmentSource] | None, Query(max_length=9, description="Any of these.")
    ] = None,
    category_id: Annotated[str | None, Query(max_length=40, pattern=r"^[A-Za-z0-9_]+$")] = None,
    place_id: Annotated[UUID | None, Query()] = None,
    giver_unit_id: Annotated[UUID | None, Query()] = None,
    receiver_unit_id: Annotated[UUID | None, Query()] = None,
    first_year: Annotated[int | None, Query(ge=1900, le=2999, description="Of account.")] = None,
    last_year: Annotated[int | None, Query(ge=1900, le=2999, description="Of account.")] = None,
    month: Annotated[
        int | None, Query(ge=190001, le=299912, description="Of the handover: 202603.")
    ] = None,
    without: Annotated[Without | None, Query(description="Entries that have none.")] = None,
    *,
    with_below: Annotated[
        bool, Query(description="A unit or place stands for all below it too.")
    ] = False,
) -> EntriesAsked:
    """The filters of the pages of entries. Raises ``Invalid`` for no month, and for no span."""
    if first_year is not None and last_year is not None and first_year > last_year:
        raise Invalid(by_field={"last_year": N_("Til-året er før fra-året.")})
    return EntriesAsked(
        view=view,
        first_year=first_year,
        last_year=last_year,
        month=month,
        sources=None if source is None else tuple(source),
        category_id=category_id,
        item_id=item_id,
        project_id=project_id,
        programme_line_id=programme_line_id,
        place_id=place_id,
        giver_unit_id=giver_unit_id,
        receiver_unit_id=receiver_unit_id,
        without=without,
        with_below=with_below,
    )


@router.get("", response_model=list[EntryOut])
def list_entries(
    request: Request,
    actor: SignedIn,
    db: Db,
    wanted: Annotated[EntriesAsked, Depends(asked)],
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> JSONResponse:
    """Newest first, reversals and reversed ones included, so that the figures add up."""
    actor.must(Permission.REPORT_READ)
    query = entries_asked(actor, wanted)
    with db.read() as session:
        found = keyset(
            session,
            query,
            [(LedgerEntry.booked_at.expression, True), (LedgerEntry.id.expression, True)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.booked_at, row.id),
        )
    answer = [EntryOut.model_validate(each).model_dump(mode="json") for each in found.rows]
    return JSONResponse(answer, headers=link_next(request, found.next))


@router.get("/{entry_id}", response_model=ExplainedEntryOut)
def show_entry(entry_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    """With its stored inputs and the formulas multiplied out, from which it can be recomputed."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        return JSONResponse(explained(session, actor, queries.entry(session, actor, entry_id)))
