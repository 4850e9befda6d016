"""A glance reads what a session reads, and says what is wrong as a session does."""

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Float, Integer, bindparam, cast, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.accounts.models import Membership, Organisation, Person, RoleGrant
from app.accounts.rules import Role
from app.impact.models import FactorSet
from app.kit.db import Database
from app.kit.prepared import Prepared, together
from tests.people import Organised, organised


@pytest.fixture
def own(new_database: Callable[[], Database]) -> tuple[Database, Organised]:
    database = new_database()
    with database.write() as session:
        return database, organised(session, database.clock)


def test_every_kind_of_value_is_what_a_session_gives(own: tuple[Database, Organised]) -> None:
    database, org = own
    everything = Prepared(
        select(
            Person.id,
            Person.name,
            Person.is_active,
            Person.created_at,
            Person.version,
            Membership.ended_at,
            RoleGrant.role,
            FactorSet.valid_from,
            Organisation.currency,
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.org_id)
        .join(RoleGrant, RoleGrant.membership_id == Membership.id)
        .join(FactorSet, FactorSet.valid_from <= bindparam("day"))
        .where(Organisation.id == bindparam("org"), Person.created_at <= bindparam("now"))
        .where(Person.name != bindparam("name"))
    )
    now = database.clock.now() + timedelta(days=1)
    values = {"org": org.org_id, "day": now.date(), "now": now, "name": "100 % 'ø'\n$1"}

    with database.read() as session:
        through_a_session = everything.rows(session, values)

    assert through_a_session
    for _ in range(3):
        assert database.glance(everything, values) == through_a_session
        with database.looks() as session:
            assert everything.rows(session, values) == through_a_session
    assert database.glance(everything, values | {"org": uuid4()}) == []


def test_what_the_database_refuses_is_an_error_and_the_next_glance_works(
    own: tuple[Database, Organised],
) -> None:
    database, _ = own
    if database.is_sqlite:
        pytest.skip("SQLite makes a number of every text")
    as_number = Prepared(select(cast(Organisation.name, Integer).label("number")))

    for _ in range(2):
        with pytest.raises(DBAPIError):
            database.glance(as_number, {})

    with database.looks() as session:
        for _ in range(2):
            with pytest.raises(DBAPIError):
                as_number.rows(session, {})
        assert len(Prepared(select(Organisation.id)).rows(session, {})) == 1

    assert len(database.glance(Prepared(select(Organisation.id)), {})) == 1


def test_statements_asked_together_give_what_each_gives_alone(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    people = Prepared(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.org_id == bindparam("org"))
        .order_by(Person.name)
    )
    organisations = Prepared(select(Organisation.id).where(Organisation.id == bindparam("org")))
    asked = [(people, {"org": org.org_id}), (organisations, {"org": org.org_id})]
    asked += [(organisations, {"org": uuid4()}), (people, {"org": org.org_id})]

    for block in (database.looks, database.read, database.looks):
        with block() as session:
            alone = [statement.rows(session, values) for statement, values in asked]
            assert together(session, asked) == alone
            assert [len(rows) for rows in alone] == [len(Role), 1, 0, len(Role)]


def test_an_error_among_statements_asked_together_is_raised_and_the_next_ones_work(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    if database.is_sqlite:
        pytest.skip("SQLite makes a number of every text")
    as_number = Prepared(select(cast(Organisation.name, Integer).label("number")))
    organisations = Prepared(select(Organisation.id).where(Organisation.id == bindparam("org")))
    known = (organisations, {"org": org.org_id})

    with database.looks() as session:
        for others in ([known], []):
            with pytest.raises(DBAPIError):
                together(session, [*others, (as_number, {}), *others])
            assert together(session, [known, known]) == [[(org.org_id,)], [(org.org_id,)]]


def test_a_connection_that_was_closed_is_replaced_also_for_statements_asked_together(
    own: tuple[Database, Organised],
) -> None:
    database, org = own
    if database.is_sqlite:
        pytest.skip("there is no server")
    organisations = Prepared(select(Organisation.id).where(Organisation.id == bindparam("org")))
    asked = [(organisations, {"org": org.org_id})] * 2
    there = [[(org.org_id,)], [(org.org_id,)]]
    with database.looks() as session:
        assert together(session, asked) == there
        with database.write() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert together(session, asked) == there

    with pytest.raises(OperationalError), database.read() as session:
        together(session, asked)
        with database.write() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        together(session, asked)

    with database.looks() as session:
        assert together(session, asked) == there


def test_a_glance_is_answered_after_what_rolled_back_on_its_connection(
    own: tuple[Database, Organised],
) -> None:
    """psycopg lets the server forget all prepared statements then, also those it knows nothing of."""
    database, _ = own
    ids = Prepared(select(Organisation.id))
    names = select(Organisation.name)
    for how in (database.read, database.write):
        with how() as session:
            ids.rows(session, {})
        with pytest.raises(ZeroDivisionError), how() as session:
            for _ in range(10):  # after the fifth psycopg prepares it
                assert session.scalars(names).all()
            ids.rows(session, {})
            raise ZeroDivisionError
        with how() as session:
            assert len(ids.rows(session, {})) == 1
            with contextlib.suppress(ZeroDivisionError), session.begin_nested():
                for _ in range(10):
                    assert session.scalars(names).all()
                raise ZeroDivisionError
            assert session.scalars(names).all()
            assert len(ids.rows(session, {})) == 1
    assert len(database.glance(ids, {})) == 1


def test_other_threads_go_on_while_what_is_sent_together_is_waited_for(
    own: tuple[Database, Organised],
) -> None:
    database, _ = own
    if database.is_sqlite:
        pytest.skip("there is no server")
    sleeps = Prepared(select(func.pg_sleep(bindparam("seconds", type_=Float())).label("slept")))
    beats, is_over = [0], threading.Event()

    def beat() -> None:
        while not is_over.wait(0.01):
            beats[0] += 1

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with database.write() as session:
            together(session, [(sleeps, {"seconds": 0.5}), (sleeps, {"seconds": 0.5})])
    finally:
        is_over.set()
        thread.join()
    assert beats[0] > 10


def test_a_nul_is_refused_and_not_cut_off(own: tuple[Database, Organised]) -> None:
    database, _ = own
    if database.is_sqlite:
        pytest.skip("SQLite keeps it")
    by_name = Prepared(select(Organisation.id).where(Organisation.name == bindparam("name")))
    for asked in ([(by_name, {"name": "a\0b"})], [(by_name, {"name": "a\0b"})] * 2):
        with pytest.raises(DBAPIError), database.looks() as session:
            together(session, asked)
        with database.looks() as session:
            assert together(session, [(by_name, {"name": "?"})] * 2) == [[], []]
