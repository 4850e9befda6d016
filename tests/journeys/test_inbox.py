"""The inbox: a nurse asks on a phone; the furniture manager pastes, visits, assesses and closes."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_every_page import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.on_both]

MAIL = (
    "Fra: Berit Strand <berit.strand@avdeling.example>\n"
    "Sendt: mandag 2. mars 2026 08:15\n"
    "Til: Møbler\n"
    "Emne: Pasientstolen i 3A\n\n"
    "Stolen i 3A har fått en rift i trekket. Kan noen se på den?\n"
)


def title(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_a_nurse_asks_on_a_phone_and_is_answered(visit: Callable[..., Page]) -> None:
    nurse = visit("amina", width=390)
    nurse.goto("/henvendelser")
    nurse.get_by_role("link", name="Ny henvendelse").first.click()
    title(nurse, "Hva kan vi hjelpe med?")
    nurse.get_by_label("Noe er ødelagt").check()
    nurse.get_by_label("Fortell kort").fill("Krakken på rom 4 har løst sete.")
    nurse.get_by_role("button", name="Send").click()
    title(nurse, "Krakken på rom 4 har løst sete.")
    case = nurse.url
    faults = faults_of(nurse, "a case, for who asked")

    manager = visit("kari")
    manager.goto("/innboks?q=Krakken")
    manager.get_by_role("link", name="Krakken på rom 4 har løst sete.").click()
    title(manager, "Krakken på rom 4 har løst sete.")
    manager.get_by_label(re.compile("^Svar til Amina")).fill("Hvor står den nå?")
    manager.get_by_label("Vent på svar").check()
    manager.get_by_role("button", name="Svar", exact=True).click()
    expect(manager.locator(".ds-tag", has_text="Venter på svar")).to_be_visible()
    faults += faults_of(manager, "a case, for the manager")

    nurse.set_viewport_size({"width": 390, "height": 844})
    nurse.goto("/")
    nurse.get_by_role("link", name=re.compile("^Svar på henvendelse")).first.click()
    expect(nurse.get_by_text("Hvor står den nå?")).to_be_visible()
    nurse.get_by_label("Skriv til møbelforvalteren").fill("På vaktrommet.")
    nurse.get_by_role("button", name="Send").click()
    expect(nurse.locator(".ds-tag", has_text="Under arbeid")).to_be_visible()

    manager.set_viewport_size({"width": 1280, "height": 900})
    manager.goto(case)
    expect(manager.get_by_text("På vaktrommet.")).to_be_visible()
    assert faults == []


def test_a_pasted_e_mail_is_visited_assessed_and_closed_and_the_year_adds_up(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari", width=390)
    before = figures(page)
    page.goto("/innboks")
    page.get_by_role("link", name="Lim inn e-post").click()
    page.get_by_label("E-posten").fill(MAIL)
    page.get_by_role("button", name="Gå videre").click()
    title(page, "Ny henvendelse fra e-post")
    expect(page.get_by_label("Navn")).to_have_value("Berit Strand")
    expect(page.get_by_label("E-post", exact=True)).to_have_value("berit.strand@avdeling.example")
    expect(page.get_by_label("Kom inn")).to_have_value("2026-03-02")
    page.get_by_label("Gjelder").select_option("assess")
    page.get_by_role("button", name="Registrer").click()
    title(page, "Pasientstolen i 3A")

    page.get_by_role("link", name="Planlegg befaring").click()
    title(page, "Planlegg befaring")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    page.get_by_label("Dag").fill(tomorrow)
    page.get_by_label("Klokken").fill("09:30")
    page.get_by_role("button", name="Lagre").click()
    expect(page.get_by_role("heading", name="Befaringer")).to_be_visible()
    with page.expect_download() as got:
        page.get_by_role("link", name="Legg i kalenderen").click()
    assert "BEGIN:VEVENT" in got.value.path().read_text(encoding="utf-8")
    page.get_by_text("Skriv hva du så").click()
    page.get_by_label("Hva ble sett og avtalt?").fill("Riften kan sys.")
    page.get_by_role("button", name="Befaringen er gjennomført").click()
    expect(page.locator(".case-visits .ds-tag", has_text="Gjennomført")).to_be_visible()

    page.get_by_text("Avslutt henvendelsen").click()
    page.get_by_label("Utfall").select_option("mended")
    page.get_by_label("Antall møbler").fill("1")
    page.get_by_role("button", name="Avslutt", exact=True).click()
    expect(page.get_by_role("button", name="Åpne igjen")).to_be_visible()

    after = figures(page)
    assert after["total"] == before["total"] + 1
    assert after["visits"] == before["visits"] + 1
    assert sum(after["by_kind"].values()) == sum(after["by_month"]) == after["total"]
    page.goto("/innboks/tall/2026")
    page.get_by_role("link", name=re.compile("Noe må vurderes$")).click()
    expect(page.get_by_role("link", name="Pasientstolen i 3A")).to_be_visible()

    page.goto("/mobler?state=in_use")
    page.locator("main a[href*='/mobler/']").filter(has_text=re.compile("stol")).first.click()
    page.get_by_role("link", name="Vurder møbelet").click()
    title(page, "Vurdering")
    page.get_by_label("Repareres").check()
    page.get_by_label("Tåler avtørking med desinfeksjon").check()
    page.get_by_role("button", name="Lagre vurderingen").click()
    expect(page.get_by_role("heading", name="Om møbelet")).to_be_visible()
    expect(page.get_by_text("Tåler avtørking med desinfeksjon")).to_be_visible()


def figures(page: Page) -> Any:
    answer = page.request.get("/innboks/tall/2026/fil/json")
    assert answer.ok
    return answer.json()
