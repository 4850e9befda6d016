"""Where patients are: listings and planned releases that an expert found suitable, and no others."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.models import Item
from app.items.rules import Fate, Suitability, Suitable, Verdict
from app.items.service_assess import Assess, assess
from app.kit.db import clock_of
from app.marketplace import service as market
from app.marketplace.commands import MarketSearch
from app.marketplace.search import Card, search_market
from app.needs import service
from app.needs.matching import matches_of
from app.needs.queries import lines_of
from app.needs.rules import Step
from app.projects.service import PlanRelease, plan_release
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, some_items
from tests.needs.test_found import looked, wishes
from tests.people import ActorOf, Organised
from tests.projects.rows import a_project


def judged(
    session: Session, who: Actor, items: Sequence[Item], suitability: Suitability | None
) -> None:
    commands = [
        Assess(item_id=each.id, verdict=Verdict.KEEP, suitability=suitability) for each in items
    ]
    assess(session, who, commands)


def test_a_listing_is_suitable_when_each_of_its_pieces_is(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    who, today = actor(), database.clock.today()
    wanted = MarketSearch(suitability=Suitable.WIPEABLE)
    with database.write() as session:
        half, whole = some_items(session, org, 2), some_items(session, org, 2)
        offers = [market.Offer(item_ids=[item.id for item in some]) for some in (half, whole)]
        _, listing = market.offer(session, who, offers)
        judged(session, who, half[:1], Suitability.WIPEABLE)
        judged(session, who, whole, Suitability.BOTH)
        found = search_market(session, who, wanted, today=today, kind=Card)
        assert [each.listing_id for each in found.cards] == [listing.id]
        assert found.total == 1
        judged(session, who, whole[1:], Suitability.NONE)
        found = search_market(session, who, wanted, today=today, kind=Card)
        assert found.cards == []
        assert search_market(session, who, MarketSearch(), today=today, kind=Card).total == 2


def test_a_need_where_patients_are_is_met_by_what_is_suitable_offered_or_planned(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    who = actor()
    with database.write() as session:
        today = clock_of(session).today()
        offered, planned, plain = (some_items(session, org, 1) for _ in range(3))
        market.offer(
            session, who, [market.Offer(item_ids=[each[0].id]) for each in (offered, plain)]
        )
        project = a_project(session, who, org)
        command = PlanRelease(
            project_id=project.id, item_ids=[planned[0].id], free_from=today, fate=Fate.OFFER
        )
        plan_release(session, who, [command])
        judged(session, who, [*offered, *planned], Suitability.BARRIER)
        lines = [
            service.NewNeedLine(category_id=CHAIR, quantity=1, suitability=each)
            for each in (Suitable.BARRIER, Suitable.BOTH, None)
        ]
        (need,) = service.submit(
            session, who, [service.SubmitNeed(unit_id=org.unit_id, lines=lines)]
        )
        session.flush()
        counts = [
            len(matches_of(session, who, need, line, Step.OWN_UNIT, today))
            for line in session.scalars(lines_of(who, [need.id]))
        ]
        assert counts == [2, 0, 3]


def test_a_wish_for_so_many_that_are_suitable_is_not_met_by_fewer(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    who = actor()
    wishes(database, who, category_id=CHAIR, suitability=Suitable.WIPEABLE, count=2)
    with database.write() as session:
        a_few, enough = some_items(session, org, 3), some_items(session, org, 3)
        judged(session, who, [*a_few[:1], *enough[:2]], Suitability.WIPEABLE)
        offers = [market.Offer(item_ids=[item.id for item in some]) for some in (a_few, enough)]
        market.offer(session, who, offers)
    assert looked(database, org) == [(False, 2)]
