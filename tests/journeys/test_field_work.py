"""A caretaker moves furniture with a phone: codes typed or sent by a scanner that types."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_every_page import FOLLOWED, faults_of, first_link, links
from tests.journeys.visits import READERS, Reader

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"


def pictured(page: Page, name: str) -> None:
    """Kept for whoever looks at the pages as a caretaker does: 390 px, light and dark."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": 390, "height": 844})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}.png", full_page=True)


def open_place(page: Page, name: str) -> None:
    page.goto("/steder")
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url("**/steder/*-*")


def some_pieces(page: Page, count: int, skip: int = 0) -> list[tuple[str, str]]:
    """Address and code of pieces in the inventory."""
    found = []
    for piece in links(page, "/mobler", FOLLOWED["piece"][2])[skip : skip + count]:
        page.goto(piece)
        found.append((piece, page.locator(".item-label .code").inner_text()))
    return found


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_furniture_is_moved_by_its_codes_and_moved_back(
    visit: Callable[..., Page], reader: Reader
) -> None:
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    pieces = some_pieces(page, 3, skip=0 if reader.scripts else 3)
    page.goto(pieces[0][0])
    stood = page.locator(".item-where li").first.inner_text()
    open_place(page, "Pauserom 3")
    page.get_by_role("link", name="Flytt møbler hit").click()
    page.get_by_label("Koder").fill("\n".join([*(code for _, code in pieces), "7K3Q-WX9R-2M5"]))
    if reader.scripts:
        expect(page.locator("#code-count")).to_have_text("4 koder")
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 møbler er på plass")
    expect(page.locator("section[aria-labelledby=not-moved]")).to_contain_text("ikke riktig")
    expect(page.get_by_label("Koder")).to_have_value("7K3Q-WX9R-2M5")
    if reader.scripts:
        assert faults_of(page, "moved") == []
        pictured(page, "flyttet")
    page.get_by_role("button", name="Angre flyttingen").click()
    expect(page.locator("#flash")).to_contain_text("flyttet tilbake")
    page.goto(pieces[0][0])
    expect(page.locator(".item-where li").first).to_have_text(stood)
    expect(page.locator("section[aria-labelledby=last-seen]")).to_contain_text("skannet av Kari")


def test_the_pages_of_moving_are_for_everybody(visit: Callable[..., Page]) -> None:
    page = visit("kari")
    place = first_link(page, "/steder", FOLLOWED["place"][2])
    for name, path in {"move": "/flytt", "place": place}.items():
        page.goto(path)
        assert faults_of(page, name) == []
        pictured(page, f"{name}-tom")
