"""Rows are ticked in the table, and one thing is done to all of them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_every_page import axe_faults, cut_off
from tests.journeys.visits import READERS, Reader

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_ticked_pieces_get_a_new_condition_together(
    visit: Callable[..., Page], reader: Reader
) -> None:
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    page.goto("/mobler?sort=name&order=asc&side=2")
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


def _looks_right(page: Page, reader: Reader) -> None:
    if reader.scripts:
        assert axe_faults(page) == []
        assert cut_off(page) is None
