"""What can be wrong on a phone in the field, each with its message, and nothing that was typed lost.

Here: a clock that is a day off, a photo that is no photo, and a phone with no room left. Elsewhere:

- a wrong check character: ``fieldwork/test_scan_pages.py``, ``test_move.py``, ``test_reading.py``,
  and before the camera ``test_scan.py`` and ``test_survey.py`` of these journeys;
- the code of another organisation and a cancelled one: the same files, ``items/test_codes.py`` and
  ``labelling/test_batches.py``;
- the same queue sent twice: ``test_queue.py`` (the server killed in the middle) and
  ``test_weak_coverage.py`` of these journeys;
- two phones with the same code: ``test_survey.py`` and ``test_register_offline.py`` of these journeys;
- a full phone whose queue is sent all the same: ``test_queue.py`` of these journeys.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.lost_answers import is_lost
from tests.journeys.scanning import looked_at
from tests.journeys.test_field_work import some_pieces
from tests.journeys.test_queue import (
    Phone,
    api,
    choose,
    kept,
    moved_without_coverage,
    moves_of,
    phone,
    queued,
    server,
)
from tests.journeys.test_register_offline import blank_codes, fill, photo, pieces
from tests.journeys.visits import until
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser

QUOTA_BYTES = 20_000


def with_clock(page: Page, days: int) -> None:
    """The phone believes that it is another day, and has noticed at the last page with coverage."""
    page.clock.install(time=datetime.now(UTC) + timedelta(days=days))
    page.goto("/flytt")
    until(page, "() => localStorage.getItem('omlop-clock') !== null")


@pytest.mark.parametrize(("days", "said"), [(-1, "24 timer etter"), (1, "24 timer foran")])
def test_a_clock_that_is_a_day_off_dates_nothing_and_doubles_nothing(
    phone: Phone, days: int, said: str
) -> None:
    page = phone("kari")
    ((piece, code),) = some_pieces(page, 1, skip=13 + days)
    before = set(moves_of(page))
    with_clock(page, days)
    moved_without_coverage(page, [code])
    # The server takes it, the answer is lost, and it is sent again.
    page.route("**/api/v1/relocations", is_lost)
    with page.expect_event("requestfailed", lambda each: "relocations" in each.url):
        page.context.set_offline(offline=False)
    page.unroute("**/api/v1/relocations")
    page.goto("/ko")
    page.clock.run_for(10_000)
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    expect(page.locator("[data-clock]")).to_contain_text(said)
    assert looked_at(page, f"ko-klokke-{days}") == []
    assert len(set(moves_of(page)) - before) == 1
    page.goto(piece)
    seen = page.locator("section[aria-labelledby=last-seen]")
    expect(seen).to_contain_text("skannet av Kari")
    today = datetime.now(ZoneInfo("Europe/Oslo"))
    expect(seen).to_contain_text(re.compile(rf"\b{today.day}\. "))
    expect(seen).not_to_contain_text(re.compile(rf"\b{(today + timedelta(days=days)).day}\. "))


def test_a_clock_that_is_right_is_not_spoken_of(phone: Phone) -> None:
    page = phone("kari")
    page.goto("/ko")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kø")
    expect(page.locator("[data-clock]")).to_be_hidden()


def test_a_photo_that_is_no_photo_is_refused_by_itself_and_the_piece_is_registered(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    (code,) = blank_codes(page, server, 1)
    letter = FilePayload(name="brev.jpg", mimeType="image/jpeg", buffer=b"%PDF-1.7 et brev")
    page.goto("/mobler/ny")
    page.context.set_offline(offline=True)
    fill(page, [code], "Stol med brev")
    page.get_by_label("Bilder").set_input_files([photo("red"), letter])
    expect(page.locator("[data-tray] li")).to_have_count(2)
    page.get_by_role("button", name="Registrer", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen", timeout=20_000)
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(2, timeout=20_000)
    expect(queued(page, "refused").locator("[data-problem]")).to_contain_text("Bildet må være JPEG")
    assert looked_at(page, "ko-ikke-et-bilde") == []
    (found,) = pieces(page, "Stol med brev")
    assert len(api(page, f"/items/{found['id']}/photos")) == 1


def test_a_phone_with_no_room_left_says_so_and_keeps_what_was_typed_with_its_photos(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    (code,) = blank_codes(page, server, 1)
    page.goto("/mobler/ny")
    page.context.set_offline(offline=True)
    quota = page.context.new_cdp_session(page)
    quota.send(
        "Storage.overrideQuotaForOrigin", {"origin": server.address, "quotaSize": QUOTA_BYTES}
    )
    fill(page, [code], "Stol uten plass")
    page.get_by_label("Bilder").set_input_files([photo("red"), photo("green")])
    expect(page.locator("[data-tray] li")).to_have_count(2)
    page.get_by_role("button", name="Registrer", exact=True).click()
    said = page.locator("[data-queued]")
    expect(said).to_contain_text("Telefonen er full", timeout=20_000)
    expect(said).to_contain_text("Send det som venter")
    expect(said).to_contain_text("slett et bilde")
    assert looked_at(page, "full-telefon") == []
    expect(page.get_by_label("Navn", exact=False)).to_have_value("Stol uten plass")
    expect(page.locator("[data-tray] li")).to_have_count(2)
    expect(page.locator("#queue-pill")).to_be_hidden()

    quota.send("Storage.overrideQuotaForOrigin", {"origin": server.address})
    page.get_by_role("button", name="Registrer", exact=True).click()
    expect(said).to_contain_text("lagt i køen", timeout=20_000)
    expect(page.locator("#queue-pill")).to_have_text("3 usendte")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(3, timeout=20_000)
    (found,) = pieces(page, "Stol uten plass")
    assert len(api(page, f"/items/{found['id']}/photos")) == 2


def test_a_phone_with_no_room_for_the_mark_still_keeps_and_sends_the_move_once(
    phone: Phone,
) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=38)
    before = set(moves_of(page))
    page.goto("/flytt")
    page.evaluate(
        "() => { Storage.prototype.setItem ="
        " () => { throw new DOMException('', 'QuotaExceededError') } }"
    )
    page.context.set_offline(offline=True)
    choose(page, "Pauserom 3")
    page.get_by_label("Koder").fill(code)
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.context.set_offline(offline=False)
    expect(page.locator("#queue-pill")).to_be_hidden(timeout=20_000)
    assert len(set(moves_of(page)) - before) == 1
