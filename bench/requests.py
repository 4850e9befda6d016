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

from app import wiring
from app.accounts.actor import Actor, actor_of, hashed
from app.accounts.models import ApiToken, Organisation, Person, Unit
from app.accounts.rules import Permission
from app.accounts.service import Found, found
from app.demo.furniture import MODELS
from app.handovers.service import Record, record
from app.impact.rules import FulfilmentSource
from app.items.commands import Register
from app.items.models import Code
from app.items.service import register
from app.kit.clock import Clock
from app.kit.db import Database as OwnDatabase
from app.marketplace.commands import Offer
from app.marketplace.service import offer
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from app.projects.service import AddLine, StartProject, add_lines, start_project
from app.schema import migrate
from bench.harness import Figure, figure
from bench.load import Requests
from bench.server import Database, Round, databases, measure_all, serving

PIECES = 20_000
LOT = 50
LISTED = 400
TOKEN = "bench"


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
    migrate(url)
    database = OwnDatabase(url, subscribers=wiring.SUBSCRIBERS, clock=Clock())
    try:
        with database.write() as session:
            actor, unit_id, place_ids = _organisation(session)
        items: list[UUID] = []
        for start in range(0, PIECES, 2_000):
            with database.write() as session:
                commands = [_lot(n, unit_id, place_ids) for n in range(start, start + 2_000, LOT)]
                made = register(session, actor, commands)
                items += [item.id for item in made]
        with database.write() as session:
            for start in range(0, LISTED * LOT, LOT):
                offer(session, actor, [Offer(item_ids=items[start : start + LOT])])
        with database.write() as session:
            project_id = _project(session, actor, unit_id, place_ids[0])
        with database.read() as session:
            codes = list(session.scalars(select(Code.code).limit(200)))
        return Seeded(items, codes, unit_id, place_ids[0], project_id)
    finally:
        database.close()


def _organisation(session: Session) -> tuple[Actor, UUID, list[UUID]]:
    organisation: Organisation = found(
        session,
        Found(organisation="Bench", name="Bench", email="b@bench.example", password="x" * 20),
    )
    person_id = session.scalars(select(Person.id)).one()
    session.add(
        ApiToken(
            org_id=organisation.id,
            person_id=person_id,
            name="bench",
            token_hash=hashed(TOKEN),
            created_at=session.info["clock"].now(),
        )
    )
    actor = actor_of(session, organisation.id, person_id)
    assert actor is not None
    assert actor.may(Permission.IMPORT)
    unit_id = session.scalars(select(Unit.id)).one()
    buildings = add_places(
        session,
        actor,
        [AddPlace(kind=PlaceKind.BUILDING, name=f"Bygg {n}") for n in range(20)],
    )
    return actor, unit_id, [each.id for each in buildings]


def _lot(number: int, unit_id: UUID, place_ids: list[UUID]) -> Register:
    look = MODELS[(number // LOT) % len(MODELS)]
    return Register(
        category_id=look.category,
        maker=look.maker,
        model=look.name,
        colour=look.colour,
        width_mm=look.width,
        depth_mm=look.depth,
        height_mm=look.height,
        owner_unit_id=unit_id,
        place_id=place_ids[number // LOT % len(place_ids)],
        is_free=True,
        quantity=LOT,
    )


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
        rows.append(
            figure(
                f"{name}, {database.name}",
                [each.cpu_ms_per_request for each in measured],
                "ms CPU",
                must=must,
                reach=reach,
                note=f"{note}; {per_second:.0f}/s, p99 {p99:.0f} ms",
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
                headers = {"Authorization": f"Bearer {TOKEN}"}
                with serving(database, Path(folder), headers=headers) as server:
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
