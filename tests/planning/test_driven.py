"""What a plan has set aside waits for a van with all else that goes the same way."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers.queries_pool import pooled
from app.handovers.rules_pool import PoolState
from app.handovers.service_run import PiecePlanned, PlanRun, plan_run
from app.handovers.service_run_aside import NO_PLACE
from app.kit.errors import Invalid, NotFound
from app.planning.service_allocate import Allocate, allocate
from app.projects.models import ProgrammeLine
from tests.databases import RolledBackDatabase
from tests.handovers.orders import an_order
from tests.people import Organised
from tests.planning.test_allocate import SOON, TODAY, free_pieces, releases
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]
SignedInAs = Callable[..., TestClient]
CUBE: dict[str, Any] = {"width_mm": 1000, "depth_mm": 1000, "height_mm": 1500}


def aside(session: Session, actor: Actor, line: ProgrammeLine, item_id: UUID, count: int) -> None:
    command = Allocate(programme_line_id=line.id, item_id=item_id, quantity=count)
    allocate(session, actor, [command])


def test_what_plans_set_aside_is_pooled_with_orders_and_what_is_not_free_yet_fills_no_van(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    mover = actor(Role.MOVER)
    an_order(session, org, 2, place_id=org.room_id, **CUBE)
    project = a_project(session, actor(), org, place_id=org.room_id)
    line = a_line(session, actor(), project, quantity=9)
    free = free_pieces(session, org, 2, **CUBE)
    aside(session, actor(), line, free[0].id, 2)
    (pool,) = pooled(session, mover, TODAY).pools
    assert (pool.load.pieces, pool.percent, pool.state) == (4, 50, PoolState.WAIT)
    assert set(pool.days[0].planned_ids) == {each.id for each in free}
    assert set(pool.first_planned_ids) == {each.id for each in free}
    assert len(pool.first_ids) == 2
    _, rows = releases(session, actor(), org, 3)
    line = a_line(session, actor(), project, quantity=3, place_id=org.storage_id)
    aside(session, actor(), line, rows[0].item_id, 3)
    (pool,) = pooled(session, mover, TODAY).pools
    assert (pool.load.pieces, pool.percent, pool.later, pool.later_from) == (4, 50, 3, SOON)
    (pool,) = pooled(session, mover, SOON).pools
    assert (pool.load.pieces, pool.later) == (7, 0)


def test_what_stands_where_it_goes_or_is_on_a_sheet_waits_for_no_van(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org, place_id=org.storage_id)
    there = free_pieces(session, org, 1)
    aside(session, actor(), a_line(session, actor(), project, quantity=1), there[0].id, 1)
    assert pooled(session, actor(Role.MOVER), TODAY).pools == []
    line = a_line(session, actor(), project, quantity=1, place_id=org.room_id)
    (piece,) = free_pieces(session, org, 1)
    aside(session, actor(), line, piece.id, 1)
    assert len(pooled(session, actor(Role.MOVER), TODAY).pools) == 1
    run = plan_run(session, actor(), PlanRun(driven_on=TODAY, planned_ids=[piece.id]))
    assert pooled(session, actor(Role.MOVER), TODAY).pools == []
    with pytest.raises(PiecePlanned):
        plan_run(session, actor(), PlanRun(driven_on=TODAY, planned_ids=[piece.id]))
    assert run.state == "planned"


def test_a_sheet_takes_no_piece_before_it_is_free_nor_one_without_a_place_or_a_plan(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    line = a_line(session, actor(), project, quantity=1)
    (homeless,) = free_pieces(session, org, 1)
    aside(session, actor(), line, homeless.id, 1)
    other = a_line(session, actor(), project, quantity=1, place_id=org.storage_id)
    _, (coming,) = releases(session, actor(), org, 1)
    aside(session, actor(), other, coming.item_id, 1)

    def plan(item_id: UUID, day: date) -> None:
        plan_run(session, actor(), PlanRun(driven_on=day, planned_ids=[item_id]))

    for item_id, day, said in (
        (homeless.id, TODAY, NO_PLACE),
        (coming.item_id, SOON - timedelta(days=1), "Noen av møblene er ikke ledige før"),
    ):
        with pytest.raises(Invalid) as refused:
            plan(item_id, day)
        assert refused.value.by_field["planned_ids"].startswith(said)
    (loose,) = free_pieces(session, org, 1)
    (foreign,) = free_pieces(session, foreign_org, 1)
    for item_id in (loose.id, foreign.id):
        with pytest.raises(NotFound):
            plan(item_id, TODAY)
    plan(coming.item_id, SOON)


def test_from_the_pool_and_from_a_line_without_a_place_to_the_sheet(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org, place_id=org.room_id)
        homeless = a_project(session, actor(), org, name="Uten sted")
        items = []
        lines = []
        for each in (project, homeless):
            line = a_line(session, actor(), each, quantity=120)
            some = free_pieces(session, org, 120)
            aside(session, actor(), line, some[0].id, 120)
            lines.append(line.id)
            items.append([str(piece.id) for piece in some])
        area_id = org.building_id
    client = signed_in_as(Role.FURNITURE_MANAGER)
    shown = client.get("/kjorelister/samkjoring").text
    assert "120 møbler" in shown
    form = client.get(f"/kjorelister/ny?omrade={area_id}").text
    assert form.count(" checked") == 120
    assert "Satt av for Lensmannslia" in form
    (pool,) = client.get("/api/v1/load-pools").json()
    assert sorted(pool["days"][0]["planned_ids"]) == sorted(items[0])
    form = client.get(f"/kjorelister/ny?linje={lines[0]}").text
    assert form.count(" checked") == 120, "all of the line"
    form = client.get(f"/kjorelister/ny?linje={lines[1]}").text
    assert "120 møbler skal med" in form, "and asks for the place that nobody has said"
