"""Two requests for one preview: its rows are staged once, and both get the same answer."""

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from alembic import command
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.items.models import Item
from app.kit.chance import new_id
from app.kit.clock import MovedClock
from app.kit.db import Database, make_engine
from app.kit.errors import NotFound
from app.kit.jobs import Parts
from app.kit.once import KEPT, once
from app.schema import configuration, migrate
from app.transfer import queries, service_apply, service_staging
from app.transfer.models import ImportRow
from app.transfer.service import How, Upload
from app.transfer.service_staging import LEFT, SILENT, StagedByAnother
from app.transfer.states import ImportState
from app.transfer.upload import looked_at, previewed
from app.wiring import SCHEDULE
from tests.people import organised
from tests.transfer.importing import CHAIR, TABLE, Importing, sheet

ROWS = 300
SHEET = sheet(*(f"X{n};Kontorstol nr {n};Kontorstol;60;12" for n in range(ROWS)))


@pytest.fixture
def own(new_database: Callable[[], Database], clock: MovedClock) -> Importing:
    """An organisation in a database of its own."""
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    with database.read() as session:
        actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
    assert actor is not None
    return Importing(database, actor, clock)


def staged_rows(database: Database, run_id: UUID) -> list[int]:
    with database.read() as session:
        numbers = select(ImportRow.row_number).where(ImportRow.import_run_id == run_id)
        return sorted(session.scalars(numbers))


def cut_off(own: Importing, key: str) -> tuple[UUID, UUID]:
    """A run whose owner has staged two rows and is not heard of again; and its token."""
    found = looked_at(own.database, own.actor, SHEET, "ark.csv", How())
    upload = Upload(file_name="ark.csv", sha256=hashlib.sha256(SHEET).hexdigest(), how=How())
    token = new_id()
    with own.database.write() as session:
        (run_id,) = once(
            session,
            own.actor,
            key,
            [upload],
            lambda: [str(service_staging.begin(session, own.actor, upload).id)],
        )
    with own.database.write() as session:
        service_staging.take(session, own.actor, UUID(run_id), token)
        service_staging.stage(session, own.actor, UUID(run_id), token, found.rows[:2])
    return UUID(run_id), token


def test_two_sends_at_once_under_one_key_stage_and_register_each_row_once(own: Importing) -> None:
    barrier = threading.Barrier(2)

    def send(key: str) -> UUID:
        barrier.wait()
        return previewed(own.database, own.actor, SHEET, "ark.csv", How(), key)

    for key in (uuid4().hex for _ in range(3)):
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(send, [key, key])
        assert first == second
        assert staged_rows(own.database, first) == list(range(2, ROWS + 2))
    with own.database.read() as session:
        assert queries.run(session, own.actor, first).report["created"] == ROWS
    own.apply(first)
    with own.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == ROWS


def test_a_repeat_takes_over_from_who_was_cut_off_and_shuts_him_out(own: Importing) -> None:
    run_id, token = cut_off(own, "k")
    own.clock.move(SILENT + timedelta(seconds=1))
    assert previewed(own.database, own.actor, SHEET, "ark.csv", How(), "k") == run_id
    assert staged_rows(own.database, run_id) == list(range(2, ROWS + 2))
    found = looked_at(own.database, own.actor, SHEET, "ark.csv", How())
    with pytest.raises(StagedByAnother), own.database.write() as session:
        service_staging.stage(session, own.actor, run_id, token, found.rows[2:])
    with pytest.raises(StagedByAnother), own.database.write() as session:
        service_staging.show(session, own.actor, run_id, token, found)
    assert len(staged_rows(own.database, run_id)) == ROWS


def test_rows_of_who_was_cut_off_are_swept_and_a_repeat_begins_anew(own: Importing) -> None:
    run_id, token = cut_off(own, "k")
    applied = own.preview(sheet(CHAIR))
    own.clock.move(LEFT - timedelta(minutes=1))
    sweep(own)
    assert staged_rows(own.database, run_id) == [2, 3]
    own.clock.move(timedelta(minutes=2))
    sweep(own)
    assert staged_rows(own.database, run_id) == []
    assert staged_rows(own.database, applied) == [2]
    found = looked_at(own.database, own.actor, SHEET, "ark.csv", How())
    with pytest.raises(StagedByAnother), own.database.write() as session:
        service_staging.stage(session, own.actor, run_id, token, found.rows[2:])
    assert previewed(own.database, own.actor, SHEET, "ark.csv", How(), "k") == run_id
    assert staged_rows(own.database, run_id) == list(range(2, ROWS + 2))
    own.clock.move(KEPT + 3 * LEFT)
    sweep(own)
    assert staged_rows(own.database, run_id) == list(range(2, ROWS + 2))


def test_a_run_that_nobody_repeats_is_forgotten_after_its_key(own: Importing) -> None:
    run_id, _ = cut_off(own, "k")
    own.clock.move(2 * LEFT)
    sweep(own)
    own.clock.move(KEPT)
    with own.database.read() as session:
        assert queries.staged_run(session, own.actor, run_id).state is ImportState.STAGING
    sweep(own)
    with own.database.read() as session, pytest.raises(NotFound):
        queries.staged_run(session, own.actor, run_id)
    assert previewed(own.database, own.actor, SHEET, "ark.csv", How(), "k") != run_id


def sweep(own: Importing) -> None:
    """As the schedule does at night; only the database is touched."""
    (nightly,) = (each for each in SCHEDULE if each.name == "forget")
    nightly.run(Parts(own.database, None, None, None, ""))  # type: ignore[arg-type]


def test_who_waits_gets_the_preview_of_the_one_at_work(own: Importing) -> None:
    run_id, token = cut_off(own, "k")
    found = looked_at(own.database, own.actor, SHEET, "ark.csv", How())
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(previewed, own.database, own.actor, SHEET, "ark.csv", How(), "k")
        with pytest.raises(StagedByAnother), own.database.write() as session:
            service_staging.take(session, own.actor, run_id, new_id())
        assert not waiting.done()
        with own.database.write() as session:
            service_staging.stage(session, own.actor, run_id, token, found.rows[2:])
        with own.database.write() as session:
            service_staging.show(session, own.actor, run_id, token, found)
        assert waiting.result(timeout=30) == run_id
    assert len(staged_rows(own.database, run_id)) == ROWS


def test_a_row_number_stands_once_in_a_run(own: Importing) -> None:
    run_id, token = cut_off(own, "k")
    found = looked_at(own.database, own.actor, SHEET, "ark.csv", How())
    with pytest.raises(IntegrityError), own.database.write() as session:
        service_staging.stage(session, own.actor, run_id, token, found.rows[:1])


def test_a_repeat_of_a_preview_that_was_taken_away_finds_none(importing: Importing) -> None:
    key = uuid4().hex
    send = partial(previewed, importing.database, importing.actor, SHEET, "ark.csv", How(), key)
    run_id = send()
    with importing.database.write() as session:
        service_staging.discard(session, importing.actor, run_id)
    with pytest.raises(NotFound):
        send()


@pytest.mark.parametrize("state", [ImportState.PREVIEWED, ImportState.APPLIED])
def test_rows_that_were_staged_twice_before_are_told_apart(
    own: Importing, state: ImportState
) -> None:
    run_id = own.preview(sheet(CHAIR, TABLE))
    command.downgrade(configuration(own.database.url), "2026_11_29_bulk_actions")
    engine = make_engine(own.database.url, readers=False)
    with engine.begin() as connection:
        connection.execute(text("UPDATE import_run SET state = :state"), {"state": state.value})
        columns = (
            "org_id, import_run_id, row_number, outcome, key, fingerprint, item_id, row_values"
        )
        for row_id in [row.id for row in connection.execute(text("SELECT id FROM import_row"))]:
            new = {"new": new_id() if "post" in own.database.url else new_id().hex, "old": row_id}
            connection.execute(
                text(
                    f"INSERT INTO import_row (id, {columns})"
                    f" SELECT :new, {columns} FROM import_row WHERE id = :old"
                ),
                new,
            )
    engine.dispose()
    migrate(own.database.url)
    kept = [2, 3] if state is ImportState.PREVIEWED else [2, 3, 1_000_002, 1_000_003]
    assert staged_rows(own.database, run_id) == kept


def test_a_preview_that_is_being_applied_is_not_taken_away(own: Importing) -> None:
    run_id = own.preview(SHEET)
    with own.database.read() as session:
        ready = service_apply.prepare(session, own.actor, run_id)

    def take_away() -> None:
        with own.database.write() as session:
            service_staging.discard(session, own.actor, run_id)

    with ThreadPoolExecutor(1) as pool:
        with own.database.write() as session:
            service_apply.apply(session, own.actor, ready)
            taken = pool.submit(take_away)
            time.sleep(0.5)
        with pytest.raises(service_apply.ImportFinished):
            taken.result(timeout=30)
    assert staged_rows(own.database, run_id) == list(range(2, ROWS + 2))
