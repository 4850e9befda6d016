"""300 pieces, each wanted by 30 takers at the same moment: one winner each, and no server error.

Every taker has asked for every piece. For one piece after another, 30 connections say yes to their
own taker's line at once, over HTTP, on SQLite and PostgreSQL. Who won is then read from the
database, not from the answers. Raises nothing for a lost race: the figures say it.
"""

import http.client
import json
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import func, select

from app.marketplace.commands import Offer, Order, OrderLine
from app.marketplace.models import RequestLine, Reservation
from app.marketplace.rules import ACTIVE
from app.marketplace.service import offer, order
from bench.harness import Figure, figure
from bench.organisation import HEADERS, begin, furnish, opened
from bench.server import Database, databases, serving

PIECES = 300
TAKERS = 30
MOST_LINES = 150
"""Lines of one order: so a taker's wishes are two orders."""


NO_ANSWER = 599
"""Counted among the server's errors."""


@dataclass(frozen=True)
class Raced:
    """What came of all races: answers by status, how long they took, and who holds what."""

    statuses: Counter[int]
    times_ms: Sequence[float]
    won_once: int
    won_twice: int


def seed(url: str) -> list[list[UUID]]:
    """The lines of each piece, one a taker."""
    with opened(url) as database:
        with database.write() as session:
            begun = begin(session, places=1)
        items = furnish(database, begun, PIECES, 1)
        with database.write() as session:
            commands = [Offer(item_ids=[each]) for each in items]
            listing_ids = [each.id for each in offer(session, begun.actor, commands)]
        for _ in range(TAKERS):
            for start in range(0, PIECES, MOST_LINES):
                lines = [
                    OrderLine(listing_id=each, wanted=1)
                    for each in listing_ids[start : start + MOST_LINES]
                ]
                with database.write() as session:
                    order(session, begun.actor, [Order(unit_id=begun.unit_id, lines=lines)])
        with database.read() as session:
            found: dict[UUID, list[UUID]] = {each: [] for each in listing_ids}
            for listing_id, line_id in session.execute(
                select(RequestLine.listing_id, RequestLine.id)
            ):
                found[listing_id].append(line_id)
            return list(found.values())


def race(url: str, by_piece: Sequence[Sequence[UUID]]) -> tuple[Counter[int], list[float]]:
    """All takers of one piece start together, and the next piece when all are answered."""
    host = urlsplit(url)
    start = threading.Barrier(TAKERS)
    statuses: Counter[int] = Counter()
    times: list[float] = []

    def take(taker: int) -> None:
        for piece, lines in enumerate(by_piece):
            connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=60)
            connection.connect()
            body = json.dumps([{"request_line_id": str(lines[taker]), "quantity": 1}])
            key = {"Idempotency-Key": f"race-{piece}-{taker}", "Content-Type": "application/json"}
            start.wait(timeout=120)
            begun = time.perf_counter()
            try:
                connection.request("POST", "/api/v1/reservations/approve", body, {**HEADERS, **key})
                answer = connection.getresponse()
                answer.read()
                statuses[answer.status] += 1
            except (OSError, http.client.HTTPException):
                statuses[NO_ANSWER] += 1
            times.append((time.perf_counter() - begun) * 1000)
            connection.close()

    with ThreadPoolExecutor(TAKERS) as pool:
        list(pool.map(take, range(TAKERS)))
    return statuses, times


def held(url: str) -> tuple[int, int]:
    """Pieces with one holder, and with more than one."""
    with opened(url) as database, database.read() as session:
        rows = session.execute(
            select(Reservation.item_id, func.count())
            .where(Reservation.state.in_(ACTIVE), Reservation.item_id.is_not(None))
            .group_by(Reservation.item_id)
        ).all()
    return sum(count == 1 for _, count in rows), sum(count > 1 for _, count in rows)


def raced(database: Database) -> Raced:
    url = database.url.replace("+psycopg", "")
    by_piece = seed(url)
    with (
        tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder,
        serving(database, Path(folder), headers=HEADERS) as server,
    ):
        statuses, times = race(server.url, by_piece)
    return Raced(statuses, times, *held(url))


def _figures(name: str, found: Raced) -> list[Figure]:
    failed = {status: count for status, count in found.statuses.items() if status >= 500}
    errors = sum(failed.values())
    said = "".join(f", {count} × {status}" for status, count in sorted(failed.items()))
    other = sum(count for status, count in found.statuses.items() if 300 <= status < 500)
    p99 = statistics.quantiles(found.times_ms, n=100)[98]
    note = f"{PIECES} pieces × {TAKERS} simultaneous takers over HTTP"
    return [
        figure(
            f"one winner each, {name}",
            [found.won_once],
            "pieces",
            must=PIECES,
            better="higher",
            note=f"{note}; {found.won_twice} with two holders",
        ),
        figure(
            f"server errors, {name}",
            [errors],
            "answers",
            must=0,
            note=f"{sum(found.statuses.values())} answers, {other} refused{said}",
        ),
        figure(f"answer, p99, {name}", [p99], "ms", note=note),
    ]


def measure() -> list[Figure]:
    rows: list[Figure] = []
    with databases() as found_databases:
        for database in found_databases:
            rows += _figures(database.name, raced(database))
    return rows
