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


def looked_at(page: Page, name: str) -> list[str]:
    """Screenshots in both schemes, to be looked at by people, and what axe finds in each."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}.png")
        faults += [f"{name} ({scheme}): {each}" for each in axe_faults(page)]
    return faults
