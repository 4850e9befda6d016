"""A hospital of 100,000 pieces at work: 50 phones that scan, and the inventory's table.

A phone's scan is two requests: what the code is (``/api/v1/look-up``), then the piece's page. They
are sent in turns by 50 connections at once, as hard as the server answers.
"""

import statistics
import tempfile
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from app.items.models import Code
from bench.harness import Figure, figure
from bench.load import Requests
from bench.organisation import HEADERS, begin, furnish, opened
from bench.server import Database, Round, databases, measure_all, serving

PIECES, LOT, PLACES = 100_000, 20, 200
PHONES, DESKS = 50, 2
SCANNED = 400
MUST_P99_MS = 300

TABLES = {
    "first page": ("/mobler", "the newest 50"),
    "page 1,000": ("/mobler?side=1000", "jumped to by its number"),
    "by name": ("/mobler?sort=name&order=asc", "first page"),
    "by name, page 1,000": ("/mobler?sort=name&order=asc&side=1000", "jumped to by its number"),
    "by place": ("/mobler?sort=place&order=asc", "a joined table's column"),
    "filtered": ("/mobler?condition=B&colour=svart&width_max_cm=90", "three columns at once"),
    "words": ("/mobler?q=kontorstol", "the search index"),
}


def seed(url: str) -> tuple[list[UUID], list[str]]:
    """The pieces, and the ids and codes that the phones meet."""
    with opened(url) as database:
        with database.write() as session:
            begun = begin(session, PLACES)
        furnish(database, begun, PIECES, LOT)
        with database.read() as session:
            rows = session.execute(select(Code.item_id, Code.code).limit(SCANNED)).all()
    return [row.item_id for row in rows], [row.code for row in rows]


def _scans(items: list[UUID], codes: list[str]) -> Requests:
    pairs = zip(items, codes, strict=True)
    return Requests(
        [
            path
            for item_id, code in pairs
            for path in (f"/api/v1/look-up?text={code}", f"/mobler/{item_id}")
        ]
    )


def _p50_p99(measured: list[Round]) -> tuple[float, float]:
    return (
        statistics.median(each.answered.p50_ms for each in measured),
        statistics.median(each.answered.p99_ms for each in measured),
    )


def _of_scans(database: Database, measured: list[Round]) -> Figure:
    p50, _ = _p50_p99(measured)
    cpu = statistics.median(each.cpu_ms_per_request for each in measured)
    return figure(
        f"scan to piece page, p99, {database.name}",
        [each.answered.p99_ms for each in measured],
        "ms",
        must=MUST_P99_MS,
        note=f"{PHONES} phones at once, {PIECES:,} pieces; p50 {p50:.0f} ms, {cpu:.2f} ms CPU each",
    )


def _of_table(database: Database, name: str, measured: list[Round]) -> Figure:
    p50, p99 = _p50_p99(measured)
    return figure(
        f"inventory, {name}, {database.name}",
        [each.cpu_ms_per_request for each in measured],
        "ms CPU",
        note=f"{TABLES[name][1]}; p50 {p50:.0f} ms, p99 {p99:.0f} ms at {DESKS} connections",
    )


def measure() -> list[Figure]:
    rows: list[Figure] = []
    with databases() as found:
        for database in found:
            items, codes = seed(database.url.replace("+psycopg", ""))
            with (
                tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder,
                serving(database, Path(folder), headers=HEADERS) as server,
            ):
                scans = {"scan": _scans(items, codes)}
                rounds = measure_all(server, scans, connections=PHONES, seconds=4)
                rows.append(_of_scans(database, rounds["scan"]))
                pages = {name: Requests([path]) for name, (path, _) in TABLES.items()}
                measured = measure_all(server, pages, connections=DESKS, seconds=5, rounds=3)
                rows += [_of_table(database, name, each) for name, each in measured.items()]
    return rows
