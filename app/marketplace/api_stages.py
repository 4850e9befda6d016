"""Listings as JSON: their list, dates and stages, and the organisation's way through the stages."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.paging import Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, IfMatch, etag, link_next, version_of
from app.marketplace import models, queries, service
from app.marketplace.commands import Days
from app.marketplace.outputs import ListingOut, ListingRulesOut
from app.marketplace.queries_stages import plan_of_rules, remind_days_of, rules_of
from app.marketplace.rules import ListingState, Stage

router = APIRouter(tags=["market"])
Many = Field(min_length=1, max_length=200)


class RulesFields(BaseModel):
    """All of them as they are to be; If-Match names the version, ``"v0"`` while nothing is set."""

    model_config = ConfigDict(extra="forbid")

    unit_days: Days
    organisation_days: Days
    network_days: Days
    last_stage: Stage
    remind_days: Annotated[int, Field(ge=0, le=60)]


@router.get("/listings", response_model=list[ListingOut], name="api:listings:list")
def listings(
    request: Request,
    actor: SignedIn,
    db: Db,
    cursor: Cursor = None,
    limit: Limit = 50,
    state: ListingState | None = None,
) -> Answer:
    """The organisation's listings that have reached the reader, newest first, in every state."""
    actor.must(Permission.ITEM_READ)
    query = queries.listings_visible_to(actor)
    if state is not None:
        query = query.where(models.Listing.state == state)
    with db.read() as session:
        found = keyset(
            session,
            query,
            [(models.Listing.created_at.expression, True), (models.Listing.id.expression, True)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
        rows = [each.model_dump(mode="json") for each in ListingOut.all(found.rows)]
    return Answer(rows, headers=link_next(request, found.next))


@router.get("/listing-rules", response_model=ListingRulesOut, name="api:listing_rules:get")
def rules(actor: SignedIn, db: Db) -> JSONResponse:
    """How listings go from stage to stage in the organisation."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        row = session.scalar(rules_of(actor.org_id))
        plan = plan_of_rules(row)
        out = ListingRulesOut(
            unit_days=plan.unit_days,
            organisation_days=plan.organisation_days,
            network_days=plan.network_days,
            last_stage=plan.last_stage,
            remind_days=remind_days_of(row),
            version=row.version if row is not None else 0,
        )
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.put("/listing-rules", response_model=ListingRulesOut)
def set_rules(
    fields: RulesFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> JSONResponse:
    """Open listings follow the new rules, but never back to a stage before theirs."""
    command = service.SetListingRules(version=version_of(if_match), **fields.model_dump())
    with db.write() as session:
        out = ListingRulesOut.model_validate(service.set_rules(session, actor, command))
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.put("/listings/{listing_id}", response_model=ListingOut)
def change_listing(
    listing_id: UUID,
    fields: service.ListingFields,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
) -> JSONResponse:
    """All of the fields as they are to be: one that is left out is emptied."""
    command = service.ChangeListing(
        listing_id=listing_id, version=version_of(if_match), **fields.model_dump()
    )
    with db.write() as session:
        [row] = service.change_listing(session, actor, [command])
        out = ListingOut.model_validate(row)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.post("/listings/widen", response_model=list[ListingOut])
def widen(
    commands: Annotated[list[service.OfListing], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """To the next stage today, before its day has come."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ListingOut.all(service.widen(session, actor, commands)),
    )


@router.post("/listings/relist", response_model=list[ListingOut])
def relist(
    commands: Annotated[list[service.Relist], Many],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Ended and withdrawn listings again, with what of their pieces can be offered now."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: ListingOut.all(service.relist(session, actor, commands)),
    )
