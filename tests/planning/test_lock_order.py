"""A receipt and a change of the plan lock in one order, so that neither waits for the other."""

import threading
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, hand_over, receive
from app.items.rules import Fate
from app.planning import service_allocate
from app.planning.service_allocate import Allocate
from app.projects.service import EditRelease, PlanRelease, edit_release, plan_release
from tests.factories import some_items
from tests.handovers.orders import ON
from tests.handovers.test_lock_order import until_somebody_waits
from tests.handovers.test_races import NewDatabase, at_once, played
from tests.people import organised
from tests.projects.rows import a_line, a_project


def test_a_purchase_received_beside_a_change_of_the_release_it_came_from(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The project that releases the piece is the one that gets it, within a budget that is a limit."""
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    manager = played(database, Role.FURNITURE_MANAGER, org)
    with database.write() as session:
        limit = {"budget_ore": 100_000, "budget_is_limit": True, "place_id": org.room_id}
        project = a_project(session, manager, org, **limit)
        (item,) = some_items(session, org, 1)
        release = PlanRelease(
            project_id=project.id, item_ids=[item.id], free_from=ON, fate=Fate.MOVE_ALONG
        )
        (row,) = plan_release(session, manager, [release])
        line = a_line(session, manager, project, quantity=1)
        command = Allocate(programme_line_id=line.id, item_id=item.id)
        service_allocate.allocate(session, manager, [command])
        trip = HandOver(
            item_ids=[item.id],
            handed_over_on=ON,
            to_unit_id=org.other_unit_id,
            to_place_id=org.storage_id,
            programme_line_id=line.id,
        )
        hand_over(session, manager, [trip])
        session.flush()
        going = session.scalars(select(HandoverLine)).one()
        going.redesign_ore = 1_000
        line_id, release_id, version = going.id, row.id, row.version
    began, never = threading.Event(), threading.Event()
    end = service_allocate.end

    def end_beside(*given: Any) -> None:
        began.set()
        until_somebody_waits(database, never)
        end(*given)

    monkeypatch.setattr("app.planning.service_kept.end", end_beside)

    def arrives() -> None:
        with database.write() as session:
            receive(session, manager, [Receive(handover_line_ids=[line_id])])

    def changes() -> None:
        began.wait(10)
        with database.write() as session:
            edit = EditRelease(release_id=release_id, version=version, fate=Fate.OFFER)
            edit_release(session, manager, [edit])

    ended = at_once([arrives, changes])
    assert "done" in ended
    assert set(ended) <= {"done", "PieceNotOnProject", "Stale"}
