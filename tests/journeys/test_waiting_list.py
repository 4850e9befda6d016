"""12 of 30 chairs are wanted, 10 approved, 2 waited for, then freed and accepted."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import keep_picture
from tests.journeys.test_every_page import faults_of
from tests.journeys.visits import READERS, Reader, choose

pytestmark = [pytest.mark.browser, pytest.mark.on_both]


def chair_of(reader: Reader) -> str:
    """A name that no other piece has, so that each reader finds their own."""
    return f"Konferansestol {reader.name}"


def offer_thirty(page: Page, reader: Reader) -> str:
    """Thirty like chairs on the market; gives the listing's address."""
    page.goto("/mobler/ny")
    choose(page, "Kategori", "Besøksstol")
    page.get_by_label("Antall like").fill("30")
    page.get_by_label("Navn").fill(chair_of(reader))
    choose(page, "Sted", "Møbellageret")
    choose(page, "Eies og brukes av", "Møbelforvaltning")
    page.get_by_label("Ledig nå").check()
    page.get_by_role("button", name="Registrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("30 møbler er registrert")
    page.goto(f"/marked/ny?q={chair_of(reader)}&velg=alle")
    page.get_by_role("button", name="Legg ut på markedet").click()
    page.wait_for_url("**/marked/*-*")
    return page.url


def ask_for(page: Page, listing: str, count: int, unit: str, room: str) -> str:
    """Orders from the listing; gives the request's address."""
    page.goto(listing)
    page.get_by_label("Hvor mange trenger dere?").fill(str(count))
    page.get_by_role("button", name="Legg i kurven").click()
    page.goto("/kurv")
    choose(page, "Enhet", unit)
    choose(page, "Leveres til", room)
    page.get_by_role("button", name="Send bestilling").click()
    page.wait_for_url("**/bestillinger/*")
    return page.url


def approve_all(page: Page, request: str) -> None:
    page.goto("/godkjenning")
    card = page.locator(f"#request-{request.rsplit('/', 1)[1]}")
    card.get_by_role("button", name="Godkjenn", exact=True).click()
    page.wait_for_url("**/bestillinger/*")


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_chairs_that_were_waited_for_are_freed_offered_and_accepted(
    visit: Callable[..., Page], reader: Reader
) -> None:
    how = {"width": reader.width, "scripts": reader.scripts}
    manager, nurse, secretary = (visit(each, **how) for each in ("kari", "amina", "per"))
    listing = offer_thirty(manager, reader)
    first = ask_for(secretary, listing, 20, "Ortopedisk poliklinikk", "Poliklinikk 3")
    second = ask_for(nurse, listing, 12, "Medisinsk sengepost", "Sengepost 2A")
    approve_all(manager, first)
    approve_all(manager, second)

    nurse.goto(second)
    expect(nurse.locator("main")).to_contain_text("10 godkjent")
    expect(nurse.locator("main")).to_contain_text("2 på venteliste")
    expect(nurse.locator("main")).to_contain_text("Først i køen")
    keep_picture(nurse, f"waiting-{reader.name}")
    nurse.goto(listing)
    expect(nurse.locator("main")).to_contain_text("Venteliste: 2 stykk")

    manager.goto(listing)
    expect(manager.locator(".queue-row")).to_contain_text("Amina Yusuf, Medisinsk sengepost")
    expect(manager.locator(".queue-row")).to_contain_text("Egen virksomhet")
    keep_picture(manager, f"queue-{reader.name}")

    secretary.goto(first)
    secretary.locator(".confirm > summary").filter(has_text="Avbestill").click()
    secretary.get_by_role("button", name="Avbestill det som ikke er hentet").click()
    expect(secretary.locator("main")).to_contain_text("20 avbestilt")

    manager.goto(listing)
    expect(manager.locator(".queue-row")).to_contain_text("Tilbudt, svar senest")
    expect(manager.locator("main")).to_contain_text("18 tilgjengelige")

    nurse.goto("/")
    nurse.get_by_role("link", name="Ledig for deg: svar senest").first.click()
    nurse.wait_for_url(second)
    expect(nurse.get_by_role("heading", level=2).first).to_have_text(
        f"Ledig for deg: 2 × {chair_of(reader)}"
    )
    keep_picture(nurse, f"offer-{reader.name}")
    if reader.scripts:
        assert faults_of(nurse, "offer") == []
        nurse.set_viewport_size({"width": reader.width, "height": 844})
        assert faults_of(manager, "queue") == []
    nurse.get_by_label("Hvor mange tar du imot?").fill("2")
    nurse.get_by_role("button", name="Ta imot").click()
    expect(nurse.locator("main")).to_contain_text("12 godkjent")
    expect(nurse.locator("main")).not_to_contain_text("Ledig for deg")
    expect(nurse.locator("main")).to_contain_text("Tilbudet ble tatt imot: 2 stykk")
