"""Verbs that touch the same pieces lock them in one order, so that neither waits for the other."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from app.accounts.rules import Role
from app.handovers import service
from app.handovers.service import ExchangeReceived, Receive
from app.kit.db import Database
from app.marketplace import service as market
from app.marketplace.commands_exchange import Exchange
from app.marketplace.rules import ReturnReason
from tests.handovers.orders import an_order, on_its_way
from tests.handovers.test_races import NewDatabase, at_once, played
from tests.people import organised

WAITS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def until_somebody_waits(database: Database, gate: threading.Event) -> None:
    """On SQLite who writes beside waits for the whole unit of work."""
    for _ in range(0 if database.is_sqlite else 500):
        with database.read() as session:
            if session.scalar(WAITS):
                return
        gate.wait(0.01)


def test_an_exchange_after_receipt_beside_an_offer_of_both_pieces(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    manager = played(database, Role.FURNITURE_MANAGER, org)
    with database.write() as session:
        ordered = an_order(session, org, 2, wanted=1)
        first, last = sorted(each.id for each in ordered.items)
        # What goes back has the higher id of the two, and what is given for it the lower.
        [reservation] = ordered.reservations
        if reservation.item_id != last:
            swap = Exchange(reservation_id=reservation.id, item_id=last)
            market.exchange(session, manager, [swap])
        [line] = on_its_way(session, manager, ordered)
        service.receive(session, ordered.taker, [Receive(handover_line_ids=[line.id])])
        line_id = line.id
    began, never = threading.Event(), threading.Event()
    replace = market.replace

    def replace_beside(*given: Any) -> Any:
        began.set()
        until_somebody_waits(database, never)
        return replace(*given)

    monkeypatch.setattr(market, "replace", replace_beside)

    def exchange() -> None:
        with database.write() as session:
            service.exchange_received(
                session,
                manager,
                [
                    ExchangeReceived(
                        handover_line_id=line_id, item_id=first, reason=ReturnReason.DAMAGED
                    )
                ],
            )

    def offer() -> None:
        began.wait(10)
        with database.write() as session:
            market.offer(session, manager, [market.Offer(item_ids=[first, last])])

    assert at_once([exchange, offer]) == ["PieceOfferedAlready", "done"]
