"""The database spells rows as they were hashed; what it spells otherwise is read value by value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.kit import chain, chain_walk
from app.kit.clock import Clock, MovedClock
from app.kit.db import Database
from app.kit.events import Event, publish
from app.kit.tenancy import Model
from app.ledger.service import verify
from tests.ledger import trips
from tests.ledger.test_verification import APPEND_ONLY as PROTECTED
from tests.ledger.test_verification import tampered
from tests.ledger.trips import Load
from tests.people import Organised, organised

TABLES = {name: Model.metadata.tables[name] for name in ("event", "ledger_entry")}
ODD = "æ \" \\ / \n \t \r \b \f \x01 \x1f \x7f \u2028 😀 <&> %s ' ’"


@dataclass(frozen=True, kw_only=True)
class OddlySaid(Event):
    said: str
    numbers: Sequence[float]
    none: None = None


def written(database: Database, clock: Clock) -> Organised:
    """Events and entries with every odd value: no person, no project, a whole second, a reversal."""
    with database.write() as session:
        org = organised(session, clock)
    with database.write() as session:
        for said in (ODD, ""):
            event = OddlySaid(
                org_id=org.org_id,
                subject_id=uuid4(),
                person_id=None,
                said=said,
                numbers=[0.1, 1e300, -0.0],
            )
            publish(session, [event])
        chair, bed = (
            trips.an_item(session, org, category_id=each)
            for each in ("CHAIR_TASK", "EQUIP_MEDICAL")
        )
        trips.handed_over(session, org, [Load(chair), Load(bed)])
        trips.handed_over(session, org, [Load(chair)], handed_over_on=date(2026, 4, 1))
    return org


@pytest.mark.parametrize("microsecond", [0, 1, 120_000])
def test_every_row_is_spelled_as_it_was_hashed(
    new_database: Callable[[], Database],
    clock: MovedClock,
    monkeypatch: pytest.MonkeyPatch,
    microsecond: int,
) -> None:
    database = new_database()
    database.clock = MovedClock(datetime(2026, 3, 2, 8, 0, 0, microsecond, tzinfo=UTC))
    org = written(database, clock)
    monkeypatch.setattr(chain_walk, "_careful", _never)
    with database.read() as session:
        head = chain_walk.verify(session, org.org_id, TABLES)
        links = session.scalars(select(chain.ChainLink.seq)).all()
    assert isinstance(head, chain.ChainHead)
    assert head.seq == len(links) > 8


def _never(*_: Any) -> None:
    message = "a batch was read value by value"
    raise AssertionError(message)


def test_a_batch_is_as_long_as_it_likes(
    new_database: Callable[[], Database], clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    org = written(database, clock)
    for length in (1, 3, 1000):
        monkeypatch.setattr(chain_walk, "BATCH", length)
        monkeypatch.setattr(chain_walk, "A_LOOK", length)
        with database.read() as session:
            assert isinstance(chain_walk.verify(session, org.org_id, TABLES), chain.ChainHead)


def test_what_is_read_value_by_value_holds_as_well(
    new_database: Callable[[], Database], clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    org = written(database, clock)
    monkeypatch.setattr(chain_walk, "asked_links", lambda *_, **__: None)
    with database.read() as session:
        assert isinstance(chain_walk.verify(session, org.org_id, TABLES), chain.ChainHead)


def test_a_links_id_in_capitals_is_found(
    new_database: Callable[[], Database], clock: MovedClock
) -> None:
    database = new_database()
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's ids are no text")
    org = written(database, clock)
    tampered(database, "UPDATE chain_link SET row_id = upper(row_id) WHERE seq = 2", keys=False)
    with database.read() as session:
        found = chain_walk.verify(session, org.org_id, TABLES)
    assert isinstance(found, chain_walk.Break)
    assert found.seq == 2


def _of(session: Session, table: str) -> UUID:
    rows: Sequence[UUID] = session.scalars(select(TABLES[table].c.id)).all()
    return sorted(rows)[len(rows) // 2]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("ledger_entry", "currency = CAST(currency AS BLOB)"),
        ("ledger_entry", "event_id = CAST(event_id AS BLOB)"),
        ("ledger_entry", "item_id = item_id || '00'"),
        ("event", "kind = kind || x'00'"),
        ("event", "payload = '{}'"),
        ("event", "payload = '{'"),
        # What Python reads as the same, and a query that looks for it does not.
        ("ledger_entry", "booked_by_event_id = upper(booked_by_event_id)"),
        ("ledger_entry", "receiver_unit_id = upper(receiver_unit_id)"),
        ("ledger_entry", "period_id = period_id || char(0) || 'x'"),
        ("ledger_entry", "booked_at = replace(booked_at, ' ', 'T')"),
        ("ledger_entry", "booked_at = replace(booked_at, ' ', '0')"),
        ("ledger_entry", "booked_at = replace(booked_at, '.', ',')"),
        ("event", "subject_id = upper(subject_id)"),
    ],
)
def test_what_only_a_file_can_hold_is_found(
    new_database: Callable[[], Database], clock: MovedClock, table: str, change: str
) -> None:
    database = new_database()
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's types hold none of it")
    org = written(database, clock)
    with database.read() as session:
        row_id = _of(session, table)
    assert table in PROTECTED
    tampered(database, f"UPDATE {table} SET {change} WHERE id = :id", keys=False, id=row_id.hex)
    with database.read() as session:
        difference = verify(session, org.org_id).difference
    assert difference is not None
    assert (difference.table, difference.row_id) == (table, str(row_id))


def test_a_row_under_another_links_name_is_not_taken_for_it(
    new_database: Callable[[], Database], clock: MovedClock
) -> None:
    database = new_database()
    org = written(database, clock)
    tampered(
        database,
        "UPDATE chain_link SET table_name = 'event' WHERE table_name = 'ledger_entry' AND seq ="
        " (SELECT max(seq) FROM chain_link)",
    )
    with database.read() as session:
        found = chain_walk.verify(session, org.org_id, TABLES)
        last = session.execute(text("SELECT max(seq) FROM chain_link")).scalar_one()
    assert isinstance(found, chain_walk.Break)
    assert (found.seq, found.reason) == (last, "missing row")
