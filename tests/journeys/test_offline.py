"""The pages of field work open without a network, for who they belong to and for nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import looked_at
from tests.journeys.visits import sign_in, until
from tools.demo_site import PASSWORD

pytestmark = pytest.mark.browser

KEPT = "async () => (await caches.keys()).filter((each) => each.startsWith('omlop-pages:'))"


def ready(page: Page) -> None:
    """Until this phone keeps the pages of who is signed in."""
    page.goto("/ko")
    until(
        page,
        """async () => {
          const names = (await caches.keys()).filter((each) => each.startsWith("omlop-pages:"));
          // It is the last of them.
          const kept = names.length === 1 && (await (await caches.open(names[0])).match("/ko"));
          return Boolean(kept) && names[0].endsWith(
            document.querySelector("meta[name=omlop-owner]").content);
        }""",
    )


def test_field_work_opens_without_a_network_and_other_pages_say_so(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari", width=390, is_watched=False)
    ready(page)
    page.context.set_offline(offline=True)
    for path, heading in {
        "/skann": "Skann",
        "/flytt?sted=nei": "Flytt møbler",
        "/mobler/ny?code=1": "Registrer møbel",
        "/varetelling": "Telling",
        "/ko": "Kø",
        "/marked": "Denne siden er ikke på telefonen",
    }.items():
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert looked_at(page, "frakoblet") == []
    other = page.context.new_page()
    other.goto("/flytt")
    expect(other.get_by_label("Koder")).to_be_visible()


def test_signing_out_takes_the_pages_from_the_phone(visit: Callable[..., Page]) -> None:
    page = visit(None, width=390, is_watched=False)
    sign_in(page, "kari")
    ready(page)
    page.locator(".person-menu > summary").click()
    page.get_by_role("button", name="Logg ut").click()
    page.wait_for_url("**/logg-inn*")
    assert page.evaluate(KEPT) == []
    page.context.set_offline(offline=True)
    page.goto("/mobler/ny")
    expect(page.get_by_role("heading", level=1)).to_have_text("Denne siden er ikke på telefonen")
    expect(page.locator("body")).not_to_contain_text("Kari")


def test_signing_out_without_a_network_says_that_nothing_came_of_it(
    visit: Callable[..., Page],
) -> None:
    page = visit(None, width=390, is_watched=False)
    sign_in(page, "kari")
    ready(page)
    page.context.set_offline(offline=True)
    page.locator(".person-menu > summary").click()
    page.get_by_role("button", name="Logg ut").click()
    expect(page.locator("#flash")).to_contain_text("Du er fortsatt logget inn")
    expect(page.locator(".person-menu-body")).to_be_hidden()
    assert looked_at(page, "logg-ut-uten-nett") == []
    assert len(page.evaluate(KEPT)) == 1
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kø")
    page.context.set_offline(offline=False)
    page.locator(".person-menu > summary").click()
    page.get_by_role("button", name="Logg ut").click()
    page.wait_for_url("**/logg-inn*")
    expect(page.locator("#flash")).to_contain_text("Du er logget ut")
    assert page.evaluate(KEPT) == []


def test_the_next_person_never_sees_the_pages_of_who_did_not_sign_out(
    visit: Callable[..., Page], signed_in: Callable[[str], Any]
) -> None:
    page = visit("kari", width=390, is_watched=False)
    ready(page)
    page.context.clear_cookies()
    page.context.add_cookies(signed_in("liv")["cookies"])
    page.goto("/")
    until(page, f"async () => (await ({KEPT})()).length === 0")
    page.context.set_offline(offline=True)
    page.goto("/mobler/ny")
    expect(page.locator("body")).not_to_contain_text("Kari")


def test_who_signs_in_and_loses_the_network_at_once_gets_nobody_else_s_page(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari", width=390, is_watched=False)
    ready(page)
    page.context.clear_cookies()
    page.goto("/mobler/ny")
    # The form is answered, and the page that it leads to never comes.
    page.evaluate(
        """async (typed) => {
          const body = new URLSearchParams(typed);
          await fetch("/logg-inn", { method: "POST", redirect: "manual", body });
        }""",
        {"email": "ole@demo.example", "password": PASSWORD},
    )
    assert page.request.get("/api/v1/me").ok
    page.context.set_offline(offline=True)
    page.goto("/mobler/ny")
    expect(page.get_by_role("heading", level=1)).to_have_text("Denne siden er ikke på telefonen")
    expect(page.locator("body")).not_to_contain_text("Kari")


PHONE = {"width": 390, "has_touch": True, "is_mobile": True}
ASKS = """() => {
    window.asked = 0;
    const event = new Event("beforeinstallprompt", { cancelable: true });
    event.prompt = async () => ({ outcome: (window.asked += 1, "accepted") });
    window.dispatchEvent(event);
    return event.defaultPrevented;
}"""


def offered(page: Page) -> Any:
    return page.get_by_role("region", name="Legg Omløp på hjemskjermen")


def test_a_phone_is_offered_to_keep_the_program_on_its_home_screen(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari", **PHONE)
    page.goto("/")
    expect(offered(page)).to_be_hidden()
    assert page.evaluate(ASKS) is True
    expect(offered(page)).to_be_visible()
    assert looked_at(page, "installer") == []
    offered(page).get_by_role("button", name="Legg til").click()
    expect(offered(page)).to_be_hidden()
    assert page.evaluate("window.asked") == 1

    page.goto("/ko")
    assert page.evaluate(ASKS) is True
    offered(page).get_by_role("button", name="Nei takk").click()
    expect(offered(page)).to_be_hidden()
    for path in ("/", "/ko"):
        page.goto(path)
        page.evaluate(ASKS)
        expect(page.locator("[data-install]")).to_be_hidden()


def test_an_iphone_is_told_how_and_neither_a_desk_nor_an_installed_one_is(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari", **PHONE)
    page.add_init_script("navigator.standalone = false")
    page.goto("/ko")
    expect(offered(page)).to_contain_text("Trykk på Del")
    expect(offered(page).get_by_role("button", name="Legg til")).to_be_hidden()
    assert looked_at(page, "installer-iphone") == []
    installed = visit("kari", **PHONE)
    installed.add_init_script("navigator.standalone = true")
    installed.goto("/ko")
    desk = visit("kari")
    desk.goto("/ko")
    for each in (installed, desk):
        each.evaluate(ASKS)
        expect(each.locator("[data-install]")).to_be_hidden()


def test_the_browser_finds_nothing_that_keeps_it_from_being_installed(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari", width=390)
    ready(page)
    session = page.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # An incognito window installs nothing, whatever the page is like.
    assert [each["errorId"] for each in errors if each["errorId"] != "in-incognito"] == []
