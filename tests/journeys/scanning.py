"""What the scanner's journeys share: the answer on the page, and pictures of it for people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.journeys.test_every_page import axe_faults

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
Film = Callable[..., Page]


def hit(page: Page) -> Any:
    return page.locator("#hit .scan-hit")


def looked_at(page: Page, name: str) -> list[str]:
    """Screenshots in both schemes, to be looked at by people, and what axe finds in each."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}.png")
        faults += [f"{name} ({scheme}): {each}" for each in axe_faults(page)]
    return faults
