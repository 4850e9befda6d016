"""The floor of a registration is measured with the rows that a registration writes."""

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

from fastapi.testclient import TestClient
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url, text

from app.items.commands import Register
from app.items.service import register
from app.kit import libpq
from app.kit.db import Database, make_engine
from app.kit.once import once
from bench import register_floor
from bench.organisation import Begun, begin

TABLES = ("idempotency_key", "item", "event", "code", "item_search_row", "chain_link")


def _counts(database: Database) -> list[Any]:
    with database.read() as session:
        return [session.scalar(text(f"SELECT count(*) FROM {each}")) for each in TABLES]


def test_the_floor_s_rows_are_those_of_one_registration(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        begun = begin(session, places=1)
    empty = _counts(database)
    _registered(database, begun)
    one = _counts(database)
    sent = register_floor.Rows(begun, "[]", is_sqlite=database.is_sqlite).of_one(1_000)
    _write(database, sent)
    two = _counts(database)

    grown = [after - before for before, after in zip(empty, one, strict=True)]
    assert [after - before for before, after in zip(one, two, strict=True)] == grown == [1] * 6


def _write(database: Database, sent: list[libpq.Sent]) -> None:
    if database.is_sqlite:
        engine = make_engine(database.url, readers=False)
        with closing(engine.raw_connection()) as pooled:
            register_floor.on_sqlite(pooled.driver_connection, [sent])
        engine.dispose()
        return
    parts = make_url(database.url)
    where = make_conninfo(
        host=parts.host, port=parts.port, user=parts.username, dbname=parts.database
    )
    with libpq.Connection.connect(where) as connection:
        libpq.run(connection, sent)


def _registered(database: Database, begun: Begun) -> None:
    command = Register(
        category_id="CHAIR_TASK", owner_unit_id=begun.unit_id, place_id=begun.place_ids[0]
    )
    with database.write() as session:
        once(
            session,
            begun.actor,
            "k",
            [command],
            lambda: _ids(register(session, begun.actor, [command])),
        )


def _ids(items: Any) -> list[str]:
    return [str(each.id) for each in items]


def test_the_bare_app_validates_the_body_and_answers_it() -> None:
    client = TestClient(register_floor.app)
    assert client.post("/items", json=json.loads(register_floor.BODY)).status_code == 201
    assert client.post("/items", json=[{}]).status_code == 422
