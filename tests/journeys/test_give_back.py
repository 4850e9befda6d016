"""Chairs are ordered, delivered and received; one goes back, and the other is exchanged."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import keep_picture
from tests.journeys.test_every_page import faults_of
from tests.journeys.test_waiting_list import approve_all, ask_for, offer_thirty
from tests.journeys.visits import READERS, Reader, choose

pytestmark = [pytest.mark.browser, pytest.mark.on_both]


def delivered(manager: Page, nurse: Page, reader: Reader) -> str:
    """Two chairs of thirty, received; gives the request's address."""
    listing = offer_thirty(manager, reader)
    request = ask_for(nurse, listing, 2, "Medisinsk sengepost", "Sengepost 2A")
    approve_all(manager, request)
    manager.goto(f"/overleveringer/ny?bestilling={request.rsplit('/', 1)[1]}")
    manager.get_by_role("button", name="Møblene er hentet").click()
    manager.wait_for_url("**/overleveringer/*-*")
    nurse.goto(manager.url)
    nurse.get_by_role("button", name="Alle 2 er mottatt").click()
    expect(nurse.get_by_role("button", name="Alle 2 er mottatt")).to_have_count(0)
    return request


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_one_chair_goes_back_and_the_other_is_exchanged(
    visit: Callable[..., Page], reader: Reader
) -> None:
    how = {"width": reader.width, "scripts": reader.scripts}
    manager, nurse = visit("kari", **how), visit("amina", **how)
    request = delivered(manager, nurse, reader)

    nurse.goto(request)
    nurse.get_by_role("link", name="Lever noe tilbake").click()
    expect(nurse.get_by_role("heading", level=1)).to_have_text("Lever tilbake")
    keep_picture(nurse, f"give-back-{reader.name}")
    if reader.scripts:
        assert faults_of(nurse, "give back") == []
        nurse.set_viewport_size({"width": reader.width, "height": 844})
    nurse.locator("input[name=handover_line_ids]").first.check()
    choose(nurse, "Hvorfor?", "Trengs ikke likevel")
    nurse.get_by_label("Fortell mer").fill("Vi ble én færre på vaktrommet.")
    nurse.get_by_role("button", name="Lever tilbake").click()
    nurse.wait_for_url(request)
    expect(nurse.locator("main")).to_contain_text("1 levert tilbake")
    expect(nurse.locator("main")).to_contain_text("Vi ble én færre på vaktrommet.")
    keep_picture(nurse, f"given-back-{reader.name}")

    manager.goto(request)
    manager.get_by_role("link", name="Lever noe tilbake").click()
    expect(manager.get_by_role("heading", level=1)).to_have_text("Lever tilbake")
    manager.get_by_text("Ett tilbake, ett annet i stedet").click()
    exchange = manager.locator("form[action*='/tilbake/bytt']")
    keep_picture(manager, f"exchange-{reader.name}")
    exchange.get_by_label("Hvorfor?").select_option(label="Skadet, eller mer slitt enn ventet")
    exchange.get_by_role("button", name="Bytt", exact=True).click()
    manager.wait_for_url(request)
    expect(manager.locator("main")).to_contain_text("2 levert tilbake")
    expect(manager.locator("main")).to_contain_text("1 godkjent")
