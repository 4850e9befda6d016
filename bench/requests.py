"""CPU of the server per request: piece page, lookup, market search, registration, project report.

20,000 pieces, 400 of the listings open, signed in by an API token, on SQLite and PostgreSQL.
"""

import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.demo.furniture import MODELS
from app.handovers.service import Record, record
from app.impact.rules import FulfilmentSource
from app.items.models import Code
from app.marketplace.commands import Offer
from app.marketplace.service import offer
from app.projects.service import AddLine, StartProject, add_lines, start_project
from bench.harness import Figure, figure
from bench.load import Requests
from bench.organisation import HEADERS, begin, furnish, opened
from bench.server import Database, Round, databases, measure_all, serving

PIECES = 20_000
LOT = 50
LISTED = 400


@dataclass(frozen=True)
class Seeded:
    """What the requests point at."""

    items: list[UUID]
    codes: list[str]
    unit_id: UUID
    place_id: UUID
    project_id: UUID


def seed(url: str) -> Seeded:
    """An organisation with 20,000 pieces, through the verbs themselves."""
    with opened(url) as database:
        with database.write() as session:
            begun = begin(session, places=20)
        items = furnish(database, begun, PIECES, LOT)
        with database.write() as session:
            for start in range(0, LISTED * LOT, LOT):
                offer(session, begun.actor, [Offer(item_ids=items[start : start + LOT])])
        with database.write() as session:
            project_id = _project(session, begun.actor, begun.unit_id, begun.place_ids[0])
        with database.read() as session:
            codes = list(session.scalars(select(Code.code).limit(200)))
        return Seeded(items, codes, begun.unit_id, begun.place_ids[0], project_id)


def _project(session: Session, actor: Actor, unit_id: UUID, place_id: UUID) -> UUID:
    (project,) = start_project(session, actor, [StartProject(name="Bench", unit_id=unit_id)])
    lines = add_lines(
        session,
        actor,
        [
            AddLine(project_id=project.id, category_id=each.category, quantity=20)
            for each in MODELS[:10]
        ],
    )
    today = session.info["clock"].now().date()
    for line in lines:
        record(
            session,
            actor,
            [
                Record(
                    source=FulfilmentSource.BOUGHT_USED,
                    programme_line_id=line.id,
                    handed_over_on=today,
                    to_place_id=place_id,
                    quantity=20,
                    category_id=line.category_id,
                    price_ore=100_000,
                )
            ],
        )
    return project.id


WORDS = (
    "kontorstol",
    "hev senk pult",
    "skap",
    "nordsete",
    "sofa",
    "svart stol",
    "møtebord",
    "seng",
)


def kinds(seeded: Seeded) -> dict[str, Requests]:
    """Each kind of request with what it is sent to."""
    body = json.dumps(
        [
            {
                "category_id": "CHAIR_TASK",
                "owner_unit_id": str(seeded.unit_id),
                "place_id": str(seeded.place_id),
                "width_mm": 650,
            }
        ]
    )
    return {
        "piece page": Requests([f"/mobler/{each}" for each in seeded.items[:200]]),
        "lookup": Requests([f"/I/{each}" for each in seeded.codes]),
        "market search": Requests([f"/marked?words={quote_plus(each)}" for each in WORDS]),
        "register": Requests(["/api/v1/items"], "POST", [body]),
        "project report": Requests([f"/prosjekter/{seeded.project_id}/rapport"]),
    }


# Name → must, reach (CPU ms per request), and the note.
TARGETS: dict[str, tuple[float | None, float | None, str]] = {
    "piece page": (0.9, 0.47, "HTML, signed in, with history link, panels and market"),
    "lookup": (0.45, 0.22, "QR landing, signed in: a redirect to the piece"),
    "market search": (2.8, 1.5, "search, facets and 24 cards of 20,000 pieces"),
    "register": (1.8, 0.9, "one piece: event, chain, search index; durable"),
    "project report": (None, None, "HTML of a project with 200 fulfilled pieces"),
}
CONNECTIONS = 8
P99_MUST = {"project report": 200.0}
"""Name → the latency that all but one of a hundred must keep, at CONNECTIONS, in ms."""


def _figures(database: Database, rounds: dict[str, list[Round]]) -> list[Figure]:
    rows = []
    for name, measured in rounds.items():
        must, reach, note = TARGETS[name]
        p99 = statistics.median(each.answered.p99_ms for each in measured)
        per_second = statistics.median(each.answered.per_second for each in measured)
        theirs = statistics.median(each.database_ms_per_request for each in measured)
        share = f", {theirs:.2f} of it the database server's" if theirs else ""
        rows.append(
            figure(
                f"{name}, {database.name}",
                [each.cpu_ms_per_request for each in measured],
                "ms CPU",
                must=must,
                reach=reach,
                note=f"{note}; {per_second:.0f}/s, p99 {p99:.0f} ms{share}",
            )
        )
        if name in P99_MUST:
            rows.append(
                figure(
                    f"{name}, p99, {database.name}",
                    [each.answered.p99_ms for each in measured],
                    "ms",
                    must=P99_MUST[name],
                    note=f"{note}, {CONNECTIONS} connections",
                )
            )
    return rows


def measure() -> list[Figure]:
    rows: list[Figure] = []
    with databases() as found_databases:
        for database in found_databases:
            with tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder:
                seeded = seed(database.url.replace("+psycopg", ""))
                with serving(database, Path(folder), headers=HEADERS) as server:
                    rounds = measure_all(
                        server, kinds(seeded), connections=CONNECTIONS, seconds=2, rounds=5
                    )
                    rows += _figures(database, rounds)
                    rows.append(
                        figure(
                            f"resident, {database.name}",
                            [server.resident_mib()],
                            "MiB",
                            must=300,
                            reach=200,
                            note="server process with 20,000 pieces, after the load",
                        )
                    )
    return rows
