"""How much is unsent stands in the head of every page, and covers nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_every_page import MANAGER, cut_off

pytestmark = pytest.mark.browser

FIELD = {"move": "/flytt", "count": "/varetelling", "survey": "/kartlegging"}
KINDS = ("home", "pieces", "register", "market", "labels", "inbox", "scan", "notices")
"""Of each kind of page one: all of them have the same head."""
WIDTHS = (320, 390, 1280)
STICKY = 1024
"""From this width on, pages scroll behind the head."""

# A text or control that shares pixels with the pill and neither holds it nor is in it.
COVERED = """() => {
    const pill = document.getElementById("queue-pill");
    const box = pill.getBoundingClientRect();
    const meets = (other) => other.width > 0 && other.height > 0 && other.left < box.right
        && box.left < other.right && other.top < box.bottom && box.top < other.bottom;
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const covered = [];
    while (words.nextNode()) {
        const { currentNode: each } = words;
        const isSeen = each.parentElement.checkVisibility({ visibilityProperty: true });
        const isClipped = each.parentElement.closest(
            ".visually-hidden, .ds-skip-link, .person-menu-name, template, noscript");
        if (!each.data.trim() || pill.contains(each) || !isSeen || isClipped) continue;
        range.selectNodeContents(each);
        if ([...range.getClientRects()].some(meets)) covered.push(each.data.trim());
    }
    for (const each of document.querySelectorAll("a, button, input, select, textarea, summary")) {
        const isClipped = each.closest(".visually-hidden, .ds-skip-link");
        if (each === pill || isClipped || !each.checkVisibility()) continue;
        if (meets(each.getBoundingClientRect())) covered.push(each.outerHTML.slice(0, 80));
    }
    return covered;
}"""


def with_unsent(page: Page) -> None:
    """Twelve entries that wait for a network that never takes them."""
    page.route("**/api/v1/relocations", lambda route: route.abort())
    page.goto("/ko")
    page.evaluate(
        """async () => {
          const { addAll } = await import("/static/modules/outbox.js");
          const body = { codes: ["x"], place_id: null };
          await addAll(Array(12).fill({ verb: "move", url: "/api/v1/relocations", body }));
        }"""
    )


def test_the_count_of_unsent_work_covers_no_control_or_text(visit: Callable[..., Page]) -> None:
    page = visit("kari", width=390, is_watched=False)
    with_unsent(page)
    faults = []
    for name, path in (FIELD | {each: MANAGER[each] for each in KINDS}).items():
        page.goto(path)
        expect(page.locator("#queue-pill")).to_have_text("12 usendte")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            found = page.evaluate(COVERED)
            if width < STICKY:
                page.evaluate("scrollTo(0, document.body.scrollHeight)")
                found += page.evaluate(COVERED)
                page.evaluate("scrollTo(0, 0)")
            faults += [f"{name} at {width}: {each}" for each in [*found, cut_off(page)] if each]
    assert faults == []
