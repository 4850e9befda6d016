"""What a receipt books, what a later use and an undone handover change, and that nothing else can."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.impact.rules import FulfilmentSource, UserCase, View, WouldHave
from app.items.models import Donor
from app.kit.db import clock_of
from app.ledger.models import LedgerEntry, Period
from app.ledger.years import open_period
from app.projects.models import ProgrammeLine, Project
from app.projects.rules import LineState, ProjectKind, ProjectState
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import Organised

VAN: dict[str, Any] = {"vehicle": "VAN_DIESEL_KM", "distance_m": 40_000, "transport_ore": 300_000}
RECORDED: dict[str, Any] = {
    "would_have": WouldHave.WOULD_BUY_NEW,
    "need_recorded_before": True,
    "costs_complete": True,
    "cleaning_ore": 25_000,
}


def entries(session: Session, **where: Any) -> list[LedgerEntry]:
    return list(session.scalars(select(LedgerEntry).filter_by(**where)))


def total(session: Session, column: str, view: View, **where: Any) -> int:
    found = session.scalar(
        select(func.sum(getattr(LedgerEntry, column))).filter_by(view=view, **where)
    )
    return int(found or 0)


def test_forty_chairs_in_a_van_are_example_a(session: Session, org: Organised) -> None:
    size = {"width_mm": 650, "depth_mm": 650, "height_mm": 1100}
    chairs = [trips.an_item(session, org, **size) for _ in range(40)]
    trips.handed_over(session, org, [Load(each, changes=RECORDED) for each in chairs], **VAN)
    assert total(session, "waste_g", View.GROSS) == 600_000
    assert total(session, "co2e_g", View.GROSS) == 2_921_160
    assert total(session, "saved_ore", View.GROSS) == 16_850_000
    assert total(session, "waste_g", View.NET) == 320_000
    assert total(session, "co2e_g", View.NET) == 1_552_040
    assert total(session, "saved_ore", View.NET) == 8_380_000
    assert len(entries(session)) == 80


def test_a_trip_is_shared_by_volume_and_by_mass_where_a_measurement_is_missing(
    session: Session, org: Organised
) -> None:
    trip = {"vehicle": "VAN_DIESEL_KM", "distance_m": 30_000, "transport_ore": 150_000}
    complete = {"costs_complete": True}
    for height, chair_e, desk_e in ((750, 70_245, 102_370), (None, 70_969, 101_646)):
        chair = trips.an_item(session, org, width_mm=650, depth_mm=650, height_mm=1100)
        desk = trips.an_item(
            session,
            org,
            category_id="DESK_SITSTAND",
            width_mm=1600,
            depth_mm=800,
            height_mm=height,
        )
        loads = [Load(chair, changes=complete), Load(desk, changes=complete)]
        trips.handed_over(session, org, loads, **trip)
        assert total(session, "co2e_g", View.GROSS, item_id=chair.id) == chair_e
        assert total(session, "co2e_g", View.GROSS, item_id=desk.id) == desk_e


def test_a_piece_received_later_keeps_its_share_of_the_whole_load(
    session: Session, org: Organised
) -> None:
    chairs = [trips.an_item(session, org) for _ in range(40)]
    lines = trips.a_handover(session, org, [Load(each, changes=RECORDED) for each in chairs], **VAN)
    for line in lines[:2]:
        trips.receive(session, [line])
    assert total(session, "co2e_g", View.GROSS) == 2 * 73_029


def test_an_entry_says_where_it_belongs(session: Session, org: Organised) -> None:
    project, line = a_project(session, org)
    chair = trips.an_item(session, org)
    (event,) = trips.handed_over(
        session, org, [Load(chair, changes={"programme_line_id": line.id})]
    )
    for entry in entries(session):
        assert (entry.giver_unit_id, entry.receiver_unit_id) == (org.unit_id, org.other_unit_id)
        assert (entry.project_id, entry.programme_line_id) == (project.id, line.id)
        assert (entry.place_id, entry.category_id) == (org.room_id, "CHAIR_TASK")
        assert (entry.event_id, entry.booked_by_event_id) == (event.id, event.id)
        assert (entry.factor_set_id, entry.formula_version) == ("2025.1", 1)
        assert session.get_one(Period, entry.period_id).year == 2026


def test_what_a_supplier_delivers_has_no_giver_unit(session: Session, org: Organised) -> None:
    sofa = trips.an_item(session, org, category_id="SOFA_2")
    load = Load(sofa, FulfilmentSource.BOUGHT_USED, {"price_ore": 500_000})
    trips.handed_over(session, org, [load], supplier="Brukthandel AS", giver_unit_id=None)
    gross = entries(session, view=View.GROSS)[0]
    assert (gross.giver_unit_id, gross.waste_g) == (None, 0)
    assert gross.value_chain_waste_g == 33_000


def test_a_model_with_a_declaration_decides_before_the_category(
    session: Session, org: Organised
) -> None:
    model = trips.a_declared_model(session, org)
    item = trips.an_item(session, org, product_model_id=model.id)
    trips.handed_over(session, org, [Load(item)])
    gross, net = (entries(session, view=view)[0] for view in (View.GROSS, View.NET))
    assert (gross.waste_g, gross.co2e_g, gross.saved_ore) == (25_408, 61_511, 257_359)
    assert (net.waste_g, net.co2e_g, net.saved_ore) == (10_841, 26_017, 11_438)
    assert (gross.co2e_tier, gross.mass_tier, gross.price_tier) == ("T1", "T2", "T2")


def test_a_pieces_own_values_go_before_its_models(session: Session, org: Organised) -> None:
    model = trips.a_declared_model(session, org)
    item = trips.an_item(
        session, org, product_model_id=model.id, mass_g=20_000, new_price_ore=100_000
    )
    trips.handed_over(session, org, [Load(item)])
    gross = entries(session, view=View.GROSS)[0]
    assert (gross.mass_g, gross.new_price_ore, gross.mass_tier) == (20_000, 100_000, "T1")


def test_equipment_is_not_calculated_and_never_zero(session: Session, org: Organised) -> None:
    trips.handed_over(
        session, org, [Load(trips.an_item(session, org, category_id="EQUIP_MEDICAL"))]
    )
    found = entries(session)
    assert [each.co2e_g for each in found] == [None, None]
    assert [each.co2e_tier for each in found] == [None, None]


def test_surplus_counts_what_its_donors_gave(session: Session, org: Organised) -> None:
    table, *donors = (trips.an_item(session, org, category_id="TABLE_MEETING_S") for _ in range(3))
    session.add_all(
        Donor(org_id=org.org_id, item_id=table.id, donor_id=each.id, built_in_g=4_000)
        for each in donors
    )
    trips.handed_over(session, org, [Load(table, FulfilmentSource.REDESIGNED_FROM_SURPLUS)])
    assert total(session, "waste_g", View.GROSS) == 8_000
    assert {each.item_id for each in entries(session)} == {table.id}


def test_what_moves_along_counts_only_where_the_brief_was_all_new(
    session: Session, org: Organised
) -> None:
    _, plain = a_project(session, org)
    _, all_new = a_project(session, org, number=2, all_new_brief=True)
    for line in (plain, all_new):
        moved = {"user_case": UserCase.MOVES_ALONG, "programme_line_id": line.id}
        trips.handed_over(session, org, [Load(trips.an_item(session, org), changes=moved)])
    assert {each.programme_line_id for each in entries(session)} == {all_new.id}


def test_a_chair_reused_three_times_is_example_d(session: Session, org: Organised) -> None:
    chair = trips.an_item(session, org)
    needed = {"would_have": WouldHave.WOULD_BUY_NEW, "need_recorded_before": True}
    for day in (date(2026, 1, 5), date(2028, 1, 5), date(2030, 1, 5)):
        load = Load(chair, changes=needed)
        trips.handed_over(session, org, [load], distance_m=0, handed_over_on=day)
    assert total(session, "co2e_g", View.GROSS) == 220_038
    assert total(session, "co2e_g", View.NET) == 58_676
    assert total(session, "waste_g", View.NET) == 12_000
    figures = sorted(each.co2e_g or 0 for each in entries(session, view=View.NET))
    assert figures == [-39_118, -39_118, 9_779, 9_779, 39_118, 39_118, 39_118]


def test_a_receipt_that_arrives_late_counts_from_its_own_date(
    session: Session, org: Organised
) -> None:
    chair = trips.an_item(session, org)
    needed = {"would_have": WouldHave.WOULD_BUY_NEW, "need_recorded_before": True}
    for day in (date(2028, 1, 5), date(2026, 1, 5), date(2030, 1, 5)):
        load = Load(chair, changes=needed)
        trips.handed_over(session, org, [load], distance_m=0, handed_over_on=day)
    assert total(session, "co2e_g", View.NET) == 58_676


def test_an_undone_handover_leaves_the_sums_as_they_were(session: Session, org: Organised) -> None:
    chair = trips.an_item(session, org)
    trips.handed_over(session, org, [Load(chair)], handed_over_on=date(2024, 1, 5))
    before = [total(session, each, View.NET) for each in ("co2e_g", "waste_g_low", "saved_ore")]
    (line,) = trips.a_handover(session, org, [Load(chair)])
    (event,) = trips.receive(session, [line])
    assert total(session, "co2e_g", View.NET) != before[0]
    trips.give_back(session, line, event.id)
    after = [total(session, each, View.NET) for each in ("co2e_g", "waste_g_low", "saved_ore")]
    assert after == before
    assert total(session, "co2e_g", View.GROSS, event_id=event.id) == 0
    assert {each.booked_by_event_id for each in entries(session, event_id=event.id)} > {event.id}


def test_a_return_before_the_receipt_books_nothing(session: Session, org: Organised) -> None:
    (line,) = trips.a_handover(session, org, [Load(trips.an_item(session, org))])
    trips.give_back(session, line, None)
    assert entries(session) == []


def test_a_closed_year_books_in_the_open_one_and_keeps_its_handover_date(
    session: Session, org: Organised
) -> None:
    session.add(Period(org_id=org.org_id, year=2025, closed_at=clock_of(session).now()))
    trips.handed_over(
        session, org, [Load(trips.an_item(session, org))], handed_over_on=date(2025, 12, 30)
    )
    for entry in entries(session):
        assert session.get_one(Period, entry.period_id).year == 2026
        assert entry.handed_over_on == date(2025, 12, 30)


def test_where_this_year_is_closed_too_the_next_one_is_opened(
    session: Session, org: Organised
) -> None:
    now = clock_of(session).now()
    session.add_all(Period(org_id=org.org_id, year=year, closed_at=now) for year in (2025, 2026))
    session.flush()
    found = open_period(session, org.org_id, date(2025, 12, 30))
    assert session.get_one(Period, found).year == 2027


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET co2e_g = co2e_g + 1",
        "DELETE FROM ledger_entry",
        "UPDATE chain_link SET digest = 'x'",
        "DELETE FROM event",
    ],
)
def test_raw_sql_can_not_change_what_is_booked(
    database: RolledBackDatabase, org: Organised, statement: str
) -> None:
    with database.write() as session:
        trips.handed_over(session, org, [Load(trips.an_item(session, org))])
    with (
        database.write() as session,
        pytest.raises(DBAPIError, match="append-only"),
        session.begin_nested(),
    ):
        session.execute(text(statement))


def _change(session: Session, entry: LedgerEntry) -> None:
    with session.begin_nested():
        entry.co2e_g = 1
        session.flush()


def _remove(session: Session, entry: LedgerEntry) -> None:
    with session.begin_nested():
        session.delete(entry)
        session.flush()


@pytest.mark.parametrize("how", [_change, _remove])
def test_the_orm_can_not_change_what_is_booked(
    session: Session, org: Organised, how: Callable[[Session, LedgerEntry], None]
) -> None:
    trips.handed_over(session, org, [Load(trips.an_item(session, org))])
    with pytest.raises(DBAPIError, match="append-only"):
        how(session, entries(session)[0])


def test_a_set_of_events_costs_as_many_statements_as_one(session: Session, org: Organised) -> None:
    counts = []
    for pieces in (1, 30):
        loads = [Load(trips.an_item(session, org)) for _ in range(pieces)]
        lines = trips.a_handover(session, org, loads)
        session.flush()
        session.expunge_all()
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any, to: Any = seen) -> None:
            to.append(statement)

        connection = session.connection()
        listen(connection, "before_cursor_execute", note)
        trips.receive(session, lines)
        remove(connection, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[1] <= counts[0]


def a_project(
    session: Session, org: Organised, number: int = 1, **changes: Any
) -> tuple[Project, ProgrammeLine]:
    now = clock_of(session).now()
    project = Project(
        org_id=org.org_id,
        number=number,
        name=f"Bygg {number}",
        state=ProjectState.ACTIVE,
        kind=ProjectKind.MOVE,
        unit_id=org.other_unit_id,
        created_at=now,
        **changes,
    )
    session.add(project)
    session.flush()
    line = ProgrammeLine(
        org_id=org.org_id,
        project_id=project.id,
        state=LineState.OPEN,
        category_id="CHAIR_TASK",
        quantity=200,
        created_at=now,
    )
    session.add(line)
    session.flush()
    return project, line
