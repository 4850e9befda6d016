"""Who sees a listing at its stage, the clock that moves it on, its deadline, and listing it again."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, RoleGrant, Unit
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.kit.events import EventRow
from app.marketplace import service
from app.marketplace.commands import MarketSearch
from app.marketplace.models import Listing, ListingItem, RequestLine
from app.marketplace.queries import listings_visible_to
from app.marketplace.rules import ListingState, RefusalReason, Stage
from app.marketplace.search import Card, newest_on_offer, pieces_on_offer, search_market
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, a_request, acting, approved, states
from tests.people import Organised

TODAY = date(2026, 3, 2)


def rules(session: Session, org: Organised, **changed: Any) -> None:
    values: dict[str, Any] = {
        "unit_days": 5,
        "organisation_days": 10,
        "last_stage": Stage.ORGANISATION,
        "remind_days": 5,
        "version": 0,
    }
    command = service.SetListingRules(**(values | changed))
    service.set_rules(session, acting(session, org), command)


def is_seen(session: Session, org: Organised, listing: Listing, role: Role) -> bool:
    """By the search, by the list of listings and on the home page, which must agree."""
    actor = acting(session, org, role)
    found = search_market(session, actor, MarketSearch(), today=TODAY, kind=Card)
    seen = session.scalars(listings_visible_to(actor).with_only_columns(Listing.id)).all()
    answers = {
        listing.id in {each.listing_id for each in found.cards},
        sum(count for _, count in found.facets.categories) == 1,
        found.total == 1,
        listing.id in seen,
        [each.listing_id for each in newest_on_offer(session, actor, TODAY, 8)] == [listing.id],
        pieces_on_offer(session, actor, TODAY) == 1,
    }
    assert len(answers) == 1
    return answers.pop()


def at_home_in(session: Session, org: Organised, role: Role, unit_id: UUID | None) -> None:
    member = session.scalars(
        select(Membership).where(Membership.person_id == org.person_ids[role])
    ).one()
    member.home_unit_id = unit_id
    session.flush()


def limited_to(session: Session, org: Organised, role: Role, unit_id: UUID) -> None:
    grant = session.scalars(
        select(RoleGrant)
        .join(Membership, Membership.id == RoleGrant.membership_id)
        .where(Membership.person_id == org.person_ids[role])
    ).one()
    grant.unit_id = unit_id
    session.flush()


def stage_of(session: Session, listing: Listing) -> tuple[Stage, date | None]:
    session.flush()
    session.refresh(listing)
    return listing.stage, listing.next_stage_on


def kinds(session: Session, subject_id: UUID) -> list[str]:
    query = select(EventRow.kind).where(EventRow.subject_id == subject_id)
    return sorted(session.scalars(query))


def test_a_listing_of_a_unit_is_seen_by_its_people_and_by_who_answers_for_it(
    session: Session, org: Organised
) -> None:
    rules(session, org)
    listing = a_listing(session, org, owner_unit_id=org.unit_id)
    assert stage_of(session, listing) == (Stage.UNIT, date(2026, 3, 9))
    assert is_seen(session, org, listing, Role.EMPLOYEE)
    at_home_in(session, org, Role.EMPLOYEE, org.other_unit_id)
    assert not is_seen(session, org, listing, Role.EMPLOYEE)
    at_home_in(session, org, Role.EMPLOYEE, None)
    assert not is_seen(session, org, listing, Role.EMPLOYEE)
    assert is_seen(session, org, listing, Role.FURNITURE_MANAGER)


def test_a_role_for_one_unit_sees_what_that_unit_offers_its_own(
    session: Session, org: Organised
) -> None:
    rules(session, org)
    listing = a_listing(session, org, owner_unit_id=org.unit_id)
    at_home_in(session, org, Role.APPROVER, org.other_unit_id)
    limited_to(session, org, Role.APPROVER, org.other_unit_id)
    assert not is_seen(session, org, listing, Role.APPROVER)
    limited_to(session, org, Role.APPROVER, org.unit_id)
    assert is_seen(session, org, listing, Role.APPROVER)


def test_a_department_sees_what_the_whole_it_lies_in_offers_its_people(
    session: Session, org: Organised
) -> None:
    rules(session, org)
    listing = a_listing(session, org, owner_unit_id=root_of(session, org))
    assert is_seen(session, org, listing, Role.EMPLOYEE)


def root_of(session: Session, org: Organised) -> UUID:
    unit = session.get_one(Unit, org.unit_id)
    assert unit.parent_id is not None
    return unit.parent_id


def test_who_does_not_see_a_listing_can_not_ask_for_it_either(
    session: Session, org: Organised
) -> None:
    rules(session, org)
    listing = a_listing(session, org)
    at_home_in(session, org, Role.EMPLOYEE, org.other_unit_id)
    employee = acting(session, org, Role.EMPLOYEE)
    with pytest.raises(NotFound):
        a_request(session, org, listing)
    with pytest.raises(NotFound):
        service.put_in_basket(session, employee, [service.PutInBasket(listing_id=listing.id)])
    at_home_in(session, org, Role.EMPLOYEE, org.unit_id)
    a_request(session, org, listing)


def test_what_is_not_seen_any_more_can_be_taken_out_of_the_basket(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org)
    employee = acting(session, org, Role.EMPLOYEE)
    service.put_in_basket(session, employee, [service.PutInBasket(listing_id=listing.id)])
    listing.stage = Stage.UNIT
    at_home_in(session, org, Role.EMPLOYEE, org.other_unit_id)
    gone = service.ChangeBasket(listing_id=listing.id, wanted=0)
    service.change_basket(session, acting(session, org, Role.EMPLOYEE), [gone])


def test_the_clock_shows_it_to_all_on_the_day_and_not_before(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    rules(session, org)
    listing = a_listing(session, org)
    at_home_in(session, org, Role.EMPLOYEE, org.other_unit_id)
    clock.move(timedelta(days=6))
    assert service.widen_due(session) == 0
    clock.move(timedelta(days=1))
    assert service.widen_due(session) == 1
    assert service.widen_due(session) == 0
    assert stage_of(session, listing) == (Stage.ORGANISATION, None)
    assert is_seen(session, org, listing, Role.EMPLOYEE)
    assert kinds(session, listing.id) == ["listing-opened", "listing-stage-reached"]


def test_a_listing_has_its_own_days_and_its_own_last_stage(
    session: Session, org: Organised
) -> None:
    rules(session, org)
    longer = a_listing(session, org, unit_days=10)
    skipping = a_listing(session, org, unit_days=0)
    staying = a_listing(session, org, last_stage=Stage.UNIT)
    assert stage_of(session, longer) == (Stage.UNIT, date(2026, 3, 16))
    assert stage_of(session, skipping) == (Stage.ORGANISATION, None)
    assert stage_of(session, staying) == (Stage.UNIT, None)


def test_open_listings_follow_new_rules_but_never_back(session: Session, org: Organised) -> None:
    everywhere = a_listing(session, org)
    rules(session, org)
    usual, own = a_listing(session, org), a_listing(session, org, unit_days=2)
    rules(session, org, unit_days=3, version=1)
    assert stage_of(session, everywhere) == (Stage.ORGANISATION, None)
    assert stage_of(session, usual) == (Stage.UNIT, date(2026, 3, 5))
    assert stage_of(session, own) == (Stage.UNIT, date(2026, 3, 4))
    rules(session, org, last_stage=Stage.UNIT, version=2)
    assert stage_of(session, usual) == (Stage.UNIT, None)


def test_rules_are_set_by_who_publishes_everywhere_on_the_version_they_saw(
    session: Session, org: Organised
) -> None:
    rules(session, org)
    with pytest.raises(Stale):
        rules(session, org)
    limited_to(session, org, Role.FURNITURE_MANAGER, org.unit_id)
    with pytest.raises(Forbidden):
        rules(session, org, version=1)


def change(session: Session, org: Organised, listing: Listing, **fields: Any) -> None:
    command = service.ChangeListing(
        listing_id=listing.id,
        **({"version": listing.version, "from_date": TODAY} | fields),
    )
    service.change_listing(session, acting(session, org), [command])


def test_a_shorter_stage_that_is_over_ends_at_once(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    rules(session, org)
    listing = a_listing(session, org)
    clock.move(timedelta(days=3))
    change(session, org, listing, unit_days=2)
    assert stage_of(session, listing)[0] is Stage.ORGANISATION
    with pytest.raises(Stale):
        change(session, org, listing, version=1)


def test_a_deadline_in_the_past_is_refused_everywhere(session: Session, org: Organised) -> None:
    past = date(2026, 3, 1)
    with pytest.raises(Invalid):
        a_listing(session, org, from_date=past, until_date=past)
    listing = a_listing(session, org)
    with pytest.raises(Invalid):
        change(session, org, listing, from_date=past, until_date=past)
    closed = withdrawn(session, org, listing)
    with pytest.raises(Invalid):
        relisted(session, org, closed, from_date=past, until_date=past)


def withdrawn(session: Session, org: Organised, listing: Listing) -> Listing:
    command = service.OfListing(listing_id=listing.id)
    [row] = service.withdraw(session, acting(session, org), [command])
    return row


def relisted(session: Session, org: Organised, listing: Listing, **dates: date) -> Listing:
    command = service.Relist(listing_id=listing.id, **dates)
    [row] = service.relist(session, acting(session, org), [command])
    return row


def test_widening_goes_one_stage_and_says_when_there_is_none(
    session: Session, org: Organised
) -> None:
    rules(session, org)
    listing = a_listing(session, org)
    command = service.OfListing(listing_id=listing.id)
    service.widen(session, acting(session, org), [command])
    assert stage_of(session, listing)[0] is Stage.ORGANISATION
    with pytest.raises(service.LastStageReached):
        service.widen(session, acting(session, org), [command])


def test_a_listing_ends_after_its_last_day_and_the_pieces_stay_in_use(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing = a_listing(session, org, 3, until_date=date(2026, 3, 10))
    promised = a_request(session, org, listing, 1)
    approved(session, org, promised, 1)
    clock.move(timedelta(days=8))
    assert service.lapse_due(session) == 0
    clock.move(timedelta(days=1))
    assert service.lapse_due(session) == 1
    assert service.lapse_due(session) == 0
    session.refresh(listing)
    assert listing.state is ListingState.ENDED
    assert states(session, promised) == {"approved": 1}
    on = session.scalars(
        select(ListingItem).where(
            ListingItem.listing_id == listing.id, ListingItem.left_at.is_(None)
        )
    ).all()
    assert len(on) == 1
    assert "listing-lapsed" in kinds(session, listing.id)


def test_who_asked_in_time_is_answered_and_who_waits_is_told_no(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    listing = a_listing(session, org, 1, until_date=date(2026, 3, 10))
    first, second = a_request(session, org, listing), a_request(session, org, listing)
    approved(session, org, first, 1)
    clock.move(timedelta(days=9))
    assert service.lapse_due(session) == 0
    approved(session, org, second, 1)
    assert states(session, second) == {"waiting": 1}
    assert service.lapse_due(session) == 1
    assert states(session, second) == {"declined": 1}
    reasons = select(RequestLine.declined_for).where(RequestLine.request_id == second.id)
    assert session.scalars(reasons).all() == [RefusalReason.LAPSED]


def test_a_withdrawn_listing_is_listed_again_with_its_history(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    rules(session, org)
    listing = a_listing(session, org, 2)
    withdrawn(session, org, listing)
    clock.move(timedelta(days=7))
    relisted(session, org, listing, until_date=date(2026, 4, 1))
    assert stage_of(session, listing) == (Stage.UNIT, date(2026, 3, 16))
    assert listing.until_date == date(2026, 4, 1)
    found = search_market(
        session, acting(session, org), MarketSearch(), today=TODAY, kind=Card
    ).cards
    assert [each.count for each in found] == [2]
    assert kinds(session, listing.id) == [
        "listing-opened",
        "listing-relisted",
        "listing-withdrawn",
    ]


def test_only_what_can_be_offered_comes_back(session: Session, org: Organised) -> None:
    listing = a_listing(session, org, 3)
    request = a_request(session, org, listing)
    approved(session, org, request, 1)
    withdrawn(session, org, listing)
    on = select(ListingItem).where(ListingItem.listing_id == listing.id)
    left = session.scalars(on.where(ListingItem.left_at.is_not(None))).all()
    again = service.Offer(item_ids=[left[0].item_id])
    service.offer(session, acting(session, org), [again])
    relisted(session, org, listing)
    session.expire_all()
    there = session.scalars(on.where(ListingItem.left_at.is_(None))).all()
    assert len(there) == 2
    assert left[0].item_id not in {each.item_id for each in there}


def test_nothing_to_list_again_and_an_open_listing_are_refused(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org)
    with pytest.raises(service.ListingOpen):
        relisted(session, org, listing)
    withdrawn(session, org, listing)
    item_id = session.scalars(
        select(ListingItem.item_id).where(ListingItem.listing_id == listing.id)
    ).one()
    service.offer(session, acting(session, org), [service.Offer(item_ids=[item_id])])
    with pytest.raises(service.NothingToRelist):
        relisted(session, org, listing)


@pytest.mark.parametrize(
    "verb",
    [
        lambda s, a, i: service.widen(s, a, [service.OfListing(listing_id=i)]),
        lambda s, a, i: service.relist(s, a, [service.Relist(listing_id=i)]),
        lambda s, a, i: service.change_listing(
            s, a, [service.ChangeListing(listing_id=i, version=1, from_date=TODAY)]
        ),
    ],
)
def test_a_manager_of_another_unit_may_not(
    session: Session, org: Organised, verb: Callable[..., object]
) -> None:
    listing = a_listing(session, org, owner_unit_id=org.unit_id)
    limited_to(session, org, Role.FURNITURE_MANAGER, org.other_unit_id)
    with pytest.raises(Forbidden):
        verb(session, acting(session, org), listing.id)
    with pytest.raises(Forbidden):
        verb(session, acting(session, org, Role.EMPLOYEE), listing.id)


def test_a_job_that_is_killed_in_the_middle_goes_on_where_it_was(
    database: RolledBackDatabase, org: Organised, clock: MovedClock
) -> None:
    with database.write() as session:
        rules(session, org)
        listing_id = a_listing(session, org, until_date=date(2026, 3, 13)).id
    clock.move(timedelta(days=7))
    with pytest.raises(RuntimeError, match="killed"), database.write() as session:
        assert service.remind_deadlines(session) == service.widen_due(session) == 1
        raise RuntimeError("killed")
    with database.write() as session:
        assert service.remind_deadlines(session) == service.widen_due(session) == 1
        assert service.remind_deadlines(session) == service.widen_due(session) == 0
        assert kinds(session, listing_id).count("listing-stage-reached") == 1
        assert kinds(session, listing_id).count("listing-deadline-near") == 1
