"""A caretaker moves and counts with a phone: codes typed or sent by a scanner that types."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import keep_picture
from tests.journeys.test_every_page import FOLLOWED, faults_of, first_link, links
from tests.journeys.visits import READERS, Reader

pytestmark = pytest.mark.browser


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
        keep_picture(page, "flyttet")
    page.get_by_role("button", name="Angre flyttingen").click()
    expect(page.locator("#flash")).to_contain_text("flyttet tilbake")
    page.goto(pieces[0][0])
    expect(page.locator(".item-where li").first).to_have_text(stood)
    expect(page.locator("section[aria-labelledby=last-seen]")).to_contain_text("skannet av Kari")


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_a_room_with_two_missing_and_one_unexpected_piece_is_counted(
    visit: Callable[..., Page], reader: Reader
) -> None:
    """Five pieces stand in the room by the register; three are met, and one from elsewhere."""
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    pieces = some_pieces(page, 6, skip=8 if reader.scripts else 14)
    room = "Vaktrom 2" if reader.scripts else "Møterom Breen"
    open_place(page, room)
    page.get_by_role("link", name="Flytt møbler hit").click()
    page.get_by_label("Koder").fill("\n".join(code for _, code in pieces[:5]))
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("5 møbler er på plass")

    open_place(page, room)
    door = page.locator(".eyebrow").inner_text().rpartition("·")[2].strip()
    page.goto("/varetelling")
    page.get_by_label("Koden ved døren").fill(door)
    page.get_by_role("button", name="Begynn å telle").click()
    tally = page.locator(".field-tally")
    expect(tally).to_contain_text("0 av")
    before = int(tally.inner_text().split("av")[1].split()[0])
    met = [code for _, code in [*pieces[:3], pieces[5]]]
    page.get_by_label("Koder").fill("\n".join(met))
    page.get_by_role("button", name="Tell med").click()
    expect(page.locator("#flash")).to_contain_text("3 funnet, 1 uventet")
    expect(tally).to_contain_text(f"3 av {before}")
    page.get_by_label("Hvor mange?").fill("2")
    page.get_by_role("button", name="Legg til").click()
    expect(tally).to_contain_text("1 uventet · 2 uten etikett")
    if reader.scripts:
        assert faults_of(page, "counting") == []
        keep_picture(page, "telling-underveis")
    page.locator("section[aria-labelledby=unexpected]").get_by_role(
        "button", name="Flytt hit"
    ).click()
    page.get_by_role("button", name="Avslutt tellingen").click()

    missing = page.locator("section[aria-labelledby=missing]")
    expect(missing.get_by_role("heading")).to_have_text(f"Mangler: {before - 3}")
    gone = missing.locator("li").filter(has_text=pieces[3][1])
    kept = missing.locator("li").filter(has_text=pieces[4][1])
    for row, button, said in (
        (gone, "Meld savnet", "Meldt savnet"),
        (kept, "Står som registrert", "Står som registrert"),
    ):
        row.get_by_role("button", name=button).click()
        expect(row.get_by_role("button", name=button)).to_have_count(0)
        expect(row).to_contain_text(said)
    if reader.scripts:
        assert faults_of(page, "counted") == []
        keep_picture(page, "telling-rapport")
    page.goto(pieces[3][0])
    expect(page.locator("main")).to_contain_text("Savnet")
    page.goto(pieces[5][0])
    expect(page.locator(".item-where li").first).to_contain_text(room)
    open_place(page, room)
    expect(page.locator("section[aria-labelledby=place-counted]")).to_contain_text("1 uventet")


def test_the_pages_of_moving_and_counting_are_for_everybody(visit: Callable[..., Page]) -> None:
    page = visit("kari")
    place = first_link(page, "/steder", FOLLOWED["place"][2])
    for name, path in {"move": "/flytt", "count": "/varetelling", "place": place}.items():
        page.goto(path)
        assert faults_of(page, name) == []
        keep_picture(page, f"{name}-tom")


HANDED_OVER = """async () => {
  const found = await (await fetch("/api/v1/handovers?limit=50")).json();
  return found.flatMap((each) => each.lines.map((line) => line.item_id))[0];
}"""


def test_a_piece_s_handovers_have_room_for_their_words(visit: Callable[..., Page]) -> None:
    page = visit("kari", width=390)
    page.goto("/")
    page.goto(f"/mobler/{page.evaluate(HANDED_OVER)}")
    row = page.locator(".trips .task").first
    row.scroll_into_view_if_needed()
    keep_picture(page, "mobel-overlevering")
    of_row = row.bounding_box()
    of_text = row.locator(".task-text").bounding_box()
    assert of_row
    assert of_text
    assert of_text["width"] > of_row["width"] * 0.45
    way = row.locator(".task-text p").bounding_box()
    assert way
    assert way["height"] < 110, "the way from place to place needs few lines"
