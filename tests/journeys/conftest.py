"""The demo served on a free port, and browsers signed in as the demo's people."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.visits import sign_in, watch
from tools.demo_site import play_demo, serve_demo

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the demo story, played once a run also when several workers want it.

    ``OMLOP_TEST_DEMO`` names a folder that is kept between runs.
    """
    kept = os.environ.get("OMLOP_TEST_DEMO")
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if os.environ.get("PYTEST_XDIST_WORKER") else mine
    story = Path(kept) if kept else shared / "demo-story"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        play_demo(story)
    return story


@pytest.fixture(scope="session")
def site(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this worker's own, on a copy of the story."""
    folder = tmp_path_factory.mktemp("site") / "data"
    shutil.copytree(played, folder)
    with serve_demo(folder) as address:
        yield address


@pytest.fixture(scope="session")
def signed_in(browser: Browser, site: str) -> Callable[[str], Any]:
    """The cookies of a person, who signs in once a run."""
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
        local: str | None = None, *, width: int = 1280, scripts: bool = True, **more: Any
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
        watch(page, faults)
        return page

    yield open_page
    for each in contexts:
        each.close()
    assert faults == []
