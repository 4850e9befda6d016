"""A request that needs the yes of the asker's own leaders before the giver is asked."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.models import Deputy, Membership, Unit
from app.accounts.rules import Role
from app.kit.clock import Clock, MovedClock
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.marketplace import queries, service
from app.marketplace.commands_approval import (
    ApproveAsLeader,
    LevelLimit,
    RefuseAsLeader,
    RemoveApprovalRule,
    SetApprovalRule,
)
from app.marketplace.models import Request
from app.marketplace.models_approval import Approval
from app.marketplace.queries_approval import rules_of, waiting_for_leader
from app.marketplace.rules import RefusalReason
from app.marketplace.rules_approval import Limit, levels_needed
from app.marketplace.service_waiting import pass_on
from tests.marketplace.stalls import a_listing, a_request, acting, approved, states, the_line
from tests.people import Organised, a_member


def a_leader(session: Session, org: Organised, clock: Clock, unit_id: UUID) -> Actor:
    """Somebody new who leads the unit, an employee otherwise."""
    person_id = a_member(session, clock, org.org_id, unit_id, Role.EMPLOYEE)
    session.get_one(Unit, unit_id).leader_id = person_id
    session.flush()
    found = actor_of(session, org.org_id, person_id)
    assert found is not None
    return found


def top_unit(session: Session, org: Organised) -> UUID:
    parent_id = session.get_one(Unit, org.other_unit_id).parent_id
    assert parent_id is not None
    return parent_id


def a_rule(
    session: Session,
    org: Organised,
    *limits: tuple[int | None, int | None],
    unit_id: UUID | None = None,
    **fields: object,
) -> None:
    """Limits in øre and pieces, from the first level up."""
    known = rules_of(session, org.org_id).get(unit_id)
    levels = [
        LevelLimit(level=level, above_ore=ore, above_pieces=pieces)
        for level, (ore, pieces) in enumerate(limits, 1)
    ]
    command = SetApprovalRule.model_validate(
        {
            "unit_id": unit_id,
            "version": known.row.version if known else 0,
            "levels": [each.model_dump() for each in levels],
            **fields,
        }
    )
    service.set_approval_rule(session, acting(session, org, Role.ADMIN), command)


def levels(session: Session, request: Request) -> list[tuple[int, str]]:
    session.flush()
    session.expire_all()
    rows = session.scalars(
        select(Approval).where(Approval.request_id == request.id).order_by(Approval.level)
    )
    return [(each.level, each.state.value) for each in rows]


def asked(session: Session, actor: Actor) -> list[UUID]:
    return list(session.scalars(waiting_for_leader(actor).with_only_columns(Approval.id)))


def yes(session: Session, actor: Actor, ids: Sequence[UUID] = ()) -> None:
    chosen = ids or asked(session, actor)
    service.approve_as_leader(session, actor, [ApproveAsLeader(approval_id=i) for i in chosen])


@pytest.mark.parametrize(
    ("value", "pieces", "is_chosen", "needed"),
    [
        (100, 1, False, 0),
        (101, 1, False, 1),
        (0, 6, False, 1),
        (0, 1, True, 1),
        (1001, 1, False, 2),
        (1001, 9, True, 2),
    ],
)
def test_as_many_levels_are_needed_as_the_highest_limit_that_is_passed(
    value: int,
    pieces: int,
    *,
    is_chosen: bool,
    needed: int,
) -> None:
    limits = [Limit(1, 100, 5), Limit(2, 1000, None)]
    found = levels_needed(limits, value_ore=value, pieces=pieces, is_chosen_category=is_chosen)
    assert found == needed


def test_what_needs_nobody_goes_straight_to_the_giver(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, (None, 5))
    request = a_request(session, org, a_listing(session, org, 5), 5)
    assert levels(session, request) == []
    approved(session, org, request, 5)
    assert states(session, request) == {"approved": 5}


def test_the_giver_waits_for_the_leader_and_is_asked_after_the_yes(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    leader = a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, (None, 5))
    request = a_request(session, org, a_listing(session, org, 6), 6)
    manager = acting(session, org)
    assert levels(session, request) == [(1, "waiting")]
    assert request.id not in set(session.scalars(queries.undecided(manager)))
    for verb in (
        lambda: approved(session, org, request, 6),
        lambda: service.decline(
            session,
            manager,
            [
                service.Decline(
                    request_line_id=the_line(session, request).id, reason=RefusalReason.GONE
                )
            ],
        ),
    ):
        with pytest.raises(service.AwaitsLeader):
            verb()
    assert states(session, request) == {"requested": 6}
    yes(session, leader)
    assert levels(session, request) == [(1, "approved")]
    assert request.id in set(session.scalars(queries.undecided(manager)))
    approved(session, org, request, 6)
    assert states(session, request) == {"approved": 6}


def test_each_level_is_asked_in_its_turn(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    near = a_leader(session, org, clock, org.other_unit_id)
    far = a_leader(session, org, clock, top_unit(session, org))
    a_rule(session, org, (0, None), (10_00, None))
    listing = a_listing(session, org, new_price_ore=20_00)
    request = a_request(session, org, listing)
    assert levels(session, request) == [(1, "waiting"), (2, "waiting")]
    second = session.scalars(select(Approval.id).where(Approval.level == 2)).one()
    assert asked(session, far) == []
    with pytest.raises(Forbidden):
        yes(session, far, [second])
    yes(session, near)
    assert asked(session, near) == []
    assert asked(session, far) == [second]
    yes(session, far)
    assert levels(session, request) == [(1, "approved"), (2, "approved")]
    approved(session, org, request, 1)


def test_the_value_is_the_price_where_one_is_asked_and_else_that_of_new_pieces(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, (50_00, None))
    dear = a_listing(session, org, 2, new_price_ore=40_00)
    assert levels(session, a_request(session, org, dear, 1)) == []
    request = a_request(session, org, dear, 2)
    assert levels(session, request) == [(1, "waiting")]
    assert session.scalars(select(Approval.value_ore)).one() == 80_00
    # Neither piece nor model has a price: the category's is counted, which is far above.
    assert levels(session, a_request(session, org, a_listing(session, org))) == [(1, "waiting")]


def test_a_chosen_category_needs_the_leader_whatever_it_costs(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, category_ids=["CHAIR_TASK"])
    assert levels(session, a_request(session, org, a_listing(session, org))) == [(1, "waiting")]


def test_a_units_own_rule_holds_for_it_and_what_lies_below_and_can_be_taken_away(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, (None, 0))
    a_rule(session, org, unit_id=org.other_unit_id)
    listing = a_listing(session, org, 3)
    assert levels(session, a_request(session, org, listing)) == []
    admin = acting(session, org, Role.ADMIN)
    remove = RemoveApprovalRule(unit_id=org.other_unit_id)
    service.remove_approval_rule(session, admin, remove)
    assert levels(session, a_request(session, org, listing)) == [(1, "waiting")]
    with pytest.raises(NotFound):
        service.remove_approval_rule(session, admin, remove)


def test_a_deputy_answers_for_the_leader(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    a_leader(session, org, clock, org.other_unit_id)
    deputy = org.person_ids[Role.MOVER]
    session.add(Deputy(org_id=org.org_id, unit_id=org.other_unit_id, person_id=deputy))
    a_rule(session, org, (None, 0))
    request = a_request(session, org, a_listing(session, org))
    yes(session, acting(session, org, Role.MOVER))
    assert levels(session, request) == [(1, "approved")]


def test_nobody_says_yes_to_their_own_request_not_even_by_a_deputy_of_theirs(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    far = a_leader(session, org, clock, top_unit(session, org))
    unit = session.get_one(Unit, org.other_unit_id)
    unit.leader_id = org.person_ids[Role.EMPLOYEE]
    deputy = org.person_ids[Role.MOVER]
    session.add(Deputy(org_id=org.org_id, unit_id=unit.id, person_id=deputy))
    a_rule(session, org, (None, 0))
    request = a_request(session, org, a_listing(session, org))
    [approval_id] = session.scalars(select(Approval.id).where(Approval.request_id == request.id))
    with pytest.raises(service.OwnRequest):
        yes(session, acting(session, org, Role.EMPLOYEE), [approval_id])
    with pytest.raises(Forbidden):
        yes(session, acting(session, org, Role.MOVER), [approval_id])
    assert levels(session, request) == [(1, "waiting")]
    assert asked(session, far) == [approval_id]


def test_where_nobody_leads_the_administrators_answer_and_one_alone_cannot(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    a_rule(session, org, (None, 0))
    listing = a_listing(session, org, 2)
    request = a_request(session, org, listing)
    assert asked(session, acting(session, org, Role.ADMIN))
    yes(session, acting(session, org, Role.ADMIN))
    assert levels(session, request) == [(1, "approved")]
    with pytest.raises(Invalid) as refused:
        a_request(session, org, listing, role=Role.ADMIN)
    assert list(refused.value.by_field) == ["unit_id"]


def test_when_the_leader_has_left_the_administrators_answer(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    leader = a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, (None, 0))
    request = a_request(session, org, a_listing(session, org))
    admin = acting(session, org, Role.ADMIN)
    assert asked(session, admin) == []
    query = select(Membership).where(Membership.person_id == leader.person_id)
    session.scalars(query).one().ended_at = clock.now()
    yes(session, admin)
    assert levels(session, request) == [(1, "approved")]


def test_a_refusal_ends_the_request_with_its_reason(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    near = a_leader(session, org, clock, org.other_unit_id)
    a_leader(session, org, clock, top_unit(session, org))
    a_rule(session, org, (None, 0), (None, 1))
    request = a_request(session, org, a_listing(session, org, 2), 2)
    [first] = asked(session, near)
    no = RefuseAsLeader(approval_id=first, reason="Vi venter til nytt år.")
    service.refuse_as_leader(session, near, [no])
    assert levels(session, request) == [(1, "declined"), (2, "dropped")]
    assert states(session, request) == {"declined": 2}
    assert the_line(session, request).declined == 2
    assert session.get_one(Request, request.id).state.value == "closed"
    assert session.get_one(Approval, first).reason == "Vi venter til nytt år."
    with pytest.raises(service.ApprovalDecided):
        service.refuse_as_leader(session, near, [no])
    with pytest.raises(service.ApprovalDecided):
        yes(session, near, [first])


def test_a_cancelled_or_withdrawn_request_asks_nobody_any_more(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    leader = a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, (None, 0))
    listing = a_listing(session, org, 2)
    cancelled, withdrawn = (a_request(session, org, listing) for _ in range(2))
    employee = acting(session, org, Role.EMPLOYEE)
    service.cancel(session, employee, [service.OfRequest(request_id=cancelled.id)])
    withdraw = service.OfListing(listing_id=listing.id)
    service.withdraw(session, acting(session, org), [withdraw])
    assert levels(session, cancelled) == levels(session, withdrawn) == [(1, "dropped")]
    assert asked(session, leader) == []


def test_what_waits_for_a_leader_is_not_on_the_waiting_list(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, (None, 0))
    listing = a_listing(session, org)
    request = a_request(session, org, listing)
    assert pass_on(session, acting(session, org), [listing.id]) == 0
    assert states(session, request) == {"requested": 1}


def test_strangers_and_another_organisation_find_nothing_to_answer(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    leader = a_leader(session, org, clock, org.other_unit_id)
    a_rule(session, org, (None, 0))
    request = a_request(session, org, a_listing(session, org))
    ids = asked(session, leader)
    for stranger in (acting(session, org, Role.SURVEYOR), acting(session, foreign_org, Role.ADMIN)):
        with pytest.raises(NotFound):
            yes(session, stranger, ids)
    with pytest.raises(Forbidden):  # who decides for the giver sees it, and may not
        yes(session, acting(session, org), ids)
    assert levels(session, request) == [(1, "waiting")]


def test_where_the_rule_says_so_a_giver_may_not_approve_their_own_request(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 2)
    a_rule(session, org, giver_may_approve_own=False)
    own = a_request(session, org, listing, role=Role.FURNITURE_MANAGER)
    with pytest.raises(service.OwnRequest):
        approved(session, org, own, 1)
    assert states(session, own) == {"requested": 1}
    a_rule(session, org, giver_may_approve_own=True)
    approved(session, org, own, 1)


def test_a_rule_is_set_by_who_may_in_order_and_by_version(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    with pytest.raises(Forbidden):
        service.set_approval_rule(session, acting(session, org), SetApprovalRule(version=0))
    admin = acting(session, org, Role.ADMIN)
    with pytest.raises(NotFound):
        foreign = SetApprovalRule(version=0, unit_id=foreign_org.unit_id)
        service.set_approval_rule(session, admin, foreign)
    with pytest.raises(Invalid):
        unknown = SetApprovalRule(version=0, category_ids=["NO_SUCH"])
        service.set_approval_rule(session, admin, unknown)
    for wrong in (
        [{"level": 2, "above_ore": 1}],
        [{"level": 1}],
        [{"level": 1, "above_ore": 5}, {"level": 2, "above_ore": 4}],
        [{"level": 1, "above_ore": -1}],
        [{"level": 5, "above_ore": 1}],
    ):
        with pytest.raises(ValueError):
            SetApprovalRule.model_validate({"version": 0, "levels": wrong})
    a_rule(session, org, (1, None))
    with pytest.raises(Stale):
        service.set_approval_rule(session, admin, SetApprovalRule(version=0))
    assert rules_of(session, org.org_id)[None].limits == (Limit(1, 1, None),)
