"""Two who change one trip, or one rule, at the same moment."""

from functools import partial
from uuid import UUID

from sqlalchemy import func, select

from app.accounts.rules import Role
from app.costs.models import CostEntry, CostRule
from app.costs.rules import Kind
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, Undo, hand_over, receive, undo
from app.handovers.service_run import OfRun, finish_run
from app.handovers.service_scan import ScanIn, ScanOut, scan_in, scan_out
from app.kit.db import clock_of
from tests.costs.arranged import a_rule
from tests.factories import some_items
from tests.handovers.orders import an_order
from tests.handovers.test_races import NewDatabase, at_once, played
from tests.handovers.test_runs import a_run, codes
from tests.people import organised


def test_pieces_of_one_trip_undone_at_once_are_each_turned_once(
    new_database: NewDatabase,
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        today = clock_of(session).today()
        a_rule(session, org, {Kind.FREIGHT: (30, 70, 0)}, valid_from=today)
    manager = played(database, Role.FURNITURE_MANAGER, org)
    with database.write() as session:
        command = HandOver(
            item_ids=[each.id for each in some_items(session, org, 4)],
            to_unit_id=org.other_unit_id,
            to_place_id=org.storage_id,
            handed_over_on=today,
            transport_ore=10_001,
        )
        [handover] = hand_over(session, manager, [command])
        lines = select(HandoverLine.id).where(HandoverLine.handover_id == handover.id)
        ids = list(session.scalars(lines.order_by(HandoverLine.id)))
        receive(session, manager, [Receive(handover_line_ids=ids)])

    def undone(line_id: UUID) -> None:
        with database.write() as session:
            undo(session, manager, [Undo(handover_line_ids=[line_id])])

    assert at_once([partial(undone, each) for each in ids[:3]]) == ["done"] * 3
    with database.read() as session:
        left = select(CostEntry.handover_line_id, func.sum(CostEntry.amount_ore))
        found = {
            row[0]: int(row[1])
            for row in session.execute(left.group_by(CostEntry.handover_line_id))
        }
    assert [found[each] for each in ids[:3]] == [0, 0, 0]
    assert found[ids[3]] in {2_500, 2_501}


def test_a_piece_that_is_undone_as_its_run_is_finished_carries_none_of_it(
    new_database: NewDatabase,
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        today = clock_of(session).today()
        a_rule(session, org, {Kind.FREIGHT: (30, 70, 0)}, valid_from=today)
    mover = played(database, Role.MOVER, org)
    manager = played(database, Role.FURNITURE_MANAGER, org)
    with database.write() as session:
        ordered = an_order(session, org, 4, width_mm=500, depth_mm=500, height_mm=1000)
        run_id = a_run(session, mover, ordered, transport_ore=10_001).id
        along = codes(session, mover, ordered)[:3]
        scan_out(session, mover, ScanOut(codes=along))
        scan_in(session, mover, ScanIn(codes=along))
        ids = sorted(
            session.scalars(select(HandoverLine.id).where(HandoverLine.received_at.is_not(None)))
        )

    def finished() -> None:
        with database.write() as session:
            finish_run(session, mover, OfRun(run_sheet_id=run_id))

    def undone() -> None:
        with database.write() as session:
            undo(session, manager, [Undo(handover_line_ids=ids[:1])])

    assert at_once([finished, undone]) == ["done"] * 2
    with database.read() as session:
        left = select(func.sum(CostEntry.amount_ore)).where(CostEntry.handover_line_id == ids[0])
        assert session.scalar(left) == 0


def test_of_two_who_set_a_rule_at_once_the_second_sees_the_firsts(
    new_database: NewDatabase,
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        today = clock_of(session).today()

    def made() -> None:
        with database.write() as session:
            a_rule(session, org, {Kind.FREIGHT: (30, 70, 0)}, valid_from=today)

    assert at_once([made] * 4) == ["Stale"] * 3 + ["done"]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(CostRule)) == 1
