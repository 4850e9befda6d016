"""Rows are ticked in the table, over several pages, and one thing is done to all of them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_every_page import axe_faults, cut_off
from tests.journeys.visits import READERS, Reader

pytestmark = pytest.mark.browser

BY_NAME = "/mobler?sort=name&order=asc"


def begin(page: Page) -> None:
    """The table by name with nothing ticked: an earlier test may have left its own."""
    page.goto(BY_NAME)
    if page.get_by_role("button", name="Tøm").is_visible():
        page.get_by_role("button", name="Tøm").click()
        page.goto(BY_NAME)
    expect(page.get_by_text("0 valgt")).to_be_visible()


def tick(page: Page, reader: Reader, *rows: int, count: int) -> None:
    """Ticks rows of a page and keeps them: by themselves, or with the form's own button."""
    for number in rows:
        page.locator("input[name=velg]").nth(number).check()
    if not reader.scripts:
        page.get_by_role("button", name="Behold valget").click()
    expect(page.get_by_text(f"{count} valgt")).to_be_visible()


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_ticked_pieces_get_a_new_condition_together(
    visit: Callable[..., Page], reader: Reader
) -> None:
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    begin(page)
    page.goto(f"{BY_NAME}&side=2")
    for number in range(3):
        page.locator("input[name=velg]").nth(number).check()
    page.get_by_role("button", name="Gjør noe med valgte").click()
    expect(page.get_by_role("heading", name="Flere møbler samlet")).to_be_visible()
    _looks_right(page, reader)
    codes = page.get_by_label("Koder")
    codes.fill(codes.input_value() + "\nTULL")
    page.get_by_label("Ny tilstand").select_option("C")
    page.get_by_role("button", name="Endre tilstanden").click()
    expect(page.get_by_role("heading", name="3 møbler er gjort")).to_be_visible()
    expect(page.get_by_text("Ingen av våre møbler eller steder har denne koden")).to_be_visible()
    _looks_right(page, reader)


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_pieces_of_two_pages_are_put_on_a_project_and_taken_off_again(
    visit: Callable[..., Page], reader: Reader
) -> None:
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    begin(page)
    tick(page, reader, 0, 2, count=2)
    page.get_by_role("link", name="Neste").click()
    expect(page.get_by_text("2 valgt")).to_be_visible()
    tick(page, reader, 1, count=3)
    page.locator("input[name=velg]").nth(1).uncheck()
    if not reader.scripts:
        page.get_by_role("button", name="Behold valget").click()
    expect(page.get_by_text("2 valgt")).to_be_visible()
    tick(page, reader, 1, count=3)
    _looks_right(page, reader)

    page.get_by_role("link", name="Vis bare valgte").click()
    expect(page.locator("input[name=velg]")).to_have_count(3)
    page.get_by_role("button", name="Gjør noe med valgte").click()
    page.locator("#field-project_id").select_option(index=1)
    page.get_by_label("Ledig fra").fill("2030-01-15")
    page.get_by_role("button", name="Sett på prosjektet").click()
    expect(page.get_by_role("heading", name="3 møbler er gjort")).to_be_visible()
    _looks_right(page, reader)

    page.locator("section[aria-labelledby=done] a").first.click()
    expect(page.get_by_text("Planlagt ledig")).to_be_visible()
    _looks_right(page, reader)
    page.go_back()
    page.get_by_role("button", name="Angre dette").click()
    expect(page.get_by_text("3 møbler er som før.")).to_be_visible()
    _looks_right(page, reader)
    page.locator("section[aria-labelledby=done] a").first.click()
    expect(page.get_by_text("Ikke på noe prosjekt.")).to_be_visible()

    page.goto(BY_NAME)
    expect(page.get_by_text("3 valgt")).to_be_visible()
    page.get_by_role("button", name="Tøm").click()
    expect(page.get_by_text("0 valgt")).to_be_visible()


def test_ticks_follow_the_person_to_another_device_and_say_when_they_were_not_kept(
    visit: Callable[..., Page],
) -> None:
    first = visit("kari", is_watched=False)
    begin(first)
    tick(first, Reader("", 1280, scripts=True), 4, count=1)
    second = visit("kari", width=390)
    second.goto(f"{BY_NAME}&condition=A")
    expect(second.get_by_text("1 valgt")).to_be_visible()
    first.locator("input[data-pick-all]").check()
    expect(first.get_by_text("50 valgt")).to_be_visible()
    first.locator("input[data-pick-all]").uncheck()
    expect(first.get_by_text("0 valgt")).to_be_visible()
    first.context.set_offline(True)
    first.locator("input[name=velg]").nth(2).click()
    expect(first.get_by_text("Valget ble ikke lagret. Prøv igjen.")).to_be_visible()
    expect(first.locator("input[name=velg]").nth(2)).not_to_be_checked()


def _looks_right(page: Page, reader: Reader) -> None:
    if reader.scripts:
        assert axe_faults(page) == []
        assert cut_off(page) is None
