"""The public page as JSON, for those who answer there: the same verbs as the pages'."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, IfMatch, etag, link_next, version_of
from app.marketplace import service_sale
from app.marketplace.models_public import BuyerAsk, PublicMarket, PublicTerms
from app.marketplace.outputs import Out
from app.marketplace.queries_public import asks_visible_to, market_of, terms_of
from app.marketplace.rules import Terms
from app.marketplace.rules_public import BuyerState
from app.marketplace.search import card_of
from app.marketplace.service_outside_queue import wait_buyer
from app.marketplace.service_public import (
    PublicMarketFields,
    PublicTermsFields,
    SetPublicMarket,
    SetPublicTerms,
    set_public_market,
    set_public_terms,
)

router = APIRouter(tags=["market"])


class PublicMarketOut(Out):
    """What strangers may see; without a version nothing is set, and nothing is seen."""

    is_open: bool
    is_indexed: bool
    slug: str | None
    area: str | None
    pick_up: str | None
    seller: str | None
    vat_percent: int
    version: int


class PublicTermsOut(Out):
    """What a listing costs outside; without a version what it costs inside."""

    terms: Terms
    price_ore: int | None
    offers_until: date | None
    version: int


class BuyerAskOut(Out):
    """What a buyer has asked for and confirmed; name and address are blank once removed."""

    id: UUID
    number: int
    state: BuyerState
    listing_id: UUID
    name: str
    email: str
    message: str | None
    wanted: int
    approved: int
    terms: Terms
    price_ore: int
    answer: str | None
    asked_at: datetime
    confirmed_at: datetime
    answered_at: datetime | None
    over_at: datetime | None
    blanked_at: datetime | None
    limit_at: datetime | None


@router.get("/public-market", name="api:public_market:get", response_model=PublicMarketOut)
def market(actor: SignedIn, db: Db) -> JSONResponse:
    """Whether the organisation has a public page, and what stands there."""
    actor.must(Permission.LISTING_PUBLISH)
    with db.read() as session:
        row = session.scalar(market_of(actor.org_id))
        out = (
            PublicMarketOut.model_validate(row)
            if row is not None
            else PublicMarketOut(
                is_open=False,
                is_indexed=False,
                slug=None,
                area=None,
                pick_up=None,
                seller=None,
                vat_percent=0,
                version=0,
            )
        )
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.put("/public-market", response_model=PublicMarketOut)
def set_market(
    fields: PublicMarketFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> JSONResponse:
    """All of them as they are to be. Switched off, nothing is seen from that moment."""
    command = SetPublicMarket(version=version_of(if_match), **fields.model_dump())
    with db.write() as session:
        row: PublicMarket = set_public_market(session, actor, command)
        out = PublicMarketOut.model_validate(row)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.get(
    "/listings/{listing_id}/public-terms",
    name="api:public_terms:get",
    response_model=PublicTermsOut,
)
def terms(listing_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    """What those outside pay."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        card = card_of(session, actor, listing_id)
        row = session.scalar(terms_of(actor.org_id, listing_id))
        out = (
            PublicTermsOut.model_validate(row)
            if row is not None
            else PublicTermsOut(
                terms=card.terms, price_ore=card.price_ore, offers_until=None, version=0
            )
        )
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.put("/listings/{listing_id}/public-terms", response_model=PublicTermsOut)
def set_terms(
    listing_id: UUID,
    fields: PublicTermsFields,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
) -> JSONResponse:
    """All of them as they are to be."""
    command = SetPublicTerms(
        listing_id=listing_id, version=version_of(if_match), **fields.model_dump()
    )
    with db.write() as session:
        row: PublicTerms = set_public_terms(session, actor, command)
        out = PublicTermsOut.model_validate(row)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.get("/buyer-asks", name="api:buyer_asks:list", response_model=list[BuyerAskOut])
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    state: Annotated[BuyerState | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """What buyers have confirmed, the newest first."""
    actor.must(Permission.RESERVATION_APPROVE)
    query = asks_visible_to(actor)
    if state is not None:
        query = query.where(BuyerAsk.state == state)
    with db.read() as session:
        found = keyset(
            session,
            query,
            [(BuyerAsk.confirmed_at.expression, True), (BuyerAsk.id.expression, True)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.confirmed_at, row.id),
        )
        rows = [each.model_dump(mode="json") for each in BuyerAskOut.all(found.rows)]
    return Answer(rows, headers=link_next(request, found.next))


@router.get("/buyer-asks/{buyer_ask_id}", name="api:buyer_asks:get", response_model=BuyerAskOut)
def show(buyer_ask_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.RESERVATION_APPROVE)
    with db.read() as session:
        row = session.scalar(asks_visible_to(actor).where(BuyerAsk.id == buyer_ask_id))
        if row is None:
            raise NotFound(service_sale.NO_ASK)
        out = BuyerAskOut.model_validate(row)
    return JSONResponse(out.model_dump(mode="json"))


@router.post("/buyer-asks/answer", name="api:buyer_asks:answer", response_model=BuyerAskOut)
def answer(
    command: service_sale.AnswerBuyer, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Yes to some or all, which holds them; 0 is a no, also to who waits."""
    return _done(db, actor, key, command, service_sale.answer_buyer)


@router.post("/buyer-asks/cancel", name="api:buyer_asks:cancel", response_model=BuyerAskOut)
def cancel(
    command: service_sale.CancelBuyer, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """A yes or an offer is called off."""
    return _done(db, actor, key, command, service_sale.cancel_buyer)


@router.post("/buyer-asks/hand-over", name="api:buyer_asks:hand_over", response_model=BuyerAskOut)
def hand_over(
    command: service_sale.HandOverBuyer, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """They have been fetched: sold or given away."""
    return _done(db, actor, key, command, service_sale.hand_over_buyer)


@router.post("/buyer-asks/take-back", name="api:buyer_asks:take_back", response_model=BuyerAskOut)
def take_back(
    command: service_sale.OfBuyer, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """They were not fetched after all: held as before, and the income reversed."""
    return _done(db, actor, key, command, service_sale.take_back_buyer)


@router.post("/buyer-asks/wait", name="api:buyer_asks:wait", response_model=BuyerAskOut)
def wait(
    command: service_sale.OfBuyer, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Yes to what is all promised: the buyer waits, after everybody else."""
    return _done(db, actor, key, command, wait_buyer)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], BuyerAsk],
) -> Answer:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: BuyerAskOut.model_validate(verb(session, actor, command)).model_dump(
            mode="json"
        ),
    )
