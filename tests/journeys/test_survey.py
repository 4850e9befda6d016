"""A basement is surveyed: thirty like chairs with thirty blank labels, and two phones with one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys import camera
from tests.journeys.scanning import Film, looked_at, missed, state_of
from tests.journeys.test_every_page import cut_off, faults_of
from tests.journeys.test_scan import blank_codes
from tests.journeys.visits import READERS, Reader

pytestmark = pytest.mark.browser

CHAIRS = 30
SHOWN_SECONDS, BETWEEN_SECONDS = 0.5, 0.1


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "stolen.jpg"
    Image.new("RGB", (640, 480), "teal").save(path, "JPEG")
    return path


def begun(page: Page, name: str) -> str:
    """The address where pieces of a new survey are registered."""
    page.goto("/kartlegging")
    page.get_by_label("Hva skal kartlegges?").fill(name)
    page.get_by_role("button", name="Begynn kartleggingen").click()
    page.wait_for_url("**/videre")
    address = page.locator("form[data-survey]").get_attribute("action")
    assert address
    return address


def fill_in(page: Page) -> None:
    page.locator("#field-category_id").select_option("CHAIR_STACK")
    page.locator("#field-place_id").select_option(index=2)
    page.locator("#field-owner_unit_id").select_option(index=1)


def heard(page: Page) -> Any:
    return page.locator("[data-heard]")


def send(page: Page) -> None:
    page.get_by_role("button", name="Registrer").last.click()


def told(page: Page, text: str) -> None:
    """The next page says it; two browsers and a server share the machine, so it may take a while."""
    expect(page.locator("#flash")).to_contain_text(text, timeout=20_000)


def typed_by_scanner(page: Page, text: str) -> None:
    """A burst of keys, however slow the machine is: the page tells it from a person by its pace."""
    page.evaluate(
        """text => [...text, "Enter"].forEach(key =>
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})))""",
        text,
    )


def test_thirty_like_chairs_are_registered_by_scanning_thirty_blank_labels(
    filmed: Film, visit: Callable[..., Page], site: str, tmp_path: Path, photo: Path
) -> None:
    desk = visit("kari")
    address = begun(desk, "Kjelleren")
    codes = blank_codes(desk, CHAIRS)
    scenes = [
        each
        for code in codes
        for each in (
            (camera.label(code, site), SHOWN_SECONDS),
            (camera.nothing(), BETWEEN_SECONDS),
        )
    ]
    page = filmed("kari", camera.film(tmp_path / "x.y4m", scenes))
    page.goto(address)
    fill_in(page)
    page.locator("#field-photos").set_input_files(photo)
    page.get_by_label("B · god").check()
    page.get_by_label("Setehøyde").fill("45,5")

    expect(page.locator("[data-count]")).to_have_text(f"{CHAIRS} like møbler", timeout=90_000)
    assert looked_at(page, "kartlegg-tretti") == []
    assert cut_off(page) is None
    send(page)
    told(page, f"{CHAIRS} møbler registrert")
    assert page.locator("#field-category_id").input_value() == "CHAIR_STACK"
    assert page.locator("#field-codes").input_value().strip() in {"", *codes}

    page.get_by_role("link", name=f"{CHAIRS} møbler registrert").click()
    for said in (f"{CHAIRS} av {CHAIRS} har bilde", f"{CHAIRS} av {CHAIRS} har minst ett mål"):
        expect(page.get_by_role("main")).to_contain_text(said)
    assert looked_at(page, "kartlegging") == []
    states = page.evaluate(
        """async codes => Promise.all(codes.map(async code =>
            (await (await fetch(`/api/v1/codes/${code}`)).json()).state))""",
        codes,
    )
    assert set(states) == {"bound"}


def test_of_two_phones_that_claim_one_label_the_second_keeps_everything_and_is_told(
    filmed: Film, visit: Callable[..., Page], site: str, tmp_path: Path, photo: Path
) -> None:
    desk = visit("kari")
    address = begun(desk, "Loftet")
    contested, spare = blank_codes(desk, 2)
    shown = camera.film(tmp_path / "x.y4m", [(camera.label(contested, site), 2)])
    # The browser reports the second one's 409 as a fault of the page.
    phones = [filmed("kari", shown), filmed("ole", shown, is_watched=False)]
    for at, phone in enumerate(phones):
        phone.goto(address)
        fill_in(phone)
        phone.locator("#field-photos").set_input_files(photo)
        phone.locator("[data-more]").evaluate("each => each.open = true")
        phone.get_by_label("Navn").fill(f"Stol {at}")
        expect(phone.locator("[data-count]")).to_have_text("1 møbel")

    first, second = phones
    send(first)
    told(first, "1 møbel registrert")
    send(second)

    expect(second.locator("#error-summary")).to_contain_text("hører alt til Stol 0")
    expect(second.get_by_label("Navn")).to_have_value("Stol 1")
    expect(second.locator("[data-tray] li")).to_have_count(1)
    assert second.locator("#field-photos").evaluate("each => each.files.length") == 1
    assert looked_at(second, "kartlegg-opptatt") == []
    second.get_by_label("Etikettene").fill(spare)
    send(second)
    told(second, "1 møbel registrert")


def test_labels_that_can_not_be_used_are_told_apart_while_scanning(
    filmed: Film, visit: Callable[..., Page], found_piece: tuple[str, str], tmp_path: Path
) -> None:
    desk = visit("kari")
    address = begun(desk, "Arkivet")
    (blank,) = blank_codes(desk, 1)
    (withdrawn,) = blank_codes(desk, 1, is_cancelled=True)
    name, used = found_piece
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.nothing(), 1)]))
    page.goto(address)
    tones = """() => { window.buzzed = []; navigator.vibrate = pattern => {
        window.buzzed.push(pattern.join(" ")); return true; }; }"""
    page.evaluate(tones)
    page.get_by_role("heading", level=1).click()

    for text, said, tone in (
        (blank, "nummer 1", "hit"),
        (blank, "Alt skannet", "again"),
        (used, f"Sitter alt på {name}", "again"),
        (withdrawn, "Trukket tilbake av Kari", "wrong"),
        (f"{blank[:-1]}{'0' if blank[-1] != '0' else '1'}", "ikke helt riktig", "wrong"),
        ("7038010009457", "Fremmed kode 7038010009457", "foreign"),
    ):
        typed_by_scanner(page, text)
        expect(heard(page)).to_contain_text(said)
        expect(heard(page)).to_have_attribute("data-tone", tone)

    assert page.locator("#field-codes").input_value().split() == [
        "-".join((blank[:4], blank[4:8], blank[8:]))
    ]
    assert len(set(page.evaluate("window.buzzed"))) == 4
    assert page.locator("#field-identifier_value").input_value() == "7038010009457"


def test_a_lost_piece_that_a_survey_meets_is_found(
    filmed: Film,
    visit: Callable[..., Page],
    found_piece: tuple[str, str],
    site: str,
    tmp_path: Path,
) -> None:
    desk = visit("kari")
    address = begun(desk, "Boden")
    name, code = found_piece
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.label(code, site), 2)]))
    page.goto("/")
    before = missed(page, code)

    page.goto(address)

    expect(heard(page)).to_contain_text("var meldt savnet og er nå meldt funnet")
    expect(heard(page)).to_contain_text(name)
    assert state_of(page, code) == before
    expect(page.locator("#field-codes")).to_have_value("")


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_a_piece_is_registered_like_the_last_but_for_one_thing(
    visit: Callable[..., Page], reader: Reader
) -> None:
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    begun(page, "Fløy B")
    fill_in(page)
    page.get_by_label("C · slitt").check()
    page.get_by_text("Produkt, farge, flere mål").click()
    page.get_by_label("Farge").fill("Rød")
    send(page)
    told(page, "1 møbel registrert")
    page.get_by_role("link", name="Som forrige, men").click()
    page.get_by_text("Produkt, farge, flere mål").click()
    expect(page.get_by_label("Farge")).to_have_value("Rød")
    expect(page.get_by_label("C · slitt")).to_be_checked()
    page.get_by_label("Farge").fill("Blå")
    send(page)
    expect(page.get_by_role("link", name="2 møbler registrert")).to_be_visible()
    if reader.scripts:
        assert faults_of(page, "survey") == []
    page.goto("/kartlegging")
    assert cut_off(page) is None
