"""A photo whose answer was lost, and that is mended in the queue, is one photo on the piece."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.lost_answers import is_lost
from tests.journeys.test_piece_offline import photos_of, piece
from tests.journeys.test_queue import Phone, kept, phone, queued, server
from tests.journeys.test_register_offline import photo
from tests.journeys.test_weak_coverage import (
    Fault,
    fails,
    is_kept,
    posts_meet,
)

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser

OF_THE_QUEUE = "**/api/v1/items/*/photos"
Lost = Callable[[Page, str, Fault], None]


def filled(page: Page, item_id: str) -> None:
    page.goto(f"/mobler/{item_id}/bilder")
    page.get_by_label("Nye bilder").set_input_files([photo("red")])
    expect(page.locator("[data-tray] li")).to_have_count(1)


def add(page: Page) -> None:
    page.get_by_role("button", name="Legg til", exact=True).click()


def lost_with_its_form(page: Page, item_id: str, fault: Fault) -> None:
    """The form meets the fault, and the queue does not get through either."""
    filled(page, item_id)
    posts_meet(page, f"**/mobler/{item_id}/bilder", fault)
    posts_meet(page, OF_THE_QUEUE, fails)
    add(page)
    is_kept(page, "Svaret kom ikke fram")


def lost_from_the_queue(page: Page, item_id: str, fault: Fault) -> None:
    """It was queued without a network, and what the queue sends meets the fault."""
    filled(page, item_id)
    page.context.set_offline(offline=True)
    add(page)
    is_kept(page)
    posts_meet(page, OF_THE_QUEUE, fault)
    with page.expect_event("requestfailed", lambda each: each.url.endswith("/photos")):
        page.context.set_offline(offline=False)


LOST: list[Lost] = [lost_with_its_form, lost_from_the_queue]


def opened(page: Page) -> None:
    """The photo in its form again, with the network back."""
    # Above what it met until now: for a moment without either it would get through.
    posts_meet(page, OF_THE_QUEUE, fails)
    page.goto("/ko")
    # Nothing is being sent while it is taken back.
    page.context.set_offline(offline=True)
    page.locator(".queue-row").get_by_role("button", name="Ta tilbake").click()
    expect(queued(page, "held")).to_have_count(1)
    page.context.set_offline(offline=False)
    queued(page, "held").get_by_role("link", name="Rett det").click()
    expect(page.locator("[data-tray] li")).to_have_count(1)
    page.context.unroute_all()


def sent(page: Page, count: int) -> None:
    is_kept(page)
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(count, timeout=20_000)
    expect(queued(page, "waiting")).to_have_count(0)


@pytest.mark.parametrize("fault", [fails, is_lost])
@pytest.mark.parametrize("lost", LOST)
def test_a_photo_that_is_mended_is_there_once_and_another_one_beside_it(
    phone: Phone, lost: Lost, fault: Fault
) -> None:
    page = phone("kari")
    item_id = piece(page, 50 + 2 * LOST.index(lost) + (fault is fails))["id"]
    before = photos_of(page, item_id)

    lost(page, item_id, fault)
    opened(page)
    add(page)
    sent(page, 1)
    assert len(photos_of(page, item_id)) == len(before) + 1, "sent as it was"

    lost(page, item_id, fault)
    opened(page)
    page.get_by_label("Før", exact=True).check()
    add(page)
    sent(page, 3)
    found = photos_of(page, item_id)
    assert len(found) == len(before) + 2, "marked, and not added anew"
    (new,) = [each for each in found if each["taken"] and each not in before]
    assert new["taken"] == "before"

    lost(page, item_id, fault)
    opened(page)
    page.get_by_label("Nye bilder").set_input_files([photo("green")])
    expect(page.locator("[data-tray] li")).to_have_count(2)
    add(page)
    sent(page, 5)
    assert len(photos_of(page, item_id)) == len(before) + 4, "with another one beside it"
