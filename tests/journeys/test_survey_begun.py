"""A survey is begun in a basement: what is registered waits behind it and goes to it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.lost_answers import is_lost
from tests.journeys.scanning import looked_at
from tests.journeys.test_count_offline import entries, waiting
from tests.journeys.test_offline import ready
from tests.journeys.test_queue import Phone, api, kept, phone, queued, server
from tests.journeys.test_survey_offline import choose, keeps, laid_in_queue
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


def test_another_survey_goes_on_while_one_that_was_begun_here_waits(phone: Phone) -> None:
    """A was begun before it and is gone on with; C is begun after it. A piece of A is mended in A."""
    page = phone("kari")
    begin(page, "Bygg A")
    page.wait_for_url("**/kartlegging/videre")
    action = str(page.locator("form[data-survey]").get_attribute("action"))
    first = action.split("/")[2]
    all_kept(page)
    keeps(page, "Bygg A")
    page.context.set_offline(offline=True)
    begin(page, "Kjelleren, bygg E")
    page.wait_for_url("**/kartlegging/ny?*")
    page.goto(action)
    page.wait_for_url(f"**/kartlegging/videre?kartlegging={first}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bygg A")
    choose(page, category="CHAIR_STACK", place=3)
    laid_in_queue(page)
    assert entries(page)[-1]["url"] == f"/api/v1/surveys/{first}/pieces"
    mended = f"/kartlegging/videre?ko={entries(page)[-1]['id']}"
    page.goto("/kartlegging/videre")
    page.wait_for_url("**/kartlegging/ny?*")

    page.context.route("**/api/v1/surveys**", lambda route: route.abort())
    page.context.set_offline(offline=False)
    page.goto(f"/kartlegging/videre?kartlegging={first}")
    page.wait_for_url(f"**{action}")
    page.goto("/kartlegging/videre")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bygg A")
    begin(page, "Bygg C")
    page.wait_for_url("**/kartlegging/videre")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bygg C")
    keeps(page, "Bygg C")
    page.context.set_offline(offline=True)
    page.goto("/kartlegging/videre")
    form = page.locator("form[data-survey]")
    expect(form).to_have_attribute("data-ready", "")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bygg C")
    page.goto(mended)
    expect(form).to_have_attribute("data-pieces", f"/api/v1/surveys/{first}/pieces")
    expect(page.locator("#field-category_id")).to_have_value(re.compile(".+"))
    assert page.url.endswith(mended)
    page.context.unroute_all()
    page.context.set_offline(offline=False)
    comes(page, "Bygg A", 1)
    comes(page, "Kjelleren, bygg E", 0)


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

    page.route(
        "**/kartlegging",
        lambda route: is_lost(route) if route.request.method == "POST" else route.fallback(),
    )
    begin_here(page, "Svaret ble borte")
    page.wait_for_url("**/kartlegging/**")
    comes(page, "Svaret ble borte", 0)
    page.wait_for_timeout(500)
    comes(page, "Svaret ble borte", 0)
