"""A spreadsheet becomes furniture, and whoever finds a piece can say so without an account."""

import csv
import io
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.visits import READERS, Reader

pytestmark = [pytest.mark.browser, pytest.mark.on_both]


def spreadsheet(word: str) -> FilePayload:
    """Three rows as somebody keeps them: two that can be read, one with a width that cannot be."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";")
    rows.writerow(["Møbel", "Kategori", "Antall", "Bredde (cm)", "Merke"])
    rows.writerow([f"{word} bord", "Skrivebord", "2", "160", "Kinnarps"])
    rows.writerow([f"{word} stol", "Kontorstol", "1", "68,5", "HÅG"])
    rows.writerow([f"{word} hylle", "Bokhylle", "1", "bred", "Ukjent"])
    content = written.getvalue().encode("utf-8-sig")
    return {"name": f"{word}.csv", "mimeType": "text/csv", "buffer": content}


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_a_spreadsheet_is_shown_first_and_then_imported(
    visit: Callable[..., Page], reader: Reader
) -> None:
    word = f"Lageret{reader.width}"
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    page.goto("/import")
    page.get_by_label("Regneark").set_input_files(spreadsheet(word))
    page.get_by_role("button", name="Vis hva som skjer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{word}.csv")
    bad = page.locator("section[aria-labelledby=bad]")
    expect(bad).to_contain_text("bred")
    page.get_by_label("Hopp over radene med feil").check()
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("^Importert "))).to_be_visible()
    page.goto(f"/mobler?q={word}")
    expect(page.locator("#results")).to_contain_text(f"{word} bord")
    expect(page.locator("#results")).to_contain_text(f"{word} stol")
    expect(page.locator("#results")).not_to_contain_text(f"{word} hylle")


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_a_passer_by_reports_a_piece_and_the_manager_reads_it(
    visit: Callable[..., Page], reader: Reader
) -> None:
    manager = visit("kari", width=reader.width, scripts=reader.scripts)
    manager.goto("/mobler")
    manager.locator("#results tbody th a").first.click()
    category = manager.locator(".eyebrow").first.inner_text()
    name = manager.get_by_role("heading", level=1).inner_text()
    place = manager.locator(".item-where").inner_text().split("\n")[0]
    code = manager.locator(".item-label .code").inner_text()

    passer_by = visit(width=reader.width, scripts=reader.scripts)
    passer_by.goto(f"/I/{code.lower()}")
    expect(passer_by.get_by_role("heading", level=1)).to_contain_text(category, ignore_case=True)
    seen = passer_by.locator("body").inner_text()
    assert "Fjordlandet helseforetak" in seen
    assert place not in seen
    assert urlsplit(passer_by.url).path.startswith("/I/")
    report = f"Står i trappa ved inngang {reader.width}"
    passer_by.get_by_label("Hva vil du si fra om?").fill(report)
    passer_by.get_by_role("button", name="Send melding").click()
    expect(passer_by.get_by_role("heading", level=1)).to_have_text("Takk, meldingen er sendt")

    manager.goto("/funnmeldinger")
    card = manager.locator("li.panel").filter(has_text=report)
    expect(card).to_contain_text(name)
    card.get_by_role("button", name="Marker som behandlet").click()
    manager.goto("/funnmeldinger")
    expect(manager.locator("main")).not_to_contain_text(report)
