"""The market of the network as JSON: the same verbs as the pages'."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items.rules import Condition
from app.kit.answers import answered
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.text import PRINTABLE
from app.kit.web import Answer, Db, IdempotencyKey, link_next
from app.marketplace import queries_outside
from app.marketplace.api_stages import router
from app.marketplace.commands import Count, Millimetres
from app.marketplace.commands_look import Available, MarketLook, Ore, Sort, from_to
from app.marketplace.outputs import MeantOut, Out, SharedFacetsOut
from app.marketplace.rules import OutsideState, Terms
from app.marketplace.search import Tile, search_market
from app.marketplace.search_meant import meant
from app.marketplace.service_outside import (
    AnswerOutside,
    AskOutside,
    CallOffOutside,
    OfOutside,
    answer_outside,
    ask_outside,
    call_off_outside,
    cancel_outside,
)
from app.marketplace.service_outside_queue import accept_outside, wait_outside
from app.marketplace.service_outside_thread import WriteOutside, write_outside
from app.marketplace.shared import shared_card
from app.marketplace.traits import Colour, Material

__all__ = ["router"]


class SharedOut(Out):
    """A listing of another organisation: all that is shared of it."""

    listing_id: UUID
    giver_org_id: UUID
    giver: str
    count: int
    name: str
    category_name: str
    condition: Condition
    maker: str | None
    model: str | None
    colour: str | None
    material: str | None
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    terms: Terms
    price_ore: int | None
    currency: str
    text: str | None
    from_date: date
    until_date: date | None


class SharedTileOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    listing_id: UUID
    giver: str = Field(validation_alias="place_label")
    count: int
    name: str
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    terms: Terms
    price_ore: int | None


class SharedFoundOut(BaseModel):
    """``total`` listings match in all. ``meant`` as on one's own market."""

    total: int
    cards: list[SharedTileOut]
    facets: SharedFacetsOut
    meant: MeantOut | None


class OutsideOut(Out):
    """What one organisation asks of another, as both see it."""

    id: UUID
    number: int
    state: OutsideState
    listing_id: UUID
    wanted: int
    approved: int
    delivery: str
    wanted_date: date | None
    project_date: date | None
    rest_of_id: UUID | None
    note: str | None
    answer: str | None
    asked_at: datetime
    answered_at: datetime | None
    handed_over_at: datetime | None
    limit_at: datetime | None


class SharedQuery(BaseModel):
    """As a look at one's own market, but for what partners do not tell: where it stands, who sees it.

    So nothing is near or far there. Lengths in mm. Prices are of one piece; what is given away costs
    0, what offers are made for has none.
    """

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, Field(max_length=200), PRINTABLE] = ""
    category_id: Annotated[str, Field(max_length=40), PRINTABLE] | None = None
    condition: Annotated[list[Condition], Field(max_length=len(Condition))] = []
    colour: Annotated[list[Colour], Field(max_length=len(Colour))] = []
    material: Annotated[list[Material], Field(max_length=len(Material))] = []
    terms: Annotated[list[Terms], Field(max_length=len(Terms))] = []
    price_min_ore: Ore | None = None
    price_max_ore: Ore | None = None
    width_min_mm: Millimetres | None = None
    width_max_mm: Millimetres | None = None
    depth_min_mm: Millimetres | None = None
    depth_max_mm: Millimetres | None = None
    height_min_mm: Millimetres | None = None
    height_max_mm: Millimetres | None = None
    count: Count | None = None
    available: Available | None = None
    available_by: date | None = None
    sort: Literal[Sort.RELEVANCE, Sort.NEWEST, Sort.SAVING] = Sort.RELEVANCE
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 24

    _from_to = field_validator("width_max_mm", "depth_max_mm", "height_max_mm", "price_max_ore")(
        from_to
    )


@router.get("/network-market", name="api:network_market:search")
def search(
    request: Request,
    response: Response,
    wanted: Annotated[SharedQuery, Query()],
    actor: SignedIn,
    db: Db,
) -> SharedFoundOut:
    """What the organisations one shares a network with show there, best and newest first.

    ``sort`` asks for another order: the newest, or those whose category gives off most when one is
    made anew.
    """
    actor.must(Permission.ITEM_READ)
    looked_for = MarketLook.model_validate(wanted.model_dump(exclude={"cursor", "limit"}))
    with db.read() as session:
        today = db.clock.today()
        found = search_market(
            session,
            actor,
            looked_for,
            today=today,
            kind=Tile,
            cursor=wanted.cursor,
            limit=wanted.limit,
            is_shared=True,
        )
        response.headers.update(link_next(request, found.next))
        cards = [SharedTileOut.model_validate(each) for each in found.cards]
        better = (
            None
            if wanted.cursor
            else meant(session, actor, looked_for, found.total, today, is_shared=True)
        )
        return SharedFoundOut(
            total=found.total,
            cards=cards,
            facets=SharedFacetsOut.of(found.facets),
            meant=MeantOut.model_validate(better) if better else None,
        )


@router.get("/network-market/{listing_id}", name="api:network_market:get")
def listing(listing_id: UUID, actor: SignedIn, db: Db) -> SharedOut:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        card = shared_card(session, actor, listing_id, db.clock.today())
        return SharedOut.model_validate(card)


@router.get("/outside-requests", name="api:outside:list")
def requests(
    request: Request,
    response: Response,
    actor: SignedIn,
    db: Db,
    *,
    sent: bool = False,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> list[OutsideOut]:
    """What others have asked for, or with ``sent`` what was asked of others; the open ones first."""
    actor.must(Permission.REQUEST_MAKE if sent else Permission.RESERVATION_APPROVE)
    query = queries_outside.sent_requests(actor) if sent else queries_outside.got_requests(actor)
    with db.read() as session:
        found = keyset(
            session,
            query,
            queries_outside.OPEN_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=queries_outside.place_in,
        )
        response.headers.update(link_next(request, found.next))
        return OutsideOut.all(found.rows)


def _done(
    db: Db,
    actor: Actor,
    key: str | None,
    command: Any,
    verb: Callable[[Session, Actor, Any], Any],
    status: int = 200,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: OutsideOut.all([verb(session, actor, command)]),
        status,
    )


@router.post("/outside-requests", response_model=list[OutsideOut], status_code=201)
def ask(command: AskOutside, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Asks another organisation for pieces, to a place of one's own; what they are to meet is kept."""
    return _done(db, actor, key, command, ask_outside, 201)


@router.post("/outside-requests/answer", response_model=list[OutsideOut])
def answer(command: AnswerOutside, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The giver's yes to some or all; 0 is a no, also to who waits."""
    return _done(db, actor, key, command, answer_outside)


@router.post("/outside-requests/call-off", response_model=list[OutsideOut])
def call_off(
    command: CallOffOutside, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """The giver takes back a yes or an offer."""
    return _done(db, actor, key, command, call_off_outside)


@router.post("/outside-requests/cancel", response_model=list[OutsideOut])
def cancel(command: OfOutside, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """By who asked, until it is handed over."""
    return _done(db, actor, key, command, cancel_outside)


@router.post("/outside-requests/wait", response_model=list[OutsideOut])
def wait(command: OfOutside, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The giver's yes to what is all promised: the asker waits, after the giver's own."""
    return _done(db, actor, key, command, wait_outside)


@router.post("/outside-requests/accept", response_model=list[OutsideOut])
def accept(command: OfOutside, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The asker's yes to what fell free, before the limit."""
    return _done(db, actor, key, command, accept_outside)


class OutsideMessageOut(Out):
    """A line from one side of a request to the other."""

    id: UUID
    outside_request_id: UUID
    from_org_id: UUID
    text: str
    created_at: datetime


@router.post("/outside-requests/write", response_model=OutsideMessageOut, status_code=201)
def write(command: WriteOutside, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """To the other side, by who answers the request or who asked it."""
    return answered(
        db,
        actor,
        key,
        [command],
        lambda session: OutsideMessageOut.model_validate(
            write_outside(session, actor, command)
        ).model_dump(mode="json"),
        201,
    )
