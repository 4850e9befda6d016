"""No piece is promised to two: on a real file or server, with a twin that must oversell."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, event, func, select, text
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit.db import Database
from app.marketplace import (
    queries_deciding,
    service,
    service_approval,
    service_claims,
    service_listing,
)
from app.marketplace.models import Listing, RequestLine, Reservation
from app.marketplace.rules import ReservationState
from tests.marketplace.stalls import a_listing, a_request, acting
from tests.people import organised

S = ReservationState
MakeDatabase = Callable[[], Database]


def two_requests(database: Database) -> tuple[Actor, list[UUID]]:
    """30 like pieces, and two requests of 20 each for them."""
    with database.write() as session:
        org = organised(session, database.clock)
        listing = a_listing(session, org, 30)
        requests = [a_request(session, org, listing, 20) for _ in range(2)]
        manager = acting(session, org)
        lines = [
            session.scalars(select(RequestLine.id).where(RequestLine.request_id == each.id)).one()
            for each in requests
        ]
    return manager, lines


def approved_together(
    database: Database, manager: Actor, lines: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> list[Exception]:
    """Both approvals see what is left before either takes it, if nothing keeps them apart."""
    both_have_seen = threading.Barrier(2)
    seen = queries_deciding.free_by_listing

    def pausing(session: Session, actor: Actor, ids: set[UUID]) -> dict[UUID, list[UUID]]:
        found = seen(session, actor, ids)
        # It breaks when the other one is kept out until we are done: that is the lock at work.
        with suppress(threading.BrokenBarrierError):
            both_have_seen.wait(timeout=1.5)
        return found

    monkeypatch.setattr(service_approval, "free_by_listing", pausing)
    refused: list[Exception] = []

    def approve(line_id: UUID) -> None:
        command = service.Approve(request_line_id=line_id, quantity=20)
        try:
            with database.write() as session:
                service.approve(session, manager, [command])
        except Exception as error:  # noqa: BLE001  (the twin may fail in any way but silence)
            refused.append(error)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(approve, lines))
    return refused


def counted(database: Database) -> dict[str, int]:
    with database.read() as session:
        rows = session.execute(select(Reservation.state, func.count()).group_by(Reservation.state))
        return {state.value: count for state, count in rows}


def promised_twice(database: Database) -> int:
    with database.read() as session:
        twice = (
            select(Reservation.item_id)
            .where(Reservation.state == S.APPROVED)
            .group_by(Reservation.item_id)
            .having(func.count() > 1)
        )
        return len(session.scalars(twice).all())


def test_two_simultaneous_requests_of_20_from_30_never_end_as_40(
    new_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    manager, lines = two_requests(database)
    assert approved_together(database, manager, lines, monkeypatch) == []
    assert counted(database) == {"approved": 30, "waiting": 10}
    assert promised_twice(database) == 0
    with database.read() as session:
        by_line = session.scalars(select(RequestLine.approved).order_by(RequestLine.approved))
        assert by_line.all() == [10, 20]


def test_the_unique_index_alone_refuses_the_second_promise(
    new_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    manager, lines = two_requests(database)
    without_locks(database, monkeypatch)
    refused = approved_together(database, manager, lines, monkeypatch)
    assert promised_twice(database) == 0
    assert len(refused) == 1


def test_the_twin_without_lock_and_index_promises_pieces_twice(
    new_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    manager, lines = two_requests(database)
    with database.write() as session:
        session.execute(text("DROP INDEX uq_reservation_active"))
    without_locks(database, monkeypatch)
    approved_together(database, manager, lines, monkeypatch)
    assert promised_twice(database) >= 10


BUILT_ONCE = (
    (service_listing, "LOCKED_LISTINGS"),
    (service_approval, "LOCKED_LINES"),
    (service_claims, "LOCKED_CLAIMS"),
)
"""Statements with locks in them, where they are used."""


def without_locks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes out the market's row locks; on SQLite the writers' queue and the transaction too."""
    locking = Select.with_for_update

    def unlocked(self: Any, **how: Any) -> Any:
        ours = how.get("of") in (Listing, RequestLine, Reservation)
        return self if ours else locking(self, **how)

    monkeypatch.setattr(Select, "with_for_update", unlocked)
    for module, name in BUILT_ONCE:
        statement = getattr(module, name).execution_options()  # a copy
        statement._for_update_arg = None
        monkeypatch.setattr(module, name, statement)
    if database.is_sqlite:
        database._queue = None
        engine = database._writers
        for begin in list(engine.dispatch.begin):
            event.remove(engine, "begin", begin)
