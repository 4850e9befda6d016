"""Jobs: enqueued after commit, found by the sweep, run at least once, and in real threads."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from jinja2 import Environment

from app.items.models import PhotoFile
from app.kit.db import Database, after_commit
from app.kit.files import Files
from app.kit.jobs import (
    Job,
    Parts,
    Queue,
    Scheduled,
    backoff,
    queue_at_once,
    queue_in_file,
    queue_on_postgres,
    sweep_files,
)
from app.kit.mail import Letter, LetterInvalid, Mail
from app.notices.models import Notice
from app.notices.service import due
from app.transfer.models import ImportRun
from app.transfer.states import ImportState
from tests.databases import RolledBackDatabase
from tests.people import Organised


@pytest.fixture
def parts(database: RolledBackDatabase, files: Files) -> Parts:
    return Parts(database, files, Mail(), Environment(autoescape=True), "https://testserver")


def at_once(parts: Parts, jobs: Sequence[Job]) -> Queue:
    return Queue(queue_at_once(), parts, jobs, ())


def a_notice(database: Database, org: Organised) -> UUID:
    now = database.clock.now()
    person_id = next(iter(org.person_ids.values()))
    with database.write() as session:
        notice = Notice(
            org_id=org.org_id,
            person_id=person_id,
            kind="request_ready",
            subject_id=uuid4(),
            values={},
            created_at=now,
            next_try_at=now,
        )
        session.add(notice)
        session.flush()
        return notice.id


def test_a_job_is_called_with_its_row(parts: Parts) -> None:
    called: list[UUID] = []
    row = uuid4()
    queue = at_once(parts, [Job("note", due, lambda _parts, row_id: called.append(row_id))])
    queue.enqueue("note", row)
    assert called == [row]


def test_a_job_that_raises_harms_nobody(parts: Parts) -> None:
    def fails(_parts: Parts, _row: UUID) -> None:
        raise RuntimeError

    at_once(parts, [Job("fails", due, fails)]).enqueue("fails", uuid4())


def test_an_unknown_job_of_an_older_version_is_passed_over(parts: Parts) -> None:
    at_once(parts, []).enqueue("gone", uuid4())


def test_the_sweep_finds_rows_whose_call_was_lost(
    parts: Parts, database: RolledBackDatabase, org: Organised
) -> None:
    called: list[UUID] = []
    waiting = a_notice(database, org)
    queue = at_once(parts, [Job("note", due, lambda _parts, row_id: called.append(row_id))])
    queue.sweep()
    assert called == [waiting]


def test_a_job_that_needs_mail_rests_without_a_server(
    parts: Parts, database: RolledBackDatabase, org: Organised
) -> None:
    called: list[UUID] = []
    waiting = a_notice(database, org)
    job = Job("note", due, lambda _parts, row_id: called.append(row_id), needs_mail=True)
    at_once(parts, [job]).sweep()
    assert called == []
    at_once(replace(parts, mail=Mail(host="mail.example.no")), [job]).sweep()
    assert called == [waiting]


def test_nothing_is_enqueued_for_what_was_rolled_back(database: RolledBackDatabase) -> None:
    def writes_and_fails() -> None:
        with database.write() as session:
            after_commit(session, "note", uuid4())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        writes_and_fails()
    assert database.woken == []


def test_waiting_grows_to_six_hours() -> None:
    minutes = [backoff(attempts) / timedelta(minutes=1) for attempts in range(1, 8)]
    assert minutes == [1, 4, 16, 64, 256, 360, 360]


def test_a_file_without_a_row_goes_after_a_day_and_others_stay(
    parts: Parts, database: RolledBackDatabase, org: Organised, tmp_path: Path
) -> None:
    keep = parts.files.put(org.org_id, b"has a row", "sheet")
    orphan = parts.files.put(org.org_id, b"has none", "webp")
    young = parts.files.put(org.org_id, b"a transaction may be open", "webp")
    long_ago = time.time() - timedelta(hours=25).total_seconds()
    for key in (keep, orphan):
        os.utime(tmp_path / "files" / key, (long_ago, long_ago))
    with database.write() as session:
        run = ImportRun(
            org_id=org.org_id,
            state=ImportState.PREVIEWED,
            file_name="møbler.xlsx",
            sha256=hashlib.sha256(b"has a row").hexdigest(),
            mapping={},
            report={},
            created_at=database.clock.now(),
        )
        session.add(run)
    sweep_files((PhotoFile, ImportRun))(parts)
    assert [parts.files.exists(key) for key in (keep, orphan, young)] == [True, False, True]


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\0"])
@pytest.mark.parametrize("field", ["to", "subject", "message_id"])
def test_a_header_of_several_lines_is_refused(field: str, mark: str) -> None:
    letter = Letter("kari@example.no", "Bestilling", "Hei", "<p>Hei</p>", "<1@example.no>")
    changed = replace(letter, **{field: f"x{mark}Bcc: alle@example.no"})
    with pytest.raises(LetterInvalid):
        changed.message("omlop@example.no")


def test_the_password_is_not_shown() -> None:
    assert "hemmelig" not in repr(Mail(host="mail.example.no", password="hemmelig"))


def _until(is_so: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def test_real_threads_run_what_a_commit_enqueued(
    new_database: Callable[[], Database], files: Files, tmp_path: Path
) -> None:
    database = new_database()
    called: list[tuple[UUID, str]] = []
    parts = Parts(database, files, Mail(), Environment(autoescape=True), "https://testserver")
    job = Job(
        "note", due, lambda _parts, row: called.append((row, threading.current_thread().name))
    )
    huey = (
        queue_in_file(tmp_path / "jobs.db")
        if database.is_sqlite
        else queue_on_postgres(database.url)
    )
    queue = Queue(huey, parts, [job], [Scheduled("never", lambda _parts: None, hour="4")])
    database.enqueue = queue.enqueue
    queue.start()
    try:
        rows = [uuid4() for _ in range(20)]
        for row in rows:
            with database.write() as session:
                after_commit(session, "note", row)
        assert _until(lambda: len(called) == len(rows))
        assert {row for row, _ in called} == set(rows)
        assert {name for _, name in called} <= {"Worker-1", "Worker-2"}
    finally:
        queue.stop()
    assert not [each for each in threading.enumerate() if each.name.startswith("Worker-")]


def test_a_queue_that_was_lost_starts_empty(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    path.write_bytes(b"not a database")
    huey = queue_in_file(path)
    assert huey.pending_count() == 0
    huey.storage.close()
