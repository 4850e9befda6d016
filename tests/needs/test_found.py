"""What comes after somebody asked is found once, kept, and told once a day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.rules import Fate
from app.kit.clock import MovedClock
from app.kit.events import EventRow
from app.marketplace import service as market
from app.marketplace.commands import MarketSearch
from app.needs.found import found_since
from app.needs.models import LadderStep, NeedLine
from app.needs.models_wish import Find, NeedWatch
from app.needs.rules import Step
from app.needs.service import Leave, OfNeed, SubmitNeed, Take, cancel, submit
from app.needs.service_ladder import leave, take
from app.needs.service_watch import keep, tell_found
from app.needs.service_wish import MakeWish, make_wish
from app.notices.models import Notice
from app.projects.service import CancelLine, PlanRelease, cancel_line, plan_release
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, some_items
from tests.marketplace.stalls import a_listing
from tests.people import Organised
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]
DESK = "DESK_SITSTAND"
TUESDAY_AT_SIX = datetime(2026, 3, 3, 5, tzinfo=UTC)


@pytest.fixture
def nurse(actor: ActorOf) -> Actor:
    return actor(Role.EMPLOYEE)


@pytest.fixture
def manager(actor: ActorOf) -> Actor:
    return actor(Role.FURNITURE_MANAGER)


def needs(database: RolledBackDatabase, actor: Actor, org: Organised, **how: Any) -> UUID:
    line = {"category_id": how.pop("category_id", CHAIR), "quantity": how.pop("quantity", 5)}
    sizes = {name: how.pop(name) for name in list(how) if name.endswith("_mm")}
    body = {"unit_id": org.unit_id, "lines": [{**line, **sizes}], **how}
    with database.write() as session:
        return submit(session, actor, [SubmitNeed.model_validate(body)])[0].id


def wishes(database: RolledBackDatabase, actor: Actor, **how: Any) -> UUID:
    extra = {name: how.pop(name) for name in ("quantity", "wanted_date") if name in how}
    wish = MakeWish(name="Ønske", wanted=MarketSearch.model_validate(how), **extra)
    with database.write() as session:
        return make_wish(session, actor, [wish])[0].id


def offers(
    database: RolledBackDatabase, manager: Actor, org: Organised, quantity: int = 3, **how: Any
) -> UUID:
    from_date = how.pop("from_date", None)
    with database.write() as session:
        items = some_items(session, org, quantity, **how)
        offer = market.Offer(item_ids=[each.id for each in items], from_date=from_date)
        return market.offer(session, manager, [offer])[0].id


def looked(database: RolledBackDatabase, org: Organised) -> list[tuple[bool, int]]:
    """Looks to the end of the chain; gives of each new find whether it is a need's, and how many."""
    new: list[tuple[bool, int]] = []
    while True:
        with database.read() as session:
            found = found_since(session, org.org_id)
        if found.is_done:
            return sorted(new)
        with database.write() as session:
            assert keep(session, org.org_id, found)
        new += [
            (each.need_line_id is not None, one.count)
            for each in found.finds
            for one in each.stands
        ]


def test_what_is_put_on_the_market_is_found_once_for_an_open_need(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor
) -> None:
    offers(database, manager, org, 4)
    looked(database, org)
    need_id = needs(database, nurse, org)
    assert looked(database, org) == [], "what was there before stands at the steps of the ladder"
    listing_id = offers(database, manager, org, 3)
    offers(database, manager, org, 2, category_id=DESK)
    assert looked(database, org) == [(True, 3)]
    assert looked(database, org) == []
    with database.read() as session:
        [find] = session.scalars(select(Find)).all()
        line = session.scalars(select(NeedLine).where(NeedLine.need_id == need_id)).one()
    assert (find.need_line_id, find.pieces) == (line.id, 3)
    assert [each["listing_id"] for each in find.stands] == [str(listing_id)]


def test_what_is_registered_as_free_and_what_will_be_released_is_found(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor
) -> None:
    needs(database, nurse, org)
    with database.write() as session:
        some_items(session, org, 2, is_free=True)
        kept = some_items(session, org, 3)
        project = a_project(session, manager, org, from_date=date(2026, 3, 10))
        ids = [each.id for each in kept]
        plan_release(session, manager, [PlanRelease(project_id=project.id, item_ids=ids)])
    assert looked(database, org) == [(True, 2), (True, 3)]


def test_pieces_in_use_kept_gone_too_late_or_too_large_are_not_found(
    database: RolledBackDatabase,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    clock: MovedClock,
) -> None:
    day = date(2026, 3, 20)
    needs(database, nurse, org, wanted_date=day, width_max_mm=600)
    looked(database, org)
    with database.write() as session:
        some_items(session, org, 2, width_mm=500)
        items = some_items(session, org, 3, width_mm=500)
        project = a_project(session, manager, org, from_date=date(2026, 3, 10))
        ids = [each.id for each in items]
        plan_release(
            session,
            manager,
            [
                PlanRelease(project_id=project.id, item_ids=ids[:1], fate=Fate.RECYCLE),
                PlanRelease(
                    project_id=project.id,
                    item_ids=ids[1:2],
                    free_from=date(2026, 3, 3),
                    gone_by=date(2026, 3, 4),
                ),
                PlanRelease(project_id=project.id, item_ids=ids[2:], free_from=date(2026, 4, 1)),
            ],
        )
    offers(database, manager, org, width_mm=700)
    offers(database, manager, org)
    offers(database, manager, org, width_mm=500, from_date=day + timedelta(days=1))
    clock.move(timedelta(days=7))
    assert looked(database, org) == []
    offers(database, manager, org, 1, width_mm=600, from_date=day)
    assert looked(database, org) == [(True, 1)]


def test_a_need_that_is_met_or_over_is_looked_for_no_more(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor
) -> None:
    listing_id = offers(database, manager, org, 5)
    met, over = needs(database, nurse, org, quantity=5), needs(database, nurse, org)
    with database.write() as session:
        line = session.scalars(select(NeedLine).where(NeedLine.need_id == met)).one()
        step = Take(need_line_id=line.id, step=Step.OWN_UNIT, quantity=5, listing_id=listing_id)
        take(session, nurse, [step])
        cancel(session, nurse, [OfNeed(need_id=over)])
    looked(database, org)
    offers(database, manager, org)
    assert looked(database, org) == []


def test_another_organisation_finds_nothing_of_ours(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    actor: ActorOf,
    manager: Actor,
) -> None:
    stranger = actor(Role.EMPLOYEE, foreign_org)
    needs(database, stranger, foreign_org)
    wishes(database, stranger, category_id=CHAIR)
    offers(database, manager, org)
    assert looked(database, foreign_org) == []
    assert looked(database, org) == []


def test_a_look_that_another_worker_has_made_keeps_nothing(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor
) -> None:
    needs(database, nurse, org)
    offers(database, manager, org)
    with database.read() as session:
        found = found_since(session, org.org_id)
    assert len(found.finds) == 1
    with database.write() as session:
        assert keep(session, org.org_id, found)
    with database.write() as session:
        assert not keep(session, org.org_id, found)
        assert session.scalars(select(func.count()).select_from(Find)).one() == 1


def told(database: RolledBackDatabase, org: Organised) -> int:
    with database.write() as session:
        return tell_found(session, org.org_id)


def test_who_asked_is_told_once_a_working_day_with_all_that_came(
    database: RolledBackDatabase,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    clock: MovedClock,
) -> None:
    need_id = needs(database, nurse, org)
    wish_id = wishes(database, nurse, category_id=CHAIR)
    for quantity in (3, 2):
        offers(database, manager, org, quantity)
        looked(database, org)
    clock.at = TUESDAY_AT_SIX - timedelta(minutes=1)
    assert told(database, org) == 0
    clock.at = TUESDAY_AT_SIX
    assert told(database, org) == 2
    assert told(database, org) == 0
    offers(database, manager, org, 4)
    looked(database, org)
    assert told(database, org) == 0
    clock.move(timedelta(days=1))
    assert told(database, org) == 2
    with database.read() as session:
        rows = session.execute(
            select(Notice.kind, Notice.subject_id, Notice.values, Notice.delivery).where(
                Notice.person_id == nurse.person_id
            )
        ).all()
    kinds = sorted((row.kind, row.values["matches"]) for row in rows)
    assert kinds == [
        ("need_matched", 4),
        ("need_matched", 5),
        ("wish_matched", 4),
        ("wish_matched", 5),
    ]
    assert {row.subject_id for row in rows} == {need_id, wish_id}
    assert {row.delivery.value for row in rows} == {"daily"}


def test_nobody_is_told_on_a_day_off_or_of_what_is_over(
    database: RolledBackDatabase,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    clock: MovedClock,
) -> None:
    need_id = needs(database, nurse, org)
    offers(database, manager, org)
    looked(database, org)
    clock.at = datetime(2026, 3, 7, 12, tzinfo=UTC)  # a Saturday
    assert told(database, org) == 0
    with database.write() as session:
        cancel(session, nurse, [OfNeed(need_id=need_id)])
    clock.at = datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert told(database, org) == 0
    with database.read() as session:
        assert session.scalars(select(Find.told_at)).all() == [clock.at]


def test_the_mark_stands_where_the_last_look_ended(
    database: RolledBackDatabase, org: Organised, manager: Actor
) -> None:
    offers(database, manager, org)
    looked(database, org)
    with database.read() as session:
        seq = session.scalars(select(NeedWatch.seq)).one()
        events = session.scalars(
            select(func.count()).select_from(EventRow).where(EventRow.org_id == org.org_id)
        ).one()
    assert seq >= events


def test_a_cancelled_line_of_a_programme_holds_no_need_back(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor
) -> None:
    listing_id = offers(database, manager, org, 5)
    with database.write() as session:
        project = a_project(session, manager, org)
        line = a_line(session, manager, project, quantity=5)
        body = {
            "unit_id": org.unit_id,
            "project_id": project.id,
            "lines": [{"category_id": CHAIR, "quantity": 5, "programme_line_id": line.id}],
        }
        (need,) = submit(session, manager, [SubmitNeed.model_validate(body)])
        asked = session.scalars(select(NeedLine).where(NeedLine.need_id == need.id)).one()
        cancel_line(session, manager, [CancelLine(programme_line_id=line.id)])
        step = Take(need_line_id=asked.id, step=Step.OWN_UNIT, quantity=5, listing_id=listing_id)
        take(session, manager, [step])
        assert session.scalars(select(LadderStep.quantity)).all() == [5]


def test_offers_that_come_after_the_wanted_day_are_no_matches(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor
) -> None:
    day = date(2026, 3, 20)
    offers(database, manager, org, 3, from_date=day + timedelta(days=1))
    need_id = needs(database, nurse, org, wanted_date=day)
    with database.write() as session:
        line = session.scalars(select(NeedLine).where(NeedLine.need_id == need_id)).one()
        step = Leave(need_line_id=line.id, step=Step.OWN_UNIT)
        (decided,) = leave(session, nurse, [step])
        assert decided.matches == []


def test_what_a_unit_shows_its_own_people_first_is_found_by_others_once_they_see_it(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor
) -> None:
    needs(database, nurse, org)
    wishes(database, nurse, category_id=CHAIR)
    with database.write() as session:
        theirs = a_listing(session, org, 2, unit_days=5, owner_unit_id=org.other_unit_id)
        a_listing(session, org, 1, unit_days=5)
    assert looked(database, org) == [(False, 1), (True, 1)]
    with database.write() as session:
        market.widen(session, manager, [market.OfListing(listing_id=theirs.id)])
    assert looked(database, org) == [(False, 2), (True, 2)]
    assert looked(database, org) == []


def test_what_is_listed_again_is_found_by_who_asked_meanwhile(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor
) -> None:
    listing_id = offers(database, manager, org, 2)
    with database.write() as session:
        market.withdraw(session, manager, [market.OfListing(listing_id=listing_id)])
    needs(database, nurse, org)
    assert looked(database, org) == []
    with database.write() as session:
        market.relist(session, manager, [market.Relist(listing_id=listing_id)])
    assert looked(database, org) == [(True, 2)]
