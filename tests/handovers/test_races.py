"""Both sides confirm, or undo, at the same moment: one of them has an effect."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.handovers import service
from app.handovers.commands_across import ReceiveFromOthers
from app.handovers.models import HandoverLine
from app.handovers.service import Receive, Undo
from app.handovers.service_across import receive_from_others
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.db import Database
from app.kit.errors import Problem
from app.kit.events import EventRow
from app.ledger.service import verify
from app.marketplace.models import RequestLine
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.rules import OutsideState
from app.marketplace.service_outside import CallOffOutside, call_off_outside
from app.projects.models import Fulfilment
from tests.handovers.crossings import given, pieces_of, promised
from tests.handovers.orders import an_order, on_its_way
from tests.people import Organised, organised
from tests.projects.rows import a_line, a_project

TAKERS = 6
NewDatabase = Callable[[], Database]


def played(database: Database, role: Role, org: Organised) -> Actor:
    with database.read() as session:
        found = actor_of(session, org.org_id, org.person_ids[role])
    assert found is not None
    return found


@pytest.fixture
def on_the_way(new_database: NewDatabase) -> tuple[Database, Organised, list[UUID]]:
    """Two ordered pieces on their way to a programme line, in a database of their own."""
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    manager = played(database, Role.FURNITURE_MANAGER, org)
    with database.write() as session:
        line = a_line(session, manager, a_project(session, manager, org), quantity=2)
        ordered = an_order(session, org, 2, programme_line=line)
        ids = [each.id for each in on_its_way(session, manager, ordered)]
    return database, org, ids


def at_once(calls: Sequence[Callable[[], None]]) -> list[str]:
    """How each of the calls ended, all of them released together."""
    gate = threading.Barrier(len(calls))

    def call(each: Callable[[], None]) -> str:
        gate.wait()
        try:
            each()
        except Problem as problem:
            return type(problem).__name__
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(call, calls))


def test_receipts_at_the_same_time_have_one_effect(
    on_the_way: tuple[Database, Organised, list[UUID]],
) -> None:
    database, org, ids = on_the_way
    sides = [played(database, Role.EMPLOYEE, org), played(database, Role.MOVER, org)]

    def receive(actor: Actor) -> None:
        with database.write() as session:
            service.receive(session, actor, [Receive(handover_line_ids=ids)])

    calls = [partial(receive, sides[n % 2]) for n in range(TAKERS)]
    assert at_once(calls) == ["PieceReceivedAlready"] * (TAKERS - 1) + ["done"]
    with database.read() as session:
        events = select(func.count()).where(EventRow.kind == "piece-received")
        assert session.scalar(events) == 2
        assert session.scalar(select(func.count()).select_from(Fulfilment)) == 2
        assert session.scalars(select(RequestLine.received)).one() == 2


def test_an_undo_beside_a_receipt_ends_as_one_of_the_two(
    on_the_way: tuple[Database, Organised, list[UUID]],
) -> None:
    database, org, ids = on_the_way
    manager = played(database, Role.FURNITURE_MANAGER, org)

    def receive() -> None:
        with database.write() as session:
            service.receive(session, manager, [Receive(handover_line_ids=ids)])

    def undo() -> None:
        with database.write() as session:
            service.undo(session, manager, [Undo(handover_line_ids=ids)])

    ended = at_once([receive, undo])
    # Received first, then undone; or undone first, and nothing left to receive.
    assert ended in (["done", "done"], ["HandoverUndone", "done"])
    with database.read() as session:
        assert set(session.scalars(select(Item.state))) == {ItemState.IN_USE}
        assert all(session.scalars(select(HandoverLine.undone_at)))
        standing = select(func.count()).where(Fulfilment.undone_at.is_(None))
        assert session.scalar(standing) == 0
        assert session.scalars(select(RequestLine.picked_up)).one() == 0


@pytest.fixture
def to_others(new_database: NewDatabase) -> tuple[Database, Organised, Organised, UUID, list[UUID]]:
    """Two pieces on their way from one organisation of a network to another."""
    database = new_database()
    with database.write() as session:
        giver = organised(session, database.clock)
        taker = organised(session, database.clock, "Fylket")
        row = promised(session, giver, taker, 2)
        first, _ = pieces_of(session, row)
        ids = [each.id for each in given(session, giver, row, [first.id])]
        return database, giver, taker, row.id, ids


def test_what_comes_from_others_is_received_once_and_what_is_left_is_called_off_beside_it(
    to_others: tuple[Database, Organised, Organised, UUID, list[UUID]],
) -> None:
    database, giver, taker, row_id, ids = to_others
    sides = [played(database, role, taker) for role in (Role.EMPLOYEE, Role.MOVER)]
    manager = played(database, Role.FURNITURE_MANAGER, giver)

    def receive(actor: Actor) -> None:
        command = ReceiveFromOthers(outside_request_id=row_id, handover_line_ids=ids)
        with database.write() as session:
            receive_from_others(session, actor, command)

    def call_off() -> None:
        command = CallOffOutside(outside_request_id=row_id)
        with database.write() as session:
            call_off_outside(session, manager, command)

    def undo() -> None:
        with database.write() as session:
            service.undo(session, manager, [Undo(handover_line_ids=ids)])

    receipts = [partial(receive, sides[n % 2]) for n in range(TAKERS)]
    ended = at_once([*receipts, call_off, undo])
    with database.read() as session:
        new = session.scalars(select(Item).where(Item.org_id == taker.org_id)).all()
        row = session.get_one(OutsideRequest, row_id)
        undone = "ReceivedByOthers" not in ended
        assert len(new) == (0 if undone else 1)
        # The calling off, and the receipt or the undoing: whichever came first.
        assert ended.count("done") == 2
        held = (OutsideState.APPROVED, OutsideState.DECLINED)
        assert row.state in (held if undone else (OutsideState.RECEIVED,))
        for org in (giver, taker):
            assert verify(session, org.org_id).ok
