"""The demo served on a free port, and browsers signed in as the demo's people.

It runs on PostgreSQL where ``OMLOP_TEST_DATABASE_URL`` names a server, else on SQLite.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

from tests.databases import SERVER_URL, new_url
from tests.journeys import camera
from tests.journeys.visits import sign_in, watch
from tools import chromium
from tools.demo_site import DemoServer, play_demo

Visit = Callable[..., Page]

# What is to be seen is waited for; a busy machine is no fault of the page.
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Story:
    """The demo, played: its files, and its database where that is not a file among them."""

    folder: Path
    database_url: str

    def copied(self, folder: Path, settings: Mapping[str, str] | None = None) -> DemoServer:
        """A server, not started, on a copy of its own; ``settings`` as a ``DemoServer``'s."""
        shutil.copytree(self.folder, folder)
        url = new_url(folder, copy_of=self.database_url) if self.database_url else ""
        return DemoServer(folder, url, settings)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The demo story, played once a run also when several workers want it.

    ``OMLOP_TEST_DEMO`` names a folder that is kept between runs, on SQLite.
    """
    kept = os.environ.get("OMLOP_TEST_DEMO") if not SERVER_URL else None
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if os.environ.get("PYTEST_XDIST_WORKER") else mine
    story = Path(kept) if kept else shared / "demo-story"
    named = shared / "demo-database"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not named.exists():
            named.write_text(new_url(shared) if SERVER_URL else "", encoding="utf-8")
        url = named.read_text(encoding="utf-8")
        play_demo(story, url)
    assert (story / "omlop.db").exists() is not bool(url), "played into another database than named"
    return Story(story, url)


@pytest.fixture(scope="module")
def site(played: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on a copy of the story that no other module's journeys have used."""
    server = played.copied(tmp_path_factory.mktemp("site") / "data")
    try:
        server.start()
        yield server.address
    finally:
        server.stop()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: str) -> Callable[[str], Any]:
    """The cookies of a person, who signs in once a server."""
    kept: dict[str, Any] = {}

    def of(local: str) -> Any:
        if local not in kept:
            context = browser.new_context(base_url=site)
            page = context.new_page()
            sign_in(page, local)
            kept[local] = context.storage_state()
            context.close()
        return kept[local]

    return of


@pytest.fixture
def visit(
    browser: Browser, site: str, signed_in: Callable[[str], Any]
) -> Iterator[Callable[..., Page]]:
    """``visit("kari", width=390)`` opens a browser of its own; its faults fail the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(
        local: str | None = None,
        *,
        width: int = 1280,
        scripts: bool = True,
        is_watched: bool = True,
        **more: Any,
    ) -> Page:
        context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": 844 if width < 600 else 900},
            java_script_enabled=scripts,
            storage_state=signed_in(local) if local else None,
            locale="nb-NO",
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if is_watched:
            watch(page, faults)
        return page

    yield open_page
    for each in contexts:
        each.close()
    assert faults == []


@pytest.fixture
def filmed(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    site: str,
    signed_in: Callable[[str], Any],
) -> Iterator[Visit]:
    """``filmed("kari", path)``: a phone whose camera shows the film; its faults fail the test."""
    browsers = []
    faults: list[str] = []

    def open_page(
        local: str, shown: Path | None, *, is_granted: bool = True, is_watched: bool = True
    ) -> Page:
        given = [*browser_type_launch_args["args"], *camera.flags(shown, is_granted=is_granted)]
        # Who may use a camera is asked by the browser around the page.
        whole = {"executable_path": chromium.find(), "args": given}
        browser = browser_type.launch(**{**browser_type_launch_args, **whole})
        browsers.append(browser)
        context = browser.new_context(
            base_url=site,
            viewport={"width": 390, "height": 844},
            storage_state=signed_in(local),
            locale="nb-NO",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        if is_watched:
            watch(page, faults)
        return page

    yield open_page
    for each in browsers:
        each.close()
    assert faults == []


@pytest.fixture
def found_piece(visit: Callable[..., Page]) -> tuple[str, str]:
    """Name and code of a piece of the demo."""
    page = visit("kari")
    page.goto("/mobler")
    page.locator("#results tbody th a").first.click()
    name = page.get_by_role("heading", level=1).inner_text()
    return name, page.locator(".item-label .code").inner_text().replace("-", "")
