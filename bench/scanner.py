"""The scanner in Chromium: hard frames read and their time, photographs, first load of its page."""

import base64
import io
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, Request, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import wiring
from app.accounts.actor import hashed
from app.accounts.models import ApiToken, Organisation, Person
from app.accounts.service import Found, found
from app.kit.clock import Clock
from app.kit.db import Database as OwnDatabase
from app.schema import migrate
from bench.hard_frames import TEXT, frames
from bench.harness import ROUNDS, Figure, figure
from bench.server import Database, serving
from tools import chromium, shared_data

TOKEN = "bench"
PHONE = {"width": 390, "height": 844}

READ_IN_PAGE = """async ([pictures, rounds]) => {
    const { openReader } = await import("/static/modules/reader.js");
    const { untilRead } = await import("/static/modules/looks.js");
    const { reader: script, wasm } = document.querySelector("[data-camera]").dataset;
    const detect = await openReader({ script, wasm });
    const drawn = [];
    for (const source of pictures) {
        const picture = Object.assign(new Image(), { src: source });
        await picture.decode();
        drawn.push(await createImageBitmap(picture));
    }
    await detect(drawn[0]);
    const results = drawn.map(() => ({ texts: [], spent: [], at_once: [], first: [] }));
    for (let round = 0; round < rounds; round += 1) {
        for (const [at, bitmap] of drawn.entries()) {
            const start = performance.now();
            const first = await detect(bitmap);
            const middle = performance.now();
            const found = await untilRead(detect, bitmap);
            const end = performance.now();
            results[at].first.push(middle - start);
            results[at].spent.push(end - middle);
            results[at].at_once = first.map((each) => each.rawValue);
            results[at].texts = found.map((each) => each.rawValue);
        }
    }
    return results;
}"""


@dataclass(frozen=True)
class Tried:
    """What the looks of looks.js read together, and the first alone; in ms, one a round."""

    texts: list[str]
    spent: list[float]
    at_once: list[str]
    first: list[float]


def _seed(session: Session) -> None:
    organisation: Organisation = found(
        session,
        Found(organisation="Bench", name="Bench", email="b@bench.example", password="x" * 20),
    )
    session.add(
        ApiToken(
            org_id=organisation.id,
            person_id=session.scalars(select(Person.id)).one(),
            name="bench",
            token_hash=hashed(TOKEN),
            created_at=session.info["clock"].now(),
        )
    )


def _prepared(folder: Path) -> Database:
    database = Database("SQLite", f"sqlite:///{folder}/omlop.db", None)
    migrate(database.url)
    own = OwnDatabase(database.url, subscribers=wiring.SUBSCRIBERS, clock=Clock())
    with own.write() as session:
        _seed(session)
    own.close()
    return database


def read_in(page: Page, pictures: list[Image.Image], rounds: int = ROUNDS) -> list[Tried]:
    """Reads the pictures in the page that stands at /skann."""
    sources = []
    for each in pictures:
        file = io.BytesIO()
        each.save(file, "PNG")
        sources.append("data:image/png;base64," + base64.b64encode(file.getvalue()).decode())
    return [Tried(**each) for each in page.evaluate(READ_IN_PAGE, [sources, rounds])]


def bench_frames(page: Page) -> list[Figure]:
    hard = list(frames())
    tried = read_in(page, [each.picture for each in hard])
    missed = [each.name for each, one in zip(hard, tried, strict=True) if TEXT not in one.texts]
    at_once = sum(TEXT in one.at_once for one in tried)
    read = len(hard) - len(missed)
    note = f"{at_once} in the first look; not read: {'; '.join(missed) or 'none'}"
    return [
        figure("hard frames read, of 14", [read], "", must=12, better="higher", note=note),
        figure(
            "first look at a hard frame",
            _medians([one.first for one in tried]),
            "ms",
            note="packaged reader, 640 × 480; median of the fourteen in each round",
        ),
        figure(
            "all looks at a hard frame until it is read",
            _medians([one.spent for one in tried]),
            "ms",
        ),
    ]


def _medians(spent: list[list[float]]) -> list[float]:
    return [statistics.median(each) for each in zip(*spent, strict=True)]


def bench_photographs(page: Page) -> list[Figure]:
    folder = shared_data.folder()
    paths = sorted((folder / "qr_photos").glob("*.png")) if folder else []
    if not paths:
        print(f"LEFT OUT: photographs: {shared_data.ABSENT}")
        return []
    tried = read_in(page, [Image.open(path) for path in paths])
    right = [
        path.with_suffix(".txt").read_text(encoding="utf-8").strip() in one.texts
        for path, one in zip(paths, tried, strict=True)
    ]
    name = f"photographs read, of {len(paths)}"
    return [figure(name, [sum(right)], "", must=len(paths), better="higher")]


def bench_first_load(page: Page) -> list[Figure]:
    """Bytes of a cold visit's answers as they are sent: page, styles, scripts, fonts, icons."""
    answers: list[Request] = []

    def finished(request: Request) -> None:  # Playwright marks the function, a bound one it cannot
        answers.append(request)

    page.on("requestfinished", finished)
    page.goto("/skann")
    page.locator("[data-trouble]").wait_for()
    page.wait_for_load_state("networkidle")
    sizes = {each.url: each.sizes() for each in answers if not each.url.startswith("data:")}
    kilobytes = {url: size["responseBodySize"] / 1000 for url, size in sizes.items()}
    wasm = sum(size for url, size in kilobytes.items() if ".wasm" in url)
    headers = sum(size["responseHeadersSize"] for size in sizes.values()) / 1000
    note = f"{len(sizes)} files; beside it {wasm:.0f} kB wasm and {headers:.0f} kB headers"
    sent = sum(kilobytes.values()) - wasm
    name = "first load of the scan page, compressed"
    return [figure(name, [sent], "kB", must=120, reach=100, note=note)]


def measure() -> list[Figure]:
    executable = chromium.find()
    if executable is None:
        sys.exit("No Chromium; install with: apt-get install chromium, or name one in CHROMIUM")
    with tempfile.TemporaryDirectory(prefix="omlop-bench-") as name, sync_playwright() as tool:
        folder = Path(name)
        with serving(_prepared(folder), folder) as server:
            browser = tool.chromium.launch(executable_path=executable, args=chromium.FLAGS)
            page = browser.new_page(
                base_url=server.url,
                viewport={"width": PHONE["width"], "height": PHONE["height"]},
                extra_http_headers={"Authorization": f"Bearer {TOKEN}"},
            )
            figures = bench_first_load(page) + bench_frames(page) + bench_photographs(page)
            browser.close()
    return figures
