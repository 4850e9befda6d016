"""The process that hashes segments of a chain. Nothing but ``kit/chain_pool.py`` starts it.

It reads from the database by the driver alone: SQLAlchemy and the models would take longer to be
imported than many a chain to be walked. Its standard input is a line of what it needs, and then a
line a segment; it answers a line a segment, and ends with its input. Python's ``site`` is left out
(``-S``), which takes as long as all the rest of its start: its path comes with its environment.
"""

import gc
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from app.kit.chain_rows import Rows, Shape

A_LOOK = 500
"""Rows that PostgreSQL gives at once."""
MAPPED = 2**31
"""Bytes of SQLite's file that are read where they lie: a quarter of the time that reading takes. A
file that is cut under it ends this process, which nobody depends on; hence nowhere else."""
SESSION = "-c timezone=UTC -c jit=off -c cursor_tuple_fraction=1"
"""For PostgreSQL: moments as they were hashed, no seconds of compiling for each segment, and a plan
for all of its rows, since all are fetched."""
Read = Callable[[str], Iterator[Sequence[Any]]]


def main() -> None:
    """``{"driver", "connect", "shapes", "org_id", "id_length", "tallied"}``, then segments.

    A segment is ``[statement, after, previous]``. Answers ``[seq, digest, counted, alike]``: how
    far its links held, and of the tables that are ``tallied`` what their rows share.
    """
    gc.disable()  # rows are many, and in no ring: there is nothing to collect
    given = json.loads(sys.stdin.readline())
    shapes = [Shape(*each) for each in given["shapes"]]
    hashing = Rows(shapes, given["org_id"], given["id_length"], given["tallied"])
    reads = _postgresql if given["driver"] == "psycopg" else _sqlite
    read = reads(import_module(given["driver"]), given["connect"])
    for line in sys.stdin:
        statement, after, previous = json.loads(line)
        held, _ = hashing.walk(read(statement), after, previous, (Exception,))
        sys.stdout.write(json.dumps(held) + "\n")
        sys.stdout.flush()


def _sqlite(driver: Any, connect: Mapping[str, Any]) -> Read:
    connection = driver.connect(**connect)
    connection.execute("PRAGMA query_only=ON")
    connection.execute(f"PRAGMA mmap_size={MAPPED}")

    def read(statement: str) -> Iterator[Sequence[Any]]:
        yield from connection.execute(statement)

    return read


def _postgresql(driver: Any, connect: Mapping[str, Any]) -> Read:
    options = f"{connect.get('options', '')} {SESSION}".strip()
    connection = driver.connect(**{**connect, "options": options})
    connection.read_only = True
    as_text = import_module("psycopg.types.string").TextLoader
    for kind in ("uuid", "json", "jsonb"):
        connection.adapters.register_loader(kind, as_text)

    def read(statement: str) -> Iterator[Sequence[Any]]:
        try:
            # With a name the rows stay with the server until they are asked for.
            with connection.cursor("links") as cursor:
                cursor.itersize = A_LOOK
                cursor.execute(statement)
                yield from cursor
        finally:
            connection.rollback()

    return read
