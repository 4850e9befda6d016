"""What is set aside for a need is nobody else's: not promised outside, nor taken somewhere else."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.marketplace import service as market
from app.needs.supply import News, supply
from app.projects.events import ItemReleasePlanned
from tests.databases import RolledBackDatabase
from tests.marketplace.openings import AT_PUBLIC, a_public_page, confirmed, said_yes
from tests.marketplace.stalls import acting
from tests.marketplace.test_network_market import AT_NETWORK, answered, asked
from tests.needs.test_allocations import DAYS, at_organisation, planned, seen
from tests.networks.circles import a_network
from tests.people import ActorOf, Organised


@pytest.fixture
def nurse(actor: ActorOf) -> Actor:
    return actor(Role.EMPLOYEE)


@pytest.fixture
def manager(actor: ActorOf) -> Actor:
    return actor(Role.FURNITURE_MANAGER)


def promised_outside(
    session: Session, whose: str, org: Organised, foreign_org: Organised, item_ids: list[UUID]
) -> None:
    """The pieces on the market, and a yes to one of them for a buyer or a partner."""
    if whose == "buyer":
        a_public_page(session, org)
    else:
        a_network(session, org, foreign_org)
    how = AT_PUBLIC if whose == "buyer" else AT_NETWORK
    offer = market.Offer.model_validate({"item_ids": item_ids, **how})
    (listing,) = market.offer(session, acting(session, org), [offer])
    if whose == "buyer":
        said_yes(session, org, confirmed(session, listing), 1)
    else:
        answered(session, org, asked(session, listing, foreign_org), 1)
    session.flush()


@pytest.mark.parametrize("whose", ["buyer", "partner"])
def test_what_is_promised_outside_is_neither_matched_nor_announced(
    session: Session,
    org: Organised,
    foreign_org: Organised,
    nurse: Actor,
    manager: Actor,
    database: RolledBackDatabase,
    whose: str,
) -> None:
    today = database.clock.today()
    planned(session, manager, org, today + DAYS, 1)
    ids = planned(session, manager, org, today + DAYS, 1)
    promised_outside(session, whose, org, foreign_org, ids)
    need, line = at_organisation(session, nurse, org)
    matches = seen(session, nurse, need, line, today)
    assert [(each.listing_id, each.count) for each in matches] == [(None, 1)]
    news = News(0, {ItemReleasePlanned.kind: set(ids)})
    assert supply(session, org.org_id, news, today) == []
