"""From approved to received with the scanner, on a phone and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import keep_picture
from tests.journeys.test_every_page import faults_of
from tests.journeys.test_queue import queued
from tests.journeys.test_waiting_list import approve_all, ask_for
from tests.journeys.visits import READERS, Reader, choose

pytestmark = [pytest.mark.browser, pytest.mark.on_both]


def chairs(page: Page, of: str) -> tuple[str, list[str]]:
    """Three chairs on the market; gives the listing's address and the codes of the pieces."""
    name = f"Skannestol {of}"
    page.goto("/mobler/ny")
    choose(page, "Kategori", "Besøksstol")
    page.get_by_label("Antall like").fill("3")
    page.get_by_label("Navn").fill(name)
    choose(page, "Sted", "Møbellageret")
    choose(page, "Eies og brukes av", "Møbelforvaltning")
    page.get_by_label("Ledig nå").check()
    page.get_by_role("button", name="Registrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 møbler er registrert")
    codes: list[str] = page.evaluate(
        """async name => {
            const found = await (await fetch(`/api/v1/items?q=${encodeURIComponent(name)}`)).json();
            return found.map(each => each.code);
        }""",
        name,
    )
    page.goto(f"/marked/ny?q={name}&velg=alle")
    page.get_by_role("button", name="Legg ut på markedet").click()
    page.wait_for_url("**/marked/*-*")
    return page.url, codes


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_two_of_three_are_fetched_by_scanning_and_signed_for_where_they_arrive(
    visit: Callable[..., Page], reader: Reader
) -> None:
    how = {"width": reader.width, "scripts": reader.scripts}
    kari = visit("kari", width=reader.width)
    listing, codes = chairs(kari, reader.name)
    assert len(codes) == 3
    amina = visit("amina", **how)
    request = ask_for(amina, listing, 3, "Medisinsk sengepost", "Sengepost 2A")
    approve_all(kari, request)

    marek = visit("marek", **how)
    marek.goto("/overleveringer/hent")
    expect(marek.get_by_role("heading", level=1)).to_have_text("Hent møbler")
    marek.get_by_label("Koder").fill("\n".join(codes[:2]))
    marek.get_by_label("Navnet på den som gir fra seg møblene").fill("Kari Moe")
    keep_picture(marek, f"scan-out-{reader.name}")
    marek.get_by_role("button", name="Møblene er hentet").click()
    marek.wait_for_url("**/kvittering/*")
    expect(marek.get_by_role("heading", level=1)).to_have_text("2 møbler er hentet")
    expect(marek.get_by_text("Kari Moe", exact=True)).to_be_visible()

    amina.goto("/overleveringer/ta-imot")
    expect(amina.get_by_role("heading", level=1)).to_have_text("Ta imot møbler")
    amina.get_by_label("Koder").fill("\n".join(codes))
    if reader.scripts:
        sign(amina)
    else:
        amina.get_by_label("Navnet på den som tar imot").fill("Amina Yusuf")
    amina.get_by_role("button", name="Møblene er mottatt").click()
    amina.wait_for_url("**/kvittering/*")
    expect(amina.get_by_role("heading", level=1)).to_have_text("2 møbler er mottatt")
    expect(amina.get_by_text("Ikke mottatt: møbelet er ikke på vei noe sted")).to_be_visible()
    if reader.scripts:
        picture = amina.get_by_alt_text("Tegnet underskrift")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    else:
        expect(amina.locator("figcaption", has_text="Amina Yusuf")).to_be_visible()
    keep_picture(amina, f"receipt-{reader.name}")
    if reader.scripts:
        assert faults_of(amina, "receipt") == []


def sign(page: Page) -> None:
    """Two strokes with a finger."""
    canvas = page.locator(".sign-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for height in (0.3, 0.7):
        page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * height)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5, steps=6)
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * height, steps=6)
        page.mouse.up()
    assert page.locator("input[name=signature]").input_value().startswith("data:image/png")


def test_a_tap_is_no_signature(visit: Callable[..., Page]) -> None:
    marek = visit("marek", width=390)
    marek.goto("/overleveringer/hent")
    canvas, kept = marek.locator(".sign-canvas"), marek.locator("input[name=signature]")
    canvas.click()
    assert kept.input_value() == ""
    sign(marek)
    marek.get_by_role("button", name="Tøm underskriften").click()
    assert kept.input_value() == ""
    canvas.click()
    assert kept.input_value() == ""


def test_scans_without_coverage_wait_in_the_queue_and_are_sent_once(
    visit: Callable[..., Page],
) -> None:
    kari = visit("kari", width=390)
    listing, codes = chairs(kari, "kjelleren")
    request = ask_for(visit("amina"), listing, 3, "Medisinsk sengepost", "Sengepost 2A")
    approve_all(kari, request)
    marek = visit("marek", width=390, is_watched=False)
    marek.goto("/overleveringer/hent")
    marek.locator("form[data-queue=fetch][data-ready]").wait_for()
    marek.context.set_offline(True)
    marek.get_by_label("Koder").fill("\n".join(codes))
    marek.get_by_role("button", name="Møblene er hentet").click()
    expect(marek.get_by_text("Ingen dekning: lagt i køen.")).to_be_visible()
    marek.context.set_offline(False)
    marek.goto("/ko")
    expect(queued(marek, "done")).to_have_count(1)
    marek.goto("/overleveringer")
    expect(marek.get_by_text("3 × Skannestol kjelleren").first).to_be_visible()
