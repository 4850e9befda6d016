"""A survey is begun in a basement: what is registered waits behind it and goes to it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import looked_at
from tests.journeys.test_count_offline import entries, waiting
from tests.journeys.test_offline import ready
from tests.journeys.test_queue import Phone, api, kept, phone, queued, server
from tests.journeys.test_survey_offline import choose, laid_in_queue
from tests.journeys.visits import until

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser


def begin(page: Page, name: str) -> None:
    page.goto("/kartlegging")
    page.get_by_label("Hva skal kartlegges?").fill(name)
    page.get_by_role("button", name="Begynn kartleggingen").click()


def all_kept(page: Page) -> None:
    ready(page)
    until(page, "async () => Boolean(await caches.match('/kartlegging/ny'))")


def comes(page: Page, name: str, pieces: int) -> str:
    """Waits until the server has the survey, once, with so many pieces; gives its id."""
    for _ in range(150):
        mine = [each for each in api(page, "/surveys") if each["name"] == name]
        if [each["total"]["pieces"] for each in mine] == [pieces]:
            return str(mine[0]["id"])
        page.wait_for_timeout(100)
    raise AssertionError(f"never came: {mine}")


def test_a_survey_is_begun_and_walked_without_coverage(phone: Phone) -> None:
    page = phone("kari")
    begin(page, "Et bygg med dekning")
    page.wait_for_url("**/kartlegging/videre")
    all_kept(page)
    page.context.set_offline(offline=True)
    begin(page, "Kjelleren, bygg B")
    page.wait_for_url("**/kartlegging/ny?*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kjelleren, bygg B")
    choose(page, category="CHAIR_STACK", place=3)
    faults = looked_at(page, "kartlegging-begynt-uten-nett")
    laid_in_queue(page)
    choose(page, category="DESK_SITSTAND", place=3)
    laid_in_queue(page)

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kjelleren, bygg B")
    expect(waiting(page)).to_have_count(3)
    page.goto("/kartlegging")
    faults += looked_at(page, "kartlegginger-uten-nett")
    waiting(page).first.get_by_role("link", name="Fortsett").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kjelleren, bygg B")
    page.goto("/kartlegging/videre")
    page.wait_for_url("**/kartlegging/ny?*")
    choose(page, category="CHAIR_STACK", place=3)
    laid_in_queue(page)
    assert [len(each["after"]) for each in entries(page)] == [0, 1, 1, 1]
    page.context.set_offline(offline=False)

    survey = comes(page, "Kjelleren, bygg B", 3)
    expect(page.locator("#queue-pill")).to_be_hidden()
    page.reload()
    page.wait_for_url(f"**/kartlegging/{survey}/registrer")
    assert faults == []


def test_a_beginning_that_is_refused_is_mended_and_keeps_what_waits_behind_it(
    phone: Phone,
) -> None:
    page = phone("kari")
    all_kept(page)
    page.context.set_offline(offline=True)
    page.goto("/kartlegging")
    page.get_by_label("Ledig fra").fill("2027-03-01")
    begin_here(page, "Uten prosjekt")
    page.wait_for_url("**/kartlegging/ny?*")
    choose(page, category="CHAIR_STACK", place=2)
    laid_in_queue(page)
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "refused")).to_contain_text("Velg prosjektet")
    page.get_by_role("link", name="Rett det").click()
    expect(page.get_by_label("Hva skal kartlegges?")).to_have_value("Uten prosjekt")
    page.get_by_label("Ledig fra").fill("")
    begin_here(page, "Med rett navn")

    comes(page, "Med rett navn", 1)


def begin_here(page: Page, name: str) -> None:
    page.get_by_label("Hva skal kartlegges?").fill(name)
    page.get_by_role("button", name="Begynn kartleggingen").click()


def test_the_page_that_stands_in_for_a_survey_says_when_there_is_none(phone: Phone) -> None:
    page = phone("kari")
    page.goto("/kartlegging/ny")
    expect(page.locator("[data-no-survey]")).to_be_visible()
    expect(page.locator("form[data-survey]")).to_be_hidden()
    page.get_by_role("link", name="Begynn en ny").click()
    page.wait_for_url("**/kartlegging")


def test_a_beginning_whose_answer_was_lost_is_one_survey(phone: Phone) -> None:
    page = phone("kari")
    all_kept(page)
    page.goto("/kartlegging")

    def lose(route: Any) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route(
        "**/kartlegging",
        lambda route: lose(route) if route.request.method == "POST" else route.fallback(),
    )
    begin_here(page, "Svaret ble borte")
    page.wait_for_url("**/kartlegging/**")
    comes(page, "Svaret ble borte", 0)
    page.wait_for_timeout(500)
    comes(page, "Svaret ble borte", 0)
