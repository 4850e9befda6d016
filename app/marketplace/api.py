"""The market as JSON: the same verbs as the pages'."""

from collections import Counter
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next
from app.marketplace import models, queries, service, waiting
from app.marketplace.commands_look import MarketLook
from app.marketplace.outputs import (
    ApprovalOut,
    CardOut,
    FacetsOut,
    FoundOut,
    LineOut,
    ListingCardOut,
    ListingOut,
    MeantOut,
    MessageOut,
    QueuedOut,
    QueuePlaceOut,
    RequestOut,
    ReservationOut,
    WholeRequestOut,
)
from app.marketplace.queries_approval import approvals_of
from app.marketplace.rules import RequestState
from app.marketplace.rules_approval import ApprovalState
from app.marketplace.search import Card, card_of, search_market
from app.marketplace.search_meant import meant
from app.marketplace.search_promised import FEW, promised_for
from app.marketplace.standing import standing_of

router = APIRouter(tags=["market"])


class MarketQuery(MarketLook):
    """The search and where its list goes on."""

    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 24


Many = Field(min_length=1, max_length=200)


@router.get("/market", name="api:market:search")
def search(
    request: Request,
    response: Response,
    wanted: Annotated[MarketQuery, Query()],
    actor: SignedIn,
    db: Db,
) -> FoundOut:
    """Pieces that can be had, like ones as one listing with a count.

    What the words name comes before what they only meet; of both, and without words, the newest first.
    ``sort`` asks for another order: the newest, those nearest to ``from_place_id``, or those whose
    category gives off most when one is made anew.
    """
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        today = db.clock.now().date()
        found = search_market(
            session, actor, wanted, today=today, kind=Card, cursor=wanted.cursor, limit=wanted.limit
        )
        response.headers.update(link_next(request, found.next))
        is_little = not wanted.cursor and found.total < FEW
        promised = promised_for(session, actor, wanted, today) if is_little else []
        better = meant(session, actor, wanted, found.total, today) if is_little else None
        return FoundOut(
            total=found.total,
            cards=CardOut.all(found.cards),
            facets=FacetsOut.of(found.facets),
            promised=CardOut.all(promised),
            meant=MeantOut.model_validate(better) if better else None,
        )


@router.get("/listings/{listing_id}", name="api:listings:get")
def listing(listing_id: UUID, actor: SignedIn, db: Db) -> ListingCardOut:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        card = card_of(session, actor, listing_id)
        known = CardOut.model_validate(card).model_dump()
        queue = waiting.sums_of(session, actor, listing_id)
        return ListingCardOut(**known, waiting=queue.waiting, offered=queue.offered)


@router.get("/listings/{listing_id}/queue", name="api:listings:queue")
def queue(listing_id: UUID, actor: SignedIn, db: Db) -> list[QueuedOut]:
    """The whole waiting list, for who decides over the pieces: offers first, then who is next."""
    actor.must(Permission.RESERVATION_APPROVE)
    with db.read() as session:
        card = card_of(session, actor, listing_id)
        actor.must(Permission.RESERVATION_APPROVE, unit=card.giver_unit_id)
        return QueuedOut.all(waiting.queue_of(session, actor, listing_id))


@router.post("/listings", response_model=list[ListingOut], status_code=201)
def offer(
    commands: Annotated[list[service.Offer], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ListingOut.all(service.offer(session, actor, commands)),
        201,
    )


@router.post("/listings/withdraw", response_model=list[ListingOut])
def withdraw(
    commands: Annotated[list[service.OfListing], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ListingOut.all(service.withdraw(session, actor, commands)),
    )


@router.get("/requests", response_model=list[RequestOut], name="api:requests:list")
def requests(
    request: Request,
    actor: SignedIn,
    db: Db,
    cursor: Cursor = None,
    limit: Limit = 50,
    state: RequestState | None = None,
    *,
    mine: bool = False,
) -> Answer:
    """One's own, and those to pieces one decides over; newest first."""
    actor.must(Permission.REQUEST_MAKE)
    query = queries.own_requests(actor) if mine else queries.requests_visible_to(actor)
    if state is not None:
        query = query.where(models.Request.state == state)
    with db.read() as session:
        found = keyset(
            session,
            query,
            [(models.Request.created_at.expression, True), (models.Request.id.expression, True)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
        rows = [each.model_dump(mode="json") for each in RequestOut.all(found.rows)]
    return Answer(rows, headers=link_next(request, found.next))


@router.get("/requests/{request_id}", name="api:requests:get")
def whole_request(request_id: UUID, actor: SignedIn, db: Db) -> WholeRequestOut:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return _whole(session, actor, request_id)


def _whole(session: Session, actor: Actor, request_id: UUID) -> WholeRequestOut:
    seen = queries.requests_visible_to(actor).where(models.Request.id == request_id)
    row = session.scalar(seen)
    if row is None:
        raise NotFound(N_("Fant ikke bestillingen."))
    lines = session.scalars(
        select(models.RequestLine)
        .where(models.RequestLine.org_id == actor.org_id)
        .where(models.RequestLine.request_id == request_id)
        .order_by(models.RequestLine.created_at, models.RequestLine.id)
    ).all()
    claims = session.scalars(
        select(models.Reservation)
        .where(models.Reservation.receiver_org_id == actor.org_id)
        .where(models.Reservation.request_line_id.in_([each.id for each in lines]))
        .order_by(models.Reservation.asked_at, models.Reservation.id)
    ).all()
    approvals = session.scalars(approvals_of(actor, [request_id])).all()
    return WholeRequestOut(
        **RequestOut.model_validate(row).model_dump(),
        lines=LineOut.all(lines),
        reservations=ReservationOut.all(claims),
        approvals=ApprovalOut.all(approvals),
        standing=standing_of(
            row.state,
            Counter(each.state for each in claims),
            awaits_leader=any(each.state is ApprovalState.WAITING for each in approvals),
        ),
        queue=QueuePlaceOut.all(list(waiting.places_of(session, actor, lines).values())),
    )


@router.post("/requests", response_model=list[RequestOut], status_code=201)
def order(
    commands: Annotated[list[service.Order], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: RequestOut.all(service.order(session, actor, commands)),
        201,
    )


@router.post("/requests/cancel", response_model=list[RequestOut])
def cancel(
    commands: Annotated[list[service.OfRequest], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: RequestOut.all(service.cancel(session, actor, commands)),
    )


@router.post("/messages", response_model=list[MessageOut], status_code=201)
def post_message(
    commands: Annotated[list[service.PostMessage], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: MessageOut.all(service.post_message(session, actor, commands)),
        201,
    )


@router.post("/reservations/approve", response_model=list[LineOut])
def approve(
    commands: Annotated[list[service.Approve], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LineOut.all(service.approve(session, actor, commands)),
    )


@router.post("/reservations/decline", response_model=list[LineOut])
def decline(
    commands: Annotated[list[service.Decline], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LineOut.all(service.decline(session, actor, commands)),
    )


@router.post("/reservations/make-ready", response_model=list[LineOut])
def make_ready(
    commands: Annotated[list[service.OfRequestLine], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LineOut.all(service.make_ready(session, actor, commands)),
    )


@router.post("/reservations/accept-offer", response_model=list[LineOut])
def accept_offer(
    commands: Annotated[list[service.AcceptOffer], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Yes to pieces that fell free for who waited, before the limit."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LineOut.all(service.accept_offer(session, actor, commands)),
    )


@router.post("/reservations/decline-offer", response_model=list[LineOut])
def decline_offer(
    commands: Annotated[list[service.DeclineOffer], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """No to pieces that fell free for who waited: they are offered to the next."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: LineOut.all(service.decline_offer(session, actor, commands)),
    )
