"""What a plan promises: by the facts the ledger will use, and held against what it books."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.rules import Work
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, hand_over, receive
from app.impact.queries import factors_of
from app.impact.rules import FulfilmentSource
from app.planning.figures import Part, figures_of
from app.planning.names import ALL_NEW, NOW
from app.planning.service_allocate import Allocate, allocate
from app.planning.service_fix import FixPlan, fix_plan
from app.planning.shown_plan import result_rows
from app.planning.views_plan import plan_of
from app.workshop.models import SupplierOrder
from app.workshop.rules import OrderState
from tests.people import Organised
from tests.planning.test_allocate import free_pieces
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]
TODAY = date(2026, 3, 2)
S = FulfilmentSource


def test_the_estimate_uses_the_amount_and_the_model_and_what_partners_give_costs_nothing(
    session: Session,
) -> None:
    factors = factors_of(session)
    one = Part(S.INTERNAL_REUSE, "CHAIR_TASK", 1)

    def co2e(part: Part) -> int:
        return figures_of([part], factors, TODAY, "NOK").gross.co2e_g.value

    assert abs(co2e(one._replace(amount=Decimal(2))) - 2 * co2e(one)) <= 1  # rounded
    assert co2e(one._replace(model_mass_g=40_000)) == co2e(one._replace(mass_g=40_000)) > co2e(one)
    given = Part(S.BOUGHT_USED, "CHAIR_TASK", 3)
    assert figures_of([given], factors, TODAY, "NOK").cost_ore > 0
    assert figures_of([given._replace(is_free=True)], factors, TODAY, "NOK").cost_ore == 0


def test_without_an_exchange_rate_the_money_is_not_calculated_and_the_rest_is(
    session: Session,
) -> None:
    factors = factors_of(session)
    parts = [Part(S.INTERNAL_REUSE, "CHAIR_TASK", 2, price_ore=100_000, currency="XTS")]
    known = figures_of([parts[0]._replace(price_ore=None)], factors, TODAY, "NOK")
    found = figures_of(parts, factors, TODAY, "XTS")
    assert (found.has_money, found.cost_ore, found.gross.saved_ore.value) == (False, 0, 0)
    assert found.gross.co2e_g == known.gross.co2e_g


def test_the_result_is_held_against_what_was_delivered_before_the_plan_was_fixed_too(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org, place_id=org.room_id)
    line = a_line(session, actor(), project, quantity=1)
    (item,) = free_pieces(session, org, 1)
    trip = HandOver(
        item_ids=[item.id], to_unit_id=org.other_unit_id, to_place_id=org.room_id,
        programme_line_id=line.id, handed_over_on=TODAY,
    )  # fmt: skip
    (handover,) = hand_over(session, actor(), [trip])
    query = select(HandoverLine.id).where(HandoverLine.handover_id == handover.id)
    receive(session, actor(), [Receive(handover_line_ids=list(session.scalars(query)))])
    session.flush()
    (fixed,) = fix_plan(session, actor(), [FixPlan(project_id=project.id, alternative=NOW)])
    plan = plan_of(session, actor(), project, TODAY)
    rows = {row[0]: row[1:] for row in result_rows(session, actor(), project, plan, fixed)}
    planned, real, difference = rows["Unngått utslipp, brutto"]
    assert planned == real
    assert planned.startswith("ca. ")
    assert not planned.startswith("ca. 0 ")
    assert difference == "0\xa0kg"


def test_what_is_ordered_is_not_missing_and_cannot_be_set_aside_for_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    line = a_line(session, actor(), project, quantity=5)
    session.add(
        SupplierOrder(
            id=uuid4(), org_id=org.org_id, number=1, state=OrderState.SENT, work=Work.BUY_NEW,
            title="Stoler", unit_id=org.unit_id, category_id="CHAIR_TASK", quantity=4,
            programme_line_id=line.id, created_at=project.created_at,
        )
    )  # fmt: skip
    session.flush()
    item = free_pieces(session, org, 3)[0]
    allocate(session, actor(), [Allocate(programme_line_id=line.id, item_id=item.id)])
    plan = plan_of(session, actor(), project, TODAY)
    ways = {each.key: each for each in plan.alternatives}
    assert (plan.open[line.id], ways[NOW].open) == (0, 0)
    assert (ways[NOW].counts[S.NEW], ways[NOW].counts[S.INTERNAL_REUSE]) == (4, 1)
    assert ways[ALL_NEW].counts[S.NEW] == 5
