"""Small fixed loops, run before and after: when they move, the machine was busy, not we slow."""

import json
import statistics
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from bench.harness import cpu_ms

try:
    import pysqlite3 as sqlite
except ImportError:  # no wheel for this machine; the program then uses the linked library too
    import sqlite3 as sqlite

SQLITE_VERSION: str = sqlite.sqlite_version
ROUNDS = 5
NOISY = 1.15
ROW = {"id": 1, "name": "Skrivebord, hev og senk", "width_mm": 1600, "states": ["ny", "brukt"] * 8}
TEXT = b"Skrivebord og kontorstoler skifter rom og eier. " * 4000


def python_loop() -> None:
    total = 0
    for each in range(400_000):
        total = (total * 31 + each) % 1_000_003


def json_loop() -> None:
    for _ in range(8_000):
        json.loads(json.dumps(ROW))


def zlib_loop() -> None:
    for _ in range(12):
        zlib.decompress(zlib.compress(TEXT, 6))


def sqlite_loop() -> None:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite.connect(str(Path(folder) / "yardstick.db"))
        connection.execute("create table piece (id integer primary key, name text, width int)")
        rows = ((each, f"piece {each % 97}", each % 2000) for each in range(20_000))
        connection.executemany("insert into piece values (?, ?, ?)", rows)
        for each in range(20):
            connection.execute("select sum(width) from piece where name = ?", (f"piece {each}",))
        connection.commit()
        connection.close()


LOOPS: dict[str, Callable[[], None]] = {
    "python": python_loop,
    "json": json_loop,
    "zlib": zlib_loop,
    "sqlite": sqlite_loop,
}


def measure_loops() -> dict[str, float]:
    """Median CPU milliseconds of each loop."""
    return {
        name: statistics.median(cpu_ms(loop) for _ in range(ROUNDS)) for name, loop in LOOPS.items()
    }


def moved(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """The loops that changed by more than NOISY, either way, as after / before."""
    ratios = {name: after[name] / before[name] for name in before}
    return {name: ratio for name, ratio in ratios.items() if not 1 / NOISY <= ratio <= NOISY}
