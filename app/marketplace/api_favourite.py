"""A person's favourites as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey
from app.marketplace import service_favourite
from app.marketplace.commands import OfListing
from app.marketplace.outputs import CardOut
from app.marketplace.search import cards_of

router = APIRouter(tags=["market"])

Many = Annotated[list[OfListing], Field(min_length=1, max_length=service_favourite.MOST)]


@router.get("/favourites", name="api:favourites:list")
def favourites(actor: SignedIn, db: Db) -> list[CardOut]:
    """The caller's own favourites, the newest first, also those that have ended."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        kept = session.scalars(service_favourite.favourites_of(actor)).all()
        cards = cards_of(session, actor, [each.listing_id for each in kept])
        return CardOut.all([cards[each.listing_id] for each in kept if each.listing_id in cards])


@router.post("/favourites", response_model=list[UUID])
def keep(commands: Many, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Ids of the listings that are favourites now."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: [str(each) for each in service_favourite.keep(session, actor, commands)],
    )


@router.post("/favourites/remove", response_model=list[UUID])
def drop(commands: Many, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Ids of the listings that are favourites no longer."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: [str(each) for each in service_favourite.drop(session, actor, commands)],
    )
