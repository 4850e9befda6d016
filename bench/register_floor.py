"""The least a registration can cost: its rows written durably, and its request answered.

Two things are measured apart, without sign-in, permissions, tenancy checks or words that are looked
up: the same rows as ``requests`` registers, with their commit on one connection (on PostgreSQL in
one pipeline, own process and backend added up); and the same body posted to a bare FastAPI that
validates it and answers. A registration alone costs no program on this stack less than their sum;
several that share a commit on SQLite do, which is measured too.
"""

import contextlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import uvicorn
from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from app.items.commands import Registrations
from app.kit import codes, libpq
from app.kit.bulk import new_ids
from app.kit.db import make_engine
from bench.harness import Figure, cpu_seconds, figure, interleaved
from bench.load import Requests
from bench.organisation import Begun, begin, furnish, opened
from bench.server import Database, Server, databases, measure_all, started, tree_cpu_ms
from tools import postgres

PIECES = 4_000
LOT = 50
COUNT = 400
ROUNDS = 5
CONNECTIONS = 8
WORDS = " ".join(f"'{each}'" for each in ("kontorstol", "stol", "kontor", "skrivbordsstol"))

BODY = json.dumps(
    [
        {
            "category_id": "CHAIR_TASK",
            "owner_unit_id": str(UUID(int=1)),
            "place_id": str(UUID(int=2)),
            "width_mm": 650,
        }
    ]
)


def _insert(table: str, *columns: str) -> libpq.Statement:
    values = ", ".join(f"${n}" for n, _ in enumerate(columns, 1))
    return libpq.Statement(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})")


_KEY = _insert(
    "idempotency_key", "org_id", "caller_id", "key", "fingerprint", "answer", "created_at"
)
_ITEM = _insert(
    "item",
    *("id", "org_id", "state", "category_id", "lot_id", "name", "condition", "width_mm"),
    *("amount", "amount_unit", "currency", "owner_unit_id", "holder_unit_id", "place_id"),
    *("created_at", "version"),
)
_EVENT = _insert("event", "id", "org_id", "at", "person_id", "kind", "subject_id", "payload")
_CODE = _insert("code", "code", "org_id", "item_id", "bound_at")
_FOUND_BY = _insert("item_search_row", "org_id", "item_id", "words")
_NUMBERED = _insert("item_search_row", "id", "org_id", "item_id")
_TEXT = _insert("item_search", "rowid", "words")
_HEAD = libpq.Statement("UPDATE chain_head SET seq = $2, digest = $3 WHERE org_id = $1")
_LINK = _insert("chain_link", "org_id", "seq", "table_name", "row_id", "digest")
_COMMIT = libpq.Statement("COMMIT")


class Rows(NamedTuple):
    """Who registers where, and what the answer is that is kept."""

    begun: Begun
    answer: str
    is_sqlite: bool = False

    def of_one(self, seq: int) -> list[libpq.Sent]:
        """The statements of the ``seq``th registration, in order, without their commit."""
        now = datetime.now(UTC)
        item_id, lot_id, event_id = new_ids(3)
        org, person, unit = self.begun.actor.org_id, self.begun.actor.person_id, self.begun.unit_id
        place, digest = self.begun.place_ids[0], f"{seq:064x}"
        item: list[Any] = [item_id, org, "in_use", "CHAIR_TASK", lot_id, "Kontorstol", "B", 650]
        item += ["1", "piece", "NOK", unit, unit, place, now, 1]
        told = json.dumps({"lot_id": str(lot_id)})
        return [
            (_KEY, [org, person, str(item_id), digest, self.answer, now]),
            (_ITEM, item),
            (_EVENT, [event_id, org, now, person, "item-registered", item_id, told]),
            (_CODE, [codes.mint_many(1)[0], org, item_id, now]),
            *self._found_by(seq, item_id),
            (_HEAD, [org, seq, digest]),
            (_LINK, [org, seq, "event", event_id, digest]),
        ]

    def _found_by(self, seq: int, item_id: UUID) -> list[libpq.Sent]:
        org = self.begun.actor.org_id
        if self.is_sqlite:
            return [(_NUMBERED, [seq, org, item_id]), (_TEXT, [seq, WORDS])]
        return [(_FOUND_BY, [org, item_id, WORDS])]


def on_sqlite(connection: Any, registrations: Sequence[Sequence[libpq.Sent]]) -> None:
    """The registrations in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    for sent in registrations:
        for statement, values in sent:
            connection.execute(statement.sql.decode().replace("$", "?"), [*map(_plain, values)])
    connection.execute("COMMIT")


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return str(value.replace(tzinfo=None)) if isinstance(value, datetime) else value


def measure() -> list[Figure]:
    """The rows on PostgreSQL are left out where it is not installed."""
    rows: list[Figure] = []
    with databases() as found_databases:
        for database in found_databases:
            url = database.url.replace("+psycopg", "")
            with opened(url) as ours:
                with ours.write() as session:
                    begun = begin(session, places=20)
                furnish(ours, begun, PIECES, LOT)
            answer = json.dumps([{"id": str(UUID(int=0)), "filled": "x" * 800}])
            known = Rows(begun, answer, is_sqlite=database.process_id is None)
            if database.process_id is None:
                rows += _on_sqlite(url, known)
            else:
                rows += _on_postgresql(url, known, database.process_id)
    return [*rows, *_posted()]


def _on_sqlite(url: str, known: Rows) -> list[Figure]:
    engine = make_engine(url, readers=False)
    numbers = iter(range(10_000_000, 20_000_000))
    with contextlib.closing(engine.raw_connection()) as pooled:

        def some(together: int) -> float:
            own = cpu_seconds()
            for _ in range(COUNT // together):
                registrations = [known.of_one(next(numbers)) for _ in range(together)]
                on_sqlite(pooled.driver_connection, registrations)
            return (cpu_seconds() - own) * 1000 / COUNT

        timed: dict[str, Callable[[], float]] = {
            f"rows of a registration, {name}": partial(some, together)
            for name, together in (("SQLite", 1), (f"{CONNECTIONS} a commit, SQLite", CONNECTIONS))
        }
        runs = interleaved(timed, rounds=ROUNDS)
    engine.dispose()
    note = "SQLite, durable, one connection, eight statements with their commit"
    return [figure(name, each, "ms CPU", note=note) for name, each in runs.items()]


def _on_postgresql(url: str, known: Rows, server_id: int) -> list[Figure]:
    parts = make_url(url)
    where = make_conninfo(
        host=parts.host, port=parts.port, user=parts.username, dbname=parts.database
    )
    with libpq.Connection.connect(where) as connection:
        connection.autocommit = False
        numbers = iter(range(10_000_000, 20_000_000))

        def once() -> tuple[float, float]:
            own, theirs = cpu_seconds(), tree_cpu_ms(server_id)
            for _ in range(COUNT):
                libpq.run(connection, [*known.of_one(next(numbers)), (_COMMIT, [])])
            return (cpu_seconds() - own) * 1000 / COUNT, (tree_cpu_ms(server_id) - theirs) / COUNT

        timed: dict[str, Callable[[], tuple[float, float]]] = {"rows": once}
        runs = interleaved(timed, rounds=ROUNDS)["rows"]
    note = "PostgreSQL, durable, one connection, seven statements with their commit"
    return [
        figure(
            "rows of a registration, PostgreSQL",
            [sum(each) for each in runs],
            "ms CPU",
            note=note,
        ),
        figure("of it the database server's", [theirs for _, theirs in runs], "ms CPU", note=note),
    ]


def _posted() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder:
        port = postgres.free_port()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "bench.register_floor", str(port)]
        with started(command, Path(folder), f"{url}/nothing") as process_id:
            server = Server(url, process_id, Database("none", "", None))
            kinds = {"post": Requests(["/items"], "POST", [BODY])}
            runs = measure_all(server, kinds, connections=CONNECTIONS, rounds=ROUNDS)["post"]
    note = "bare FastAPI: the same body validated and answered by a plain function"
    return [
        figure(
            "request of a registration",
            [each.cpu_ms_per_request for each in runs],
            "ms CPU",
            note=note,
        )
    ]


app = FastAPI()


@app.get("/nothing")
async def nothing() -> JSONResponse:
    return JSONResponse(None)


@app.post("/items")
def register(commands: Annotated[Registrations, Body()]) -> JSONResponse:
    return JSONResponse([each.model_dump(mode="json") for each in commands], 201)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None)
