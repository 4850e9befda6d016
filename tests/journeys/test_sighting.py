"""What is looked up in a room whose label was read is seen there, and nothing else is."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import camera
from tests.journeys.scanning import Film, hit

pytestmark = pytest.mark.browser


def test_what_is_looked_up_after_a_room_s_label_is_seen_there(
    filmed: Film, site: str, tmp_path: Path, found_piece: tuple[str, str]
) -> None:
    _, code = found_piece
    page = filmed(
        "kari", camera.film(tmp_path / "x.y4m", [(camera.nothing(), 2)]), is_watched=False
    )
    page.goto("/")
    places = page.evaluate("fetch('/api/v1/places').then(answer => answer.json())")
    room = next(each for each in places if each["kind"] == "room")

    def look_up(typed: str) -> None:
        page.get_by_label("Eller skriv koden").fill(typed)
        page.get_by_role("button", name="Slå opp").click()

    page.goto("/skann")
    look_up(code)
    expect(hit(page).get_by_role("link", name="Flytt")).to_be_visible()
    expect(page.locator("[data-check]")).to_be_empty()
    look_up(room["code"])
    expect(hit(page)).to_contain_text("blir ført som sett her")
    look_up(code)
    expect(page.locator("[data-check]")).to_have_text(f"Sett nå i {room['name']}.")
    sighted: list[str] = []
    page.on("request", lambda each: sighted.append(each.url) if "/sightings" in each.url else None)
    # An answer that is none leaves the piece in sight, but nobody has scanned it.
    page.route("**/skann?kode=*", lambda route: route.fulfill(status=429, body=""))
    look_up(code)
    expect(page.locator("[data-check]")).to_contain_text("svarte ikke")
    page.unroute_all()
    # A whole building says nothing of where in it.
    building = next(each for each in places if each["kind"] == "building")
    look_up(building["code"])
    expect(hit(page)).to_contain_text(building["name"])
    expect(hit(page)).not_to_contain_text("blir ført som sett her")
    look_up(code)
    expect(hit(page).get_by_role("link", name="Flytt")).to_be_visible()
    expect(page.locator("[data-check]")).to_be_empty()
    assert sighted == []
    hit(page).get_by_role("link", name="Åpne").click()
    expect(page.locator("main")).to_contain_text(room["name"])
