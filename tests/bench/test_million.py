"""A market that the database has multiplied is a market: the search finds each copy."""

from datetime import date

from sqlalchemy import func, select

from app.items.models import Item
from app.kit.db import Database
from app.marketplace.commands import MarketSearch, Offer
from app.marketplace.models import ListingItem
from app.marketplace.queries import available
from app.marketplace.search import Card, search_market
from app.marketplace.service import offer
from bench.million import multiply
from bench.organisation import begin, furnish

TIMES = 4


def test_each_copy_is_found_and_holds_pieces_of_its_own(database: Database) -> None:
    with database.write() as session:
        begun = begin(session, places=2)
    items = furnish(database, begun, 40, 10)
    with database.write() as session:
        offer(
            session, begun.actor, [Offer(item_ids=items[at : at + 10]) for at in range(0, 40, 10)]
        )
    word = MarketSearch(words="stol")
    today = date(2026, 12, 1)
    with database.read() as session:
        before = search_market(session, begun.actor, word, today=today, kind=Card)
    with database.write() as session:
        multiply(session.connection(), TIMES)
    with database.read() as session:
        after = search_market(session, begun.actor, word, today=today, kind=Card)
        every = search_market(session, begun.actor, MarketSearch(), today=today, kind=Card)
        assert (before.total * TIMES, 4 * TIMES) == (after.total, every.total)
        assert after.total > 0
        listings = {each.listing_id for each in every.cards}
        assert len(listings) == 4 * TIMES
        left = session.execute(available(begun.actor, list(listings))).all()
        assert {row[1] for row in left} == {10}
        assert session.scalar(select(func.count()).select_from(Item)) == 40 * TIMES
        pieces = session.scalars(select(ListingItem.item_id)).all()
        assert len(set(pieces)) == 40 * TIMES
