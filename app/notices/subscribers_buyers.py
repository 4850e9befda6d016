"""Who is told of what happens on the public page: the giver's people, and the buyer by letter."""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.items.models import Item
from app.marketplace.events_public import BuyerConfirmed, BuyerEvent, BuyerWithdrew
from app.marketplace.models import ListingItem
from app.notices.service import tell
from app.notices.service_buyers import write_to
from app.notices.subscribers import deciders

LETTERS: Mapping[str, str] = {
    "buyer-asked": "buyer_confirm",
    "buyer-approved": "buyer_approved",
    "buyer-declined": "buyer_declined",
    "buyer-cancelled": "buyer_cancelled",
    "buyer-waiting": "buyer_queue",
    "buyer-offered": "buyer_queue",
    "buyer-expired": "buyer_queue",
    "buyer-day-moved": "buyer_moved",
}
"""Event → the letter's texts under ``templates/email/``."""


def on_step(session: Session, events: Sequence[BuyerEvent]) -> None:
    """The buyer: that the address is to be confirmed, and what the giver answers."""
    for event in events:
        write_to(session, event.org_id, event.subject_id, LETTERS[event.kind])


def on_asked(session: Session, events: Sequence[BuyerConfirmed | BuyerWithdrew]) -> None:
    """The giver's side: who decides over the unit that owns the pieces."""
    for event in events:
        pieces = session.execute(
            select(Item.name, Item.owner_unit_id)
            .join(
                ListingItem, and_(ListingItem.org_id == Item.org_id, ListingItem.item_id == Item.id)
            )
            .where(ListingItem.org_id == event.org_id, ListingItem.listing_id == event.listing_id)
            .order_by(Item.id)
        ).all()
        people = deciders(session, event.org_id, {each.owner_unit_id for each in pieces})
        facts = {"step": event.kind, "piece": pieces[0].name, "pieces": event.pieces}
        tell(session, event.org_id, people, "buyer_asked", event.subject_id, facts)
