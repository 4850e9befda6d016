"""After PostgreSQL has dropped its connections the next requests succeed, and nothing is doubled."""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from app.accounts.actor import hashed
from app.accounts.models import ApiToken, Organisation
from app.accounts.rules import Role
from app.kit import lost
from app.kit.db import Database
from app.kit.files import Files
from app.kit.prepared import Prepared
from app.main import create_app
from app.places.models import Place, PlaceKind
from app.settings import Settings
from tests.databases import SERVER_URL
from tests.people import BASE_URL, organised

pytestmark = pytest.mark.skipif(not SERVER_URL, reason="SQLite has no server to lose")

IDS = Prepared(select(Organisation.id))
COUNTED = 5
WHEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    """With connections of every kind waiting in the pools."""
    database = new_database()
    with ExitStack() as stack:
        for _ in range(COUNTED):
            stack.enter_context(database.read()).execute(text("SELECT 1"))
    with ExitStack() as stack:
        for _ in range(COUNTED):
            writer = stack.enter_context(database._session(database._writers, {}))
            writer.execute(text("SELECT 1"))
    database.glance(IDS, {})
    return database


def drop_connections(database: Database) -> int:
    """As a restart does; gives how many there were, and waits until the server has let go."""
    other = Database(database.url)
    with other.write() as session:
        ours = "datname = current_database() AND pid <> pg_backend_pid()"
        pids = list(session.scalars(text(f"SELECT pid FROM pg_stat_activity WHERE {ours}")))
        session.execute(text("SELECT pg_terminate_backend(unnest(:pids))"), {"pids": pids})
    alive = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(:pids)")
    with other.looks() as session:
        while session.scalar(alive, {"pids": pids}):
            time.sleep(0.01)
    other.close()
    return len(pids)


def organisations(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Organisation)) or 0


def everything_works(database: Database) -> None:
    """Every way to the database, on more connections than one."""
    for _ in range(2):
        database.glance(IDS, {})
    with ExitStack() as stack:
        for _ in range(COUNTED):
            stack.enter_context(database.read()).execute(text("SELECT 1"))
    with database.looks() as session:
        IDS.rows(session, {})
        session.execute(text("SELECT 1"))
    for number in range(COUNTED):
        with database.write() as session:
            session.add(Organisation(name=f"Nummer {number}", created_at=WHEN))


def test_after_a_restart_everything_works_at_once(database: Database) -> None:
    before = organisations(database)
    for _ in range(2):
        assert drop_connections(database) > COUNTED
        everything_works(database)

    assert organisations(database) == before + 2 * COUNTED


def test_without_looking_first_each_connection_costs_an_error(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "is_lost", lambda _info: False)
    drop_connections(database)

    with pytest.raises(OperationalError):
        everything_works(database)


def test_what_is_dropped_in_the_middle_of_a_write_is_not_saved_and_not_done_twice(
    database: Database,
) -> None:
    before = organisations(database)
    runs = 0
    with pytest.raises(OperationalError), database.write() as session:
        runs += 1
        session.add(Organisation(name="Aldri lagret", created_at=WHEN))
        session.flush()
        drop_connections(database)
        session.execute(text("SELECT 1"))

    assert runs == 1
    everything_works(database)
    assert organisations(database) == before + COUNTED


def test_what_is_dropped_within_a_savepoint_is_said_as_any_database_error(
    database: Database,
) -> None:
    with (
        pytest.raises(OperationalError),
        database.write() as session,
        session.begin_nested(),
    ):
        session.execute(text("SELECT 1"))
        drop_connections(database)
        session.execute(text("SELECT 1"))
    everything_works(database)


def test_a_server_that_is_not_there_is_said_as_any_database_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        database = Database(f"postgresql://nobody@127.0.0.1:{taken.getsockname()[1]}/none")
        with pytest.raises(OperationalError):
            database.glance(IDS, {})
    database.close()


def test_pages_and_the_api_go_on_after_a_restart(
    database: Database, settings: Settings, files: Files
) -> None:
    secret = uuid4().hex
    with database.write() as session:
        org = organised(session, database.clock)
        session.add(
            ApiToken(
                org_id=org.org_id,
                person_id=org.person_ids[Role.ADMIN],
                name="test",
                token_hash=hashed(secret),
                created_at=database.clock.now(),
            )
        )
    settings = settings.model_copy(update={"database_url": database.url})
    app = create_app(settings, database=database, files=files)
    named = {"Authorization": f"Bearer {secret}"}
    reads = ("/", "/mobler", "/marked", "/steder", "/api/v1/places")
    with TestClient(app, base_url=BASE_URL, headers=named) as client:
        for number in range(3):
            assert [client.get(path).status_code for path in reads] == [200] * len(reads)
            drop_connections(database)
            assert [client.get(path).status_code for path in reads] == [200] * len(reads)
            drop_connections(database)
            place = {"kind": "property", "name": f"Tomt {number}"}
            answer = client.post("/api/v1/places", json=[place])
            assert answer.status_code in {200, 201}, answer.text
    with database.read() as session:
        kept = session.scalars(select(Place.name).where(Place.kind == PlaceKind.PROPERTY))
        assert sorted(kept) == ["Tomt 0", "Tomt 1", "Tomt 2"]
