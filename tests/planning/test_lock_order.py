"""A receipt and a change of the plan lock in one order, so that neither waits for the other."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.handovers import service_reserved, service_trips
from app.handovers.models import HandoverLine
from app.handovers.service import HandOver, Receive, hand_over, receive
from app.items.rules import Fate
from app.marketplace import service as market
from app.marketplace.models import Listing, RequestLine, Reservation
from app.planning import service_allocate
from app.planning.service_allocate import Allocate
from app.planning.service_release import OfferReleased, offer_released
from app.projects.models import Release
from app.projects.rules import ReleaseState
from app.projects.service import EditRelease, PlanRelease, edit_release, plan_release
from tests.factories import some_items
from tests.handovers.orders import ON
from tests.handovers.test_lock_order import until_somebody_waits
from tests.handovers.test_races import NewDatabase, at_once, played
from tests.people import organised
from tests.planning.test_allocate import SOON, releases
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


def test_a_piece_is_fetched_beside_another_day_for_its_release(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who fetches it has its listing and comes to its release; the day is the release's, then the listing's."""
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    manager = played(database, Role.FURNITURE_MANAGER, org)
    taker = played(database, Role.EMPLOYEE, org)
    with database.write() as session:
        project, (row,) = releases(session, manager, org, 1)
        offered = OfferReleased(project_id=project.id, release_ids=[row.id])
        (listing,) = offer_released(session, manager, offered)
        line = market.OrderLine(listing_id=listing.id, wanted=1)
        asked = market.Order(
            unit_id=org.other_unit_id, place_id=org.storage_id, project_id=None, lines=[line]
        )
        (request,) = market.order(session, taker, [asked])
        line_id = session.scalars(
            select(RequestLine.id).where(RequestLine.request_id == request.id)
        ).one()
        market.approve(session, manager, [market.Approve(request_line_id=line_id, quantity=1)])
        reservation_id = session.scalars(
            select(Reservation.id).where(Reservation.request_line_id == line_id)
        ).one()
        listing_id, release_id, version = listing.id, row.id, row.version
    began, never = threading.Event(), threading.Event()
    locked = service_reserved.locked_reservations

    def locked_beside(*given: Any) -> Any:
        found = locked(*given)
        began.set()
        until_somebody_waits(database, never)
        return found

    monkeypatch.setattr(service_trips, "locked_reservations", locked_beside)

    def fetches() -> None:
        with database.write() as session:
            hand_over(
                session, manager, [HandOver(reservation_ids=[reservation_id], handed_over_on=ON)]
            )

    def moves() -> None:
        began.wait(10)
        with database.write() as session:
            edit = EditRelease(
                release_id=release_id, version=version, free_from=SOON + timedelta(days=7)
            )
            edit_release(session, manager, [edit])

    ended = at_once([fetches, moves])
    assert ended in (["PieceNotOnProject", "done"], ["Stale", "done"])
    with database.read() as session:
        assert session.get_one(Release, release_id).state is ReleaseState.GONE
        assert session.get_one(Listing, listing_id).from_date == SOON
