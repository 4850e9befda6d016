"""The floor of our own stack, in the same run: how this machine compares with the targets' one.

Targets in milliseconds were set on a reference machine. Three things that our code has no part in
were measured there too; measured here again, they say how much slower or faster this machine is.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from bench import photos
from bench.harness import Figure, cpu_ms, figure, interleaved
from bench.load import Requests
from bench.server import Database, Server, databases, measure_all, started
from tools import postgres, shared_data

CONNECTIONS = 32
SECONDS = 1
ROUNDS = 5
PHOTO_ROUNDS = 3
PAGES = 200
SIZES = (1600, 800, 320)
NO_WORK = "FastAPI, no work"
ONE_ROW = "page of one row by SQLAlchemy Core, inline"
ONE_ROW_SERVER = f"{ONE_ROW}, PostgreSQL"
PILLOW = "plain Pillow, 12 Mpx to three WebP"
REFERENCE: Mapping[str, float] = {NO_WORK: 0.07, ONE_ROW: 0.30, PILLOW: 605}
"""CPU ms on the reference machine."""


def factor(figures: Sequence[Mapping[str, Any]], module: str = "") -> float | None:
    """How many times more CPU time this machine needs: the middle of the floors' ratios.

    Decoding and resizing are another kind of work than Python, so photos go by Pillow's alone.
    Empty where no floor was measured.
    """
    ratios: dict[str, float] = {
        each["name"]: each["value"] / REFERENCE[each["name"]]
        for each in figures
        if each["name"] in REFERENCE
    }
    if module == "photos" and PILLOW in ratios:
        return ratios[PILLOW]
    return statistics.median(ratios.values()) if ratios else None


def measure() -> list[Figure]:
    """The floors. Without the real photos Pillow's is left out: a drawn picture costs less.

    PostgreSQL's is the page's with the database server's part; no reference was measured for it.
    """
    with databases() as found:
        rows = [_row(name, runs) for each in found for name, runs in _requests(each).items()]
    if shared_data.folder() is not None:
        rows.append(_row(PILLOW, _pillow()))
    return rows


def _row(name: str, runs: Sequence[float]) -> Figure:
    reference = REFERENCE.get(name)
    note = f"{reference:g} ms on the reference machine" if reference else "with the server's part"
    return figure(name, runs, "ms CPU", note=note)


def _requests(database: Database) -> dict[str, list[float]]:
    page = Requests([f"/page/{n}" for n in range(1, PAGES + 1)])
    kinds = {ONE_ROW_SERVER: page} if database.process_id else {ONE_ROW: page}
    if not database.process_id:
        kinds[NO_WORK] = Requests(["/nothing"])
    with tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder:
        port = postgres.free_port()
        url = f"http://127.0.0.1:{port}"
        where = database.url.replace("postgresql://", "postgresql+psycopg://")
        command = [sys.executable, "-m", "bench.floor_app", where, str(port)]
        with started(command, Path(folder), f"{url}/nothing") as process_id:
            rounds = measure_all(
                Server(url, process_id, database),
                kinds,
                connections=CONNECTIONS,
                seconds=SECONDS,
                rounds=ROUNDS,
            )
    return {name: [each.cpu_ms_per_request for each in some] for name, some in rounds.items()}


def _pillow() -> list[float]:
    """CPU ms a photo, the mean of the photos at hand, as somebody writes it who is in no hurry."""
    pictures, _ = photos.scenes()
    files = []
    for each in pictures:
        file = BytesIO()
        each.save(file, "JPEG", quality=90)
        files.append(file.getvalue())

    def all_sizes() -> None:
        for content in files:
            with Image.open(BytesIO(content)) as photo:
                for size in SIZES:
                    smaller = photo.copy()
                    smaller.thumbnail((size, size), Image.Resampling.LANCZOS)
                    smaller.save(BytesIO(), "WEBP", quality=80)

    timed: dict[str, Callable[[], float]] = {PILLOW: lambda: cpu_ms(all_sizes) / len(files)}
    return interleaved(timed, rounds=PHOTO_ROUNDS)[PILLOW]
