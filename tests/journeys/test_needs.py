"""«Jeg trenger møbler»: from the home page up the reuse ladder to the record, on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import looked_at
from tests.journeys.test_queue import Phone, kept, phone, server

__all__ = ["kept", "phone", "server"]

pytestmark = [pytest.mark.browser, pytest.mark.on_both]


def needed(page: Page, category: str, count: str) -> None:
    """A new need from the home page's button; the page of the need is open then."""
    page.goto("/")
    page.get_by_role("link", name="Jeg trenger møbler").click()
    page.get_by_label("Hva trengs").select_option(category)
    page.get_by_label("Antall").fill(count)
    page.get_by_role("button", name="Se hva som finnes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Behov")


def step(page: Page, name: str) -> None:
    expect(page.locator("[aria-current=step] h3")).to_have_text(name)


def test_a_nurse_finds_some_of_it_and_writes_down_the_rest(phone: Phone) -> None:
    page = phone("amina")
    needed(page, "CHAIR_TASK", "200")
    step(page, "Egen enhet")
    page.get_by_role("button", name="Noter, og gå til neste trinn").click()
    step(page, "Hele virksomheten")
    faults = looked_at(page, "behov-treff")
    page.get_by_role("button", name="Bestill").first.click()
    expect(page.get_by_text("Det som er tatt fra markedet, er bestilt.")).to_be_visible()
    # What is left is refused with a reason, or there is nothing more.
    more = page.get_by_text("Passer ikke, eller trenger flere")
    if more.count():
        more.click()
        page.get_by_role("button", name="Gå til neste trinn").click()
        expect(page.locator("[aria-current=step] select:invalid")).to_have_count(1)
        page.get_by_label("Hvorfor passer ikke resten?").select_option("too_few")
        page.get_by_role("button", name="Gå til neste trinn").click()
    else:
        page.get_by_role("button", name="Noter, og gå til neste trinn").click()
    step(page, "Reparasjon eller redesign")
    page.get_by_label("Hva ble funnet, og hvor?").fill("Ti stoler kan trekkes om hos Stoltrekk.")
    page.get_by_label("Antall").first.fill("10")
    page.get_by_role("button", name="Dekk behovet slik").click()
    expect(page.get_by_text("Ti stoler kan trekkes om")).to_be_visible()
    faults += looked_at(page, "behov")
    page.get_by_role("link", name="Protokoll").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vurdering av ombruk før kjøp")
    expect(page.get_by_text("Dette fantes da:").first).to_be_visible()
    faults += looked_at(page, "behov-protokoll")
    page.set_viewport_size({"width": 1280, "height": 900})
    faults += looked_at(page, "behov-protokoll-1280")
    assert faults == []


def test_who_decides_sees_the_need_and_what_can_not_be_taken_is_said_at_its_field(
    phone: Phone,
) -> None:
    page = phone("amina")
    needed(page, "SOFA_2", "1")
    address = page.url
    manager = phone("kari")
    manager.goto("/")
    expect(manager.get_by_role("link", name="behov").first).to_be_visible()
    manager.goto(address)
    manager.get_by_role("button", name="Noter, og gå til neste trinn").click()
    step(manager, "Hele virksomheten")
    manager.get_by_label("Antall").first.fill("2")
    manager.get_by_role("button", name="Bestill").first.click()
    said = manager.get_by_text("Det mangler bare 1.")
    expect(said.first).to_be_visible()
    assert looked_at(manager, "behov-feil") == []
    manager.get_by_label("Antall").first.fill("1")
    manager.get_by_role("button", name="Bestill").first.click()
    expect(manager.get_by_text("Alt er funnet")).to_be_visible()
