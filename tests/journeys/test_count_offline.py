"""A count goes on without coverage: taps wait in their rows, and its end comes last."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.scanning import looked_at
from tests.journeys.test_count import counting, door_of, heard, moved_to
from tests.journeys.test_field_work import some_pieces
from tests.journeys.test_queue import Phone, api, kept, phone, queued, server
from tests.journeys.test_survey import typed_by_scanner
from tests.journeys.visits import until
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser


def unexpected(page: Page) -> Locator:
    return page.locator("section[aria-labelledby=unexpected] li")


def waiting(page: Page) -> Locator:
    return page.locator("[data-waits-rows] > li")


def without_label(page: Page, count: str, note: str) -> None:
    form = page.locator("form", has=page.get_by_label("Hvor mange?"))
    form.get_by_label("Hvor mange?").fill(count)
    form.get_by_label("Hva er det?").fill(note)
    form.get_by_role("button", name="Legg til").click()


def keeps_page(page: Page, text: str) -> None:
    """Until this phone keeps the page that stands open, with this text in it."""
    kept_page = '(await (await caches.match(location.pathname))?.text() ?? "")'
    until(page, f"async () => {kept_page}.includes({json.dumps(text)})")


def post(page: Page, path: str) -> None:
    """What another phone sends meanwhile."""
    ask = "async path => (await fetch(path, { method: 'POST' })).status"
    assert page.evaluate(ask, path) == 200


def entries(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await import('/static/modules/outbox.js')).entries()"
    )
    return found


def test_a_room_is_counted_to_its_end_without_coverage(phone: Phone) -> None:
    """Two strays were met with coverage; the taps, what has no label and the end were not sent."""
    page = phone("kari")
    codes = [code for _, code in some_pieces(page, 5, skip=0)]
    moved_to(page, "Sengepost 3A", codes[:3])
    counting(page, door_of(page, "Sengepost 3A"))
    stocktake = page.url.rpartition("/")[2]
    page.get_by_role("heading", level=1).click()
    for code in codes[3:]:
        typed_by_scanner(page, code.replace("-", ""))
        expect(heard(page)).to_contain_text("Registrert i")
    expect(unexpected(page)).to_have_count(2)
    keeps_page(page, "Flytt alle 2 hit")
    page.context.set_offline(offline=True)

    page.reload()
    expect(page.locator("[data-as-kept]")).to_be_visible()
    unexpected(page).first.get_by_role("button", name="Flytt hit").click()
    expect(unexpected(page).first).to_contain_text("Flytt hit · Venter")
    expect(heard(page)).to_contain_text("lagt i køen")
    unexpected(page).last.get_by_role("button", name="Hører ikke hit").click()
    expect(unexpected(page).last).to_contain_text("Hører ikke hit · Venter")
    page.get_by_role("heading", level=1).click()
    typed_by_scanner(page, codes[0].replace("-", ""))
    expect(heard(page)).to_contain_text("ligger i køen")
    without_label(page, "mange", "Krakker")
    expect(page.get_by_label("Hvor mange?").and_(page.locator(":invalid"))).to_be_visible()
    expect(waiting(page)).to_have_count(1)
    without_label(page, "3", "Krakker")
    expect(waiting(page)).to_have_count(2)
    expect(waiting(page).last).to_contain_text("3 uten etikett Krakker")
    faults = looked_at(page, "telling-uten-nett")
    unexpected(page).first.scroll_into_view_if_needed()
    faults += looked_at(page, "telling-rettes-uten-nett")

    page.reload()
    expect(unexpected(page).first).to_contain_text("Flytt hit · Venter")
    unexpected(page).first.get_by_role("button", name="Ta tilbake").click()
    expect(unexpected(page).first.get_by_role("button", name="Flytt hit")).to_be_visible()
    unexpected(page).first.get_by_role("button", name="Flytt hit").click()
    page.get_by_role("button", name="Avslutt tellingen").click()
    expect(page.locator("[data-shows-for=end]")).to_contain_text("når alt du har skannet, er sendt")
    expect(page.locator("[data-scan]")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Avslutt tellingen")).to_be_hidden()
    expect(page.locator("[data-shows-for=end]")).to_be_visible()
    page.locator("[data-shows-for=end]").scroll_into_view_if_needed()
    faults += looked_at(page, "telling-avsluttes-uten-nett")
    assert faults == []
    assert api_state(phone, stocktake) == "open"

    page.context.set_offline(offline=False)
    expect(page.get_by_role("button", name="Tell mer i rommet")).to_be_visible()
    expect(unexpected(page).first).to_contain_text("Flyttet hit")
    expect(unexpected(page).last).to_contain_text("Hører ikke hit")
    expect(page.locator("section[aria-labelledby=strays]")).to_contain_text("Krakker")
    report = api(page, f"/stocktakes/{stocktake}")
    assert (report["state"], report["found"], report["unlabelled"]) == ("finished", 1, 3)
    sent = [each for each in entries(page) if each["state"] == "done"]
    assert [each["verb"] for each in sent][-1] == "end"
    assert len(sent[-1]["ahead"]) >= 3


def api_state(phone: Phone, stocktake: str) -> str:
    """As another phone sees it."""
    state: str = api(phone("kari"), f"/stocktakes/{stocktake}")["state"]
    return state


def test_what_is_missing_is_called_lost_without_coverage_after_the_end(phone: Phone) -> None:
    page = phone("kari")
    codes = [code for _, code in some_pieces(page, 2, skip=6)]
    moved_to(page, "Møterom Breen", codes)
    counting(page, door_of(page, "Møterom Breen"))
    stocktake = page.url.rpartition("/")[2]
    page.get_by_role("button", name="Avslutt tellingen").click()
    expect(page.get_by_role("button", name="Tell mer i rommet")).to_be_visible()
    rows = page.locator("section[aria-labelledby=missing] li")
    lost, stays = rows.nth(0), rows.nth(1)
    keeps_page(page, "Meld savnet")

    page.context.set_offline(offline=True)
    lost.get_by_role("button", name="Meld savnet").click()
    stays.get_by_role("button", name="Står som registrert").click()
    expect(lost).to_contain_text("Meld savnet · Venter")
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.reload()
    expect(stays).to_contain_text("Står som registrert · Venter")
    lost.scroll_into_view_if_needed()
    assert looked_at(page, "telling-savnet-uten-nett") == []
    page.context.set_offline(offline=False)

    expect(lost).to_contain_text("Meldt savnet")
    expect(page.locator("#queue-pill")).to_be_hidden()
    assert api(page, f"/stocktakes/{stocktake}")["lost"] == 1


def test_a_count_that_was_ended_or_called_off_elsewhere_says_so_and_loses_nothing(
    phone: Phone,
) -> None:
    page, other = phone("kari"), phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=9)
    for room, ending, is_late in (
        ("Garderobe U1", "finish", False),
        ("Verksted U2", "cancel", True),
    ):
        counting(page, door_of(page, room))
        path = f"/api/v1/stocktakes/{page.url.rpartition('/')[2]}"
        page.get_by_role("heading", level=1).click()
        typed_by_scanner(page, code.replace("-", ""))
        expect(unexpected(page)).to_have_count(1)
        page.context.set_offline(offline=True)
        unexpected(page).get_by_role("button", name="Flytt hit").click()
        without_label(page, "2", "Stoler")
        page.get_by_role("button", name="Avslutt tellingen").click()
        expect(page.locator("#queue-pill")).to_have_text("3 usendte")
        other.goto("/ko")
        post(other, f"{path}/{ending}")
        page.context.set_offline(offline=False)
        if not is_late:
            expect(page.get_by_role("button", name="Tell mer i rommet")).to_be_visible()
            expect(page.locator("#queue-pill")).to_be_hidden()
            assert api(page, path.removeprefix("/api/v1"))["unlabelled"] == 2
    page.goto("/ko")
    expect(queued(page, "conflict")).to_have_count(3)
    expect(queued(page, "conflict").first).to_contain_text("Tellingen er avbrutt")
    expect(queued(page, "conflict").nth(1)).to_contain_text("Stoler")
    assert looked_at(page, "ko-telling-avbrutt") == []
    queued(page, "conflict").first.get_by_role("link", name="Åpne").click()
    expect(unexpected(page)).to_contain_text("Kom ikke med")


def test_a_count_that_is_begun_without_coverage_is_also_ended_without(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    codes = [code for _, code in some_pieces(page, 3, skip=11)]
    doors = [door_of(page, room) for room in ("Kontorer 3", "Møterom Viddas")]
    page.goto("/varetelling")
    page.context.set_offline(offline=True)
    for door, scanned in zip(doors, (codes[:2], codes[2:]), strict=True):
        typed_by_scanner(page, f"{server.address}/P/{door.replace('-', '')}")
        expect(page.get_by_role("heading", name="Teller i")).to_have_text(f"Teller i {door}")
        without_label(page, "2", "Bord")
        field = page.locator("form[data-queue=scans]").get_by_label("Koder")
        field.fill("\n".join(scanned))
        assert looked_at(page, "telling-begynt-uten-nett") == []
        page.get_by_role("button", name="Avslutt tellingen").click()
        expect(page.get_by_role("heading", name="Teller i")).to_be_hidden()
        expect(page.get_by_role("button", name="Avslutt tellingen")).to_be_hidden()
    expect(page.locator("#queue-pill")).to_have_text("8 usendte")
    expect(page.locator("[data-shows-for=end]")).to_be_visible()
    ids = [each["body"]["id"] for each in entries(page) if "place_id" in (each["body"] or {})]
    assert looked_at(page, "telling-ferdig-uten-nett") == []
    page.context.set_offline(offline=False)

    expect(page.locator("#queue-pill")).to_be_hidden()
    for stocktake, met in zip(ids, (2, 1), strict=True):
        report = api(page, f"/stocktakes/{stocktake}")
        assert (report["state"], report["unlabelled"]) == ("finished", 2)
        assert len(report["pieces_met"]) == met


def test_lost_answers_on_a_page_that_was_kept_count_each_thing_once(phone: Phone) -> None:
    """The server has the first; the network goes before it answers, and the page is opened anew."""
    page = phone("kari")
    counting(page, door_of(page, "Ekspedisjon"))
    stocktake = page.url.rpartition("/")[2]
    keeps_page(page, "Hvor mange?")
    page.context.set_offline(offline=True)
    page.reload()
    expect(page.locator("[data-as-kept]")).to_be_visible()
    page.context.set_offline(offline=False)

    def take_and_go(route: Route) -> None:
        route.fetch()
        page.context.set_offline(offline=True)
        route.abort("internetdisconnected")

    page.route(f"**/varetelling/{stocktake}/*", take_and_go)
    without_label(page, "3", "Stoler")
    expect(waiting(page)).to_have_count(1)
    page.unroute_all()
    page.reload()
    without_label(page, "2", "Lamper")
    expect(waiting(page)).to_have_count(2)
    page.context.set_offline(offline=False)

    expect(page.locator("#queue-pill")).to_be_hidden()
    assert api(page, f"/stocktakes/{stocktake}")["unlabelled"] == 5
    page.get_by_text("Avbryt tellingen").click()
    page.get_by_role("button", name="Ja, avbryt").click()


def test_the_end_of_a_count_does_not_overtake_a_scan_that_waits(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=14)
    counting(page, door_of(page, "Ekspedisjon"))
    stocktake = page.url.rpartition("/")[2]
    page.context.route("**/api/v1/stocktakes/*/scans", lambda route: route.abort())
    page.get_by_role("heading", level=1).click()
    typed_by_scanner(page, code.replace("-", ""))
    expect(heard(page)).to_contain_text("ligger i køen")
    page.get_by_role("button", name="Avslutt tellingen").click()
    expect(page.locator("[data-queued]")).to_contain_text("Skanningene sendes først")
    assert looked_at(page, "telling-avsluttes-etter-skanninger") == []
    assert api_state(phone, stocktake) == "open"
    page.context.unroute_all()
    page.evaluate("import('/static/modules/outbox.js').then((m) => m.send())")

    expect(page.get_by_role("button", name="Tell mer i rommet")).to_be_visible()
    report = api(page, f"/stocktakes/{stocktake}")
    assert report["state"] == "finished"
    assert [each["verb"] for each in entries(page)] == ["count", "end"]


def test_an_end_that_found_no_room_in_the_queue_is_not_made_by_the_next_button(
    phone: Phone,
) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=15)
    door = door_of(page, "Kontorer B1")
    page.goto("/varetelling")
    page.context.set_offline(offline=True)
    page.get_by_label("Koden ved døren").fill(door)
    page.get_by_role("button", name="Begynn å telle").click()
    page.locator("form[data-queue=scans]").get_by_label("Koder").fill(code)
    page.evaluate(
        """() => {
            const { add } = IDBObjectStore.prototype;
            globalThis.makeRoom = () => { IDBObjectStore.prototype.add = add; };
            IDBObjectStore.prototype.add = () => {
                throw new DOMException("", "QuotaExceededError");
            };
        }"""
    )
    page.get_by_role("button", name="Avslutt tellingen").click()
    expect(page.locator("[data-queued]")).to_contain_text("Telefonen er full")
    page.evaluate("makeRoom()")
    page.get_by_role("button", name="Tell med").click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    expect(page.locator("#queue-pill")).to_have_text("2 usendte")
    page.wait_for_timeout(500)
    assert [each["verb"] for each in entries(page)] == ["count", "count"]
    expect(page.get_by_role("button", name="Avslutt tellingen")).to_be_visible()


def test_a_code_that_is_refused_does_not_keep_the_count_open(phone: Phone) -> None:
    page = phone("kari")
    counting(page, door_of(page, "Ekspedisjon"))
    stocktake = page.url.rpartition("/")[2]
    page.context.set_offline(offline=True)
    page.evaluate(
        """async url => {
            const { add } = await import("/static/modules/outbox.js");
            await add({ verb: "count", url, label: "ingen", body: { scans: [] } });
        }""",
        f"/api/v1/stocktakes/{stocktake}/scans",
    )
    page.get_by_role("button", name="Avslutt tellingen").click()
    expect(page.locator("[data-shows-for=end]")).to_be_visible()
    page.context.set_offline(offline=False)

    expect(page.get_by_role("button", name="Tell mer i rommet")).to_be_visible()
    expect(waiting(page)).to_contain_text("Avvist")
    page.goto("/ko")
    expect(queued(page, "refused")).to_have_count(1)
    queued(page, "refused").get_by_role("button", name="Ta tilbake").click()
    queued(page, "held").get_by_role("button", name="Slett for godt", exact=True).click()
    expect(queued(page, "held")).to_have_count(0)


def test_a_count_that_went_into_anothers_does_not_end_theirs(phone: Phone) -> None:
    page, other = phone("kari"), phone("ole")
    door = door_of(page, "Samtalerom")
    page.goto("/varetelling")
    page.context.set_offline(offline=True)
    page.get_by_label("Koden ved døren").fill(door)
    page.get_by_role("button", name="Begynn å telle").click()
    without_label(page, "2", "Hyller")
    page.get_by_role("button", name="Avslutt tellingen").click()
    expect(page.locator("#queue-pill")).to_have_text("3 usendte")
    counting(other, door)
    page.context.set_offline(offline=False)

    page.goto("/ko")
    expect(queued(page, "done").first).to_contain_text("Noen andre teller i det samme rommet")
    queued(page, "done").first.get_by_role("link", name="Åpne").click()
    expect(page.locator(".field-tally")).to_contain_text("2 uten etikett")
    expect(page.get_by_role("button", name="Avslutt tellingen")).to_be_visible()
