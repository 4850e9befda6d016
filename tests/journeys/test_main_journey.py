"""From a pile of chairs to the ward that uses them: once with JavaScript off at a desk, once on a phone."""

import io
from collections.abc import Callable
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from app.kit.codes import read_code
from tests.journeys.visits import READERS, Reader, choose, sign_in, sign_out

pytestmark = [pytest.mark.browser, pytest.mark.on_both]

WARD, ROOM = "Medisinsk sengepost", "Sengepost 2A"


def chair_of(reader: Reader) -> str:
    """A name that no other piece has, so that each reader finds their own."""
    return f"Ullstol {reader.name}"


def photo() -> FilePayload:
    """A picture as a telephone would make it."""
    made = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((900, 600)).save(made, "JPEG")
    return {"name": "stol.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def codes_on(pdf: bytes) -> list[str]:
    """What a scanner reads on the pages of a label file."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.render(scale=300 / 72).to_pil() for page in document]
    finally:
        document.close()
    return [
        found.text.rsplit("/", 1)[1] for each in pages for found in zxingcpp.read_barcodes(each)
    ]


def register_three(page: Page, reader: Reader) -> list[str]:
    """Three like chairs with one photo; gives the addresses of their pages."""
    page.goto("/mobler/ny")
    choose(page, "Kategori", "Besøksstol")
    page.get_by_label("Bilder").set_input_files(photo())
    page.get_by_label("Antall like").fill("3")
    page.get_by_label("Navn").fill(chair_of(reader))
    choose(page, "Sted", "Møbellageret")
    choose(page, "Eies og brukes av", "Møbelforvaltning")
    page.get_by_label("Ledig nå").check()
    page.get_by_role("button", name="Registrer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 møbler er registrert")
    links = page.locator("main .grid-pieces a")
    return [links.nth(n).get_attribute("href") or "" for n in range(links.count())]


def look_at_piece(page: Page, piece: str, reader: Reader) -> None:
    page.goto(piece)
    expect(page.get_by_role("heading", level=1)).to_have_text(chair_of(reader))
    assert read_code(page.locator(".item-label .code").inner_text())
    picture = page.locator(".gallery img").first
    assert (
        page.request.get(picture.get_attribute("src") or "")
        .headers["content-type"]
        .startswith("image/")
    )
    expect(page.locator("main")).to_contain_text("Standard fra kategorien")


def offer(page: Page, reader: Reader) -> None:
    page.goto("/marked")
    page.get_by_role("link", name="Legg ut møbler").click()
    page.get_by_label("Søk i møblene").fill(chair_of(reader))
    page.get_by_role("button", name="Søk").click()
    expect(page.locator(".offer-list li")).to_have_count(3)
    for box in page.locator(".offer-list input").all():
        box.check()
    page.get_by_role("button", name="Legg ut på markedet").click()
    expect(page.locator("main")).to_contain_text("3")


def order(page: Page, reader: Reader) -> str:
    """The nurse finds them by a word and asks for all three; gives the request's address."""
    page.goto("/")
    page.get_by_label("Søk i møbler som er ledige").fill(chair_of(reader))
    page.get_by_role("button", name="Søk").click()
    page.get_by_role("link", name=chair_of(reader)).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(chair_of(reader))
    page.get_by_label("Hvor mange trenger dere?").fill("3")
    page.get_by_role("button", name="Legg i kurven").click()
    page.goto("/kurv")
    line = page.locator(".basket-line").filter(has_text=chair_of(reader))
    line.get_by_label("Ja, vi ville kjøpt nytt").check()
    choose(page, "Enhet", WARD)
    choose(page, "Leveres til", ROOM)
    page.get_by_role("button", name="Send bestilling").click()
    page.wait_for_url("**/bestillinger/*")
    expect(page.locator("main")).to_contain_text("3 venter på svar")
    return page.url


def approve_two(page: Page, reader: Reader) -> None:
    page.goto("/godkjenning")
    card = page.locator(".request-list > li").filter(has_text=chair_of(reader))
    card.get_by_label("Godkjenn").fill("2")
    card.get_by_label("Hvis dere sier nei til noe: hvorfor?").select_option(
        label="De er lovet bort"
    )
    card.get_by_role("button", name="Godkjenn", exact=True).click()
    page.wait_for_load_state()


def hand_over(page: Page, request: str) -> None:
    page.goto(request)
    expect(page.locator("main")).to_contain_text("2 godkjent")
    page.get_by_role("button", name="klart").click()
    expect(page.locator("main")).to_contain_text("2 klar til henting")
    page.goto("/overleveringer")
    title = page.locator(".eyebrow, h1")
    number = request.rsplit("/", 1)[1]
    page.locator(f"a[href*='{number}']").first.click()
    expect(title.first).to_be_visible()
    page.get_by_role("button", name="Møblene er hentet").click()
    page.wait_for_load_state()


def received_pieces(page: Page, request: str) -> list[str]:
    """The nurse says that they have come; gives the addresses of the pieces."""
    page.goto("/overleveringer")
    page.get_by_role("link", name="Bekreft mottatt").first.click()
    page.wait_for_url("**/overleveringer/*")
    page.get_by_role("button", name="Alle 2 er mottatt").click()
    page.wait_for_load_state()
    links = page.locator(".trip-pieces a").all()
    pieces = [each.get_attribute("href") or "" for each in links]
    page.goto(request)
    expect(page.locator("main")).to_contain_text("2 mottatt")
    expect(page.locator("main")).to_contain_text("1 avslått")
    return pieces


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_chairs_go_from_the_storage_to_the_ward_that_asked(
    visit: Callable[..., Page], reader: Reader
) -> None:
    page = visit(width=reader.width, scripts=reader.scripts)
    sign_in(page, "kari")
    pieces = register_three(page, reader)
    assert len(set(pieces)) == 3
    look_at_piece(page, pieces[0], reader)
    offer(page, reader)
    sign_out(page)

    sign_in(page, "amina")
    request = order(page, reader)
    sign_out(page)

    sign_in(page, "kari")
    approve_two(page, reader)
    hand_over(page, request)
    sign_out(page)

    sign_in(page, "amina")
    received = received_pieces(page, request)
    assert len(received) == 2
    assert set(received) < set(pieces)
    page.goto(received[0])
    where = page.locator(".item-where")
    expect(where).to_contain_text(ROOM)
    expect(where).to_contain_text(f"Brukes av {WARD}")
    stayed = next(each for each in pieces if each not in received)
    page.goto(stayed)
    expect(page.locator(".item-where")).to_contain_text("Møbellageret")


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_the_labels_of_a_lot_are_printed_and_read_again(
    visit: Callable[..., Page], reader: Reader, tmp_path: Path
) -> None:
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    pieces = register_three(page, reader)
    page.get_by_role("link", name="Skriv ut etiketter").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Last ned PDF").click()
    started.value.save_as(tmp_path / "labels.pdf")
    read = codes_on((tmp_path / "labels.pdf").read_bytes())
    expected = []
    for piece in pieces:
        page.goto(piece)
        expected.append(read_code(page.locator(".item-label .code").inner_text()))
    assert sorted(read) == sorted(expected)


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_the_project_s_figures_open_down_to_how_they_are_calculated(
    visit: Callable[..., Page], reader: Reader
) -> None:
    page = visit("ingrid", width=reader.width, scripts=reader.scripts)
    page.goto("/prosjekter")
    page.get_by_role("link", name="Lensmannslia").first.click()
    page.get_by_role("link", name="Se rapporten").click()
    expect(page.locator(".report-share")).to_contain_text("89 %")
    expect(page.locator(".report-share")).to_contain_text("98 %")
    shares = page.locator("section[aria-labelledby=by-source] tbody tr")
    found = [row.locator("td").nth(1).inner_text().split("\n")[-1] for row in shares.all()]
    assert [each.replace("\xa0", " ") for each in found] == ["62 %", "7 %", "20 %", "9 %", "2 %"]
    shares.first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Postene bak tallene")
    page.locator("section[aria-labelledby=entries] tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Slik er tallet regnet ut")
    expect(page.get_by_role("heading", name="Steg for steg")).to_be_visible()
    expect(page.get_by_role("heading", name="Alt tallet bygger på")).to_be_visible()
