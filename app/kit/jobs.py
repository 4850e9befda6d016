"""Work after the answer: rows are the truth, the queue only says that one is waiting.

A verb writes a row with an empty mark for what is left to do and calls ``db.after_commit``. The
queue may lose everything at any time: a sweep each minute finds every row that is due. Jobs are
therefore idempotent and claim their row by a conditional UPDATE.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from huey import Huey, MemoryHuey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer, Scheduler
from jinja2 import Environment
from sqlalchemy import Select, make_url, select

from app.kit.db import Database
from app.kit.files import Files
from app.kit.mail import Mail

log = structlog.get_logger()

AT_ONCE = 500
"""So many rows of one job are enqueued by one sweep; the next one finds the rest."""
MOST_ATTEMPTS = 8
LONGEST_WAIT = timedelta(hours=6)
ORPHAN_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Parts:
    """What a job may use. ``templates`` and ``public_url`` are for letters."""

    db: Database
    files: Files
    mail: Mail
    templates: Environment
    public_url: str


@dataclass(frozen=True)
class Job:
    """Work on one row. ``due`` selects the ids of rows never picked up, or to be tried again.

    A job that ``needs_mail`` rests while no mail server is set.
    """

    name: str
    due: Callable[[datetime], Select[UUID]]
    run: Callable[[Parts, UUID], None]
    needs_mail: bool = False


@dataclass(frozen=True)
class Scheduled:
    """Work by the clock (UTC), once an hour or a day: ``hour="3", minute="20"``."""

    name: str
    run: Callable[[Parts], None]
    minute: str = "*"
    hour: str = "*"


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failures: 1, 4, 16, 64 minutes … at most six hours."""
    return min(timedelta(minutes=4 ** min(attempts - 1, 10)), LONGEST_WAIT)


def _close(huey: Huey) -> None:
    """Closes this thread's connection to the queue; a thread that never asked has none."""
    with suppress(AttributeError):
        huey.storage.close()


class _Clock(Scheduler):  # type: ignore[misc]
    """Closes its connection to the queue as the workers do."""

    def shutdown(self) -> None:
        _close(self.huey)


class _Threads(Consumer):  # type: ignore[misc]
    """Huey's workers inside our own process, whose signals belong to the web server."""

    scheduler_class = _Clock

    def _set_signal_handlers(self) -> None:
        pass


class Queue:
    """Enqueues, sweeps and, where it is started, runs."""

    def __init__(
        self, huey: Huey, parts: Parts, jobs: Sequence[Job], schedule: Sequence[Scheduled]
    ) -> None:
        self.huey = huey
        self.parts = parts
        self._jobs = {job.name: job for job in jobs}
        self._threads: _Threads | None = None
        self._run_later = huey.task(name="run")(self.run)
        huey.on_shutdown(name="close")(partial(_close, huey))  # each worker its own connection
        huey.periodic_task(crontab(minute="*"), name="sweep")(self.sweep)
        for each in schedule:
            when = crontab(minute=each.minute, hour=each.hour)
            huey.periodic_task(when, name=each.name)(self._scheduled(each))

    def enqueue(self, name: str, row_id: UUID) -> None:
        """Called after commit. A lost call is found by the sweep, so a fault is only logged."""
        try:
            self._run_later(name, str(row_id))
        except Exception:
            log.exception("not_enqueued", job=name)

    def run(self, name: str, row_id: str) -> None:
        """Runs one job on one row. What it raises is logged; the row stays due."""
        job = self._jobs.get(name)
        if job is None or not self._may_run(job):
            return
        try:
            job.run(self.parts, UUID(row_id))
        except Exception:
            log.exception("job_failed", job=name, row=row_id)

    def sweep(self) -> None:
        """Enqueues what is due: lost calls, killed workers, and attempts whose time has come."""
        now = self.parts.db.clock.now()
        for job in self._jobs.values():
            if not self._may_run(job):
                continue
            with self.parts.db.read() as session:
                ids = session.scalars(job.due(now).limit(AT_ONCE)).all()
            for row_id in ids:
                self.enqueue(job.name, row_id)

    def start(self, *, workers: int = 2, with_schedule: bool = True) -> None:
        """Starts the worker threads, and the clock for one of the processes."""
        self._threads = _Threads(
            self.huey, workers=workers, periodic=with_schedule, max_delay=1.0, backoff=1.5
        )
        self._threads.start()
        self.sweep()

    def stop(self) -> None:
        """Lets running jobs end."""
        if self._threads is not None:
            self._threads.stop(graceful=True)
            self._threads = None
        _close(self.huey)

    def _may_run(self, job: Job) -> bool:
        return self.parts.mail.is_set or not job.needs_mail

    def _scheduled(self, each: Scheduled) -> Callable[[], None]:
        def run() -> None:
            try:
                each.run(self.parts)
            except Exception:
                log.exception("scheduled_failed", job=each.name)

        return run


def queue_in_file(path: Path) -> Huey:
    """The queue of SQLite mode, in a file of its own that starts empty.

    Huey uses Python's own SQLite, whose WAL mode may be broken, so it keeps a rollback journal.
    What an earlier process left is found by the first sweep.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for each in (path, path.with_name(f"{path.name}-journal")):
        each.unlink(missing_ok=True)
    return SqliteHuey(
        "omlop", filename=str(path), journal_mode="delete", fsync=True, results=False, utc=True
    )


def queue_on_postgres(url: str) -> Huey:
    """The queue of PostgreSQL mode, in tables of its own; any number of workers read it."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresHuey("omlop", dsn=dsn, results=False, utc=True)


def queue_at_once() -> Huey:
    """Runs each call where it is made: for tests."""
    return MemoryHuey("omlop", immediate=True, results=False, utc=True)


class _Known:
    """The stored files that rows speak of, whatever their suffix."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def __contains__(self, key: object) -> bool:
        owner, _, rest = str(key).partition("/")
        digest = rest.rpartition("/")[2].partition(".")[0]
        return f"{owner}/{digest}" in self._names


def sweep_files(models: Sequence[type[Any]]) -> Callable[[Parts], None]:
    """Removes files no row speaks of; ``models`` have ``org_id`` and the ``sha256`` of a file."""

    def run(parts: Parts) -> None:
        with parts.db.read() as session:
            names = {
                f"{org_id}/{sha256}"
                for model in models
                for org_id, sha256 in session.execute(select(model.org_id, model.sha256))
            }
        swept = parts.files.sweep(_Known(names), ORPHAN_AFTER)
        log.info("files_swept", files=len(swept))

    return run


def forget(*verbs: Callable[[Any], int]) -> Callable[[Parts], None]:
    """Runs verbs that remove what is too old, each in a unit of work of its own."""

    def run(parts: Parts) -> None:
        for verb in verbs:
            with parts.db.write() as session:
                verb(session)

    return run
