"""Import of 50,000 rows into a database: previewed and staged, then applied durably.

Preview counts reading, mapping, judging and staging; apply is items, events, chain and search
index, and the seconds are those in which nobody else can write on SQLite. What is made ready before
that has a row of its own. What was applied is counted afterwards, and its chain verified.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import func, select, text

from app import wiring
from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation
from app.accounts.service import Found, found
from app.items.models import Item
from app.kit import chain_walk
from app.kit.db import Database, make_engine
from app.ledger.verification import APPEND_ONLY
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from app.schema import migrate
from app.transfer import service_apply, upload
from app.transfer.mapping import Mapping, built_in
from app.transfer.service import How
from bench.harness import Figure, cpu_seconds, figure
from bench.import_preview import ROWS, catalogue, content, forget
from bench.server import Database as Kind
from bench.server import databases

ROUNDS = 3


@contextmanager
def new_database(kind: Kind, folder: Path) -> Iterator[Database]:
    """A migrated database of its own, gone afterwards."""
    name = f"omlop_bench_{uuid4().hex[:12]}"
    server_url = kind.url.replace("+psycopg", "") if kind.process_id else ""
    if server_url:
        _on_server(server_url, f"CREATE DATABASE {name}")
        url = f"{server_url.rsplit('/', 1)[0]}/{name}"
    else:
        url = f"sqlite:///{folder / name}.db"
    migrate(url)
    database = Database(url, subscribers=wiring.SUBSCRIBERS)
    try:
        yield database
    finally:
        database.close()
        if server_url:
            _on_server(server_url, f"DROP DATABASE {name}")


def _on_server(url: str, statement: str) -> None:
    engine = make_engine(url, readers=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


def organisation(database: Database) -> Actor:
    with database.write() as session:
        made = found(
            session,
            Found(
                organisation="Måling",
                name="Ada Prøve",
                email="ada@example.no",
                password="en lang nok setning",
            ),
        )
        actor = system_actor(session.get_one(Organisation, made.id))
        add_places(session, actor, [AddPlace(kind=PlaceKind.BUILDING, name="Bygg A")])
    return actor


class Run(NamedTuple):
    """Seconds to the staged preview, of making ready, and under the lock; own CPU of the last two."""

    previewed: float
    ready: float
    ready_cpu: float
    applied: float
    applied_cpu: float


def run(database: Database, sheet: bytes, mapping: Mapping | None) -> Run:
    """One import into a new organisation."""
    actor = organisation(database)
    forget()
    began = time.perf_counter()
    run_id = upload.previewed(database, actor, sheet, "catalogue.csv", How(mapping=mapping))
    previewed = time.perf_counter() - began
    began, spent = time.perf_counter(), cpu_seconds()
    with database.read() as session:
        ready = service_apply.prepare(session, actor, run_id)
    made_ready, made_ready_cpu = time.perf_counter() - began, cpu_seconds() - spent
    began, spent = time.perf_counter(), cpu_seconds()
    with database.write(is_long=True) as session:
        service_apply.apply(session, actor, ready)
    applied, used = time.perf_counter() - began, cpu_seconds() - spent
    with database.read() as session:
        count = session.scalar(select(func.count()).select_from(Item))
        chained = chain_walk.verify(session, actor.org_id, APPEND_ONLY)
    if count != ROWS or isinstance(chained, chain_walk.Break):
        raise AssertionError(count, chained)
    return Run(previewed, made_ready, made_ready_cpu, applied, used)


def _one(kind: Kind, sheet: bytes, mapping: Mapping | None) -> Run:
    with (
        tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder,
        new_database(kind, Path(folder)) as database,
    ):
        return run(database, sheet, mapping)


def measure() -> list[Figure]:
    header, rows, source = catalogue()
    sheet = content(header, rows)
    mapping = built_in("ikea") if source == "real catalogue" else None
    note = f"{ROWS:,} rows, {source}"
    figures: list[Figure] = []
    with databases() as kinds:
        runs_of = {kind: [_one(kind, sheet, mapping) for _ in range(ROUNDS)] for kind in kinds}
    for kind, runs in runs_of.items():
        name, is_sqlite = kind.name, kind.process_id is None
        figures += [
            figure(
                f"import preview with staging, {name}", [ROWS / each.previewed for each in runs],
                "rows/s", must=10_000, reach=25_000, better="higher", note=note,
            ),
            figure(
                f"import apply, durable, {name}", [ROWS / each.applied for each in runs],
                "rows/s", must=12_500 if is_sqlite else 5_000,
                reach=15_000 if is_sqlite else None, better="higher", note=note,
            ),
            figure(
                f"made ready before the lock, {name}", [each.ready for each in runs], "s",
                note=f"{note}; {min(each.ready_cpu for each in runs):.1f} s own CPU",
            ),
            figure(
                f"CPU of the apply, {name}", [each.applied_cpu for each in runs], "s",
                note=note if is_sqlite else f"{note}; without the database server's",
            ),
        ]  # fmt: skip
        if is_sqlite:
            figures.append(
                figure(
                    "write lock held by the apply, SQLite",
                    [each.applied for each in runs],
                    "s",
                    must=4,
                    reach=3,
                    note=note,
                )
            )
    return figures
