"""A year's report of 100,000 entries as Excel: read, written and packed, in a process of its own.

Its peak is what the process grows by beyond the program's own modules, which every process has. CSV
and JSON of the same year beside it.
"""

import multiprocessing
from multiprocessing.connection import Connection

from sqlalchemy import select

from app import wiring
from app.accounts.actor import system_actor
from app.accounts.models import Organisation
from app.accounts.service import Found, found
from app.kit.db import Database
from app.kit.exports import Format
from app.ledger.models import Period
from app.ledger.service_period import print_period
from app.schema import migrate
from bench.harness import Figure, cpu_ms, figure, peak_mib
from bench.reports import Seed
from bench.server import Database as Place
from bench.server import databases

ENTRIES = 100_000
A_CATEGORY = ENTRIES // 2 // 4
CATEGORIES = ("CHAIR_TASK", "DESK_SITSTAND", "SOFA_2", "TABLE_MEETING_S")
ROUNDS = 3


def _filled(url: str) -> None:
    migrate(url)
    database = Database(url, subscribers=wiring.SUBSCRIBERS)
    try:
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
            seed = Seed(session, actor)
            for category in CATEGORIES:
                seed.book(None, None, category, seed.items(category, A_CATEGORY))
    finally:
        database.close()


def _printed(url: str, form: Format, to: Connection) -> None:
    """Bytes, CPU milliseconds and MiB above idle at the peak, told to the parent."""
    database = Database(url, subscribers=wiring.SUBSCRIBERS)
    size = 0

    def report() -> None:
        nonlocal size
        with database.read() as session:
            actor = system_actor(session.scalars(select(Organisation)).one())
            period_id = session.scalars(select(Period.id)).one()
            size = sum(len(each) for each in print_period(session, actor, period_id, form)[1])

    idle = peak_mib()
    spent = cpu_ms(report)
    database.close()
    to.send((size, spent, peak_mib() - idle))


def _once(url: str, form: Format) -> tuple[int, float, float]:
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_printed, args=(url, form, theirs))
    child.start()
    told: tuple[int, float, float] = ours.recv()
    child.join()
    return told


def measured(place: Place) -> list[Figure]:
    _filled(place.url)
    rows = []
    for form in (Format.XLSX, Format.CSV, Format.JSON):
        runs = [_once(place.url, form) for _ in range(ROUNDS)]
        is_asked = form is Format.XLSX
        name = f"{form.value} of {ENTRIES:,} entries, {place.name}"
        rows.append(
            figure(
                name,
                [spent / 1000 for _, spent, _ in runs],
                "s CPU",
                must=10 if is_asked else None,
                note=f"{runs[0][0] / 1e6:.1f} MB; the database server's time is not in it",
            )
        )
        if is_asked:
            peaks = [peak for _, _, peak in runs]
            rows.append(figure(f"{name}, peak above idle", peaks, "MiB", must=150))
    return rows


def measure() -> list[Figure]:
    with databases() as places:
        return [row for place in places for row in measured(place)]
