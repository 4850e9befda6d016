"""What is set aside for a need is nobody else's: not promised outside, nor taken somewhere else."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.disposals.service import Decide, decide
from app.handovers import service as handovers
from app.handovers.models import HandoverLine
from app.handovers.service import GiveBack, HandOver, Receive
from app.items.models import Item
from app.items.rules import Fate
from app.marketplace import service as market
from app.marketplace.rules import ReturnReason
from app.marketplace.service_listing import PieceSetAside
from app.needs import service, service_ladder
from app.needs.models import Need, NeedLine
from app.needs.rules import AllocationEnd, Step
from app.needs.service import OfNeed, Take
from app.needs.supply import News, supply
from app.notices.models import Notice
from app.projects.events import ItemReleasePlanned
from app.projects.service import PlanRelease, plan_release
from tests.databases import RolledBackDatabase
from tests.disposals.test_service import proposed
from tests.handovers.orders import ON
from tests.handovers.test_return import one_delivered
from tests.marketplace.openings import AT_PUBLIC, a_public_page, confirmed, said_yes
from tests.marketplace.stalls import acting
from tests.marketplace.test_network_market import AT_NETWORK, answered, asked
from tests.needs.test_allocations import (
    DAYS,
    at_organisation,
    ends,
    lacks,
    planned,
    seen,
    states,
    taken,
)
from tests.needs.test_ladder import a_need, line_of
from tests.networks.circles import a_network
from tests.people import ActorOf, Organised
from tests.projects.rows import a_project


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


def two_set_aside(
    session: Session, org: Organised, nurse: Actor, manager: Actor, today: date
) -> tuple[list[UUID], NeedLine]:
    """Two pieces of the other unit, set aside for a need of five."""
    ids = planned(session, manager, org, today + DAYS, 2)
    need, line = at_organisation(session, nurse, org)
    taken(session, nurse, need, line, 2, today)
    assert lacks(session, nurse, line) == 3
    return ids, line


def handed_over(session: Session, actor: Actor, org: Organised, ids: list[UUID], to: UUID) -> None:
    trip = HandOver(item_ids=ids, handed_over_on=ON, to_unit_id=to, to_place_id=org.storage_id)
    handovers.hand_over(session, actor, [trip])


def thrown_away(session: Session, org: Organised, ids: list[UUID]) -> None:
    manager = acting(session, org)
    row = proposed(session, manager, [session.get_one(Item, each) for each in ids])
    decide(session, acting(session, org, Role.APPROVER), Decide(disposal_id=row.id))


@pytest.mark.parametrize("how", ["to another unit", "thrown away"])
def test_what_leaves_for_something_else_is_lacking_again(
    session: Session,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    database: RolledBackDatabase,
    how: str,
) -> None:
    ids, line = two_set_aside(session, org, nurse, manager, database.clock.today())
    if how == "thrown away":
        thrown_away(session, org, ids[:1])
    else:
        handed_over(session, manager, org, ids[:1], org.other_unit_id)
    assert states(session) == ["allocated", "gone"]
    assert lacks(session, nurse, line) == 4
    assert sorted(map(str, ends(session))) == ["None", "taken_off"]
    told = session.scalars(select(Notice).where(Notice.kind == "allocation_ended")).one()
    assert (told.person_id, told.values["pieces"]) == (nurse.person_id, 1)


def test_what_goes_to_the_needs_unit_is_still_its_own(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    ids, line = two_set_aside(session, org, nurse, manager, database.clock.today())
    handed_over(session, manager, org, ids, org.unit_id)
    assert states(session) == ["gone"] * 2
    assert ends(session) == [None] * 2
    assert lacks(session, nurse, line) == 3


def set_aside_at_its_unit(
    session: Session, org: Organised, item_id: UUID, unit_id: UUID, today: date
) -> Need:
    """A project releases the piece, and a need of the unit that has it is given it."""
    manager, nurse = acting(session, org), acting(session, org, Role.EMPLOYEE)
    project = a_project(session, manager, org)
    plan = PlanRelease(project_id=project.id, item_ids=[item_id], fate=Fate.OFFER, free_from=today)
    plan_release(session, manager, [plan])
    need = a_need(session, nurse, org, unit_id=unit_id)
    line = line_of(session, nurse, need)
    take = Take(need_line_id=line.id, step=Step.OWN_UNIT, quantity=1, item_id=item_id)
    service_ladder.take(session, nurse, [take])
    return need


def test_a_piece_that_came_to_the_unit_once_before_is_not_on_its_way_to_it(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    today = database.clock.today()
    (item_id,) = planned(session, manager, org, today, 1)
    handed_over(session, manager, org, [item_id], org.unit_id)
    lines = list(session.scalars(select(HandoverLine.id)))
    handovers.receive(session, manager, [Receive(handover_line_ids=lines)])
    set_aside_at_its_unit(session, org, item_id, org.unit_id, today)
    handed_over(session, manager, org, [item_id], org.other_unit_id)
    assert ends(session) == [AllocationEnd.TAKEN_OFF]


def test_a_received_piece_that_is_set_aside_since_does_not_go_back_to_its_giver(
    session: Session, org: Organised, nurse: Actor, manager: Actor, database: RolledBackDatabase
) -> None:
    today = database.clock.today()
    _, _, line = one_delivered(session, manager, org)
    need = set_aside_at_its_unit(session, org, line.item_id, org.other_unit_id, today)
    back = GiveBack(handover_line_ids=[line.id], reason=ReturnReason.WRONG_PIECE)
    with pytest.raises(PieceSetAside):
        handovers.give_back(session, manager, [back])
    assert states(session) == ["allocated"]
    service.cancel(session, nurse, [OfNeed(need_id=need.id)])
    assert handovers.give_back(session, manager, [back])
