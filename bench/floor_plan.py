"""The plan of a floor with 500 pieces in Chromium, its processor slowed to a phone's: one drag.

What a finger feels is how long a frame takes while the piece follows it. Each round drags one piece
by so many moves, one a frame, and what the page works for each is measured.
"""

import statistics
import sys
import tempfile
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page, sync_playwright

from app.demo.drawing_floor import FIRST_FLOOR, draw_floor
from app.floorplans.commands import AddImage, PutPiece, SetScale
from app.floorplans.service import add_image, set_scale
from app.floorplans.service_position import put_piece
from app.items.commands import Register
from app.items.service import register
from app.items.service_photo_files import store_first
from app.kit import images
from app.kit.files import Files
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from bench.harness import ROUNDS, Figure, figure
from bench.organisation import HEADERS, begin, opened
from bench.server import Database, serving
from tools import chromium

PIECES, ACROSS = 500, 25
MOVES = 120
SLOWER = 4
"""Times: what browsers' own tools call a phone of the middle class."""
FRAME_MS = 16.7
PHONE = {"width": 390, "height": 844}

MOVE = """async ([x, y, moves]) => {
    const drawing = document.querySelector(".plan-drawing");
    const channel = new MessageChannel();
    const spent = [];
    let last = 0;
    const apart = [];
    for (let move = 0; move < moves; move += 1) {
        const at = { pointerId: 1, clientX: x + (move % 30), clientY: y + (move % 20), bubbles: true };
        spent.push(await new Promise((done) => {
            // Asked for before the page asks for its own: it begins the frame that shows the move.
            requestAnimationFrame((now) => {
                const start = performance.now();
                if (last) apart.push(now - last);
                last = now;
                channel.port1.onmessage = () => done(handled + performance.now() - start);
                channel.port2.postMessage(0);
            });
            const before = performance.now();
            drawing.dispatchEvent(new PointerEvent("pointermove", at));
            const handled = performance.now() - before;
        }));
    }
    return [spent, apart];
}"""
"""What the page works for each move, from the event until its frame is handed on, and how far apart
frames are; in ms. The mouse itself is pressed by the browser, or the page would not get its capture."""


def seed(url: str, files: Files) -> UUID:
    """A floor whose 500 desks stand in rows; gives the floor."""
    with opened(url) as database:
        with database.write() as session:
            begun = begin(session, 1)
            (floor,) = add_places(
                session,
                begun.actor,
                [AddPlace(kind=PlaceKind.FLOOR, name="1", parent_id=begun.place_ids[0])],
            )
            items = register(
                session,
                begun.actor,
                [
                    Register(
                        category_id="DESK_SITSTAND",
                        owner_unit_id=begun.unit_id,
                        place_id=floor.id,
                        width_mm=700,
                        depth_mm=400,
                        quantity=PIECES,
                    )
                ],
            )
            ids = [each.id for each in items]
        (stored,) = store_first(files, begun.actor.org_id, draw_floor(FIRST_FLOOR))
        with database.write() as session:
            plan = add_image(session, begun.actor, AddImage(floor_id=floor.id), stored)
            scale = SetScale(floor_id=floor.id, width_mm=FIRST_FLOOR.width_mm, version=plan.version)
            set_scale(session, begun.actor, scale)
            for number, item_id in enumerate(ids):
                row, column = divmod(number, ACROSS)
                place = PutPiece(
                    floor_id=floor.id,
                    item_id=item_id,
                    x=300 + column * 380,
                    y=400 + row * 460,
                    version=0,
                )
                put_piece(session, begun.actor, place)
        return floor.id


def _dragged(page: Page, number: int) -> tuple[list[float], list[float]]:
    """One drag, with its end kept by the server."""
    box = page.locator(".plan-piece .plan-dot").nth(number).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6, y)
    page.locator(".plan-copy").wait_for(state="attached")
    spent, apart = page.evaluate(MOVE, [x + 6, y, MOVES])
    page.mouse.up()
    page.locator("[data-said]").filter(has_text="Lagret").wait_for()
    return spent, apart


def _measured(page: Page, path: str) -> list[Figure]:
    slowed = page.context.new_cdp_session(page)
    page.goto(path)
    page.locator("[data-tools]:not([hidden])").wait_for()
    slowed.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    rounds = [_dragged(page, 20 + each) for each in range(ROUNDS)]
    slowed.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    # What is later than one and a half frames has left one out.
    late = [100 * sum(each > FRAME_MS * 1.5 for each in seen) / len(seen) for _, seen in rounds]
    note = f"{PIECES} pieces, Chromium slowed {SLOWER} times, {MOVES} moves a round"
    middle = [statistics.median(spent) for spent, _ in rounds]
    most = [statistics.quantiles(spent, n=20)[-1] for spent, _ in rounds]
    return [
        figure("work for a move of a drag", middle, "ms", must=FRAME_MS, reach=FRAME_MS / 2,
               note=note),
        figure("work for a move of a drag, 19 of 20", most, "ms", must=FRAME_MS, note=note),
        figure("frames left out in a drag", late, "%", note="software drawing, without a GPU"),
    ]  # fmt: skip


def measure() -> list[Figure]:
    executable = chromium.find()
    if executable is None:
        sys.exit("No Chromium; install with: apt-get install chromium, or name one in CHROMIUM")
    with tempfile.TemporaryDirectory(prefix="omlop-bench-") as name, sync_playwright() as tool:
        folder = Path(name)
        database = Database("SQLite", f"sqlite:///{folder}/omlop.db", None)
        floor_id = seed(database.url, Files.local(folder / "files"))
        images.close()
        with serving(database, folder, headers=HEADERS) as server:
            browser = tool.chromium.launch(executable_path=executable, args=chromium.FLAGS)
            page = browser.new_page(
                base_url=server.url,
                viewport={"width": PHONE["width"], "height": PHONE["height"]},
                extra_http_headers=HEADERS,
            )
            figures = _measured(page, f"/plantegninger/{floor_id}")
            browser.close()
    return figures
