"""A phone back from the basement: 1,000 queued registrations, each with a photo, sent by Chromium.

The queue's own modules fill and drain it, against ``omlop serve``. The photos are drawn in the page,
each another picture, and counted in the database afterwards.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import func, select

from app.demo.furniture import MODELS
from app.items.models import Item, Photo
from app.kit.db import Database as OwnDatabase
from bench.harness import Figure, figure
from bench.organisation import HEADERS, Begun, begin, opened
from bench.server import Database, Server, databases, serving
from tools import chromium

REGISTRATIONS = 1_000
PHOTO = (1024, 768)
PLACES = 20
PATIENCE_S = 1_500
PHONE = {"width": 390, "height": 844}

FILL = """async ([bodies, [width, height]]) => {
    const { addAll } = await import("/static/modules/outbox.js");
    const canvas = new OffscreenCanvas(width, height);
    const on = canvas.getContext("2d");
    let bytes = 0;
    for (const [n, body] of bodies.entries()) {
        const wall = on.createLinearGradient(0, 0, width, height);
        wall.addColorStop(0, `hsl(${(n * 37) % 360} 30% 70%)`);
        wall.addColorStop(1, `hsl(${(n * 53) % 360} 25% 35%)`);
        on.fillStyle = wall;
        on.fillRect(0, 0, width, height);
        for (let line = 0; line < 400; line += 1) {
            on.fillStyle = `hsl(${(n + line * 29) % 360} 40% ${20 + (line * 7 + n) % 60}%)`;
            on.fillRect((line * 97 + n * 13) % width, (line * 61 + n * 7) % height, 60, 9);
        }
        on.fillStyle = "black";
        on.font = "80px sans-serif";
        on.fillText(`Stol ${n}`, 80, 160);
        const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.82 });
        bytes += blob.size;
        const [key, id] = [crypto.randomUUID(), crypto.randomUUID()];
        const files = [{ field: "photo", name: "bilde-1.jpg", blob }];
        await addAll([
            { id: key, verb: "register", url: "/api/v1/items", body: [{ ...body, id }] },
            { verb: "photo", url: `/api/v1/items/${id}/photos`, files, after: [key] },
        ]);
    }
    return bytes;
}"""
COUNTS = "async () => (await import('/static/modules/outbox.js')).counts()"


@dataclass(frozen=True)
class Drained:
    """``left`` are the entries that did not arrive; ``failed`` what the browser or server said."""

    seconds: float
    cpu_ms: float
    photo_kb: float
    left: int
    failed: int


def _bodies(begun: Begun) -> list[dict[str, Any]]:
    return [
        {
            "category_id": MODELS[n % len(MODELS)].category,
            "name": f"Stol {n}",
            "place_id": str(begun.place_ids[n % len(begun.place_ids)]),
            "owner_unit_id": str(begun.unit_id),
        }
        for n in range(REGISTRATIONS)
    ]


def _drained(browser: Browser, server: Server, begun: Begun) -> Drained:
    context = browser.new_context(
        base_url=server.url,
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        extra_http_headers=dict(HEADERS),
        service_workers="block",
    )
    page = context.new_page()
    page.goto("/ko")
    page.locator("[data-empty]").wait_for()
    context.set_offline(offline=True)
    size: float = page.evaluate(FILL, [_bodies(begun), list(PHOTO)])
    faults: list[str] = []
    # Only now: without a network each attempt is a fault, as it should be.
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda answer: faults.append(answer.url) if answer.status >= 400 else None)
    cpu, started = sum(server.cpu_ms()), time.monotonic()
    context.set_offline(offline=False)
    left = _until_sent(page)
    seconds, cpu = time.monotonic() - started, sum(server.cpu_ms()) - cpu
    context.close()
    return Drained(seconds, cpu, size / REGISTRATIONS / 1000, left, len(faults))


def _until_sent(page: Page) -> int:
    """How many entries are left when all are sent, when one is refused, or when it takes too long."""
    end = time.monotonic() + PATIENCE_S
    while True:
        counts: dict[str, int] = page.evaluate(COUNTS)
        is_stuck = counts["refused"] + counts["conflict"] + counts["held"] == counts["unsent"]
        if is_stuck or time.monotonic() > end:
            return counts["unsent"]
        page.wait_for_timeout(500)


def _on_record(own: OwnDatabase) -> tuple[int, int]:
    with own.read() as session:
        pieces = session.scalar(select(func.count()).select_from(Item)) or 0
        photos = session.scalar(select(func.count()).select_from(Photo)) or 0
    return pieces, photos


def measure_on(database: Database, browser: Browser) -> list[Figure]:
    url = database.url.replace("+psycopg", "")
    with opened(url) as own:
        with own.write() as session:
            begun = begin(session, PLACES)
        with (
            tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder,
            serving(database, Path(folder)) as server,
        ):
            drained = _drained(browser, server, begun)
        pieces, photos = _on_record(own)
    name = f"{REGISTRATIONS:,} queued registrations with photos"
    missing = abs(pieces - REGISTRATIONS) + abs(photos - REGISTRATIONS)
    each = drained.cpu_ms / REGISTRATIONS
    return [
        figure(
            f"{name}, drained, {database.name}",
            [drained.seconds],
            "s",
            note=f"photos of {drained.photo_kb:.0f} kB; {each:.0f} ms CPU for a piece with its photo",
        ),
        figure(
            f"{name}, errors, {database.name}",
            [drained.left + drained.failed + missing],
            "",
            must=0,
            note=f"on record: {pieces:,} pieces, {photos:,} photos; {drained.left} left in the queue",
        ),
    ]


def measure() -> list[Figure]:
    executable = chromium.find()
    if executable is None:
        sys.exit("No Chromium; install with: apt-get install chromium, or name one in CHROMIUM")
    rows: list[Figure] = []
    with databases() as found, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=executable, args=chromium.FLAGS)
        for database in found:
            rows += measure_on(database, browser)
        browser.close()
    return rows
