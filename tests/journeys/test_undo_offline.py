"""A move is taken back without coverage: out of the queue where it waits, by an entry where it was sent."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import looked_at
from tests.journeys.test_count import moved_to
from tests.journeys.test_count_offline import keeps_page, post, waiting
from tests.journeys.test_field_work import some_pieces
from tests.journeys.test_offline import ready
from tests.journeys.test_queue import (
    Phone,
    api,
    kept,
    moved_without_coverage,
    phone,
    queued,
    server,
)
from tests.journeys.visits import until

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser


def place_of(page: Page, code: str) -> str:
    place: str = api(page, f"/look-up?text={code}")["items"][0]["place"]
    return place


def test_a_move_that_waits_is_taken_back_where_it_was_made(phone: Phone) -> None:
    page = phone("kari")
    codes = [code for _, code in some_pieces(page, 2)]
    stood = [place_of(page, each) for each in codes]
    ready(page)
    moved_without_coverage(page, codes)
    page.reload()
    expect(waiting(page)).to_contain_text("2 koder")
    waiting(page).scroll_into_view_if_needed()
    faults = looked_at(page, "flytt-venter")
    waiting(page).get_by_role("button", name="Ta tilbake").click()
    expect(waiting(page)).to_have_count(0)
    page.context.set_offline(offline=False)

    page.goto("/ko")
    expect(queued(page, "held")).to_contain_text("2 koder")
    assert [place_of(page, each) for each in codes] == stood
    assert faults == []


def test_a_move_that_was_sent_is_taken_back_by_an_entry_of_its_own(phone: Phone) -> None:
    page = phone("kari")
    codes = [code for _, code in some_pieces(page, 2, skip=4)]
    stood = [place_of(page, each) for each in codes]
    moved_to(page, "Pauserom 3", codes)
    keeps_page(page, "Angre flyttingen")
    page.context.set_offline(offline=True)
    page.reload()
    undo = page.get_by_role("button", name="Angre flyttingen")
    undo.click()
    expect(page.locator("[data-shows-for=undo]")).to_contain_text("angres når nettet er tilbake")
    page.reload()
    expect(undo).to_be_hidden()
    faults = looked_at(page, "flytting-angres-uten-nett")
    waiting(page).get_by_role("button", name="Ta tilbake").click()
    undo.click()
    expect(undo).to_be_hidden()
    assert "Pauserom 3" in place_of(phone("kari"), codes[0])
    page.context.set_offline(offline=False)

    expect(page.get_by_text("Flyttingen ble angret")).to_be_visible()
    assert [place_of(page, each) for each in codes] == stood
    page.goto("/ko")
    expect(queued(page, "done")).to_contain_text("Angret flytting")
    assert faults == []


def test_a_move_that_was_sent_from_the_queue_is_taken_back_without_coverage_and_once(
    phone: Phone,
) -> None:
    page, other = phone("kari"), phone("kari")
    codes = [code for _, code in some_pieces(page, 2, skip=8)]
    stood = place_of(page, codes[0])
    ready(page)
    moved_without_coverage(page, codes, "Kontorer B1")
    page.context.set_offline(offline=False)
    expect(page.locator("#queue-pill")).to_be_hidden()
    page.goto("/ko")
    moved = queued(page, "done").last.get_by_role("link", name="Åpne").get_attribute("href")
    until(page, f"async () => Boolean(await caches.match('{moved}'))")
    page.context.set_offline(offline=True)
    page.goto(str(moved))
    page.get_by_role("button", name="Angre flyttingen").click()
    expect(page.locator("#queue-pill")).to_have_text("1 usendt")
    # Somebody does the same meanwhile.
    relocation = str(moved).rpartition("/")[2]
    other.goto("/ko")
    post(other, f"/api/v1/relocations/{relocation}/undo")
    page.context.set_offline(offline=False)

    expect(page.get_by_text("Flyttingen ble angret")).to_be_visible()
    assert place_of(page, codes[0]) == stood
    page.goto("/ko")
    expect(queued(page, "conflict")).to_have_count(0)
