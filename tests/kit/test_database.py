"""Units of work, the chain and idempotency, on a database of their own where it matters."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlalchemy import String, column, select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Organisation
from app.kit import chain_walk
from app.kit.chain import ChainHead
from app.kit.chain_walk import Break
from app.kit.columns import UtcDateTime
from app.kit.db import (
    CACHE_KB,
    LONG_CACHE_KB,
    Database,
    WriteInWrite,
    make_engine,
    safe_for_wal,
)
from app.kit.events import Event, EventRow, publish
from app.kit.once import DoneBefore, KeyUsedForAnother, once, only_id
from app.kit.prepared import Prepared
from tests.people import Organised, organised

TABLES = {"event": EventRow.metadata.tables["event"]}


@dataclass(frozen=True, kw_only=True)
class SomethingHappened(Event):
    amount: int


@dataclass(frozen=True)
class Somebody:
    org_id: UUID
    caller_id: UUID


class Order(BaseModel):
    amount: int


@pytest.fixture
def own(new_database: Callable[[], Database]) -> tuple[Database, Organised]:
    database = new_database()
    with database.write() as session:
        return database, organised(session, database.clock)


def happen(database: Database, org_id: UUID, times: int = 1) -> None:
    with database.write() as session:
        publish(
            session,
            [
                SomethingHappened(org_id=org_id, subject_id=org_id, person_id=None, amount=n)
                for n in range(times)
            ],
        )


def test_a_block_that_raises_leaves_nothing_behind(own: tuple[Database, Organised]) -> None:
    database, org = own
    with pytest.raises(ZeroDivisionError), database.write() as session:
        publish(
            session,
            [SomethingHappened(org_id=org.org_id, subject_id=org.org_id, person_id=None, amount=1)],
        )
        _ = 1 / 0

    with database.read() as session:
        assert chain_walk.verify(session, org.org_id, TABLES).seq == 0


def test_nothing_can_be_written_through_a_read_block(own: tuple[Database, Organised]) -> None:
    database, _ = own
    with pytest.raises(DBAPIError), database.read() as session:
        session.execute(text("UPDATE organisation SET name = 'x'"))


def test_two_looks_in_a_read_block_see_the_same(own: tuple[Database, Organised]) -> None:
    database, _ = own
    name = select(Organisation.name)
    with database.read() as session:
        before = session.scalar(name)
        with database.write() as writing:
            writing.execute(update(Organisation).values(name="Renamed between the looks"))

        assert session.scalar(name) == before
    with database.read() as session:
        assert session.scalar(name) == "Renamed between the looks"


def test_a_look_sees_what_was_committed_since_the_one_before(
    own: tuple[Database, Organised],
) -> None:
    database, _ = own
    name = select(Organisation.name)
    with database.looks() as session:
        session.scalar(name)
        with database.write() as writing:
            writing.execute(update(Organisation).values(name="Renamed between the looks"))

        assert session.scalar(name) == "Renamed between the looks"


def test_nothing_can_be_written_while_looking(own: tuple[Database, Organised]) -> None:
    database, _ = own
    with pytest.raises(DBAPIError), database.looks() as session:
        session.execute(text("UPDATE organisation SET name = 'x'"))


def test_each_look_begins_with_nothing_of_the_one_before(
    own: tuple[Database, Organised],
) -> None:
    database, _ = own
    with database.looks() as session, database.looks() as other:
        assert other is not session
        before = session.scalars(select(Organisation)).one()
        session.info["left"] = before
    with pytest.raises(ZeroDivisionError), database.looks() as session:
        session.scalars(select(Organisation)).one()
        1 / 0  # noqa: B018
    with database.write() as writing:
        writing.execute(update(Organisation).values(name="Renamed since"))

    for _ in range(2):
        with database.looks() as session:
            assert "left" not in session.info
            assert before not in session
            assert session.scalars(select(Organisation)).one().name == "Renamed since"


def test_a_glance_sees_what_was_just_committed_and_leaves_no_transaction_open(
    own: tuple[Database, Organised],
) -> None:
    database, _ = own
    name = Prepared(select(Organisation.name))
    for each in ("First", "Second"):
        with database.write() as session:
            session.execute(update(Organisation).values(name=each))

        assert [row.name for row in database.glance(name, {})] == [each]


def test_a_glance_on_postgresql_is_alone_in_its_transaction(
    own: tuple[Database, Organised],
) -> None:
    database, _ = own
    if database.is_sqlite:
        pytest.skip("on SQLite a transaction costs no round trip")
    started = text("SELECT transaction_timestamp() AS at")
    begun = Prepared(select(started.columns(column("at", UtcDateTime)).subquery()))
    others = text(
        "SELECT state FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    moments = set()
    for _ in range(3):
        moments |= {row.at for row in database.glance(begun, {})}
        with database.write() as session:
            assert set(session.scalars(others)) == {"idle"}
    assert len(moments) == 3


def test_nothing_could_be_written_at_a_glance(own: tuple[Database, Organised]) -> None:
    database, _ = own
    asked = (
        "SELECT query_only AS answer FROM pragma_query_only"
        if database.is_sqlite
        else "SELECT current_setting('transaction_read_only') AS answer"
    )
    setting = Prepared(select(text(asked).columns(column("answer", String)).subquery()))

    assert [str(row.answer) for row in database.glance(setting, {})] in (["1"], ["on"])


def test_a_write_inside_a_write_is_refused(own: tuple[Database, Organised]) -> None:
    database, _ = own
    with database.write(), pytest.raises(WriteInWrite), database.write():
        pass


def test_a_long_unit_has_more_memory_on_sqlite_and_gives_it_back(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    if not database.is_sqlite:
        pytest.skip("PostgreSQL shares its memory among all")

    def cache(*, is_long: bool) -> int:
        with database.write(is_long=is_long) as session:
            found: int = session.scalar(text("PRAGMA cache_size"))
            return -found

    assert cache(is_long=False) == CACHE_KB
    assert cache(is_long=True) == LONG_CACHE_KB
    assert cache(is_long=False) == CACHE_KB
    with pytest.raises(ZeroDivisionError), database.write(is_long=True) as session:
        publish(
            session,
            [SomethingHappened(org_id=org.org_id, subject_id=org.org_id, person_id=None, amount=1)],
        )
        _ = 1 / 0
    assert cache(is_long=False) == CACHE_KB


def test_events_can_not_be_changed_by_raw_sql(own: tuple[Database, Organised]) -> None:
    database, org = own
    happen(database, org.org_id)
    for statement in (
        "UPDATE event SET kind = 'x'",
        "DELETE FROM event",
        "UPDATE chain_link SET digest = 'x'",
        "DELETE FROM chain_link",
    ):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
            session.execute(text(statement))


def test_sqlite_can_not_replace_an_event(own: tuple[Database, Organised]) -> None:
    database, org = own
    if not database.is_sqlite:
        pytest.skip("REPLACE is SQLite's own")
    happen(database, org.org_id)
    for statement in (
        "INSERT OR REPLACE INTO event SELECT * FROM event",
        "REPLACE INTO chain_link SELECT * FROM chain_link",
    ):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
            session.execute(text(statement))


def unprotected(database: Database, table: str, statement: str) -> None:
    """Changes a protected table as somebody with the database's own key could."""
    engine = make_engine(database.url, readers=False)
    with engine.begin() as connection:
        if database.is_sqlite:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        else:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize(
    ("table", "statement", "reason"),
    [
        (
            "event",
            "UPDATE event SET payload = '{\"amount\": 9}' WHERE kind LIKE 'some%'",
            "changed",
        ),
        (
            "event",
            "DELETE FROM event WHERE id = (SELECT row_id FROM chain_link WHERE seq = 2)",
            "missing row",
        ),
        ("chain_link", "DELETE FROM chain_link WHERE seq = 2", "missing link"),
        ("chain_link", "DELETE FROM chain_link WHERE seq = 5", "cut-off tail"),
        ("chain_link", "UPDATE chain_link SET digest = 'x' WHERE seq = 3", "changed"),
    ],
)
def test_verify_names_the_first_place_that_was_changed(
    own: tuple[Database, Organised], table: str, statement: str, reason: str
) -> None:
    database, org = own
    happen(database, org.org_id, 5)
    with database.read() as session:
        assert isinstance(chain_walk.verify(session, org.org_id, TABLES), ChainHead)

    unprotected(database, table, statement)

    with database.read() as session:
        found = chain_walk.verify(session, org.org_id, TABLES)
    assert isinstance(found, Break)
    assert reason in found.reason


def test_many_writers_make_one_unbroken_chain(own: tuple[Database, Organised]) -> None:
    database, org = own
    threads = [threading.Thread(target=happen, args=(database, org.org_id, 3)) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with database.read() as session:
        head = chain_walk.verify(session, org.org_id, TABLES)
    assert isinstance(head, ChainHead)
    assert head.seq == 60


def test_a_repeat_gets_the_first_answer_and_has_no_second_effect(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    somebody = Somebody(org.org_id, org.org_id)
    done: list[int] = []

    def order() -> dict[str, int]:
        done.append(1)
        return {"number": len(done)}

    answers = []
    for _ in range(3):
        with database.write() as session:
            answers.append(once(session, somebody, "k", [Order(amount=1)], order))

    assert answers == [{"number": 1}] * 3
    assert done == [1]


def test_parallel_repeats_have_one_effect(own: tuple[Database, Organised]) -> None:
    database, org = own
    somebody = Somebody(org.org_id, org.org_id)
    done: list[int] = []
    answers: list[object] = []

    def order() -> list[int]:
        done.append(1)
        return [1]

    def send() -> None:
        with database.write() as session:
            answer = once(session, somebody, "k", [Order(amount=1)], order)
        answers.append(answer)

    threads = [threading.Thread(target=send) for _ in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert done == [1]
    assert answers == [[1]] * 10


def test_another_body_under_the_same_key_is_refused(own: tuple[Database, Organised]) -> None:
    database, org = own
    somebody = Somebody(org.org_id, org.org_id)
    with database.write() as session:
        once(session, somebody, "k", [Order(amount=1)], lambda: [1])

    with pytest.raises(KeyUsedForAnother) as refused, database.write() as session:
        once(session, somebody, "k", [Order(amount=2)], lambda: [2])
    assert refused.value.members == {"key": "k", "answer": [1]}


@pytest.mark.parametrize("older", [None, [], {}, {"id": 1}, "x", 3, [[]], ["x"], [{"number": 2}]])
def test_an_answer_that_an_older_version_kept_is_said_to_be_one_and_nothing_is_done_again(
    own: tuple[Database, Organised], older: Any
) -> None:
    database, org = own
    somebody = Somebody(org.org_id, org.org_id)
    with database.write() as session:
        once(session, somebody, "k", [Order(amount=1)], lambda: older)

    with pytest.raises(DoneBefore), database.write() as session:
        once(session, somebody, "k", [Order(amount=1)], lambda: 1 / 0, only_id)


def test_an_answer_of_now_that_cannot_be_read_is_our_own_mistake(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    with pytest.raises(KeyError), database.write() as session:
        once(session, Somebody(org.org_id, org.org_id), "k", [], lambda: [{}], only_id)


def test_a_refused_request_leaves_no_key(own: tuple[Database, Organised]) -> None:
    database, org = own
    somebody = Somebody(org.org_id, org.org_id)
    with pytest.raises(ZeroDivisionError), database.write() as session:
        once(session, somebody, "k", [Order(amount=1)], lambda: 1 / 0)

    with database.write() as session:
        assert once(session, somebody, "k", [Order(amount=1)], lambda: [1]) == [1]


def test_sqlite_versions_with_the_wal_reset_bug_are_known() -> None:
    unsafe = [(3, 40, 1), (3, 51, 2), (3, 50, 6), (3, 44, 5)]
    safe = [(3, 51, 3), (3, 53, 4), (3, 50, 7), (3, 44, 6)]

    assert [safe_for_wal(each) for each in unsafe] == [False] * 4
    assert [safe_for_wal(each) for each in safe] == [True] * 4
