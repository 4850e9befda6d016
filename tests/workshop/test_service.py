"""Orders to suppliers through their verbs, with what they leave in states, needs and ledger."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import PERMISSIONS, Permission, Role
from app.catalogue.rules import Work
from app.handovers.models import HandoverLine
from app.impact.rules import FulfilmentSource, UserCase
from app.items.queries import codes_of
from app.items.rules import ItemState
from app.items.service_lifecycle import ItemNotThere
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, NotFound
from app.ledger.rules import booked as as_booked
from app.ledger.rules import differences
from app.marketplace.models_approval import ApprovalLevel, ApprovalRule
from app.needs.models import NeedLine
from app.needs.queries import decisions_by_line
from app.needs.rules import Step, missing
from app.needs.service import Leave, NewNeedLine, SubmitNeed, submit
from app.needs.service_ladder import NotThisStep, leave
from app.projects.models import Fulfilment
from app.projects.service import AddLine, StartProject, add_lines, start_project
from app.workshop import commands as do
from app.workshop.models import Quote, SupplierOrder
from app.workshop.rules import OrderState
from app.workshop.service import (
    NoQuoteChosen,
    OrderOver,
    PieceOnOrder,
    cancel_order,
    send_order,
)
from app.workshop.service_approval import NothingToApprove, YesMissing, approve_order
from app.workshop.service_deliver import deliver_order
from app.workshop.service_quote import choose_quote
from app.workshop.service_sending import OverBudget
from tests.factories import CHAIR, an_item, some_items
from tests.people import Organised
from tests.workshop.orders import (
    a_supplier,
    chosen,
    confirmed,
    delivery,
    drafted,
    entries,
    ids_of,
    of,
    quoted,
)

ActorOf = Callable[..., Actor]


def test_pieces_keep_code_and_history_and_are_booked_by_what_the_workshop_used(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    """Per chair: R = 1.15·(1200·10 + 800·4) + 3 kWh·0.015 + the end of what was taken off."""
    manager = actor()
    items = some_items(session, org, 10)
    before = codes_of(session, manager, ids_of(items))
    order = drafted(session, manager, org, item_ids=ids_of(items))
    assert {each.state for each in items} == {ItemState.IN_USE}
    confirmed(session, manager, order, 1_000_000)
    assert {each.state for each in items} == {ItemState.IN_WORKSHOP}
    command = delivery(
        session,
        order,
        materials=[
            {"material": "textile", "mass_g": 1200},
            {"material": "pur_foam", "mass_g": 800},
        ],
        removed=[{"material": "steel", "mass_g": 500}],
        energy_wh=3000,
        costs_complete=True,
    )
    deliver_order(session, manager, command)
    assert {each.state for each in items} == {ItemState.IN_USE}
    assert codes_of(session, manager, ids_of(items)) == before
    booked = entries(session)
    assert len(booked) == 10
    used = 1.15 * (1200 * 10 + 800 * 4) + 45 + 500 * 0.0047
    trip = 15 * 20 * 0.78225
    assert {each.co2e_g for each in booked} == {round(73_345.995 - trip - used)}
    assert {each.waste_g for each in booked} == {14_500}
    disposal = 14_500 * 0.25
    assert {each.saved_ore for each in booked} == {round(450_000 - 100_000 + disposal)}
    lines = session.scalars(select(HandoverLine)).all()
    assert {each.user_case for each in lines} == {UserCase.SAME_USER}
    assert [differences(as_booked(each).entry) for each in booked] == [[]] * 10


def test_without_records_the_share_of_the_level_stands_in(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    items = some_items(session, org, 2)
    order = drafted(session, manager, org, item_ids=ids_of(items))
    confirmed(session, manager, order, 200_000)
    deliver_order(session, manager, delivery(session, order, level="reupholstery"))
    trip = 15 * 20 * 0.78225
    wanted = round(73_345.995 - trip - 0.28 * 60_000)
    assert {each.co2e_g for each in entries(session)} == {wanted}


def test_what_nobody_uses_comes_back_free_and_earns_nothing_yet(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    item = an_item(session, org, is_free=True)
    order = drafted(session, manager, org, work=Work.CLEAN_OR_REPAIR, item_ids=[item.id])
    confirmed(session, manager, order, 10_000)
    done = deliver_order(session, manager, delivery(session, order))
    assert (item.state, done.state) == (ItemState.AVAILABLE, OrderState.DONE)
    assert done.handover_id is None
    assert entries(session) == []


def test_some_are_mended_and_the_rest_are_taken_apart_and_earn_nothing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    items = some_items(session, org, 3)
    order = drafted(session, manager, org, item_ids=ids_of(items))
    confirmed(session, manager, order, 300_000)
    apart = items[2]
    heavy = delivery(
        session,
        order,
        dismantled_ids=[apart.id],
        offcuts=[{"fraction": "metal", "mass_g": 15_001}],
    )
    with pytest.raises(Invalid) as refused:
        deliver_order(session, manager, heavy)
    assert "offcuts" in refused.value.by_field
    assert apart.state is ItemState.IN_WORKSHOP
    command = heavy.model_copy(update={"offcuts": [do.OffcutMass(fraction="metal", mass_g=15_000)]})
    deliver_order(session, manager, command)
    assert [each.state for each in items] == [
        ItemState.IN_USE,
        ItemState.IN_USE,
        ItemState.DISMANTLED,
    ]
    assert {each.item_id for each in entries(session)} == {items[0].id, items[1].id}
    lines = session.scalars(select(HandoverLine)).all()
    assert {each.redesign_ore for each in lines} == {150_000}


def test_another_than_the_first_ranked_is_chosen_for_a_reason(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    order = drafted(session, manager, org, item_ids=[an_item(session, org).id])
    first = a_supplier(session, manager, "Først", 1)
    second = a_supplier(session, manager, "Nest", 2)
    with pytest.raises(NoQuoteChosen):
        send_order(session, manager, of(order))
    quoted(session, manager, order, first, 500_000)
    cheap = quoted(session, manager, order, second, 100_000)
    command = do.ChooseQuote(supplier_order_id=order.id, quote_id=cheap.id)
    with pytest.raises(Invalid) as refused:
        choose_quote(session, manager, command)
    assert "why" in refused.value.by_field
    assert {each.chosen_at for each in session.scalars(select(Quote))} == {None}
    choose_quote(session, manager, command.model_copy(update={"why": "En femdel av prisen."}))
    assert (order.supplier_id, order.price_ore) == (second.id, 100_000)
    quoted(session, manager, order, second, 110_000)  # a new price is chosen anew
    session.refresh(order)
    assert order.price_ore is None


def test_a_price_above_the_rule_waits_for_the_leader_and_a_higher_one_waits_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    rule = ApprovalRule(org_id=org.org_id, unit_id=org.unit_id)
    session.add(rule)
    session.flush()
    session.add(ApprovalLevel(org_id=org.org_id, rule_id=rule.id, level=1, above_ore=50_000))
    manager, leader = actor(), actor(Role.APPROVER)
    item = an_item(session, org)
    order = drafted(session, manager, org, item_ids=[item.id])
    chosen(session, manager, order, 50_001)
    with pytest.raises(YesMissing):
        send_order(session, manager, of(order))
    assert (order.state, item.state) == (OrderState.DRAFT, ItemState.IN_USE)
    with pytest.raises(Forbidden):
        approve_order(session, manager, of(order))
    approve_order(session, leader, of(order))
    with pytest.raises(NothingToApprove):
        approve_order(session, leader, of(order))
    send_order(session, manager, of(order))
    assert item.state is ItemState.IN_WORKSHOP


def test_orders_of_a_project_stay_within_its_budget(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    plan = StartProject(
        name="P",
        unit_id=org.unit_id,
        place_id=org.room_id,
        budget_ore=300_000,
        budget_is_limit=True,
    )
    (project,) = start_project(session, manager, [plan])
    wanted = AddLine(project_id=project.id, category_id=CHAIR, quantity=2)
    (line,) = add_lines(session, manager, [wanted])
    first, second = (
        drafted(
            session, manager, org, item_ids=[an_item(session, org).id], programme_line_id=line.id
        )
        for _ in range(2)
    )
    confirmed(session, manager, first, 200_000)
    chosen(session, manager, second, 100_001)
    with pytest.raises(OverBudget) as refused:
        send_order(session, manager, of(second))
    told = "Rammen er 3\xa0000\xa0kr, og med dette oppdraget blir det 3\xa0000,01\xa0kr."
    assert refused.value.detail == told
    deliver_order(session, manager, delivery(session, first))
    met = session.scalars(select(Fulfilment)).one()
    assert (met.programme_line_id, met.source) == (line.id, FulfilmentSource.REDESIGNED)


def test_an_order_for_a_need_is_taken_at_its_step_and_lacks_again_when_called_off(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    asked = SubmitNeed(unit_id=org.unit_id, lines=[NewNeedLine(category_id=CHAIR, quantity=2)])
    (need,) = submit(session, manager, [asked])
    line = session.scalars(select(NeedLine).where(NeedLine.need_id == need.id)).one()

    def lacks() -> int:
        return missing(2, decisions_by_line(session, manager, [line.id]).get(line.id, []))

    items = some_items(session, org, 2, is_free=True)
    order = drafted(
        session,
        manager,
        org,
        item_ids=ids_of(items),
        need_line_id=line.id,
        place_id=org.room_id,
    )
    chosen(session, manager, order, 100_000)
    with pytest.raises(NotThisStep):
        send_order(session, manager, of(order))
    for step in (Step.OWN_UNIT, Step.ORGANISATION):
        leave(session, manager, [Leave(need_line_id=line.id, step=step)])
    send_order(session, manager, of(order))
    assert lacks() == 0
    why = do.CancelOrder(supplier_order_id=order.id, why="Verkstedet sa nei.")
    cancel_order(session, manager, why)
    assert lacks() == 2
    assert {each.state for each in items} == {ItemState.AVAILABLE}
    again = drafted(
        session,
        manager,
        org,
        item_ids=ids_of(items),
        need_line_id=line.id,
        place_id=org.room_id,
    )
    confirmed(session, manager, again, 100_000)
    command = delivery(session, again, dismantled_ids=[items[1].id])
    deliver_order(session, manager, command)
    assert lacks() == 1
    handed = session.scalars(select(HandoverLine)).one()
    assert handed.need_recorded_before


def test_a_piece_is_on_one_open_order_and_an_order_goes_one_way(
    session: Session, org: Organised, actor: ActorOf, foreign_org: Organised
) -> None:
    manager = actor()
    item = an_item(session, org)
    order = drafted(session, manager, org, item_ids=[item.id])
    with pytest.raises(PieceOnOrder):
        drafted(session, manager, org, item_ids=[item.id])
    with pytest.raises(NotFound):
        drafted(session, manager, org, item_ids=[an_item(session, foreign_org).id])
    with pytest.raises(ItemNotThere):
        sold = an_item(session, org, state=ItemState.SOLD)
        drafted(session, manager, org, item_ids=[sold.id])
    with pytest.raises(Invalid):
        drafted(session, manager, org, item_ids=[])
    confirmed(session, manager, order, 1)
    with pytest.raises(OrderOver):
        send_order(session, manager, of(order))
    deliver_order(session, manager, delivery(session, order))
    with pytest.raises(OrderOver):
        deliver_order(session, manager, delivery(session, order))
    why = do.CancelOrder(supplier_order_id=order.id, why="For sent")
    with pytest.raises(OrderOver):
        cancel_order(session, manager, why)
    drafted(session, manager, org, item_ids=[item.id])


@pytest.mark.parametrize("role", list(Role))
def test_who_may_order_is_one_table(
    session: Session, org: Organised, actor: ActorOf, role: Role
) -> None:
    item = an_item(session, org)
    if Permission.SUPPLIER_ORDER in PERMISSIONS[role]:
        assert role in {Role.ADMIN, Role.FURNITURE_MANAGER, Role.PROJECT_MANAGER}
        assert drafted(session, actor(role), org, item_ids=[item.id]).number == 1
    else:
        with pytest.raises(Forbidden):
            drafted(session, actor(role), org, item_ids=[item.id])
        assert session.scalar(select(func.count()).select_from(SupplierOrder)) == 0


def test_a_delivery_before_the_order_or_of_other_pieces_is_refused(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    order = drafted(session, manager, org, item_ids=[an_item(session, org).id])
    confirmed(session, manager, order, 1)
    today = clock_of(session).today()
    wrong = {
        "delivered_on": today.replace(year=today.year - 1),
        "dismantled_ids": [an_item(session, org).id],
        "level": "cleaning",
        "materials": [{"material": "kryptonite", "mass_g": 1}],
        "removed": [{"material": "steel", "mass_g": 15_001}],
    }
    for name, value in wrong.items():
        with pytest.raises(Invalid) as refused:
            deliver_order(session, manager, delivery(session, order, **{name: value}))
        assert set(refused.value.by_field) == {name}
    assert order.state is OrderState.CONFIRMED
    assert entries(session) == []
