"""What an order is bound by: the need's line, the budgets, and a quote and pieces that still stand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models_supplier import Supplier
from app.catalogue.rules import Work
from app.handovers.models import HandoverLine
from app.handovers.service import record
from app.impact.rules import WouldHave
from app.items.rules import ItemState
from app.items.service_lifecycle import ItemNotThere
from app.kit.db import clock_of
from app.needs.models import NeedLine
from app.needs.rules import Step
from app.needs.service import Leave, NewNeedLine, SubmitNeed, submit
from app.needs.service_ladder import leave
from app.planning.service_frame import OverBudget as OverBudgetByHand
from app.planning.service_frame import ProjectHasOpenHandovers
from app.projects.models import Fulfilment
from app.projects.rules import LineState
from app.projects.service import CloseProject, close_project
from app.workshop.models import Quote
from app.workshop.rules import OrderState
from app.workshop.service import send_order
from app.workshop.service_deliver import deliver_order
from app.workshop.service_sending import OverBudget, QuoteOver
from tests.factories import CHAIR, an_item
from tests.handovers.test_record import a_record
from tests.people import Organised
from tests.projects.rows import a_line, a_project
from tests.workshop.orders import chosen, confirmed, delivery, drafted, of

ActorOf = Callable[..., Actor]


def test_an_order_for_a_need_meets_the_line_the_need_came_from(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    project = a_project(session, manager, org, place_id=org.room_id)
    line = a_line(session, manager, project)
    wanted = NewNeedLine(category_id=CHAIR, quantity=2, programme_line_id=line.id)
    asked = SubmitNeed(
        unit_id=org.unit_id, project_id=project.id, budget_ore=150_000, lines=[wanted]
    )
    submit(session, manager, [asked])
    need_line = session.scalars(select(NeedLine)).one()
    for step in (Step.OWN_UNIT, Step.ORGANISATION):
        leave(session, manager, [Leave(need_line_id=need_line.id, step=step)])
    first, second = (
        drafted(
            session,
            manager,
            org,
            item_ids=[an_item(session, org, is_free=True).id],
            need_line_id=need_line.id,
        )
        for _ in range(2)
    )
    confirmed(session, manager, first, 100_000)
    chosen(session, manager, second, 50_001)
    with pytest.raises(OverBudget):  # the need's budget holds for both together
        send_order(session, manager, of(second))
    deliver_order(session, manager, delivery(session, first))
    assert session.scalars(select(Fulfilment)).one().programme_line_id == line.id
    assert session.scalars(select(HandoverLine)).one().would_have is WouldHave.WOULD_BUY_NEW


def test_a_budget_holds_as_an_order_is_sent_and_never_as_it_arrives(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    project = a_project(session, manager, org, place_id=org.room_id, budget_ore=100_000)
    line = a_line(session, manager, project, quantity=9)
    bought = {"work": Work.BUY_USED, "category_id": CHAIR, "quantity": 1}
    wide, second = (
        drafted(session, manager, org, programme_line_id=line.id, **bought) for _ in range(2)
    )
    confirmed(session, manager, wide, 100_001)  # a budget that is no limit only warns
    with pytest.raises(ProjectHasOpenHandovers), session.begin_nested():
        close_project(session, manager, [CloseProject(project_id=project.id)])
    project.budget_is_limit = True
    by_hand = a_record(org, "new", programme_line_id=line.id, quantity=1, price_ore=1)
    with pytest.raises(OverBudgetByHand), session.begin_nested():
        record(session, manager, [by_hand])  # what the supplier is to have is not there to spend
    deliver_order(session, manager, delivery(session, wide))
    assert wide.state is OrderState.DONE
    chosen(session, manager, second, 1)
    with pytest.raises(OverBudget):
        send_order(session, manager, of(second))


def test_what_arrives_for_a_line_that_has_ended_is_received_and_meets_nothing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    line = a_line(session, manager, a_project(session, manager, org))
    order = drafted(
        session,
        manager,
        org,
        work=Work.BUY_USED,
        category_id=CHAIR,
        quantity=1,
        programme_line_id=line.id,
    )
    confirmed(session, manager, order, 100)
    line.state = LineState.CANCELLED
    command = delivery(session, order, to_place_id=org.room_id)
    assert deliver_order(session, manager, command).state is OrderState.DONE
    assert session.scalars(select(Fulfilment)).all() == []


def test_nothing_is_sent_by_a_quote_or_with_a_piece_that_is_gone_meanwhile(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    item = an_item(session, org)
    order = drafted(session, manager, org, item_ids=[item.id])
    chosen(session, manager, order, 100)
    quote, supplier = session.scalars(select(Quote)).one(), session.scalars(select(Supplier)).one()
    today = clock_of(session).today()
    for row, name, value in (
        (quote, "valid_until", today - timedelta(days=1)),
        (supplier, "ended_on", today),
    ):
        setattr(row, name, value)
        session.flush()
        with pytest.raises(QuoteOver):
            send_order(session, manager, of(order))
        setattr(row, name, None)
    item.state = ItemState.SOLD
    session.flush()
    with pytest.raises(ItemNotThere):
        send_order(session, manager, of(order))
    assert order.state is OrderState.DRAFT
