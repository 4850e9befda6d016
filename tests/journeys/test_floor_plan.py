"""Pieces are placed on a floor's plan by dragging, by tapping, by keys and by typing."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.test_every_page import FOLLOWED, first_link

pytestmark = pytest.mark.browser


def middle(piece: Locator) -> tuple[float, float]:
    box = piece.locator(".plan-dot").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def place_of(page: Page, number: int) -> str:
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=f"{number}: "))
    return row.locator("[data-left]").first.inner_text()


def test_a_piece_is_dragged_tapped_moved_by_keys_and_typed_and_stays_there(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari")
    plan = first_link(page, "/plantegninger", FOLLOWED["plan of a floor"][2])
    page.goto(plan)
    said = page.locator("[data-said]")
    first = page.get_by_role("link", name=re.compile("^1: "))
    x, y = middle(first)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 20, steps=4)
    page.mouse.up()
    expect(said).to_contain_text("Lagret")
    dragged = place_of(page, 1)
    page.reload()
    assert place_of(page, 1) == dragged
    after = middle(first)
    assert abs(after[0] - x - 40) < 2
    assert abs(after[1] - y - 20) < 2

    drawn = page.locator(".plan-piece").count()
    page.locator("[data-waiting]").first.click()
    expect(said).to_contain_text("Trykk på planen")
    page.locator(".plan-drawing").click(position={"x": 60, "y": 200})
    expect(said).to_contain_text("Lagret")
    expect(page.locator(".plan-piece")).to_have_count(drawn + 1)

    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    expect(said).to_contain_text("Enter lagrer")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Lagret")
    assert place_of(page, 1) != dragged
    page.reload()
    expect(page.locator(".plan-piece")).to_have_count(drawn + 1)
    expect(first).to_have_attribute("data-turn", "15")
    page.get_by_role("button", name="Angre det siste").click()
    expect(first).to_have_attribute("data-turn", "0")
    assert place_of(page, 1) == dragged

    without = visit("kari", width=390, scripts=False)
    without.goto(plan)
    without.get_by_role("link", name=re.compile("^1: ")).click()
    without.get_by_label("Fra venstre").fill("6,5")
    without.get_by_role("button", name="Lagre plassen").click()
    expect(without.get_by_text("Plassen er lagret.")).to_be_visible()
    assert place_of(without, 1) == "6,5 m"


def test_two_fingers_make_the_plan_larger_and_one_moves_a_piece(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari", width=390, has_touch=True)
    page.goto(first_link(page, "/plantegninger", FOLLOWED["plan of a floor"][2]))
    browser = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": id_} for id_, (x, y) in enumerate(places)]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(30)

    first = page.get_by_role("link", name=re.compile("^1: "))
    first.scroll_into_view_if_needed()
    x, y = middle(first)
    for apart in (12, 24, 36):
        fingers("touchStart" if apart == 12 else "touchMove", (x - apart, y), (x + apart, y))
    fingers("touchEnd")
    drawing = page.locator(".plan-drawing")
    assert drawing.evaluate("each => Math.round(parseFloat(each.style.width))") == 300
    larger = middle(first)
    assert abs(larger[0] - x) < 2
    assert abs(larger[1] - y) < 2

    fingers("touchStart", (x, y))
    for part in range(1, 5):
        fingers("touchMove", (x + 10 * part, y + 5 * part))
    fingers("touchEnd")
    expect(page.locator("[data-said]")).to_contain_text("Lagret")
    after = middle(first)
    assert abs(after[0] - x - 40) < 2
    assert abs(after[1] - y - 20) < 2


def test_a_form_is_renewed_when_somebody_was_first_but_not_what_is_typed(
    visit: Callable[..., Page],
) -> None:
    other = visit("kari", scripts=False)
    plan = first_link(other, "/plantegninger", FOLLOWED["plan of a floor"][2])

    def typed(number: int, left: str) -> None:
        other.goto(plan)
        other.get_by_role("link", name=re.compile(f"^{number}: ")).click()
        other.get_by_label("Fra venstre").fill(left)
        other.get_by_role("button", name="Lagre plassen").click()
        expect(other.get_by_text("Plassen er lagret.")).to_be_visible()

    # The refusal stands in the browser's console.
    page = visit("kari", is_watched=False)
    page.goto(plan)
    page.goto(page.get_by_role("link", name=re.compile("^1: ")).get_attribute("href") or "")
    left = page.get_by_label("Fra venstre")

    def refused() -> None:
        page.get_by_role("link", name=re.compile("^2: ")).focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(page.locator("[data-said]")).to_contain_text("Noen andre har flyttet")

    typed(1, "6,25")
    typed(2, "3")
    refused()
    expect(left).to_have_value("6,25")
    page.get_by_label("Fra toppen").fill("2,5")
    typed(2, "4")
    refused()
    second = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="2: "))
    expect(second.locator("[data-left]").first).to_have_text("4 m")
    expect(page.get_by_label("Fra toppen")).to_have_value("2,5")
    page.get_by_role("button", name="Lagre plassen").click()
    expect(page.get_by_text("Plassen er lagret.")).to_be_visible()
    assert place_of(page, 1) == "6,25 m"
