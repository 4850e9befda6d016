"""What is driven stop by stop from a run sheet, and what goes out of use by a signed decision."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.kit import pdf
from tests.journeys.scanning import keep_picture
from tests.journeys.test_every_page import faults_of
from tests.journeys.test_handover_scan import chairs
from tests.journeys.test_waiting_list import approve_all, ask_for
from tests.journeys.visits import READERS, Reader, choose
from tests.kit.pdf_reader import read

pytestmark = [pytest.mark.browser, pytest.mark.on_both]


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def filed(page: Page) -> str:
    """The words of the PDF that the page offers, codes without their dashes."""
    link = page.get_by_role("link", name="PDF", exact=True)
    if not pdf.is_there():
        expect(link).to_have_count(0)
        return ""
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.status == 200
    return read(answer.body()).text.replace("-", "")


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_an_order_is_driven_stop_by_stop(visit: Callable[..., Page], reader: Reader) -> None:
    how = {"width": reader.width, "scripts": reader.scripts}
    kari = visit("kari", **how)
    listing, codes = chairs(kari if reader.scripts else visit("kari"), f"på tur {reader.name}")
    request = ask_for(visit("amina"), listing, 3, "Medisinsk sengepost", "Sengepost 2A")
    approve_all(kari, request)

    kari.goto("/kjorelister/ny")
    heading(kari, "Ny kjøreliste")
    for box in kari.locator("input[name=reservation_ids]").all():
        box.uncheck()
    for box in kari.get_by_label(f"Skannestol på tur {reader.name}").all():
        box.check()
    kari.get_by_label("Område (valgfritt)").fill(f"Sengepost {reader.name}")
    choose(kari, "Hvem kjører?", "Marek Nowak")
    choose(kari, "Kjøretøy", "Varebil diesel")
    choose(kari, "Hvor begynner og slutter turen?", "Møbellageret")
    kari.get_by_role("button", name="Lag kjørelisten").click()
    kari.wait_for_url("**/kjorelister/*-*")
    expect(kari.locator("main")).to_contain_text("Hent 3 møbler")
    words = filed(kari)
    assert not pdf.is_there() or all(code in words for code in codes), words
    keep_picture(kari, f"run-sheet-{reader.name}")

    marek = visit("marek", **how)
    marek.goto(kari.url)
    marek.get_by_role("link", name="Skann henting").click()
    heading(marek, "Hent møbler")
    expect(marek.get_by_text("3 møbler på kjørelisten her")).to_be_visible()
    marek.get_by_label("Koder").fill("\n".join(codes[:2]))
    marek.get_by_role("button", name="Møblene er hentet").click()
    marek.wait_for_url("**/kvittering/*")
    heading(marek, "2 møbler er hentet")

    marek.goto(kari.url)
    marek.get_by_role("link", name="Skann levering").click()
    heading(marek, "Ta imot møbler")
    marek.get_by_label("Koder").fill("\n".join(codes[:2]))
    marek.get_by_label("Navnet på den som tar imot").fill("Amina Yusuf")
    marek.get_by_role("button", name="Møblene er mottatt").click()
    marek.wait_for_url("**/kvittering/*")
    heading(marek, "2 møbler er mottatt")
    words = filed(marek)
    assert not pdf.is_there() or "Amina Yusuf" in words

    kari.goto(kari.url)
    kari.get_by_role("button", name="Avslutt turen").click()
    expect(kari.locator("main")).to_contain_text("Ble ikke med: 1 møbel")
    if reader.scripts:
        assert faults_of(kari, "run sheet") == []


def registered(page: Page, name: str, count: int) -> list[str]:
    """Like chairs that nobody was offered; gives their codes."""
    page.goto("/mobler/ny")
    choose(page, "Kategori", "Besøksstol")
    page.get_by_label("Antall like").fill(str(count))
    page.get_by_label("Navn").fill(name)
    choose(page, "Sted", "Møbellageret")
    choose(page, "Eies og brukes av", "Møbelforvaltning")
    page.get_by_role("button", name="Registrer", exact=True).click()
    heading(page, f"{count} møbler er registrert")
    found = page.request.get("/api/v1/items", params={"q": name}).json()
    return [each["code"] for each in found]


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_chairs_go_out_of_use_by_a_signed_decision(
    visit: Callable[..., Page], reader: Reader
) -> None:
    how = {"width": reader.width, "scripts": reader.scripts}
    kari = visit("kari", **how)
    ole = visit("ole", is_watched=False, **how)  # a refused form is an error to the console
    codes = registered(ole, f"Knekt stol {reader.name}", 2)
    ole.goto("/kassasjon/ny")
    heading(ole, "Foreslå kassasjon")
    ole.get_by_label("Koder på møblene").fill("\n".join(codes))
    choose(ole, "Grunn", "Ødelagt, og kan ikke repareres")
    ole.get_by_label("Materialgjenvinning").check()
    ole.get_by_role("button", name="Lag forslaget").click()
    expect(ole.get_by_label("Hvorfor er det ikke tilbudt noen?")).to_have_attribute(
        "aria-invalid", "true"
    )
    ole.get_by_label("Hvorfor er det ikke tilbudt noen?").fill("Setet er knekt.")
    ole.get_by_role("button", name="Lag forslaget").click()
    ole.wait_for_url("**/kassasjon/*-*")
    expect(ole.locator("main")).to_contain_text("Venter på vedtak")
    expect(ole.get_by_role("button", name="Signer")).to_have_count(0)

    kari.goto(ole.url)
    kari.get_by_label("Hvem tar imot avfallet?").fill("Fjordvik gjenvinning")
    kari.get_by_role("button", name="Signer").click()
    expect(kari.locator("main")).to_contain_text("Vedtatt")
    expect(kari.locator("main")).to_contain_text("Signert")
    words = filed(kari)
    assert not pdf.is_there() or all(each in words for each in (*codes, "Fjordvik", "Kari Moe"))
    keep_picture(kari, f"disposal-{reader.name}")
    if reader.scripts:
        assert faults_of(kari, "disposal") == []

    kari.locator("main").get_by_role("link", name=f"Knekt stol {reader.name}").first.click()
    expect(kari.locator("main")).to_contain_text("Materialgjenvunnet")
    ole.reload()
    ole.get_by_role("button", name="Før som levert").click()
    expect(ole.locator("main")).to_contain_text("Levert")
