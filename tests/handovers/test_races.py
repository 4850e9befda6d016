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
from app.handovers.models import HandoverLine
from app.handovers.service import Receive, Undo
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.db import Database
from app.kit.errors import Problem
from app.kit.events import EventRow
from app.marketplace.models import RequestLine
from app.projects.models import Fulfilment
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
