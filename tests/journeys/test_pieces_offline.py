"""The pieces that a phone has looked at open without a network, for who looked and nobody else."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import looked_at
from tests.journeys.test_edit_offline import changes_of, save
from tests.journeys.test_offline import KEPT, ready
from tests.journeys.test_piece_offline import laid_in_queue, photos_of, piece
from tests.journeys.test_queue import Phone, api, kept, phone, queued, server
from tests.journeys.test_register_offline import photo
from tests.journeys.visits import sign_in, until

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser

MISSING = "Denne siden er ikke på telefonen"


def keeps(page: Page, path: str, text: str = "") -> None:
    """Until the phone's copy of the page has the text."""
    copy = f"(await (await caches.match({json.dumps(path)}))?.text() ?? null)"
    until(page, f"async () => {copy}?.includes({json.dumps(text)}) ?? false")


def look_at(page: Page, mine: Any) -> str:
    path = f"/mobler/{mine['id']}"
    page.goto(path)
    keeps(page, f"/I/{mine['code']}")
    return path


def test_a_piece_that_was_looked_at_is_edited_and_photographed_without_a_network(
    phone: Phone,
) -> None:
    page = phone("kari")
    mine = piece(page, 40)
    edits, photos = changes_of(page, mine["id"]), len(photos_of(page, mine["id"]))
    ready(page)
    path = look_at(page, mine)
    page.context.set_offline(offline=True)
    page.goto(f"/i/{mine['code'].lower()}")
    expect(page.get_by_role("heading", level=1)).to_have_text(mine["name"])
    expect(page.locator("[data-as-kept]")).to_contain_text("Ingen dekning")
    faults = looked_at(page, "mobel-uten-nett")
    page.get_by_role("link", name="Rediger").click()
    page.get_by_label("Navn").fill("Sett i kjelleren")
    save(page)
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.reload()
    expect(page.get_by_label("Navn")).to_have_value("Sett i kjelleren")
    page.goto(f"{path}/bilder")
    page.get_by_label("Nye bilder").set_input_files([photo("red")])
    expect(page.locator("[data-tray] li")).to_have_count(1)
    laid_in_queue(page, "Legg til")
    page.goto("/ko")
    expect(queued(page, "waiting")).to_have_count(2)
    page.context.set_offline(offline=False)
    expect(queued(page, "done")).to_have_count(2, timeout=15_000)
    assert changes_of(page, mine["id"]) == edits + 1
    assert len(photos_of(page, mine["id"])) == photos + 1

    # The copy is made anew, so that the next edit does not meet the one before it.
    keeps(page, f"{path}/rediger", "Sett i kjelleren")
    page.context.set_offline(offline=True)
    page.goto(f"{path}/rediger")
    page.get_by_label("Farge").fill("brun")
    save(page)
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(3)
    assert api(page, f"/items/{mine['id']}")["colour"] == "brun"
    assert faults == []


def test_a_label_that_is_scanned_without_a_network_leads_to_the_piece_as_it_was_last_seen(
    phone: Phone,
) -> None:
    page = phone("kari")
    mine, other = piece(page, 41), piece(page, 42)
    ready(page)
    page.goto("/skann")
    look_up(page, mine["code"])
    expect(page.locator("#hit")).to_contain_text(mine["name"])
    keeps(page, f"/I/{mine['code']}")
    page.context.set_offline(offline=True)
    look_up(page, other["code"])
    expect(page.locator("[data-cut-off] [data-value]")).to_be_visible()
    expect(page.get_by_role("link", name="Knytt koden til et møbel")).to_be_visible()
    expect(page.get_by_role("link", name="Åpne slik det")).to_have_count(0)
    look_up(page, mine["code"])
    link = page.get_by_role("link", name="Åpne slik det sist ble sett")
    expect(link).to_be_visible()
    expect(page.get_by_role("link", name="Registrer nytt møbel")).to_be_hidden()
    assert looked_at(page, "skann-kjent-uten-nett") == []
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(mine["name"])
    page.goto(f"/mobler/{other['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(MISSING)


def look_up(page: Page, code: str) -> None:
    page.get_by_label("Eller skriv koden").fill(code)
    page.get_by_role("button", name="Slå opp").click()


def test_the_next_person_on_the_phone_sees_no_piece_of_who_was_there_before(phone: Phone) -> None:
    page = phone("kari")
    mine = piece(page, 43)
    ready(page)
    path = look_at(page, mine)
    page.context.clear_cookies()
    sign_in(page, "liv")
    page.goto("/")
    page.context.set_offline(offline=True)
    for each in (path, f"{path}/rediger", f"/I/{mine['code']}"):
        page.goto(each)
        expect(page.get_by_role("heading", level=1)).to_have_text(MISSING)
        expect(page.locator("body")).not_to_contain_text(mine["name"])


def test_a_phone_keeps_the_thirty_pieces_that_were_looked_at_last(phone: Phone) -> None:
    page = phone("kari")
    found = api(page, "/items?limit=33&state=in_use")
    ready(page)
    wanted = [{"id": each["id"], "code": each["code"] or ""} for each in found]
    page.evaluate(
        """async (pieces) => {
          const keepFor = document.querySelector("meta[name=omlop-owner]").content;
          const { active } = await navigator.serviceWorker.ready;
          active.postMessage({ keepFor, pieces });
        }""",
        wanted,
    )
    keeps(page, f"/mobler/{found[-1]['id']}/bilder")
    until(
        page,
        f"""async () => {{
          const pages = await caches.open((await ({KEPT})())[0]);
          const paths = (await pages.keys()).map(({{ url }}) => new URL(url).pathname);
          const pieces = paths.filter((each) => /^.mobler.[0-9a-f-]{{36}}$/.test(each));
          return pieces.length === 30;
        }}""",
    )
    for each in found[:3]:
        assert page.evaluate("async (path) => !(await caches.match(path))", f"/I/{each['code']}")
    assert page.evaluate("async () => Boolean(await caches.match('/ko'))"), "field work stays"
