"""Own factors and exchange rates as JSON."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Body, File, Path, Request, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.impact import views_own
from app.impact.commands import MOST_AT_ONCE, RecordRate, SetOverride, WithdrawOverride
from app.impact.facts import FactorKind
from app.impact.files import BODY_BYTES, stored
from app.impact.models_own import ExchangeRate, FactorOverride
from app.impact.queries import factors_of
from app.impact.queries_own import overrides_visible_to, rates_visible_to
from app.impact.service_own import (
    add_document,
    record_rate,
    set_overrides,
    withdraw_overrides,
)
from app.impact.tiers import Tier
from app.impact.views_own import UNITS, Effective, effective
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.text import PRINTABLE
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["factors"])
CategoryId = Annotated[str, Path(max_length=40), PRINTABLE]


class FactorOut(BaseModel):
    """A factor as it counts, per amount unit, in ``unit``; null is unknown and never 0.

    ``version`` is asked for when it is set or withdrawn. ``is_from_copy``: read from a third-party
    copy of the UK factors, not from the official file.
    """

    category_id: str
    kind: FactorKind
    value: int | None
    low: int | None
    high: int | None
    unit: str
    currency: str | None
    price_year: int | None
    tier: Tier | None
    source: str
    is_own: bool
    is_from_copy: bool
    version: int
    factor_set_id: str

    @classmethod
    def of(cls, each: Effective, factor_set_id: str) -> Self:
        spread = each.spread
        return cls(
            category_id=each.category.id,
            kind=each.kind,
            value=spread.value if spread else None,
            low=spread.low if spread else None,
            high=spread.high if spread else None,
            unit=UNITS[each.kind],
            currency=each.currency,
            price_year=each.own.price_year if each.own else None,
            tier=each.tier,
            source=each.source,
            is_own=each.own is not None,
            is_from_copy=each.own is None and views_own.is_from_copy(each.source),
            version=each.version,
            factor_set_id=factor_set_id,
        )


class FactorOverrideOut(BaseModel):
    """One version of an own factor; one without a value withdraws."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    category_id: str
    kind: FactorKind
    number: int
    value: int | None
    low: int | None
    high: int | None
    currency: str | None
    price_year: int | None
    tier: Tier | None
    source: str | None
    reason: str
    factor_document_id: UUID | None
    person_id: UUID | None
    created_at: datetime

    @classmethod
    def all(cls, rows: Any) -> list[Self]:
        return [cls.model_validate(each) for each in rows]


class CategoryFactorsOut(BaseModel):
    factors: list[FactorOut]
    versions: list[FactorOverrideOut]


class FactorDocumentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    media_type: str
    sha256: str
    byte_count: int


class ExchangeRateOut(BaseModel):
    """The rate is an exact decimal, as text."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    currency: str
    quote_currency: str
    rate: Decimal
    day: date
    source: str


def _factors(session: Session, actor: Actor, category_id: str | None = None) -> list[FactorOut]:
    set_id = factors_of(session).factor_set.id
    return [FactorOut.of(each, set_id) for each in effective(session, actor, category_id)]


@router.get("/factors", name="api:factors:list", response_model=list[FactorOut])
def factors(actor: SignedIn, db: Db) -> Answer:
    """All of them as they count for this organisation: some hundreds."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = _factors(session, actor)
    return Answer([each.model_dump(mode="json") for each in found])


@router.get("/factors/{category_id}", name="api:factors:get", response_model=CategoryFactorsOut)
def factors_of_category(category_id: CategoryId, actor: SignedIn, db: Db) -> Answer:
    """One category's factors, and every version of the own ones, the newest first."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = _factors(session, actor, category_id)
        if not found:
            raise NotFound(N_("Fant ikke kategorien."))
        query = overrides_visible_to(actor).where(FactorOverride.category_id == category_id)
        newest = query.order_by(FactorOverride.created_at.desc(), FactorOverride.number.desc())
        out = CategoryFactorsOut(
            factors=found, versions=FactorOverrideOut.all(session.scalars(newest))
        )
    return Answer(out.model_dump(mode="json"))


@router.post("/factor-overrides", response_model=list[FactorOverrideOut])
def set_own(
    commands: Annotated[list[SetOverride], Body(min_length=1, max_length=MOST_AT_ONCE)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """Own factors from now on. What was booked stays as it was booked."""

    def call(session: Session) -> list[FactorOverrideOut]:
        return FactorOverrideOut.all(set_overrides(session, actor, commands))

    return answered(db, actor, key, commands, call)


@router.post("/factor-overrides/withdraw", response_model=list[FactorOverrideOut])
def withdraw_own(
    commands: Annotated[list[WithdrawOverride], Body(min_length=1, max_length=MOST_AT_ONCE)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    def call(session: Session) -> list[FactorOverrideOut]:
        return FactorOverrideOut.all(withdraw_overrides(session, actor, commands))

    return answered(db, actor, key, commands, call)


@router.post(
    "/factor-documents",
    response_model=FactorDocumentOut,
    status_code=201,
    max_body_size=BODY_BYTES,
)
def add_factor_document(
    request: Request,
    document: Annotated[UploadFile, File(description="PDF or office document, at most 10 MB.")],
    actor: SignedIn,
    db: Db,
) -> JSONResponse:
    """What own factors are read from; the same content is stored once."""
    actor.must_everywhere(Permission.MODEL_EDIT)
    kept = stored(request.app.state.files, actor, document)
    with db.write() as session:
        out = FactorDocumentOut.model_validate(add_document(session, actor, kept))
    return JSONResponse(out.model_dump(mode="json"), 201)


@router.get("/exchange-rates", name="api:exchange_rates:list", response_model=list[ExchangeRateOut])
def rates(actor: SignedIn, db: Db) -> Answer:
    """The dated rates, the newest first."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = session.scalars(rates_visible_to(actor).order_by(ExchangeRate.day.desc()))
        found = [ExchangeRateOut.model_validate(each).model_dump(mode="json") for each in rows]
    return Answer(found)


@router.post("/exchange-rates", response_model=ExchangeRateOut, status_code=201)
def record(
    command: RecordRate, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    def call(session: Session) -> ExchangeRateOut:
        return ExchangeRateOut.model_validate(record_rate(session, actor, command))

    return answered(db, actor, key, [command], call, 201)
