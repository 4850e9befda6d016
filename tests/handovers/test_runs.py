"""Run sheets: stops in order, the load, and what a run does to the figures."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers import service_run as service
from app.handovers.models import HandoverLine
from app.handovers.models_run import RunPiece, RunSheet
from app.handovers.queries_run import pieces_of, unplanned
from app.handovers.rules_run import Bulk, Leg, RunState, fullest, load_of, round_trip_m, stops_of
from app.handovers.service_receipt import Undo, undo
from app.handovers.service_return import GiveBack, give_back
from app.handovers.service_run import (
    AddToRun,
    EditRun,
    OfRun,
    PiecePlanned,
    PlanRun,
    RunBegun,
    RunOver,
    TakeOffRun,
)
from app.handovers.service_scan import ScanIn, ScanOut, scan_in, scan_out
from app.handovers.views_run import sheet
from app.impact.queries import factors_of
from app.impact.rules import View
from app.items.queries import codes_of
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.ledger.models import LedgerEntry
from app.ledger.received import received
from app.ledger.verification_entries import entries_hold
from app.marketplace.rules import ReturnReason
from app.places.models import Place
from app.places.rules import road_m, straight_m
from tests.factories import an_item
from tests.handovers.orders import Ordered, an_order
from tests.people import Organised

ActorOf = Callable[..., Actor]
OSLO, BERGEN = (59_913_900, 10_752_200), (60_391_300, 5_322_100)
A, B, C = uuid4(), uuid4(), uuid4()
LABELS = {A: "A", B: "B", C: "C"}


def test_the_great_circle_is_that_of_the_textbooks() -> None:
    assert straight_m(OSLO, OSLO) == 0
    assert straight_m(OSLO, BERGEN) == pytest.approx(305_000, rel=0.01)
    assert straight_m((0, 0), (1_000_000, 0)) == pytest.approx(111_195, abs=2)
    assert straight_m((0, 179_000_000), (0, -179_000_000)) == pytest.approx(222_390, abs=5)
    assert road_m(OSLO, BERGEN) == round(straight_m(OSLO, BERGEN) * Fraction(13, 10))


def test_a_piece_is_fetched_before_it_is_delivered_and_the_nearest_place_comes_next() -> None:
    near, far, back = Leg(uuid4(), A, C), Leg(uuid4(), B, C), Leg(uuid4(), C, A)
    at = {A: (60_000_000, 10_000_000), B: (60_010_000, 10_000_000), C: (60_200_000, 10_000_000)}
    stops = stops_of([far, back, near], at, LABELS, A)
    assert [each.place_id for each in stops] == [A, B, C, A]
    assert [(each.fetch, each.deliver) for each in stops] == [
        ([near.key], []),
        ([far.key], []),
        ([back.key], [near.key, far.key]),
        ([], [back.key]),
    ]
    assert stops[0].metres == 0
    one, two, home = road_m(at[A], at[B]), road_m(at[B], at[C]), road_m(at[C], at[A])
    assert round_trip_m(stops, at, A) == one + two + home


def test_without_positions_the_places_come_by_name_and_the_distance_is_unknown() -> None:
    legs = [Leg(uuid4(), B, A), Leg(uuid4(), C, A)]
    stops = stops_of(legs, {A: OSLO}, LABELS)
    assert {each.place_id for each in stops} == {A, B, C}
    assert [each.place_id for each in stops_of(legs, {}, LABELS)] == [B, C, A]
    assert round_trip_m(stops, {A: OSLO}) is None
    assert round_trip_m([], {}) is None


def test_the_load_is_the_most_that_stands_in_the_vehicle_at_once() -> None:
    first, second = Leg(uuid4(), A, B), Leg(uuid4(), B, C)
    stops = stops_of([first, second], {}, LABELS)
    big = Bulk(2_000_000_000, is_volume_guessed=False, mass_g=20_000, is_mass_guessed=True)
    unknown = Bulk(None, is_volume_guessed=False, mass_g=None, is_mass_guessed=False)
    most = fullest(stops, {first.key: big, second.key: unknown})
    assert (most.pieces, most.volume_mm3, most.mass_g) == (1, 2_000_000_000, 20_000)
    whole = load_of([big, unknown])
    assert (whole.pieces, whole.without_volume, whole.without_mass) == (2, 1, 1)
    assert whole.is_mass_guessed
    assert not whole.is_volume_guessed


def positioned(session: Session, org: Organised) -> int:
    """The building has a position, the storage one of its own 10 km north; metres there and back."""
    session.get_one(Place, org.building_id).latitude_udeg = 60_000_000
    session.get_one(Place, org.building_id).longitude_udeg = 10_000_000
    session.get_one(Place, org.storage_id).latitude_udeg = 60_090_000
    session.get_one(Place, org.storage_id).longitude_udeg = 10_000_000
    session.flush()
    return 2 * road_m((60_000_000, 10_000_000), (60_090_000, 10_000_000))


def a_run(session: Session, actor: Actor, ordered: Ordered, **more: object) -> RunSheet:
    today = clock_of(session).today()
    command = PlanRun.model_validate(
        {
            "driven_on": today + timedelta(days=1),
            "reservation_ids": ordered.reservation_ids,
            "vehicle": "VAN_DIESEL_KM",
            **more,
        }
    )
    return service.plan_run(session, actor, command)


def codes(session: Session, actor: Actor, ordered: Ordered) -> list[str]:
    found = codes_of(session, actor, [each.id for each in ordered.items])
    return [found[each.id] for each in ordered.items]


def test_a_run_holds_each_piece_once_and_measures_its_way(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    there_and_back = positioned(session, org)
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 2, width_mm=500, depth_mm=500, height_mm=1000)
    assert len(session.execute(unplanned(mover)).all()) == 2
    run = a_run(session, mover, ordered, driver_id=mover.person_id)
    assert (run.number, run.state, run.measured_m) == (1, RunState.PLANNED, there_and_back)
    assert session.execute(unplanned(mover)).all() == []
    with pytest.raises(PiecePlanned):
        a_run(session, mover, ordered)
    shown = sheet(session, mover, run)
    assert [each.place_id for each in shown.stops] == [org.room_id, org.storage_id]
    assert (shown.load.pieces, shown.load.volume_mm3) == (2, 500_000_000)
    assert (shown.load.mass_g, shown.load.is_mass_guessed) == (30_000, True)
    (piece, _) = shown.stops[1].deliver
    assert (piece.contact, piece.cost_centre) == ("Prøve employee", "4200")
    assert shown.stops[0].contact == "Prøve approver"


def test_scanning_out_and_in_ticks_the_stops_off_and_the_rest_can_be_planned_anew(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 3)
    run = a_run(session, mover, ordered)
    scanned = codes(session, mover, ordered)[:2]
    scan_out(session, mover, ScanOut(codes=scanned))
    shown = sheet(session, mover, run)
    assert (shown.fetched, shown.received) == (2, 0)
    with pytest.raises(RunBegun):
        service.cancel_run(session, mover, OfRun(run_sheet_id=run.id))
    scan_in(session, mover, ScanIn(codes=scanned))
    assert sheet(session, mover, run).received == 2
    service.finish_run(session, mover, OfRun(run_sheet_id=run.id))
    assert run.state is RunState.FINISHED
    shown = sheet(session, mover, run)
    assert ([each.is_done for each in shown.stops], len(shown.left)) == ([True, True], 1)
    assert len(session.execute(unplanned(mover)).all()) == 1
    for verb in (service.finish_run, service.cancel_run):
        with pytest.raises(RunOver):
            verb(session, mover, OfRun(run_sheet_id=run.id))
    with pytest.raises(RunOver):
        service.add_to_run(
            session,
            mover,
            AddToRun(run_sheet_id=run.id, reservation_ids=ordered.reservation_ids[:1]),
        )


def test_a_piece_nobody_ordered_goes_where_the_sheet_says(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    mover = actor(Role.MOVER)
    item = an_item(session, org)
    command = PlanRun(
        driven_on=clock_of(session).today(),
        item_ids=[item.id],
        to_unit_id=org.other_unit_id,
        to_place_id=org.storage_id,
    )
    run = service.plan_run(session, mover, command)
    label = codes_of(session, mover, [item.id])[item.id]
    scan_out(session, mover, ScanOut(codes=[label]))
    scan_in(session, mover, ScanIn(codes=[label]))
    assert (item.place_id, item.holder_unit_id) == (org.storage_id, org.other_unit_id)
    assert sheet(session, mover, run).received == 1


def test_what_can_not_be_is_refused_and_nothing_changes(
    session: Session, org: Organised, actor: ActorOf, foreign_org: Organised
) -> None:
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 1)
    yesterday = clock_of(session).today() - timedelta(days=1)
    for field, value in (
        ("driven_on", yesterday),
        ("driven_on", yesterday + timedelta(days=900)),
        ("vehicle", "RAKETT"),
        ("driver_id", foreign_org.person_ids[Role.MOVER]),
        ("base_place_id", foreign_org.room_id),
        ("reservation_ids", []),
    ):
        with pytest.raises(Invalid) as refused:
            a_run(session, mover, ordered, **{field: value})
        assert refused.value.by_field.keys() == {field}
    with pytest.raises(NotFound):
        a_run(session, mover, ordered, reservation_ids=[uuid4()])
    with pytest.raises(Forbidden):
        a_run(session, actor(Role.EMPLOYEE), ordered)
    assert session.scalars(select(RunPiece)).all() == []


def test_an_edit_over_somebody_elses_is_stale_and_what_is_taken_off_waits_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    mover = actor(Role.MOVER)
    run = a_run(session, mover, an_order(session, org, 2))
    fields = {"run_sheet_id": run.id, "driven_on": run.driven_on, "area": "Bygg A"}
    old = run.version
    service.edit_run(
        session, mover, EditRun(version=old, distance_m=5_000, vehicle="VAN_DIESEL_KM", **fields)
    )
    session.flush()
    assert (run.area, run.distance_m) == ("Bygg A", 5_000)
    with pytest.raises(Stale):
        service.edit_run(session, mover, EditRun(version=old, **fields))
    (first, *_) = [piece for piece, _, _ in pieces_of(session, mover, [run.id])]
    off = TakeOffRun(run_sheet_id=run.id, run_piece_ids=[first.id])
    service.take_off_run(session, mover, off)
    assert len(session.execute(unplanned(mover)).all()) == 1
    with pytest.raises(NotFound):
        service.take_off_run(session, mover, off)


def facts_by_item(session: Session, org: Organised, item_ids: list[UUID]) -> dict[UUID, Any]:
    lines = session.scalars(select(HandoverLine).where(HandoverLine.item_id.in_(item_ids)))
    pieces = received(session, org.org_id, [each.id for each in lines], factors_of(session))
    return {each.item_id: each.facts.transport for each in pieces}


def test_a_runs_kilometres_are_shared_over_all_it_carried_by_volume(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    metres = positioned(session, org)
    mover = actor(Role.MOVER)
    small = an_order(session, org, 1, width_mm=500, depth_mm=500, height_mm=1000)
    large = an_order(session, org, 1, width_mm=1500, depth_mm=500, height_mm=1000)
    both = small.reservation_ids + large.reservation_ids
    a_run(session, mover, small, reservation_ids=both, transport_ore=40_000)
    first = codes(session, mover, small)
    scan_out(session, mover, ScanOut(codes=first))
    scan_in(session, mover, ScanIn(codes=first))
    ids = [small.items[0].id, large.items[0].id]
    # The larger piece still stands where it was, and counts as the load it is planned to be.
    transport = facts_by_item(session, org, ids)[ids[0]]
    assert (transport.share, transport.distance_m) == (Fraction(1, 4), metres)
    assert (transport.is_measured, transport.factor_key) == (True, "VAN_DIESEL_KM")
    second = codes(session, mover, large)
    scan_out(session, mover, ScanOut(codes=second))
    scan_in(session, mover, ScanIn(codes=second))
    shares = facts_by_item(session, org, ids)
    assert [shares[each].share for each in ids] == [Fraction(1, 4), Fraction(3, 4)]
    assert {shares[each].cost_ore for each in ids} == {40_000}
    entries = session.scalars(select(LedgerEntry).where(LedgerEntry.item_id.in_(ids))).all()
    assert all("measured distance" in str(each.inputs) for each in entries)
    assert len(entries) == 4
    lines = session.scalars(select(HandoverLine).where(HandoverLine.item_id == ids[1])).all()
    undo(session, mover, [Undo(handover_line_ids=[each.id for each in lines])])
    assert facts_by_item(session, org, ids[:1])[ids[0]].share == 1


def test_what_stayed_behind_carries_nothing_once_the_run_is_finished(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    metres = positioned(session, org)
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 4, width_mm=500, depth_mm=500, height_mm=1000)
    run = a_run(session, mover, ordered, transport_ore=40_000)
    along = codes(session, mover, ordered)[:2]
    scan_out(session, mover, ScanOut(codes=along))
    scan_in(session, mover, ScanIn(codes=along))
    planned = stands(session)
    service.finish_run(session, mover, OfRun(run_sheet_id=run.id))
    really = stands(session)
    assert carried(really) == 2 * carried(planned) == metres * Decimal("0.31689")
    assert entries_hold(session, org.org_id) == 12


def test_a_run_that_took_all_along_is_finished_without_a_correction(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    positioned(session, org)
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 2, width_mm=500, depth_mm=500, height_mm=1000)
    run = a_run(session, mover, ordered, transport_ore=40_000)
    along = codes(session, mover, ordered)
    scan_out(session, mover, ScanOut(codes=along))
    scan_in(session, mover, ScanIn(codes=along))
    before = {each.id for each in session.scalars(select(LedgerEntry))}
    service.finish_run(session, mover, OfRun(run_sheet_id=run.id))
    assert {each.id for each in session.scalars(select(LedgerEntry))} == before


@pytest.mark.parametrize("arrived", [3, 2])
def test_an_undo_after_the_end_of_a_run_shares_it_anew_whether_or_not_the_piece_arrived(
    session: Session, org: Organised, actor: ActorOf, arrived: int
) -> None:
    metres = positioned(session, org)
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 3, width_mm=500, depth_mm=500, height_mm=1000)
    run = a_run(session, mover, ordered, transport_ore=40_000)
    along = codes(session, mover, ordered)
    scan_out(session, mover, ScanOut(codes=along))
    wrong, *right = ordered.items
    found = codes_of(session, mover, [each.id for each in ordered.items])
    scan_in(session, mover, ScanIn(codes=[found[each.id] for each in [*right, wrong][:arrived]]))
    service.finish_run(session, mover, OfRun(run_sheet_id=run.id))
    line = session.scalars(select(HandoverLine).where(HandoverLine.item_id == wrong.id)).one()
    undo(session, mover, [Undo(handover_line_ids=[line.id])])
    left = stands(session)
    assert {each.item_id for each in left} == {each.id for each in right}
    assert carried(left) == metres * Decimal("0.31689"), "two carry what three did"
    entries_hold(session, org.org_id)


def test_what_was_edited_since_its_receipt_stays_as_it_was_booked_when_the_run_is_finished(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    positioned(session, org)
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 3, width_mm=500, depth_mm=500, height_mm=1000)
    run = a_run(session, mover, ordered)
    along = codes(session, mover, ordered)[:2]
    scan_out(session, mover, ScanOut(codes=along))
    scan_in(session, mover, ScanIn(codes=along))
    before = stands(session)
    for each in ordered.items:
        each.mass_g = 99_000
    session.flush()
    service.finish_run(session, mover, OfRun(run_sheet_id=run.id))
    after = stands(session)
    assert {each.mass_g for each in after} == {each.mass_g for each in before}
    assert carried(after) * 2 == carried(before) * 3


def test_a_returned_piece_travelled_with_the_others_whenever_it_was_returned(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    positioned(session, org)
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 2, width_mm=500, depth_mm=500, height_mm=1000)
    both = codes(session, mover, ordered)
    scan_out(session, mover, ScanOut(codes=both))
    scan_in(session, mover, ScanIn(codes=both[:1]))
    line = session.scalars(
        select(HandoverLine).where(HandoverLine.item_id == ordered.items[0].id)
    ).one()
    back = GiveBack(handover_line_ids=[line.id], reason=ReturnReason.NOT_NEEDED)
    give_back(session, mover, [back])
    scan_in(session, mover, ScanIn(codes=both[1:]))
    shares = facts_by_item(session, org, [ordered.items[1].id])
    assert shares[ordered.items[1].id].share == Fraction(1, 2)


def carried(entries: list[LedgerEntry]) -> Decimal:
    """The gross entries' transport, g CO2e together."""
    gross = [each for each in entries if each.view == View.GROSS]
    return sum((Decimal(each.inputs["values"]["transport"]["value"]) for each in gross), Decimal(0))


def stands(session: Session) -> list[LedgerEntry]:
    """The entries that are neither reversals nor reversed, gross and net of each piece."""
    rows = list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.item_id)))
    gone = {each.reverses_id for each in rows}
    return [each for each in rows if each.reverses_id is None and each.id not in gone]


def test_a_handover_without_an_entered_distance_is_measured_between_its_places(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    metres = positioned(session, org)
    mover = actor(Role.MOVER)
    ordered = an_order(session, org, 1)
    scanned = codes(session, mover, ordered)
    scan_out(session, mover, ScanOut(codes=scanned))
    scan_in(session, mover, ScanIn(codes=scanned))
    (transport,) = facts_by_item(session, org, [ordered.items[0].id]).values()
    assert (transport.distance_m, transport.is_measured) == (metres, True)
