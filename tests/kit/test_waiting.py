"""Statements whose answers nobody needs wait for the next one; on SQLite they are run at once.

What is said here holds on both databases: where an error comes out, and what is left behind.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.items.models import IdentifierKind, ItemIdentifier
from app.kit import chain_walk
from app.kit.bulk import insert_rows, new_ids
from app.kit.chain import FEW, Chained, ChainHead, ChainLink
from app.kit.db import Database, tried
from app.kit.events import Event, EventRow, publish
from app.kit.prepared import send_waiting
from tests.factories import an_item
from tests.people import Organised, organised

IDENTIFIERS = ItemIdentifier.metadata.tables["item_identifier"]
EVENTS = {"event": EventRow.metadata.tables["event"]}
AWKWARD = ("a\\b", "\\x41", "å «'\"» 😀", "a\nb\r", "%s $1 :a", "")


@dataclass(frozen=True, kw_only=True)
class SomethingSaid(Event):
    text: str


@pytest.fixture
def own(new_database: Callable[[], Database]) -> tuple[Database, Organised]:
    database = new_database()
    with database.write() as session:
        return database, organised(session, database.clock)


def _say(session: Session, org: Organised, value: str, *, twice: bool = False) -> None:
    """A foreign code of a piece, in one row or in two alike that the key refuses."""
    item_id = session.info.setdefault("piece", None) or an_item(session, org).id
    session.info["piece"] = item_id
    shared = {"org_id": org.org_id, "item_id": item_id, "kind": IdentifierKind.OTHER}
    rows: list[dict[str, Any]] = [{"id": each, "value": value} for each in new_ids(1 + twice)]
    insert_rows(session, IDENTIFIERS, rows, shared=shared)


def _values(session: Session) -> set[str]:
    return set(session.scalars(select(ItemIdentifier.value)))


def test_what_waits_is_seen_by_every_question_and_stored_by_the_commit(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    with database.write() as session:
        _say(session, org, "first")
        assert _values(session) == {"first"}
        _say(session, org, "last")
    with database.read() as session:
        assert _values(session) == {"first", "last"}


def test_an_error_that_waited_comes_out_of_the_unit_and_nothing_of_it_is_stored(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    for _ in range(2):
        with pytest.raises(IntegrityError), database.write() as session:
            _say(session, org, "once", twice=True)
    with pytest.raises(IntegrityError), database.write() as session:
        _say(session, org, "once", twice=True)
        send_waiting(session)
    with database.write() as session:
        assert _values(session) == set()
        _say(session, org, "good")
    with database.read() as session:
        assert _values(session) == {"good"}


def test_a_unit_whose_error_was_passed_over_is_not_told_as_done(
    own: tuple[Database, Organised],
) -> None:
    """What waited fails where somebody expects an error of their own; the whole unit has failed."""
    database, org = own
    with database.write() as session:
        _say(session, org, "before")
        piece = session.info["piece"]
    with pytest.raises(DBAPIError), database.write() as session:
        session.info["piece"] = piece
        _say(session, org, "kept")
        _say(session, org, "bad", twice=True)
        with suppress(IntegrityError), session.begin_nested():
            session.scalar(select(1))
    with database.read() as session:
        assert _values(session) == {"before"}


def test_what_waits_in_a_unit_that_raises_is_forgotten(own: tuple[Database, Organised]) -> None:
    database, org = own
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), database.write() as session:
            _say(session, org, "forgotten")
            raise ZeroDivisionError
    with database.write() as session:
        assert _values(session) == set()


def test_a_savepoint_ends_with_its_own_errors_and_leaves_what_was_before(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    with database.write() as session:
        _say(session, org, "before")
        with pytest.raises(IntegrityError), session.begin_nested():
            _say(session, org, "inside", twice=True)
        with pytest.raises(IntegrityError), tried(session):
            _say(session, org, "inside", twice=True)
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            _say(session, org, "inside")
            raise ZeroDivisionError
        with tried(session, is_kept=False):
            _say(session, org, "inside")
        _say(session, org, "after")
    with database.read() as session:
        assert _values(session) == {"before", "after"}


@pytest.mark.parametrize("count", [1, FEW, FEW + 1])
def test_links_are_the_same_whoever_hashes_them(
    own: tuple[Database, Organised], count: int
) -> None:
    database, org = own
    facts: dict[str, Any] = {"org_id": org.org_id, "subject_id": org.org_id, "person_id": None}
    texts = [AWKWARD[n % len(AWKWARD)] for n in range(count)]
    for _ in range(2):
        with database.write() as session:
            publish(session, [SomethingSaid(text=each, **facts) for each in texts])
    with database.read() as session:
        head = chain_walk.verify(session, org.org_id, EVENTS)
    assert isinstance(head, ChainHead)
    assert head.seq == 2 * count


def test_a_row_is_not_sealed_without_a_head(own: tuple[Database, Organised]) -> None:
    database, org = own
    with database.write() as session:
        session.execute(delete(ChainHead).where(ChainHead.org_id == org.org_id))
    row = Chained(org.org_id, "event", new_ids(1)[0], "{}")
    with pytest.raises((IntegrityError, ValueError)), database.write() as session:
        session.info["work"].chained.append(row)
    with database.read() as session:
        assert session.scalars(select(ChainLink.seq)).all() == []
