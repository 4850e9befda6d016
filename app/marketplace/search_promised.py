"""Listings whose pieces are all promised: one may stand in the queue for them.

They are no part of the market's own search, which reads only rows with pieces left (ADR 0008), and
are looked for beside it where that finds little. So what is plenty costs nothing more.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import and_, or_, select, union_all
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.models import Item
from app.items.search import matching
from app.marketplace.commands import MarketSearch
from app.marketplace.models import Listing, ListingItem
from app.marketplace.queries_outside import held_still
from app.marketplace.rules import ListingState
from app.marketplace.search import Card, cards_of
from app.marketplace.search_rows import ROWS
from app.marketplace.search_statements import CONDITIONS, conditions_of

FEW = 6
"""Fewer hits than this are little, and no more than this are shown beside them."""
_NOT_ASKED = frozenset({"count", "after", "suitability"})
"""Nothing is left to count, or to hold every piece of against what patients may use."""


def promised_for(session: Session, actor: Actor, wanted: MarketSearch, today: date) -> list[Card]:
    """Open listings that match and have nothing left, though pieces stand on them; newest first."""
    asked = conditions_of(session, wanted, actor, today)
    names = {"condition" if name.startswith("condition_") else name for name in asked}
    named = [CONDITIONS[name] for name in sorted(names & CONDITIONS.keys() - _NOT_ASKED)]
    some = (
        select(ListingItem.listing_id)
        .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
        .where(ListingItem.org_id == actor.org_id)
        .where(matching(session, wanted.words, org_id=actor.org_id))
    )
    # Apart, for each has an index of its own.
    pieces = union_all(
        some.where(ListingItem.left_at.is_(None)),
        some.where(ListingItem.item_id.in_(held_still(actor.org_id))),
    )
    query = (
        select(ROWS.c.listing_id)
        .select_from(Listing)
        .join(ROWS, ROWS.c.listing_id == Listing.id)
        .where(
            Listing.org_id == actor.org_id,
            Listing.state == ListingState.OPEN,
            or_(Listing.until_date.is_(None), Listing.until_date >= today),
            ROWS.c.org_id == actor.org_id,
            ROWS.c.pieces == 0,
            ROWS.c.listing_id.in_(pieces),
            *named,
        )
        .order_by(ROWS.c.id.desc())
        .limit(FEW)
    )
    ids: list[UUID] = list(session.scalars(query, asked))
    found = cards_of(session, actor, ids) if ids else {}
    return [found[each] for each in ids if each in found]
