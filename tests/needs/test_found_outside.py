"""What partners show is found for open needs and wishes as what comes at home is."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.clock import MovedClock
from app.marketplace import service as market
from app.needs.models_wish import Find
from app.needs.queries_wish import SHOWN, finds
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR
from tests.marketplace.stalls import a_listing, acting
from tests.marketplace.test_network_market import AT_NETWORK
from tests.needs.test_found import (
    TUESDAY_AT_SIX,
    ActorOf,
    looked,
    needs,
    told,
    wishes,
)
from tests.networks.circles import a_network
from tests.people import Organised


@pytest.fixture
def nurse(actor: ActorOf) -> Actor:
    return actor(Role.EMPLOYEE)


def test_what_has_gone_takes_no_place_among_what_is_shown(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    nurse: Actor,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
    need_id = needs(database, nurse, org)
    with database.write() as session:
        kept = a_listing(session, foreign_org, 1, **AT_NETWORK).id
    looked(database, org)
    clock.move(timedelta(minutes=1))
    with database.write() as session:
        gone = [a_listing(session, foreign_org, 1, **AT_NETWORK).id for _ in range(SHOWN)]
    assert len(looked(database, org)) == SHOWN
    with database.write() as session:
        ended = [market.OfListing(listing_id=each) for each in gone]
        market.withdraw(session, acting(session, foreign_org), ended)
    with database.read() as session:
        assert [each.listing_id for each in finds(session, nurse, need_id=need_id)] == [kept]


def test_what_a_partner_shows_to_the_network_is_found_once_for_a_need_and_seen_while_it_is_shown(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    nurse: Actor,
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
    need_id = needs(database, nurse, org)
    wish_id = wishes(database, nurse, category_id=CHAIR)
    looked(database, org)
    with database.write() as session:
        listing_id = a_listing(session, foreign_org, 3, **AT_NETWORK).id
        a_listing(session, foreign_org, 2)
    assert looked(database, org) == [(False, 3), (True, 3)]
    with database.write() as session:
        [stand] = session.scalars(select(Find).where(Find.wish_id == wish_id)).one().stands
        session.get_one(Item, UUID(stand["item_id"])).state = ItemState.LOST
    assert looked(database, org) == [], "the one that stood for the others has gone"
    with database.read() as session:
        [find] = finds(session, nurse, need_id=need_id)
        assert finds(session, nurse, wish_id=wish_id) == [find]
    assert (find.listing_id, find.pieces, find.item_id) == (listing_id, 3, None)
    assert find.giver
    with database.write() as session:
        withdrawn = market.OfListing(listing_id=listing_id)
        market.withdraw(session, acting(session, foreign_org), [withdrawn])
    with database.read() as session:
        assert finds(session, nurse, need_id=need_id) == []


def test_a_new_partners_older_listings_are_found_and_told_once(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    nurse: Actor,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        a_listing(session, foreign_org, 3, **AT_NETWORK)
    need_id = needs(database, nurse, org)
    wishes(database, nurse, category_id=CHAIR)
    assert looked(database, org) == []
    clock.at = TUESDAY_AT_SIX
    with database.write() as session:
        a_network(session, org, foreign_org)
    assert looked(database, org) == [(False, 3), (True, 3)]
    assert told(database, org) == 2
    clock.move(timedelta(days=1))
    with database.write() as session:
        a_network(session, foreign_org, org)  # another network of the same two
    assert looked(database, org) == []
    assert told(database, org) == 0
    needs(database, nurse, org)
    assert looked(database, org) == [], "what was there before stands at the ladder's step"
    with database.read() as session:
        assert len(finds(session, nurse, need_id=need_id)) == 1


def test_a_wishs_words_read_what_a_partner_shows_and_nothing_else_of_the_piece(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, nurse: Actor
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
    wishes(database, nurse, words="saksbehandlerstol")
    wishes(database, nurse, words="lekkasje")
    wishes(database, nurse, words="kontorstol", count=3)
    looked(database, org)
    with database.write() as session:
        a_listing(session, foreign_org, 2, name="Saksbehandlerstol", note="lekkasje", **AT_NETWORK)
    assert looked(database, org) == [(False, 2)]
