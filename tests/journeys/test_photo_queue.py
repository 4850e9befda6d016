"""What is done with photos that are stored already waits for the network; how far a photo is, is seen."""

import base64
import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, FilePayload, Page, Route, expect

from tests.journeys.lost_answers import is_lost
from tests.journeys.scanning import looked_at
from tests.journeys.test_piece_offline import photos_of, piece
from tests.journeys.test_queue import Phone, kept, phone, queued, server
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser

ADD = """async ([url, bytes]) => {
    const { add } = await import("/static/modules/outbox.js");
    const blob = new Blob([Uint8Array.from(atob(bytes), each => each.charCodeAt(0))],
        { type: "image/jpeg" });
    const files = [{ field: "photo", name: "bilde-1.jpg", blob }];
    await add({ verb: "photo", label: "Stol", url, body: { of_lot: false }, files });
}"""


def grainy(width: int) -> bytes:
    """A photo that does not shrink: 1200 wide it is about half a megabyte."""
    file = BytesIO()
    Image.effect_noise((width, width * 3 // 4), 60).convert("RGB").save(file, "JPEG", quality=82)
    return file.getvalue()


def added(page: Page, server: DemoServer, item_id: str, count: int) -> list[str]:
    """Ids of new photos of the piece, in their order."""
    before = len(photos_of(page, item_id))
    for number in range(count):
        file = BytesIO()
        Image.new("RGB", (64, 48), (90 * number, 120, 60)).save(file, "JPEG")
        part: FilePayload = {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}
        answer = page.request.post(
            f"/api/v1/items/{item_id}/photos",
            multipart={"photo": part},
            headers={"Origin": server.address},
        )
        assert answer.ok, answer.text()
    return [each["id"] for each in photos_of(page, item_id)][before:]


def order(page: Page, item_id: str) -> list[str]:
    return [each["id"] for each in photos_of(page, item_id)]


def controls(page: Page, photo_id: str) -> Any:
    return page.locator(f'[data-photo="{photo_id}"]')


def opened(page: Page, item_id: str) -> None:
    page.goto(f"/mobler/{item_id}/bilder")
    expect(page.locator("[data-photo] form:not([data-ready])")).to_have_count(0)


def test_order_mark_and_purge_wait_for_the_network_and_are_done_once(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    item_id = piece(page, 40)["id"]
    first, second, third, fourth = added(page, server, item_id, 4)
    before = order(page, item_id)
    opened(page, item_id)
    page.context.set_offline(offline=True)
    controls(page, first).get_by_role("button", name="Tilbake").click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    expect(controls(page, first)).to_be_hidden()
    waits = page.get_by_text("En endring av bildet venter i køen.")
    expect(waits.filter(visible=True)).to_have_count(1)
    controls(page, second).get_by_role("button", name="Merk «Etter»").click()
    expect(controls(page, second)).to_be_hidden()
    for photo_id, name, said in (
        (third, "Slett for godt", "Slett for godt"),
        (fourth, "Fjern", "Fjern bildet"),
    ):
        controls(page, photo_id).locator("summary").filter(has_text=name).click()
        controls(page, photo_id).get_by_role("button", name=said, exact=True).click()
        expect(controls(page, photo_id)).to_be_hidden()
    expect(page.locator("#queue-pill")).to_have_text("4 usendte")
    assert looked_at(page, "bilder-endret-uten-nett") == []
    assert order(page, item_id) == before

    # The answer to the first is lost: done a second time it would stand where it stood.
    page.route("**/photos/move", is_lost)
    with page.expect_event("requestfailed", lambda each: each.url.endswith("/photos/move")):
        page.context.set_offline(offline=False)
    opened(page, item_id)
    expect(controls(page, first)).to_be_hidden()
    page.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(4, timeout=20_000)
    expect(queued(page, "done").first).to_contain_text("Endring av bilde")
    at = before.index(first)
    assert order(page, item_id) == [*before[:at], second, first]
    marks = {each["id"]: each["taken"] for each in photos_of(page, item_id)}
    assert marks[second] == "after"
    queued(page, "done").first.get_by_role("link", name="Åpne").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.request.get(f"/foto/{third}/jpeg").status == 404


def test_a_change_of_a_photo_whose_answer_is_lost_happens_once_and_ends_on_the_page(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    item_id = piece(page, 41)["id"]
    first, second, third = added(page, server, item_id, 3)
    opened(page, item_id)
    page.route("**/bilder/flytt", is_lost)
    controls(page, first).get_by_role("button", name="Tilbake").click()
    expect(page.locator("[data-queued]")).to_contain_text("Svaret kom ikke fram: lagt i køen")
    page.route("**/bilder/fjern", is_lost)
    controls(page, third).locator("summary").filter(has_text="Fjern").first.click()
    controls(page, third).get_by_role("button", name="Fjern bildet").click()
    expect(controls(page, third)).to_be_hidden()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(2, timeout=20_000)
    assert order(page, item_id)[-2:] == [second, first]


def test_a_change_of_a_photo_that_another_has_removed_is_refused_and_taken_back(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    item_id = piece(page, 42)["id"]
    (only,) = added(page, server, item_id, 1)
    opened(page, item_id)
    page.context.set_offline(offline=True)
    controls(page, only).get_by_role("button", name="Merk «Før»").click()
    expect(controls(page, only)).to_be_hidden()
    gone = page.request.delete(f"/api/v1/photos/{only}", headers={"Origin": server.address})
    assert gone.ok
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "refused")).to_contain_text("Fant ikke bildet", timeout=20_000)
    queued(page, "refused").get_by_role("button", name="Ta tilbake").click()
    queued(page, "held").get_by_role("button", name="Slett for godt").click()
    expect(queued(page, "held")).to_have_count(0)


def slow(page: Page, bytes_a_second: int) -> CDPSession:
    """A phone in weak coverage: what it sends takes its time."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")
    speed = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**speed, "uploadThroughput": bytes_a_second})
    return session


def put_into_queue(page: Page, item_id: str, content: bytes) -> None:
    page.evaluate(ADD, [f"/api/v1/items/{item_id}/photos", base64.b64encode(content).decode()])


def test_how_much_of_a_photo_is_sent_is_seen_where_it_takes_a_while(
    phone: Phone,
) -> None:
    page = phone("kari")
    item_id = piece(page, 43)["id"]
    before = len(photos_of(page, item_id))
    page.goto("/ko")
    slow(page, 60_000)
    put_into_queue(page, item_id, grainy(1200))
    put_into_queue(page, item_id, grainy(320))
    row = queued(page, "sending")
    bar = row.get_by_role("progressbar", name="Sendt av bildet")
    expect(bar).to_be_visible()
    expect(row.locator("[data-upload-said]")).to_have_text(
        re.compile(r"^\d+ av \d\d\d kB er sendt\.$")
    )
    faults = looked_at(page, "ko-sendes")
    early = float(bar.get_attribute("value") or 0)
    assert 0 < early < 1
    whole = page.locator("[data-progress]")
    expect(whole).to_be_visible()
    assert 0 < float(whole.get_attribute("value") or 0) < 1
    assert whole.get_attribute("max") == "2"
    page.set_viewport_size({"width": 1280, "height": 900})
    faults += looked_at(page, "ko-sendes-1280")
    expect(queued(page, "done")).to_have_count(2, timeout=60_000)
    expect(page.locator("[data-upload]:visible")).to_have_count(0)
    expect(whole).to_be_hidden()
    assert len(photos_of(page, item_id)) == before + 2
    assert faults == []


def test_what_is_sent_at_once_shows_no_bar(phone: Phone) -> None:
    """By a clock that stands still: the machine may take its time."""
    page = phone("kari")
    item_id = piece(page, 44)["id"]
    page.goto("/ko")
    page.evaluate(
        """() => {
            performance.now = () => 0;
            window.shown = 0;
            new MutationObserver(() => {
                window.shown += document.querySelectorAll("[data-upload]:not([hidden])").length;
            }).observe(document.querySelector("[data-queue]"),
                { subtree: true, childList: true, attributes: true });
        }"""
    )
    put_into_queue(page, item_id, grainy(1200))
    expect(queued(page, "done")).to_have_count(1)
    assert page.evaluate("window.shown") == 0


def leads_elsewhere(route: Route) -> None:
    route.fulfill(status=303, headers={"Location": "/api/v1/me"})


def meets_a_log_on_page(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<h1>Gjestenett: logg på</h1>")


def is_unavailable(route: Route) -> None:
    headers = {"X-Request-Id": "x", "Retry-After": "1"}
    problem = {"type": "about:blank", "title": "Opptatt", "status": 503}
    route.fulfill(status=503, headers=headers, json=problem)


@pytest.mark.parametrize(
    "fault",
    [
        is_lost,
        leads_elsewhere,
        meets_a_log_on_page,
        is_unavailable,
    ],
    ids=["lost", "redirect", "guest network", "busy"],
)
def test_a_large_photo_that_gets_no_answer_of_ours_waits_and_is_added_once(
    phone: Phone, fault: Any
) -> None:
    page = phone("kari")
    item_id = piece(page, 45)["id"]
    before = len(photos_of(page, item_id))
    page.goto("/ko")
    met: list[Route] = []

    def meet(route: Route) -> None:
        if route.request.method != "POST":
            route.fallback()
            return
        met.append(route)
        fault(route)

    page.route(f"**/api/v1/items/{item_id}/photos", meet)
    put_into_queue(page, item_id, grainy(640))
    expect(queued(page, "waiting")).to_have_count(1)
    page.wait_for_timeout(300)
    assert met
    assert queued(page, "done").count() == 0
    page.unroute_all()
    page.get_by_role("button", name="Send nå").click()
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    assert len(photos_of(page, item_id)) == before + 1
