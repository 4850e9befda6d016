"""The inventory's table with 100,000 pieces: CPU of the server per page, on both databases.

Signed in by an API token, 50 rows a page, the columns everybody starts with.
"""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import wiring
from app.accounts.actor import Actor, actor_of, hashed
from app.accounts.models import ApiToken, Person, Unit
from app.accounts.service import Found, found
from app.demo.furniture import MODELS
from app.items.commands import Register
from app.items.rules import Condition
from app.items.service import register
from app.kit.clock import Clock
from app.kit.db import Database as OwnDatabase
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from app.schema import migrate
from bench.harness import Figure, figure
from bench.load import Requests
from bench.server import Database, Round, databases, measure_all, serving

PIECES = 100_000
LOT = 20
AT_ONCE = 5_000
TOKEN = "bench"


def seed(url: str, pieces: int = PIECES) -> None:
    """One organisation's pieces in 200 rooms, through the verbs themselves."""
    migrate(url)
    database = OwnDatabase(url, subscribers=wiring.SUBSCRIBERS, clock=Clock())
    try:
        with database.write() as session:
            actor, unit_id, place_ids = _organisation(session)
        for start in range(0, pieces, AT_ONCE):
            with database.write() as session:
                numbers = range(start, min(start + AT_ONCE, pieces), LOT)
                register(session, actor, [_lot(each, unit_id, place_ids) for each in numbers])
    finally:
        database.close()


def _organisation(session: Session) -> tuple[Actor, UUID, list[UUID]]:
    organisation = found(
        session,
        Found(organisation="Bench", name="Bench", email="b@bench.example", password="x" * 20),
    )
    person_id = session.scalars(select(Person.id)).one()
    now = session.info["clock"].now()
    session.add(
        ApiToken(
            org_id=organisation.id,
            person_id=person_id,
            name="bench",
            token_hash=hashed(TOKEN),
            created_at=now,
        )
    )
    actor = actor_of(session, organisation.id, person_id)
    assert actor is not None
    rooms = [AddPlace(kind=PlaceKind.BUILDING, name=f"Bygg {n}") for n in range(200)]
    places = add_places(session, actor, rooms)
    return actor, session.scalars(select(Unit.id)).one(), [each.id for each in places]


def _lot(number: int, unit_id: UUID, place_ids: Sequence[UUID]) -> Register:
    look = MODELS[(number // LOT) % len(MODELS)]
    return Register(
        category_id=look.category,
        name=f"{look.name} {number % 997}",
        maker=look.maker,
        model=look.name,
        colour=look.colour,
        condition=list(Condition)[number // LOT % 4],
        width_mm=look.width,
        depth_mm=look.depth,
        height_mm=look.height,
        owner_unit_id=unit_id,
        place_id=place_ids[number // LOT % len(place_ids)],
        quantity=LOT,
    )


KINDS = {
    "first page": ("/mobler", "the newest 50"),
    "page 1,000": ("/mobler?side=1000", "jumped to by its number"),
    "by name": ("/mobler?sort=name&order=asc", "first page"),
    "by name, page 1,000": ("/mobler?sort=name&order=asc&side=1000", "jumped to by its number"),
    "by place": ("/mobler?sort=place&order=asc", "a joined table's column"),
    "filtered": ("/mobler?condition=B&colour=svart&width_max_cm=90", "three columns at once"),
    "words": ("/mobler?q=kontorstol", "the search index"),
}


def _figures(database: Database, rounds: dict[str, list[Round]]) -> list[Figure]:
    rows = []
    for name, measured in rounds.items():
        p50 = statistics.median(each.answered.p50_ms for each in measured)
        p99 = statistics.median(each.answered.p99_ms for each in measured)
        note = f"{KINDS[name][1]}; p50 {p50:.0f} ms, p99 {p99:.0f} ms at 2 connections"
        runs = [each.cpu_ms_per_request for each in measured]
        rows.append(figure(f"{name}, {database.name}", runs, "ms CPU", note=note))
    return rows


def measure() -> list[Figure]:
    rows: list[Figure] = []
    with databases() as found_databases:
        for database in found_databases:
            with tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder:
                seed(database.url.replace("+psycopg", ""))
                headers = {"Authorization": f"Bearer {TOKEN}"}
                with serving(database, Path(folder), headers=headers) as server:
                    kinds = {name: Requests([path]) for name, (path, _) in KINDS.items()}
                    rounds = measure_all(server, kinds, connections=2, seconds=5, rounds=3)
                    rows += _figures(database, rounds)
    return rows
