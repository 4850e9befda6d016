"""A list of pieces onto the market: what can be offered is, and each of the others says why not."""

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.service_bulk import BulkLine, OfCodes, in_bulk
from app.marketplace.commands import Offer
from app.marketplace.service_listing import offer


def offer_in_bulk(session: Session, actor: Actor, command: OfCodes) -> list[BulkLine]:
    """The single offer, free and from today; like pieces become one listing."""
    actor.must(Permission.LISTING_PUBLISH)
    return in_bulk(
        session, actor, command, lambda ids: offer(session, actor, [Offer(item_ids=ids)])
    )
