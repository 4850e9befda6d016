"""A survey goes on where there is no coverage: room and kind stay, and nothing is lost or unsaid."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_offline import ready
from tests.journeys.test_queue import Phone, kept, phone, queued, server
from tests.journeys.test_survey import begun
from tests.journeys.visits import until

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser


def choose(page: Page, *, category: str, place: int) -> str:
    """The id of the place."""
    page.locator("#field-category_id").select_option(category)
    page.locator("#field-place_id").select_option(index=place)
    page.locator("#field-owner_unit_id").select_option(index=1)
    return page.locator("#field-place_id").input_value()


def register(page: Page) -> None:
    page.get_by_role("button", name="Registrer").last.click()


def laid_in_queue(page: Page) -> None:
    register(page)
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")


def test_the_next_piece_without_coverage_stands_where_the_last_one_was_put(phone: Phone) -> None:
    page = phone("kari")
    begun(page, "Kjelleren uten nett")
    page.context.set_offline(offline=True)
    room = choose(page, category="CHAIR_STACK", place=3)
    laid_in_queue(page)
    assert page.locator("#field-category_id").input_value() == "CHAIR_STACK"
    assert page.locator("#field-place_id").input_value() == room
    assert page.locator("#field-owner_unit_id").input_value() != ""
    expect(page.locator("[data-asked-fields]").get_by_label("Setehøyde")).to_be_visible()

    other = choose(page, category="DESK_SITSTAND", place=4)
    laid_in_queue(page)
    assert page.locator("#field-category_id").input_value() == "DESK_SITSTAND"
    assert page.locator("#field-place_id").input_value() == other != room
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(2, timeout=15_000)


def test_what_must_be_filled_in_is_asked_for_before_it_is_queued(phone: Phone) -> None:
    page = phone("kari")
    begun(page, "Glemte felter")
    choose(page, category="", place=0)
    page.context.set_offline(offline=True)
    register(page)
    category = page.locator("#field-category_id")
    assert category.evaluate("each => each.validationMessage") == "Fyll ut feltet."
    choose(page, category="CHAIR_STACK", place=0)
    register(page)
    place = page.locator("#field-place_id")
    assert place.evaluate("each => each.validationMessage") == "Fyll ut feltet."
    expect(page.locator("[data-queued]")).to_be_hidden()
    choose(page, category="CHAIR_STACK", place=2)
    page.locator("#field-mass_kg").evaluate("each => { each.value = 'tung' }")
    register(page)
    expect(page.locator("#field-mass_kg")).to_be_visible()
    expect(page.locator("[data-queued]")).to_be_hidden()


def test_a_refused_piece_in_the_queue_names_the_field(phone: Phone) -> None:
    page = phone("kari")
    begun(page, "Avvist felt")
    choose(page, category="CHAIR_STACK", place=2)
    page.get_by_text("Produkt, farge, flere mål").click()
    page.get_by_label("Antall like").fill("100000")
    page.context.set_offline(offline=True)
    laid_in_queue(page)
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "refused").locator("[data-problem]")).to_contain_text("Antall like: ")
    queued(page, "refused").get_by_role("button", name="Ta tilbake").click()
    queued(page, "held").get_by_role("button", name="Slett for godt").click()
    expect(queued(page, "held")).to_have_count(0)


def test_a_survey_just_begun_is_on_the_phone_and_so_is_the_room_of_its_last_piece(
    phone: Phone,
) -> None:
    page = phone("kari")
    ready(page)
    begun(page, "Første bygg")
    room = choose(page, category="CHAIR_STACK", place=3)
    register(page)
    expect(page.locator("#flash")).to_contain_text("1 møbel registrert", timeout=20_000)
    keeps(page, f'value="{room}" selected')
    begun(page, "Andre bygg")
    keeps(page, "Andre bygg")
    page.context.set_offline(offline=True)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Andre bygg")
    page.goto("/marked")
    page.get_by_role("link", name="Fortsett kartleggingen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Andre bygg")
    choose(page, category="CHAIR_STACK", place=2)
    laid_in_queue(page)


def keeps(page: Page, text: str) -> None:
    """Until the survey's page on this phone has the text."""
    kept_page = """(await (await caches.match("/kartlegging/videre"))?.text() ?? "")"""
    until(page, f"async () => {kept_page}.includes({json.dumps(text)})")
