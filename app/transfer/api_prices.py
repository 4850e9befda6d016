"""Price lists as JSON: preview, then take into use."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.impact.commands import Currency, Year
from app.impact.rules import Tier
from app.kit.answers import answered
from app.kit.text import PRINTABLE
from app.kit.web import Db, IdempotencyKey
from app.transfer import service_prices as service
from app.transfer.service_prices import MOST_MODELS, ApplyPrices, OfPrices
from app.transfer.service_prices_undo import UndoPrices, undo_prices
from app.transfer.sheet_limits import LIMITS
from app.transfer.shown_prices import PriceListListed, PriceListOut
from app.transfer.upload_prices import kept
from app.transfer.upload_programme import BODY_BYTES

router = APIRouter(prefix="/price-lists", tags=["factors"])
MOST_LISTED = 200
Words = Annotated[str, Form(min_length=1, max_length=200), PRINTABLE]


class TakeIntoUse(BaseModel):
    """``skip_bad`` leaves bad rows out; ``leave_out`` names prices, by key, that stay as they are."""

    model_config = ConfigDict(extra="forbid")

    skip_bad: bool = False
    leave_out: list[Annotated[str, Field(max_length=40), PRINTABLE]] = Field(
        default_factory=list, max_length=MOST_MODELS
    )


class PricesAppliedOut(BaseModel):
    """Own prices that were set: versions of categories' factors, and product models' prices."""

    id: UUID
    factor_document_id: UUID | None
    categories: int
    models: int


class PricesUndoneOut(BaseModel):
    """How many prices are as they were before the list; ``left`` were set anew since and stay."""

    id: UUID
    categories: int
    models: int
    left: int


@router.get("", name="api:price_lists:list", response_model=list[PriceListListed])
def lists(actor: SignedIn, db: Db) -> JSONResponse:
    """The newest first, at most 200."""
    actor.must(Permission.MODEL_EDIT)
    with db.read() as session:
        found = PriceListListed.newest(session, actor, MOST_LISTED)
    return JSONResponse([each.model_dump(mode="json") for each in found])


@router.post("", status_code=201, response_model=PriceListOut, max_body_size=BODY_BYTES)
def upload(
    request: Request,
    actor: SignedIn,
    db: Db,
    file: Annotated[UploadFile, File(description="CSV or XLSX, at most 10 MB.")],
    source: Words,
    reason: Words,
    price_year: Annotated[Year, Form()],
    currency: Annotated[Currency | None, Form()] = None,
    tier: Annotated[Tier, Form()] = Tier.T3,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Reads a price list; no price changes before it is taken into use. Prices are excl. VAT."""
    actor.must_everywhere(Permission.MODEL_EDIT)
    command = OfPrices(
        source=source, reason=reason, price_year=price_year, currency=currency, tier=tier
    )
    content = file.file.read(LIMITS.file_bytes + 1)
    files = request.app.state.files
    list_id = kept(db, files, actor, command, content, file.filename or "", key)
    with db.read() as session:
        out = PriceListOut.of(service.list_of(session, actor, list_id))
    return JSONResponse(out.model_dump(mode="json"), 201)


@router.get("/{price_list_id}", name="price_lists:read", response_model=PriceListOut)
def show(price_list_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.MODEL_EDIT)
    with db.read() as session:
        out = PriceListOut.of(service.list_of(session, actor, price_list_id))
    return JSONResponse(out.model_dump(mode="json"))


@router.post("/{price_list_id}/apply", response_model=PricesAppliedOut)
def apply_prices(
    price_list_id: UUID, given: TakeIntoUse, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """Takes the prices into use once, all of them or none."""
    commands = [
        ApplyPrices(price_list_id=price_list_id, skip_bad=given.skip_bad, leave_out=given.leave_out)
    ]

    def call(session: Session) -> PricesAppliedOut:
        [(row, categories, models)] = service.apply_prices(session, actor, commands)
        return PricesAppliedOut(
            id=row.id,
            factor_document_id=row.factor_document_id,
            categories=categories,
            models=models,
        )

    return answered(db, actor, key, commands, call)


@router.post("/{price_list_id}/undo", response_model=PricesUndoneOut)
def undo(price_list_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> JSONResponse:
    """Takes back what the list set and nobody has set since, all of it or nothing."""
    commands = [UndoPrices(price_list_id=price_list_id)]

    def call(session: Session) -> PricesUndoneOut:
        [(row, undone)] = undo_prices(session, actor, commands)
        return PricesUndoneOut(id=row.id, **undone._asdict())

    return answered(db, actor, key, commands, call)
