"""Scanning where a code cannot be looked up: rooms are rooms, and it is said why nobody checked it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.kit.codes import mint
from tests.journeys.scanning import looked_at
from tests.journeys.test_count import counting, door_of
from tests.journeys.test_queue import Phone, kept, phone, server
from tests.journeys.test_register_offline import blank_codes
from tests.journeys.test_survey import begun, fill_in, heard, typed_by_scanner
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser


def codes_in(page: Page) -> list[str]:
    return page.locator("#field-codes").input_value().split()


def place(page: Page) -> Any:
    return page.locator("#field-place_id option:checked")


def door(server: DemoServer, code: str) -> str:
    return f"{server.address}/P/{code.replace('-', '')}"


def test_a_room_s_label_without_a_network_is_the_room_and_no_piece(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    code = door_of(page, "Sengepost 2B")
    begun(page, "Dører uten nett")
    fill_in(page)
    page.wait_for_load_state("networkidle")
    page.context.set_offline(offline=True)
    page.get_by_role("heading", level=1).click()

    typed_by_scanner(page, door(server, code))
    expect(heard(page)).to_contain_text("Nå i")
    expect(heard(page)).to_contain_text("Sengepost 2B")
    expect(place(page)).to_contain_text("Sengepost 2B")

    typed_by_scanner(page, door(server, mint()))
    expect(heard(page)).to_contain_text("Ukjent rom")
    expect(heard(page)).to_have_attribute("data-tone", "wrong")
    assert looked_at(page, "kartlegg-ukjent-rom") == []
    expect(place(page)).to_contain_text("Sengepost 2B")
    assert codes_in(page) == []
    expect(page.locator("[data-count]")).to_have_text("Skann en etikett")


def test_a_second_foreign_code_says_which_one_it_takes_the_place_of(phone: Phone) -> None:
    page = phone("kari")
    begun(page, "Fremmede koder")
    page.get_by_role("heading", level=1).click()

    typed_by_scanner(page, "7038010009457")
    expect(heard(page)).to_have_text("Fremmed kode 7038010009457 følger med det første møbelet.")
    typed_by_scanner(page, "7090012345674")
    expect(heard(page)).to_have_text(
        "Fremmed kode 7090012345674 følger med det første møbelet i stedet for 7038010009457."
    )
    expect(page.locator("#field-identifier_value")).to_have_value("7090012345674")
    typed_by_scanner(page, "7090012345674")
    expect(heard(page)).to_have_attribute("data-tone", "again")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "innloggingen er gått ut"),
        (409, "en annen er logget inn"),
        (429, "serveren tar ikke imot"),
        (500, "serveren tar ikke imot"),
        (None, "sjekkes når nettet er tilbake"),
    ],
)
def test_a_look_up_that_is_refused_is_not_said_to_lack_a_network(
    phone: Phone, server: DemoServer, status: int | None, said: str
) -> None:
    page = phone("kari")
    (code,) = blank_codes(page, server, 1)
    begun(page, f"Oppslag {status}")
    page.get_by_role("heading", level=1).click()

    def meet(route: Route) -> None:
        if status is None:
            route.abort("connectionreset")
        else:
            route.fulfill(status=status, headers={"X-Request-Id": "1"}, body="{}")

    page.route("**/api/v1/look-up?*", meet)
    typed_by_scanner(page, code)
    expect(heard(page)).to_contain_text(said)
    is_network = status is None
    expect(heard(page)).to_have_attribute("data-tone", "hit" if is_network else "foreign")
    if not is_network:
        expect(heard(page)).not_to_contain_text("nettet")
    assert len(codes_in(page)) == 1


def test_a_scan_of_a_count_after_the_sign_in_ran_out_waits_for_signing_in(phone: Phone) -> None:
    page = phone("kari", is_new=True)
    counting(page, door_of(page, "Sengepost 2B"))
    page.context.clear_cookies()
    page.get_by_role("heading", level=1).click()
    typed_by_scanner(page, mint())
    expect(heard(page)).to_contain_text("Innloggingen er gått ut")
    expect(heard(page)).not_to_contain_text("Ingen dekning")
    expect(page.locator("#queue-pill")).to_have_text(re.compile(r"Logg inn \(1\)"))
    assert looked_at(page, "telling-innlogging-ute") == []
