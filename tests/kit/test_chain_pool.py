"""A long chain is walked by several processes, and the verdict is the one of a single walk."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from app.kit import chain_pool, chain_walk
from app.kit.chain import ChainHead, ChainLink
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.ledger.service import verify
from tests.kit.test_chain_walk import TABLES, written
from tests.ledger.test_verification import tampered
from tests.people import Organised

SEGMENT = 4
Long = tuple[Database, Organised]


@pytest.fixture
def long(
    new_database: Callable[[], Database], clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> Long:
    """A chain of some segments, of which one child takes what this process does not."""
    database = new_database()
    org = written(database, clock)
    monkeypatch.setattr(chain_walk, "SHARED_FROM", 1)
    monkeypatch.setattr(chain_walk, "SEGMENT", SEGMENT)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    return database, org


def by_the_child(monkeypatch: pytest.MonkeyPatch) -> list[chain_pool.Hashers]:
    """Leaves all segments to the children; gives who had them."""
    seen: list[chain_pool.Hashers] = []

    def none(self: chain_pool.Hashers) -> None:
        seen.append(self)

    monkeypatch.setattr(chain_pool.Hashers, "another", none)
    return seen


def alone(database: Database, org: Organised, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What one process says of the chain."""
    with monkeypatch.context() as here, database.read() as session:
        here.setattr(chain_walk, "SHARED_FROM", 10**9)
        found = chain_walk.verify(session, org.org_id, TABLES)
    return found if isinstance(found, chain_walk.Break) else (found.seq, found.digest)


def shared(database: Database, org: Organised) -> Any:
    with database.read() as session:
        found = chain_walk.verify(session, org.org_id, TABLES)
    return found if isinstance(found, chain_walk.Break) else (found.seq, found.digest)


def test_a_child_walks_every_segment(long: Long, monkeypatch: pytest.MonkeyPatch) -> None:
    database, org = long
    seen = by_the_child(monkeypatch)

    def never(*_: Any) -> None:
        message = "this process walked a segment itself"
        raise AssertionError(message)

    expected = alone(database, org, monkeypatch)
    with database.read() as session, chain_walk.begun(session, org.org_id, TABLES) as walking:
        quick = walking._quick
        walking._quick = lambda at, digest, upto: (
            never() if upto is not None else quick(at, digest, upto)
        )
        found = walking.verdict()
    assert isinstance(found, ChainHead)
    assert (found.seq, found.digest) == expected
    held = seen[0].held
    assert len(held) == -(-found.seq // SEGMENT) > 3
    assert sum(sum(each.counted.values()) for each in held.values()) == found.seq


def test_both_together_say_what_one_says(long: Long, monkeypatch: pytest.MonkeyPatch) -> None:
    database, org = long
    assert shared(database, org) == alone(database, org, monkeypatch)
    with database.read() as session:
        assert verify(session, org.org_id).ok


OF_SEQ = "(SELECT row_id FROM chain_link WHERE seq = {})"
SPOIL = "UPDATE event SET kind = 'x' WHERE id = " + OF_SEQ
SPOIL_ENTRY = "UPDATE ledger_entry SET waste_g = waste_g + 1 WHERE id = " + OF_SEQ


def spoilt(seq: int) -> tuple[str, ...]:
    """Whichever table the link's row is in."""
    return SPOIL.format(seq), SPOIL_ENTRY.format(seq)


@pytest.mark.parametrize("is_left_to_the_child", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(spoilt(1), id="the very first"),
        pytest.param(spoilt(SEGMENT), id="last of the first segment"),
        pytest.param(spoilt(SEGMENT + 1), id="first of the second segment"),
        pytest.param(spoilt(SEGMENT + 2), id="within the second segment"),
        pytest.param((*spoilt(SEGMENT * 3), *spoilt(SEGMENT + 3)), id="two: the first is named"),
        pytest.param(("DELETE FROM chain_link WHERE seq = 4",), id="link at the boundary removed"),
        pytest.param(
            ("UPDATE chain_link SET digest = '" + "0" * 64 + "' WHERE seq = 4",),
            id="digest at the boundary",
        ),
        pytest.param(
            (
                "UPDATE chain_link SET seq = -4 WHERE seq = 4",
                "UPDATE chain_link SET seq = 4 WHERE seq = 5",
                "UPDATE chain_link SET seq = 5 WHERE seq = -4",
            ),
            id="a pair over the boundary",
        ),
        pytest.param(
            ("DELETE FROM chain_link WHERE seq = (SELECT max(seq) FROM chain_link)",), id="cut tail"
        ),
        pytest.param(("DELETE FROM chain_link WHERE seq > 8",), id="cut where a segment ends"),
        pytest.param(("UPDATE chain_head SET seq = seq - 1",), id="head"),
        pytest.param(("UPDATE chain_link SET seq = 1000000000 WHERE seq = 8",), id="far away"),
    ],
)
def test_the_first_fault_is_the_one_that_a_single_walk_names(
    long: Long,
    monkeypatch: pytest.MonkeyPatch,
    changes: tuple[str, ...],
    is_left_to_the_child: bool,  # noqa: FBT001
) -> None:
    database, org = long
    tampered(database, *changes)
    expected = alone(database, org, monkeypatch)
    assert isinstance(expected, chain_walk.Break)
    if is_left_to_the_child:
        by_the_child(monkeypatch)
    assert shared(database, org) == expected
    with database.read() as session:
        difference = verify(session, org.org_id).difference
    assert difference is not None
    assert (difference.table, difference.seq, difference.reason) == (
        expected.table,
        expected.seq,
        expected.reason,
    )


def test_a_killed_child_costs_no_verdict(long: Long, monkeypatch: pytest.MonkeyPatch) -> None:
    database, org = long
    expected = alone(database, org, monkeypatch)
    by_the_child(monkeypatch)
    ask, killed = chain_pool._Child.ask, list[int]()

    def dies(self: Any, job: Any) -> Any:
        if job[1] == SEGMENT:  # in the midst: the first segment was answered for
            os.kill(self.pid, signal.SIGKILL)
            killed.append(self.pid)
        return ask(self, job)

    monkeypatch.setattr(chain_pool._Child, "ask", dies)
    assert shared(database, org) == expected
    assert len(killed) == 1
    tampered(database, *spoilt(SEGMENT + 1))
    assert shared(database, org) == alone(database, org, monkeypatch)


def test_where_no_process_starts_one_walks_alone(
    long: Long, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, org = long
    expected = alone(database, org, monkeypatch)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert shared(database, org) == expected


def test_no_process_is_left_behind(long: Long) -> None:
    database, org = long
    with database.read() as session, chain_walk.begun(session, org.org_id, TABLES) as walking:
        assert walking.hashers is not None
        walking.verdict()
        pids = walking.hashers.pids
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_short_chains_and_single_processors_ask_for_no_process(
    long: Long, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, org = long
    with database.read() as session:
        links = len(session.scalars(select(ChainLink.seq)).all())
    for name, value in (("SHARED_FROM", links + 1), ("SHARED_FROM", links)):
        monkeypatch.setattr(chain_walk, name, value)
        with database.read() as session, chain_walk.begun(session, org.org_id, TABLES) as walking:
            assert walking.is_shared == (value == links)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with database.read() as session, chain_walk.begun(session, org.org_id, TABLES) as walking:
        assert not walking.is_shared


def test_what_is_written_meanwhile_is_no_fault(long: Long, clock: MovedClock) -> None:
    database, org = long
    with database.read() as session:
        session.execute(text("SELECT seq FROM chain_head")).all()  # the snapshot is of now
        written(database, clock)
        with chain_walk.begun(session, org.org_id, TABLES) as walking:
            assert isinstance(walking.verdict(), ChainHead)
