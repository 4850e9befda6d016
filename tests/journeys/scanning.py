"""What the scanner's journeys share: the answer on the page, and pictures of it for people."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.journeys.test_every_page import SCHEMES, axe_faults

Film = Callable[..., Page]


def hit(page: Page) -> Any:
    return page.locator("#hit .scan-hit")


def missed(page: Page, code: str) -> str:
    """Reports the piece of this label lost; gives its state before."""
    before = state_of(page, code)
    page.evaluate(
        """async code => {
            const found = await (await fetch(`/api/v1/look-up?text=${code}`)).json();
            await fetch("/api/v1/items/miss", {
                method: "POST",
                headers: {"Content-Type": "application/json"},
                body: JSON.stringify([{ item_id: found.items[0].id }]),
            });
        }""",
        code,
    )
    assert state_of(page, code) == "lost"
    return before


def state_of(page: Page, code: str) -> str:
    state: str = page.evaluate(
        "async code => (await (await fetch(`/api/v1/look-up?text=${code}`)).json()).items[0].state",
        code,
    )
    return state


def keep_picture(page: Page, name: str) -> None:
    """For people to look at, where a folder is named. A picture takes as long as a page's load."""
    folder = os.environ.get("OMLOP_TEST_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def looked_at(page: Page, name: str) -> list[str]:
    """What axe finds in both schemes; pictures of them where a folder is named."""
    faults = []
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        keep_picture(page, f"{name}-{scheme}")
        faults += [f"{name} ({scheme}): {each}" for each in axe_faults(page, rules)]
    return faults
