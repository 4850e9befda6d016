"""A registered piece is photographed and gets its codes without coverage, each once."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.journeys.lost_answers import is_lost
from tests.journeys.scanning import hit, looked_at
from tests.journeys.test_offline import ready
from tests.journeys.test_queue import Phone, api, kept, phone, queued, server
from tests.journeys.test_register_offline import blank_codes, photo
from tests.journeys.visits import sign_in
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser


def piece(page: Page, at: int) -> Any:
    """One of the demo's pieces that has a label; each journey takes its own."""
    found = [each for each in api(page, "/items?limit=100&state=in_use") if each["code"]]
    return found[at]


def photos_of(page: Page, item_id: str) -> list[Any]:
    found: list[Any] = api(page, f"/items/{item_id}/photos")
    return [each for each in found if each.get("item_id", item_id) == item_id]


def laid_in_queue(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")


def test_photos_of_a_registered_piece_wait_and_are_sent_once_in_their_order(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    item_id = piece(page, 30)["id"]
    before = photos_of(page, item_id)
    page.goto(f"/mobler/{item_id}/bilder")
    page.context.set_offline(offline=True)
    page.get_by_label("Nye bilder").set_input_files([photo("red"), photo("green")])
    tray = page.locator("[data-tray] li")
    expect(tray).to_have_count(2)
    tray.nth(1).get_by_role("button", name="Vis først").click()
    page.get_by_label("Etter", exact=True).check()
    laid_in_queue(page, "Legg til")
    expect(page.locator("#queue-pill")).to_have_text("2 usendte")
    expect(tray).to_have_count(0)
    faults = looked_at(page, "bilder-uten-nett")
    # The first photo's answer is lost, and the server dies before the second.
    page.route(f"**/items/{item_id}/photos", is_lost)
    with page.expect_event("requestfailed", lambda each: item_id in each.url):
        page.context.set_offline(offline=False)
    server.kill()
    server.start()
    page.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(2, timeout=15_000)
    expect(queued(page, "done").first).to_contain_text("Bilde")
    faults += looked_at(page, "ko-bilder-sendt")

    added = photos_of(page, item_id)[len(before) :]
    assert [each["taken"] for each in added] == ["after", "after"]
    shown = [page.request.get(f"/foto/{each['id']}/jpeg").body() for each in added]
    for bytes_, is_green in zip(shown, [True, False], strict=True):
        with Image.open(BytesIO(bytes_)) as picture:
            red, green, _ = picture.convert("RGB").getpixel((10, 10))  # type: ignore[misc]
            assert (green > red) is is_green
            assert picture.width > picture.height
        assert b"SECRETPHONE" not in bytes_
    assert faults == []


def test_photos_whose_form_arrived_and_whose_answer_was_lost_are_not_added_again(
    phone: Phone,
) -> None:
    page = phone("kari")
    item_id = piece(page, 38)["id"]
    before = len(photos_of(page, item_id))
    page.goto(f"/mobler/{item_id}/bilder")
    page.get_by_label("Nye bilder").set_input_files([photo("red"), photo("green")])
    expect(page.locator("[data-tray] li")).to_have_count(2)
    page.route(f"**/mobler/{item_id}/bilder", is_lost)
    page.get_by_role("button", name="Legg til", exact=True).click()
    expect(page.locator("[data-queued]")).to_be_visible()
    page.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(2)
    assert len(photos_of(page, item_id)) == before + 2


def test_a_photo_that_is_none_is_refused_and_is_tried_again_or_mended(phone: Phone) -> None:
    page = phone("kari")
    item_id = piece(page, 31)["id"]
    before = len(photos_of(page, item_id))
    page.goto(f"/mobler/{item_id}/bilder")
    page.context.set_offline(offline=True)
    wrong: FilePayload = {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    page.get_by_label("Nye bilder").set_input_files([wrong, photo("blue")])
    expect(page.locator("[data-tray] li")).to_have_count(2)
    laid_in_queue(page, "Legg til")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "refused")).to_have_count(1)
    expect(queued(page, "done")).to_have_count(1)
    page.get_by_role("link", name="Rett det").click()
    expect(page.locator("[data-tray] li")).to_have_count(1)
    page.get_by_label("Nye bilder").set_input_files([photo("white")])
    expect(page.locator("[data-tray] li")).to_have_count(2)
    page.locator("[data-tray] li").first.get_by_role("button", name="Fjern").click()
    page.get_by_role("button", name="Legg til", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(2)
    expect(queued(page, "refused")).to_have_count(0)
    assert len(photos_of(page, item_id)) == before + 2


def test_a_foreign_code_gets_its_piece_without_coverage(phone: Phone) -> None:
    page = phone("kari")
    mine = piece(page, 32)
    ready(page)
    page.context.set_offline(offline=True)
    page.goto("/skann")
    page.get_by_label("Eller skriv koden").fill("INV-OFF-1")
    page.get_by_role("button", name="Slå opp").click()
    page.get_by_role("link", name="Knytt koden til et møbel").click()
    expect(page.get_by_label("Koden som skal knyttes")).to_have_value("INV-OFF-1")
    faults = looked_at(page, "knytt-uten-nett")
    page.get_by_label("Koden på møbelets etikett").fill("7K3QWX9R2M5")
    page.get_by_role("button", name="Knytt koden").click()
    expect(page.locator("[data-queued]")).to_be_hidden()
    page.get_by_label("Koden på møbelets etikett").fill(mine["code"])
    laid_in_queue(page, "Knytt koden")
    page.goto("/ko")
    page.reload()
    expect(queued(page, "waiting")).to_contain_text("INV-OFF-1")
    page.context.set_offline(offline=False)
    expect(queued(page, "done")).to_have_count(1)
    assert identifiers(page, mine["id"]).count("INV-OFF-1") == 1
    queued(page, "done").get_by_role("link", name="Åpne").click()
    expect(page.get_by_text("INV-OFF-1")).to_be_visible()
    assert faults == []


def identifiers(page: Page, item_id: str) -> list[str]:
    return [each["value"] for each in api(page, f"/items/{item_id}")["identifiers"]]


def test_a_foreign_code_that_another_piece_has_by_now_is_yours_or_theirs(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    mine, theirs = piece(page, 33), piece(page, 34)
    page.goto("/skann/knytt?kode=INV-OFF-2")
    page.context.set_offline(offline=True)
    page.get_by_label("Koden på møbelets etikett").fill(mine["code"])
    laid_in_queue(page, "Knytt koden")
    body = {"value": "INV-OFF-2", "item_id": theirs["id"]}
    first = page.request.post("/api/v1/bindings", data=body, headers={"Origin": server.address})
    assert first.ok
    page.context.set_offline(offline=False)
    page.goto("/ko")
    row = queued(page, "conflict")
    expect(row.locator("[data-theirs]")).to_contain_text(f"Der nå: {theirs['name']}")
    assert looked_at(page, "ko-kode-tatt") == []
    assert identifiers(page, mine["id"]).count("INV-OFF-2") == 0
    row.get_by_role("button", name="Knytt til begge").click()
    expect(queued(page, "done")).to_have_count(1)
    assert identifiers(page, mine["id"]).count("INV-OFF-2") == 1


def test_a_new_label_for_a_piece_without_coverage_goes_to_whoever_came_first(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    mine, theirs = piece(page, 35), piece(page, 36)
    free, taken = blank_codes(page, server, 2)
    page.goto(f"/mobler/{mine['id']}/etikett")
    page.context.set_offline(offline=True)
    code = page.get_by_label("Koden på en blank etikett")
    page.get_by_role("button", name="Bytt etikett").click()
    assert "ingen ny kode" in code.evaluate("each => each.validationMessage")
    code.fill(taken)
    laid_in_queue(page, "Bytt etikett")
    first = page.request.post(
        f"/api/v1/codes/{taken}/bind",
        data={"item_id": theirs["id"]},
        headers={"Origin": server.address},
    )
    assert first.ok
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "conflict").locator("[data-theirs]")).to_contain_text(theirs["name"])
    queued(page, "conflict").get_by_role("link", name="Rett det").click()
    expect(code).to_have_value(taken)
    code.fill(free)
    page.get_by_role("button", name="Bytt etikett").click()
    expect(page.locator("[data-queued]")).to_be_visible()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1)
    assert api(page, f"/codes/{free}")["item_id"] == mine["id"]
    assert api(page, f"/codes/{taken}")["item_id"] == theirs["id"]


def test_another_person_on_the_phone_sends_neither_photo_nor_code(phone: Phone) -> None:
    page = phone("kari")
    mine = piece(page, 37)
    before = len(photos_of(page, mine["id"]))
    page.goto(f"/mobler/{mine['id']}/bilder")
    other = page.context.new_page()
    other.goto("/skann/knytt?kode=INV-OFF-3")
    page.context.set_offline(offline=True)
    page.get_by_label("Nye bilder").set_input_files([photo("red")])
    laid_in_queue(page, "Legg til")
    other.get_by_label("Koden på møbelets etikett").fill(mine["code"])
    laid_in_queue(other, "Knytt koden")
    page.context.clear_cookies()
    third = page.context.new_page()
    page.context.set_offline(offline=False)
    sign_in(third, "ole")
    third.goto("/ko")
    expect(third.get_by_role("heading", level=2)).to_have_text("Køen er tom")
    assert len(photos_of(third, mine["id"])) == before
    assert identifiers(third, mine["id"]).count("INV-OFF-3") == 0


def state_of(page: Page, item_id: str) -> str:
    return str(api(page, f"/items/{item_id}")["state"])


def stepped_without_coverage(page: Page, item_id: str, label: str) -> None:
    """A button of the piece's page, which was opened with a network."""
    page.goto(f"/mobler/{item_id}")
    button = page.get_by_role("button", name=label, exact=True)
    expect(page.locator("form[data-queue=step][data-ready]").first).to_be_attached()
    page.context.set_offline(offline=True)
    button.click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    expect(button).to_be_hidden()


def test_a_step_of_a_piece_waits_for_the_network_and_is_done_once(phone: Phone) -> None:
    page = phone("kari")
    item_id = piece(page, 60)["id"]
    stepped_without_coverage(page, item_id, "Meld ledig")
    assert looked_at(page, "mobel-steg-uten-nett") == []
    # While it waits nobody knows what can be done after it: a second press would meet the first.
    page.route("**/api/v1/items/free", lambda route: route.abort())
    page.context.set_offline(offline=False)
    page.goto(f"/mobler/{item_id}")
    expect(page.locator("form[data-queue=step][data-ready]").first).to_be_attached()
    expect(page.locator("form[data-queue=step]").first).to_be_hidden()
    page.context.set_offline(offline=True)
    page.unroute_all()
    # The answer is lost: sent again, it must be the same step and not one more.
    page.route("**/api/v1/items/free", is_lost)
    with page.expect_event("requestfailed", lambda each: each.url.endswith("/items/free")):
        page.context.set_offline(offline=False)
    page.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    expect(queued(page, "done")).to_contain_text("Ny status")
    assert state_of(page, item_id) == "available"


def test_a_step_that_another_was_before_with_is_shown_and_can_be_taken_back(phone: Phone) -> None:
    page = phone("kari")
    item_id = piece(page, 61)["id"]
    stepped_without_coverage(page, item_id, "Meld ledig")
    other = phone("kari", is_new=True)
    other.goto(f"/mobler/{item_id}")
    other.get_by_role("button", name="Meld ledig", exact=True).click()
    expect(other.get_by_role("button", name="Ta i bruk", exact=True)).to_be_visible()
    page.context.set_offline(offline=False)
    page.goto("/ko")
    row = queued(page, "conflict")
    expect(row).to_contain_text("ikke i en tilstand", timeout=20_000)
    row.get_by_role("button", name="Ta tilbake").click()
    queued(page, "held").get_by_role("button", name="Slett for godt").click()
    expect(queued(page, "held")).to_have_count(0)
    assert state_of(page, item_id) == "available"


def scanned(page: Page, code: str) -> None:
    page.goto("/skann")
    page.get_by_label("Eller skriv koden").fill(code)
    page.get_by_role("button", name="Slå opp").click()
    expect(hit(page).get_by_role("link", name="Åpne")).to_be_visible()


def steps_wait(page: Page) -> None:
    """The buttons under a scan have their module."""
    expect(page.locator("#hit form[data-queue=step][data-ready]").first).to_be_attached()


def freed(page: Page, item_id: str) -> int:
    return [each["kind"] for each in api(page, f"/items/{item_id}/history")].count("item-freed")


def test_a_step_under_a_scan_waits_for_the_network_and_is_done_once(phone: Phone) -> None:
    page = phone("kari")
    mine = piece(page, 62)
    scanned(page, mine["code"])
    steps_wait(page)
    before = freed(page, mine["id"])
    button = hit(page).get_by_role("button", name="Meld ledig", exact=True)
    page.context.set_offline(offline=True)
    button.click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    expect(button).to_be_hidden()
    expect(page.locator("#queue-pill")).to_have_text("1 usendt")
    assert looked_at(page, "skann-steg-uten-nett") == []
    # The answer is lost, and the piece is scanned again before it is sent anew.
    page.route("**/api/v1/items/free", is_lost)
    with page.expect_event("requestfailed", lambda each: each.url.endswith("/items/free")):
        page.context.set_offline(offline=False)
    page.unroute_all()
    page.route("**/api/v1/items/free", lambda route: route.abort())
    scanned(page, mine["code"])
    steps_wait(page)
    expect(page.locator("#hit form[data-queue=step]").first).to_be_hidden()
    page.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    assert state_of(page, mine["id"]) == "available"
    assert freed(page, mine["id"]) == before + 1


def test_a_step_under_a_scan_whose_answer_is_lost_stays_on_the_page(phone: Phone) -> None:
    page = phone("kari")
    mine = piece(page, 63)
    # The hit comes with the page, as after a reload.
    page.goto(f"/skann?kode={mine['code']}")
    steps_wait(page)
    page.route("**/steg", is_lost)
    hit(page).get_by_role("button", name="Meld ledig", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("Svaret kom ikke fram: lagt i køen")
    assert "/skann" in page.url
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    assert state_of(page, mine["id"]) == "available"
    assert freed(page, mine["id"]) == 1


def test_a_step_that_is_pressed_before_its_module_has_come_waits_for_it(phone: Phone) -> None:
    page = phone("kari")
    mine = piece(page, 64)
    held: list[Route] = []
    page.route("**/modules/steps.js", lambda route: held.append(route))  # noqa: PLW0108
    scanned(page, mine["code"])
    hit(page).get_by_role("button", name="Meld ledig", exact=True).click()
    expect(hit(page).get_by_role("button", name="Meld ledig", exact=True)).to_have_attribute(
        "aria-busy", "true"
    )
    for _ in range(200):  # the button is held before the browser asks for the module
        if held:
            break
        page.wait_for_timeout(100)
    page.route("**/steg", lambda route: route.abort("connectionreset"))
    held[0].continue_()
    expect(page.locator("[data-queued]")).to_contain_text("Svaret kom ikke fram: lagt i køen")
    page.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    assert state_of(page, mine["id"]) == "available"
