"""What counts as found, and what there is, while the market and the need's own date go on."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, RoleGrant
from app.accounts.rules import Role
from app.items.models import Item
from app.items.rules import Fate, ItemState
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, Invalid
from app.marketplace import service as market
from app.marketplace.models import Request, RequestLine
from app.needs import matching, rules, service, service_ladder
from app.needs.matching import matches_of
from app.needs.models import NeedLine
from app.needs.queries import decisions_by_line
from app.needs.rules import NeedState, Outcome, Reason, Step, missing, next_step
from app.needs.service import Leave, OfNeed, Take
from app.projects.service import PlanRelease, plan_release
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.needs.test_ladder import ActorOf, a_need, decided, left, line_of, offered
from tests.people import Organised, SignedInAs
from tests.projects.rows import a_project


@pytest.fixture
def nurse(actor: ActorOf) -> Actor:
    return actor(Role.EMPLOYEE)


@pytest.fixture
def manager(actor: ActorOf) -> Actor:
    return actor(Role.FURNITURE_MANAGER)


def taken(session: Session, actor: Actor, line: NeedLine, listing: Any, quantity: int) -> Any:
    command = Take(
        need_line_id=line.id, step=Step.OWN_UNIT, quantity=quantity, listing_id=listing.id
    )
    return service_ladder.take(session, actor, [command])[0]


def missing_now(session: Session, actor: Actor, line: NeedLine) -> int:
    session.flush()
    return missing(line.quantity, decisions_by_line(session, actor, [line.id])[line.id])


def test_what_one_waits_for_is_missing_until_it_is_offered(
    session: Session, org: Organised, nurse: Actor, manager: Actor, actor: ActorOf
) -> None:
    listing = offered(session, manager, org, 2)
    need = a_need(session, nurse, org, quantity=2)
    line = line_of(session, nurse, need)
    first = market.Order(
        unit_id=org.other_unit_id, lines=[market.OrderLine(listing_id=listing.id, wanted=1)]
    )
    (other,) = market.order(session, actor(Role.MOVER), [first])
    step = taken(session, nurse, line, listing, 2)
    other_line = session.scalars(
        select(RequestLine.id).where(RequestLine.request_id == other.id)
    ).one()
    market.approve(session, manager, [market.Approve(request_line_id=other_line, quantity=1)])
    yes = market.Approve(request_line_id=step.request_line_id, quantity=2)
    market.approve(session, manager, [yes])

    (decision,) = decisions_by_line(session, nurse, [line.id])[line.id]
    assert (decision.waiting, decision.lost, decision.quantity) == (1, 0, 1)
    assert next_step(line.quantity, [decision]) is Step.OWN_UNIT
    (closed,) = service.close(session, nurse, [OfNeed(need_id=need.id)])
    assert closed.state is NeedState.CLOSED_UNMET

    market.cancel(session, actor(Role.MOVER), [market.OfRequest(request_id=other.id)])
    assert missing_now(session, nurse, line) == 0  # offered: the piece is held for her
    no = market.DeclineOffer(request_line_id=step.request_line_id, quantity=1)
    market.decline_offer(session, nurse, [no])
    assert missing_now(session, nurse, line) == 1


def test_a_need_whose_day_has_passed_can_still_be_met(
    session: Session, org: Organised, nurse: Actor, manager: Actor, clock: MovedClock
) -> None:
    listing = offered(session, manager, org, 2)
    wanted = clock.today() + timedelta(days=3)
    line = line_of(session, nurse, a_need(session, nurse, org, quantity=2, wanted_date=wanted))

    def ordered_for(quantity: int) -> date | None:
        step = taken(session, nurse, line, listing, quantity)
        query = select(Request.wanted_date).join(RequestLine, RequestLine.request_id == Request.id)
        return session.scalars(query.where(RequestLine.id == step.request_line_id)).one()

    assert ordered_for(1) == wanted
    clock.move(timedelta(days=4))
    assert ordered_for(1) is None
    assert missing_now(session, nurse, line) == 0


def test_two_takings_of_one_line_in_one_go_never_take_more_than_is_missing(
    session: Session, org: Organised, nurse: Actor, manager: Actor
) -> None:
    listing = offered(session, manager, org, 9)
    line = line_of(session, nurse, a_need(session, nurse, org))
    take = {"need_line_id": line.id, "step": Step.OWN_UNIT, "listing_id": listing.id}
    both = [Take(quantity=3, **take), Take(quantity=2, **take)]
    steps = service_ladder.take(session, nurse, both)
    session.flush()
    assert [each.number for each in steps] == [1, 2]
    line = line_of(session, nurse, a_need(session, nurse, org))
    take["need_line_id"] = line.id
    with pytest.raises(Invalid):
        service_ladder.take(session, nurse, [Take(quantity=3, **take), Take(quantity=3, **take)])


def test_not_to_buy_new_is_decided_by_who_could_have_bought(
    session: Session, org: Organised, nurse: Actor, actor: ActorOf
) -> None:
    line = line_of(session, nurse, a_need(session, nurse, org))
    left(session, nurse, line, *rules.WALKED[:-1])
    no = [Leave(need_line_id=line.id, step=Step.NEW, reason=Reason.PRICE)]
    with pytest.raises(Forbidden):
        service_ladder.leave(session, nurse, no)
    service_ladder.leave(session, actor(Role.APPROVER), no)
    assert decided(session, nurse, line)[-1] == (Step.NEW, Outcome.REFUSED, 0)


def test_what_one_s_own_unit_offers_is_found_behind_newer_offers_of_others(
    session: Session,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    database: RolledBackDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = offered(session, manager, org, 1, name="Vår stol")
    for n in range(30):
        offered(session, manager, org, 1, name=f"Stol {n}", owner_unit_id=org.other_unit_id)
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    monkeypatch.setattr(matching, "MOST_MATCHES", 24)
    today = database.clock.today()

    def found(step: Step) -> list[Any]:
        return [each.listing_id for each in matches_of(session, nurse, need, line, step, today)]

    assert found(Step.OWN_UNIT) == [mine.id]
    assert len(set(found(Step.ORGANISATION))) == 24


@pytest.mark.parametrize("how", ["lost", "promised"])
def test_a_planned_release_of_what_is_lost_or_promised_is_no_match(
    session: Session,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    database: RolledBackDatabase,
    how: str,
) -> None:
    today = database.clock.today()
    items = some_items(session, org, 2, owner_unit_id=org.other_unit_id)
    plan = PlanRelease(
        project_id=a_project(session, manager, org).id,
        item_ids=[each.id for each in items],
        fate=Fate.OFFER,
        free_from=today + timedelta(days=9),
    )
    plan_release(session, manager, [plan])
    if how == "lost":
        session.get_one(Item, items[0].id).state = ItemState.LOST
    else:
        (listing,) = market.offer(session, manager, [market.Offer(item_ids=[items[0].id])])
        ordered = market.OrderLine(listing_id=listing.id, wanted=1)
        order = market.Order(unit_id=org.unit_id, lines=[ordered])
        (request,) = market.order(session, nurse, [order])
        session.flush()
        line_id = session.scalars(
            select(RequestLine.id).where(RequestLine.request_id == request.id)
        ).one()
        market.approve(session, manager, [market.Approve(request_line_id=line_id, quantity=1)])
        market.withdraw(session, manager, [market.OfListing(listing_id=listing.id)])
    session.flush()
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    (match,) = matches_of(session, nurse, need, line, Step.ORGANISATION, today)
    assert (match.count, match.item_id) == (1, items[1].id)


def test_a_unit_s_needs_wait_for_who_decides_there_and_not_for_who_reads_them(
    session: Session, org: Organised, signed_in_as: SignedInAs, nurse: Actor
) -> None:
    a_need(session, nurse, org)
    membership = session.scalars(
        select(Membership).where(Membership.person_id == org.person_ids[Role.CONTROLLER])
    ).one()
    granted = {"org_id": org.org_id, "membership_id": membership.id, "role": Role.APPROVER}
    session.add(RoleGrant(**granted, unit_id=org.other_unit_id))
    session.flush()

    def waits() -> bool:
        tasks = signed_in_as(Role.CONTROLLER).get("/api/v1/waiting").json()
        return any(each["task"] == "examine_need" for each in tasks)

    assert not waits()
    session.add(RoleGrant(**granted, unit_id=org.unit_id))
    session.flush()
    assert waits()
