"""Driving together: what waits by area, when a van goes, and the organisation's rule for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers.queries_pool import pooled
from app.handovers.rules_pool import USUAL, LoadLimits, Pool, PoolState, Waiting, pools_of
from app.handovers.rules_run import Bulk
from app.handovers.service_load import SetLoadRule, set_load_rule
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Stale
from app.marketplace.models import Request, RequestLine
from app.places.models import Place, PlaceKind
from app.places.queries import areas_of
from tests.databases import RolledBackDatabase
from tests.handovers.orders import Ordered, an_order
from tests.marketplace.stalls import acting
from tests.people import Organised

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Actor]

TODAY = date(2026, 3, 2)
NORTH, SOUTH = uuid4(), uuid4()
LIMITS = LoadLimits(capacity_dm3=10_000, least_percent=50, longest_days=14)
CUBIC_METRE = 10**9


def waits(
    area: UUID = NORTH, *, m3: float | None = 1, wanted: date | None = None, asked: date = TODAY
) -> Waiting:
    volume = None if m3 is None else round(m3 * CUBIC_METRE)
    bulk = Bulk(volume, is_volume_guessed=False, mass_g=1_000, is_mass_guessed=False)
    return Waiting(uuid4(), area, wanted, asked, bulk)


def the_pool(*waiting: Waiting) -> Pool:
    (pool,) = pools_of(waiting, LIMITS, TODAY)
    return pool


@pytest.mark.parametrize(
    ("cubic_metres", "state"), [(5, PoolState.FULL), (4.99, PoolState.WAIT), (12, PoolState.FULL)]
)
def test_a_van_is_full_at_the_share_of_its_room_and_not_before(
    cubic_metres: float, state: PoolState
) -> None:
    pool = the_pool(waits(m3=cubic_metres))
    assert (pool.state, pool.percent) == (state, int(cubic_metres * 10))


def test_what_is_wanted_by_a_day_goes_that_day_and_else_so_long_after_the_order() -> None:
    assert the_pool(waits(wanted=TODAY)).state is PoolState.DUE
    late = the_pool(waits(wanted=TODAY - timedelta(days=3)))
    assert (late.state, late.drive_by) == (PoolState.DUE, TODAY)
    old = the_pool(waits(asked=TODAY - timedelta(days=14)))
    assert old.state is PoolState.DUE
    pool = the_pool(waits(), waits(wanted=TODAY + timedelta(days=2)))
    assert (pool.state, pool.drive_by) == (PoolState.WAIT, TODAY + timedelta(days=2))


def test_each_area_is_one_van_and_what_has_to_go_comes_first() -> None:
    calm, due = waits(SOUTH), waits(NORTH, wanted=TODAY)
    pools = pools_of([calm, due, waits(SOUTH, wanted=TODAY + timedelta(days=9))], LIMITS, TODAY)
    assert [each.area_id for each in pools] == [NORTH, SOUTH]
    days = pools[1].days
    assert [each.day for each in days] == [TODAY + timedelta(days=9), None]
    assert days[1].reservation_ids == (calm.id,)
    assert pools_of([], LIMITS, TODAY) == []


def test_what_only_comes_free_later_makes_no_van_go() -> None:
    soon = TODAY + timedelta(days=9)
    coming = replace(waits(m3=9), is_planned=True, free_from=soon)
    pool = the_pool(coming)
    assert (pool.state, pool.load.pieces, pool.percent, pool.days) == (PoolState.WAIT, 0, 0, ())
    assert (pool.later, pool.later_from, pool.drive_by) == (1, soon, soon)
    pool = the_pool(replace(coming, free_from=TODAY), waits(m3=1))
    assert (pool.state, pool.later, pool.first_planned_ids) == (PoolState.FULL, 0, (coming.id,))


def test_a_piece_without_measurements_is_counted_and_fills_nothing() -> None:
    pool = the_pool(waits(m3=None), waits(m3=1))
    assert (pool.load.pieces, pool.load.without_volume, pool.percent) == (2, 1, 10)


def test_the_next_van_takes_those_wanted_first_until_it_is_full() -> None:
    late = [waits(m3=4) for _ in range(2)]
    soon = [waits(m3=4, wanted=TODAY), waits(m3=None, wanted=TODAY)]
    pool = the_pool(*late, *soon)
    assert list(pool.first_ids) == [each.id for each in (*soon, late[0])]
    large = [waits(m3=12), waits(m3=1)]
    assert the_pool(*large).first_ids == (large[0].id,)
    assert len(the_pool(*[waits(m3=0) for _ in range(501)]).first_ids) == 500


def test_the_area_is_the_property_around_a_place_or_the_topmost_one(
    session: Session, org: Organised
) -> None:
    now = clock_of(session).now()
    site = Place(
        org_id=org.org_id, kind=PlaceKind.PROPERTY, name="Nord", label="Nord", created_at=now
    )
    session.add(site)
    session.flush()
    before = areas_of(session, org.org_id, {org.room_id, org.storage_id, uuid4()})
    assert before[org.room_id] == (org.building_id, "Bygg A")
    session.get_one(Place, org.building_id).parent_id = site.id
    session.flush()
    assert areas_of(session, org.org_id, {org.room_id})[org.room_id] == (site.id, "Nord")
    assert areas_of(session, uuid4(), {org.room_id}) == {}


def wanted_by(session: Session, ordered: Ordered, day: date) -> None:
    line = session.get_one(RequestLine, ordered.line_id)
    session.get_one(Request, line.request_id).wanted_date = day
    session.flush()


def test_approved_orders_are_pooled_by_the_rule_that_counts(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    mover, today = actor(Role.MOVER), clock_of(session).today()
    ordered = an_order(session, org, 2, width_mm=1000, depth_mm=1000, height_mm=1500)
    wanted_by(session, ordered, today + timedelta(days=5))
    (pool,) = pooled(session, mover, today).pools
    assert (pool.state, pool.percent, pool.load.pieces) == (PoolState.WAIT, 25, 2)
    assert pool.drive_by == today + timedelta(days=5)
    assert set(pool.days[0].reservation_ids) == set(ordered.reservation_ids)
    command = SetLoadRule(capacity_dm3=3_000, least_percent=90, longest_days=3, version=0)
    set_load_rule(session, actor(Role.ADMIN), command)
    (pool,) = pooled(session, mover, today).pools
    assert (pool.state, pool.percent) == (PoolState.FULL, 100)


def test_a_rule_is_the_administrator_s_and_is_not_written_over(
    session: Session, actor: ActorOf
) -> None:
    command = SetLoadRule(capacity_dm3=3_000, least_percent=90, longest_days=3, version=0)
    with pytest.raises(Forbidden):
        set_load_rule(session, actor(Role.MOVER), command)
    set_load_rule(session, actor(Role.ADMIN), command)
    with pytest.raises(Stale):
        set_load_rule(session, actor(Role.ADMIN), command)
    again = command.model_copy(update={"version": 1, "longest_days": 0})
    assert set_load_rule(session, actor(Role.ADMIN), again).longest_days == 0


def test_from_the_pool_to_a_run_sheet_with_what_goes_there(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    mover = signed_in_as(Role.MOVER)
    assert "Ingenting venter på å bli kjørt" in mover.get("/kjorelister/samkjoring").text
    with database.write() as session:
        ordered = an_order(session, org, 2, width_mm=1000, depth_mm=1000, height_mm=1500)
        other = an_order(session, org, 1, place_id=org.room_id)
        session.get_one(Place, org.storage_id).parent_id = None
        store = session.get_one(Place, org.storage_id).name
    shown = mover.get("/kjorelister/samkjoring").text
    for text in ("Kan vente på mer", "25 prosent av bilen", "3,0 m³", "Uten ønsket dato"):
        assert text in shown, text
    assert "/kjorelister/regel" not in shown
    by_area = {each["area"]: each for each in mover.get("/api/v1/load-pools").json()}
    assert by_area.keys() == {store, "Bygg A"}
    there = by_area[store]
    ids = there["days"][0]["reservation_ids"]
    assert sorted(ids) == sorted(map(str, ordered.reservation_ids))
    form = mover.get(f"/kjorelister/ny?omrade={there['area_id']}").text
    for each in ordered.reservation_ids:
        assert f'value="{each}" checked' in form
    assert f'value="{other.reservation_ids[0]}" checked' not in form
    assert f'value="{store}"' in form
    assert "neste tur" not in form
    assert "checked" not in mover.get(f"/kjorelister/ny?omrade={uuid4()}").text
    with database.write() as session:
        small = SetLoadRule(capacity_dm3=2_000, least_percent=50, longest_days=9, version=0)
        set_load_rule(session, acting(session, org, Role.ADMIN), small)
    left = mover.get(f"/kjorelister/ny?omrade={there['area_id']}").text
    assert "Det er ikke plass til mer. 1 møbel venter på neste tur." in left
    assert left.count(" checked") == form.count(" checked") - 1


def test_the_rule_is_set_on_its_page_and_what_is_wrong_is_said_at_its_field(
    signed_in_as: SignedInAs,
) -> None:
    admin = signed_in_as(Role.ADMIN)
    form = admin.get("/kjorelister/regel").text
    assert 'value="12"' in form
    body = {"version": "0", "capacity_m3": "0", "least_percent": "101", "longest_days": ""}
    wrong = admin.post("/kjorelister/regel", data=body)
    assert wrong.status_code == 422
    assert "Skriv mellom 0,1 og 120 m³." in wrong.text
    assert "Fyll ut feltet." in wrong.text
    right = {"version": "0", "capacity_m3": "17,5", "least_percent": "70", "longest_days": "10"}
    assert admin.post("/kjorelister/regel", data=right).status_code == 303
    found = admin.get("/api/v1/load-rule")
    assert found.json()["capacity_dm3"] == 17_500
    assert admin.post("/kjorelister/regel", data=right).status_code == 412
    fields = {"capacity_dm3": 20_000, "least_percent": 50, "longest_days": 5}
    done = admin.put("/api/v1/load-rule", json=fields, headers={"If-Match": found.headers["ETag"]})
    assert (done.status_code, done.json()["version"]) == (200, 2)
    assert signed_in_as(Role.MOVER).get("/kjorelister/regel").status_code == 403
    assert signed_in_as(Role.EMPLOYEE).get("/kjorelister/samkjoring").status_code == 403
    assert USUAL.capacity_dm3 == 12_000
