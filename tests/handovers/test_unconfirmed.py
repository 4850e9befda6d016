"""What another organisation has got and not confirmed: it is reminded, then the giver, who may."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.handovers.commands_across import ConfirmForReceiver
from app.handovers.models import Handover
from app.handovers.service import Undo, undo
from app.handovers.service_unconfirmed import (
    StillTheirsToConfirm,
    WhereIsTheirsToSay,
    confirm_for_receiver,
    remind_unconfirmed,
)
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, NotFound
from app.ledger.service import verify
from app.marketplace.models_outside import OutsideDelivery, OutsideRequest
from app.marketplace.rules import OutsideState
from app.notices.models import Notice
from tests.databases import RolledBackDatabase
from tests.handovers.crossings import given, lines_of, pieces_of, promised, received
from tests.handovers.test_across import state
from tests.handovers.test_races import NewDatabase, at_once
from tests.marketplace.stalls import acting
from tests.people import Organised, SignedInAs, organised

A_WEEK = timedelta(days=7)
"""Five working days from any day of this March, before Easter."""


def steps(database: RolledBackDatabase, org: Organised) -> list[str]:
    with database.read() as session:
        query = select(Notice.values).where(Notice.org_id == org.org_id)
        said = [row["step"] for row in session.scalars(query) if "step" in row]
    return [each for each in said if each.startswith("outside-receipt")]


def reminded(database: RolledBackDatabase) -> int:
    with database.write() as session:
        return remind_unconfirmed(session)


def test_first_the_receiver_and_then_the_giver_is_reminded_once(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    with database.write() as session:
        row = promised(session, org, foreign_org, 3)
        first, second, _ = [each.id for each in pieces_of(session, row)]
        [line] = given(session, org, row, [first])
    clock.move(A_WEEK - timedelta(days=1))
    assert reminded(database) == 0
    clock.move(timedelta(days=1))
    assert [reminded(database) for _ in range(2)] == [1, 0]
    assert steps(database, foreign_org) == ["outside-receipt-asked"]
    assert steps(database, org) == []
    clock.move(A_WEEK)
    assert [reminded(database) for _ in range(2)] == [1, 0]
    assert set(steps(database, org)) == {"outside-receipt-missing"}
    assert steps(database, foreign_org) == ["outside-receipt-asked"]
    with database.write() as session:
        received(session, foreign_org, row, [line])
        [late] = [e.id for e in given(session, org, row, [second]) if not e.received_at]
    clock.move(A_WEEK)
    assert reminded(database) == 1, "of the next delivery anew"
    with database.write() as session:
        undo(session, acting(session, org), [Undo(handover_line_ids=[late])])
    clock.move(A_WEEK)
    assert reminded(database) == 0


def test_of_what_left_long_ago_the_giver_hears_days_after_the_receiver_and_a_part_is_no_new_start(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    with database.write() as session:
        row = promised(session, org, foreign_org, 2)
        lines, row_id = given(session, org, row), row.id
    clock.move(3 * A_WEEK)
    assert [reminded(database) for _ in range(2)] == [1, 0]
    assert steps(database, org) == []
    clock.move(A_WEEK - timedelta(days=1))
    assert reminded(database) == 0
    clock.move(timedelta(days=1))
    assert [reminded(database) for _ in range(2)] == [1, 0]
    told = steps(database, org), steps(database, foreign_org)
    assert set(told[0]) == {"outside-receipt-missing"}
    with database.write() as session:
        row = session.get_one(OutsideRequest, row_id)
        received(session, foreign_org, row, lines[:1])
        assert row.reminders == 2
    clock.move(A_WEEK)
    assert reminded(database) == 0
    assert (steps(database, org), steps(database, foreign_org)) == told


def test_the_giver_confirms_after_ten_working_days_and_the_receiver_can_undo_it(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        row = promised(session, org, foreign_org, 2, name="Kontorstol")
        given(session, org, row)
        row_id = row.id
    path = f"/overleveringer/til-andre/{row_id}/framme"
    giver = signed_in_as(Role.FURNITURE_MANAGER)
    clock.move(A_WEEK)
    assert reminded(database) == 1
    clock.move(A_WEEK - timedelta(days=1))
    assert giver.post(path, data={"key": "soon"}).status_code == 409
    clock.move(timedelta(days=1))
    assert reminded(database) == 1
    assert path in giver.get("/marked/utenfra").text
    assert signed_in_as(Role.EMPLOYEE).post(path, data={}).status_code == 403
    assert signed_in_as(Role.FURNITURE_MANAGER, foreign_org).post(path).status_code == 404
    for _ in range(2):
        assert giver.post(path, data={"key": "there"}).status_code == 303
    confirm = {"outside_request_id": str(row_id)}
    assert giver.post("/api/v1/outside-requests/confirm-arrived", json=confirm).status_code == 409
    assert path not in giver.get("/marked/utenfra").text
    with database.write() as session:
        row = session.get_one(OutsideRequest, row_id)
        assert row.state is OutsideState.RECEIVED
        theirs = select(Item).where(Item.org_id == foreign_org.org_id)
        taken = session.scalars(theirs).all()
        assert [each.place_id for each in taken] == [foreign_org.room_id] * 2
        assert {each.state for each in pieces_of(session, row)} == {ItemState.DONATED}
        own = select(Handover.person_id).where(Handover.org_id == foreign_org.org_id)
        assert session.scalars(own).all() == [None], "nobody of the receiver's made it"
        told = select(Notice.values).where(Notice.org_id == foreign_org.org_id)
        said = [each["step"] for each in session.scalars(told)]
        assert said.count("outside-received-for-them") == 1
        ids = [each.id for each in lines_of(session, foreign_org)]
        undo(session, acting(session, foreign_org), [Undo(handover_line_ids=ids)])
        assert state(row) is OutsideState.APPROVED
    with database.read() as session:
        assert all(verify(session, each.org_id).ok for each in (org, foreign_org))


def test_what_left_lately_and_what_has_no_room_is_the_receivers_to_confirm(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    row = promised(session, org, foreign_org, 2)
    first, second = pieces_of(session, row)
    given(session, org, row, [first.id])
    clock.move(2 * A_WEEK)
    given(session, org, row, [second.id])
    manager, command = acting(session, org), ConfirmForReceiver(outside_request_id=row.id)
    with pytest.raises(NotFound):
        confirm_for_receiver(session, acting(session, foreign_org), command, {})
    with pytest.raises(Forbidden):
        confirm_for_receiver(session, acting(session, org, Role.EMPLOYEE), command, {})
    delivery = session.scalars(select(OutsideDelivery)).one()
    room, delivery.place_id = delivery.place_id, None
    with pytest.raises(WhereIsTheirsToSay):
        confirm_for_receiver(session, manager, command, {})
    delivery.place_id = room
    assert len(confirm_for_receiver(session, manager, command, {})) == 1
    with pytest.raises(StillTheirsToConfirm):
        confirm_for_receiver(session, manager, command, {})
    assert second.state is ItemState.IN_TRANSIT


def test_two_workers_at_the_same_moment_remind_each_side_once(
    new_database: NewDatabase, clock: MovedClock
) -> None:
    database = new_database()
    with database.write() as session:
        giver = organised(session, database.clock)
        taker = organised(session, database.clock, name="Annen kommune")
        for _ in range(3):
            given(session, giver, promised(session, giver, taker))

    def work() -> None:
        with database.write() as session:
            remind_unconfirmed(session)

    for side, step in ((taker, "outside-receipt-asked"), (giver, "outside-receipt-missing")):
        clock.move(A_WEEK)
        assert at_once([work, work, work]) == ["done"] * 3
        with database.read() as session:
            notices = session.execute(
                select(Notice.subject_id, Notice.person_id, Notice.values).where(
                    Notice.org_id == side.org_id
                )
            ).all()
        told = [(each[0], each[1]) for each in notices if each[2].get("step") == step]
        assert len({subject for subject, _ in told}) == 3
        assert len(told) == len(set(told)), "nobody is told of one request twice"
