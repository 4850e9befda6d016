"""Work without coverage: it waits on the phone, and is sent once, by who did it, when it can be."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import Story
from tests.journeys.lost_answers import is_lost
from tests.journeys.scanning import looked_at
from tests.journeys.test_field_work import some_pieces
from tests.journeys.visits import sign_in, until
from tools.demo_site import DemoServer

pytestmark = pytest.mark.browser

Phone = Callable[..., Page]


@pytest.fixture(scope="module")
def server(played: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """A server of these journeys' own, which may be ended and started again."""
    own = played.copied(tmp_path_factory.mktemp("queue") / "data")
    own.start()
    yield own
    own.stop()


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """Cookies by person: who signs in too often is stopped."""
    return {}


@pytest.fixture
def phone(browser: Browser, server: DemoServer, kept: dict[str, Any]) -> Iterator[Phone]:
    """``phone("kari")``: a phone where she has signed in; ``is_new`` in a session of its own."""
    contexts: list[BrowserContext] = []

    def of(local: str, *, is_new: bool = False) -> Page:
        known = None if is_new else kept.get(local)
        context = browser.new_context(
            base_url=server.address,
            storage_state=known,
            viewport={"width": 390, "height": 844},
            locale="nb-NO",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if known is None:
            sign_in(page, local)
            if not is_new:
                kept[local] = context.storage_state()
        return page

    yield of
    for each in contexts:
        each.close()


def moved_without_coverage(page: Page, codes: list[str], room: str = "Pauserom 3") -> None:
    """A move that is done while the phone has no network; the page stood open before."""
    page.goto("/flytt")
    page.context.set_offline(offline=True)
    choose(page, room)
    page.get_by_label("Koder").fill("\n".join(codes))
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")


def choose(page: Page, room: str) -> None:
    field = page.get_by_label("Har rommet ingen etikett?")
    value = field.locator("option").filter(has_text=room).first.get_attribute("value")
    field.select_option(value=value)


def queued(page: Page, state: str) -> Any:
    return page.locator(f'.queue-row[data-state="{state}"]')


def api(page: Page, path: str) -> Any:
    return page.request.get(f"/api/v1{path}").json()


def test_a_move_without_coverage_waits_in_sight_and_is_sent_when_the_network_is_back(
    phone: Phone,
) -> None:
    page = phone("kari")
    pieces = some_pieces(page, 2)
    page.goto("/ko")
    expect(page.get_by_role("heading", level=2)).to_have_text("Køen er tom")
    faults = looked_at(page, "ko-tom")
    moved_without_coverage(page, [code for _, code in pieces])
    expect(page.locator("#queue-pill")).to_have_text("1 usendt")
    faults += looked_at(page, "flytt-uten-nett")
    page.context.set_offline(offline=False)
    expect(page.locator("#queue-pill")).to_be_hidden()
    page.goto("/ko")
    expect(queued(page, "done")).to_contain_text("2 koder")
    faults += looked_at(page, "ko-sendt")
    page.get_by_role("link", name="Åpne").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 møbler er på plass")
    assert faults == []


def test_a_sign_in_that_ran_out_with_a_full_queue_loses_nothing(phone: Phone) -> None:
    page = phone("kari")
    pieces = some_pieces(page, 3, skip=3)
    page.goto("/flytt")
    page.context.set_offline(offline=True)
    for _, code in pieces:
        choose(page, "Pauserom 3")
        page.get_by_label("Koder").fill(code)
        page.get_by_role("button", name="Flytt", exact=True).click()
        expect(page.get_by_label("Koder")).to_have_value("")
    expect(page.locator("#queue-pill")).to_have_text("3 usendte")
    page.context.clear_cookies()
    page.context.set_offline(offline=False)
    until(
        page,
        "async () => await (await import('/static/modules/outbox.js')).hold() === 'sign-in'",
    )
    expect(page.locator("#queue-pill")).to_have_text("Logg inn (3)")
    page.goto("/ko")
    assert page.url.endswith("/logg-inn?til=%2Fko")
    sign_in(page, "kari")
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(3)
    expect(page.locator("[data-hold=sign-in]")).to_be_hidden()


def test_another_person_on_the_same_phone_neither_sees_nor_sends_it(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=6)
    moved_without_coverage(page, [code])
    left_open = page
    page.context.clear_cookies()
    other = page.context.new_page()
    page.context.set_offline(offline=False)
    sign_in(other, "liv")
    other.goto("/ko")
    expect(other.get_by_role("heading", level=2)).to_have_text("Køen er tom")
    left_open.evaluate("import('/static/modules/outbox.js').then((m) => m.send())")
    until(
        left_open,
        "async () => await (await import('/static/modules/outbox.js')).hold() === 'other-person'",
    )
    assert moves_of(other) == []
    other.context.clear_cookies()
    sign_in(other, "kari")
    other.goto("/ko")
    expect(queued(other, "done")).to_have_count(1)


def moves_of(page: Page) -> list[str]:
    """The addresses of the moves that the person has made, the last eight."""
    page.goto("/flytt")
    found: list[str] = page.locator("section[aria-labelledby=recent-moves] a").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )
    return found


def test_the_server_is_killed_in_the_middle_and_the_same_queue_sent_twice_moves_once(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    pieces = some_pieces(page, 2, skip=7)
    before = set(moves_of(page))
    moved_without_coverage(page, [code for _, code in pieces], "Vaktrom 2")
    # The answer is lost on its way: the server has done it, and the phone does not know.
    page.route("**/api/v1/relocations", is_lost)
    with page.expect_event("requestfailed", lambda each: "relocations" in each.url):
        page.context.set_offline(offline=False)
    server.kill()
    server.start()
    page.unroute("**/api/v1/relocations")
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1)
    assert len(set(moves_of(page)) - before) == 1


def test_what_is_refused_stays_as_typed_and_is_mended_in_its_form(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=9)
    page.goto("/flytt")
    page.context.set_offline(offline=True)
    choose(page, "Pauserom 3")
    page.get_by_label("Koder").fill(code + "\n" + "x" * 300)
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "refused")).to_contain_text("Avvist")
    assert looked_at(page, "ko-avvist") == []
    page.get_by_role("link", name="Rett det").click()
    expect(page.get_by_label("Koder")).to_have_value(f"{code}\n{'x' * 300}")
    page.get_by_label("Koder").fill(code)
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1)
    expect(queued(page, "refused")).to_have_count(0)


def test_what_was_taken_back_is_not_sent_until_it_is_told_to(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=10)
    page.goto("/ko")
    other = page.context.new_page()
    moved_without_coverage(other, [code])
    page.get_by_role("button", name="Ta tilbake").click()
    page.get_by_role("button", name="Send likevel").wait_for()
    page.context.set_offline(offline=False)
    page.evaluate("import('/static/modules/outbox.js').then((m) => m.send())")
    expect(queued(page, "held")).to_have_count(1)
    page.get_by_role("button", name="Send likevel").click()
    expect(queued(page, "done")).to_have_count(1)


def test_a_full_phone_says_so_and_keeps_what_is_typed(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=11)
    page.goto("/flytt")
    page.evaluate(
        "() => { IDBObjectStore.prototype.add ="
        " () => { throw new DOMException('', 'QuotaExceededError') } }"
    )
    page.context.set_offline(offline=True)
    choose(page, "Pauserom 3")
    page.get_by_label("Koder").fill(code)
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("Telefonen er full")
    expect(page.get_by_label("Koder")).to_have_value(code)


def test_signing_out_asks_about_unsent_work_and_keeps_it_for_the_same_person(phone: Phone) -> None:
    page = phone("kari", is_new=True)
    ((_, code),) = some_pieces(page, 1, skip=12)
    moved_without_coverage(page, [code])
    page.route("**/api/v1/relocations", lambda route: route.abort())
    page.context.set_offline(offline=False)
    page.locator(".person-menu > summary").click()
    page.get_by_role("button", name="Logg ut").click()
    expect(page.get_by_role("heading", name="Du har arbeid som ikke er sendt")).to_be_visible()
    assert looked_at(page, "ko-logg-ut") == []
    page.get_by_role("button", name="Behold køen og logg ut").click()
    page.wait_for_url("**/logg-inn*")
    page.unroute("**/api/v1/relocations")
    sign_in(page, "kari")
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1)


def test_what_is_deleted_while_it_is_being_sent_is_not_sent_at_the_next_sign_in(
    phone: Phone,
) -> None:
    page = phone("kari", is_new=True)
    ((_, code),) = some_pieces(page, 1, skip=17)
    before = set(moves_of(page))
    moved_without_coverage(page, [code])
    page.context.route("**/api/v1/relocations", lambda _: None)  # never answered
    page.context.set_offline(offline=False)
    page.goto("/ko?ut=1")
    expect(queued(page, "sending")).to_have_count(1)
    page.get_by_text("Slett det usendte og logg ut").click()
    page.get_by_role("button", name="Ja, slett og logg ut").click()
    page.wait_for_url("**/logg-inn*")
    page.context.unroute_all()
    sign_in(page, "kari")
    page.goto("/ko")
    expect(page.get_by_role("heading", level=2)).to_have_text("Køen er tom")
    assert set(moves_of(page)) == before


def test_a_room_is_counted_without_a_network_and_the_count_goes_on_with_it(phone: Phone) -> None:
    page = phone("kari")
    pieces = some_pieces(page, 3, skip=14)
    page.goto("/varetelling")
    page.context.set_offline(offline=True)
    choose(page, "Møterom Breen")
    page.get_by_role("button", name="Begynn å telle").click()
    expect(page.get_by_role("heading", name="Teller i")).to_contain_text("Møterom Breen")
    counting = page.locator("form[data-queue=scans]")
    counting.get_by_label("Koder").fill("\n".join(code for _, code in pieces[:2]))
    counting.get_by_role("button", name="Tell med").click()
    expect(page.locator("#queue-pill")).to_have_text("2 usendte")
    assert looked_at(page, "telling-uten-nett") == []
    page.context.set_offline(offline=False)
    expect(page.locator("#queue-pill")).to_be_hidden()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(2)
    queued(page, "done").first.get_by_role("link", name="Åpne").click()
    tally = page.locator(".field-tally")
    expect(tally).to_contain_text("2 uventet")
    page.wait_for_load_state()
    page.context.set_offline(offline=True)
    page.get_by_label("Koder").fill(pieces[2][1])
    page.get_by_role("button", name="Tell med").click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.context.set_offline(offline=False)
    expect(page.locator("#queue-pill")).to_be_hidden()
    page.reload()
    expect(tally).to_contain_text("3 uventet")


ANSWERED = """async () => {
  const { endOf } = await import("/static/modules/verbs.js");
  const body = [{ id: "made-here" }];
  const url = "/api/v1/items/known/photos";
  const of = (verb, answer) => endOf({ verb, url, body }, answer);
  const older = [null, [], {}, "x", 7, [{}], [null], { lines: null }];
  const verbs = ["register", "photo", "edit", "bind", "count", "move"];
  return verbs.map((verb) => older.map((answer) => of(verb, answer).left));
}"""


def test_what_an_older_version_answered_is_sent_all_the_same(phone: Phone) -> None:
    """An answer that cannot be read would stop the queue: the entry would be sent for ever."""
    page = phone("kari")
    page.goto("/ko")
    assert page.evaluate(ANSWERED) == [[0] * 8] * 6


# Under the lock of the sending: a try that fails for want of coverage writes no state in between.
FULL = """state => navigator.locks.request("omlop-outbox", async () => {
  const store = await import("/static/modules/store.js");
  const { entries } = await import("/static/modules/outbox.js");
  for (const { id } of await entries()) await store.change(id, { state }, { from: store.GOING });
  IDBObjectStore.prototype.put = IDBObjectStore.prototype.add = () => {
    throw new DOMException("", "QuotaExceededError");
  };
})"""


# The last of the file: what they leave unsent would be sent beside the others.
@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_the_queue_of_a_full_phone_is_sent_all_the_same(phone: Phone, state: str) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=18 if state == "waiting" else 19)
    before = set(moves_of(page))
    moved_without_coverage(page, [code])
    page.evaluate(FULL, state)
    page.context.set_offline(offline=False)
    expect(page.locator("#queue-pill")).to_be_hidden(timeout=20_000)
    assert len(set(moves_of(page)) - before) == 1
    page.goto("/ko")
    for left in ("waiting", "sending"):
        expect(queued(page, left)).to_have_count(0)
