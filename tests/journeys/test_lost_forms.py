"""A form whose answer was lost: what came in it neither waits for a bad part nor arrives twice."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.test_piece_offline import photos_of, piece
from tests.journeys.test_queue import Phone, kept, phone, queued, server
from tests.journeys.test_register_offline import photo
from tests.journeys.test_weak_coverage import (
    Fault,
    fails,
    is_kept,
    is_taken_and_unanswered,
    posts_meet,
)

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser

NO_PICTURE: FilePayload = {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}


def lost_photos(page: Page, item_id: str, photos: list[FilePayload], fault: Fault) -> None:
    """Photos of a piece whose form met the fault; they wait in the queue of a phone without coverage."""
    page.goto(f"/mobler/{item_id}/bilder")
    page.get_by_label("Nye bilder").set_input_files(photos)
    expect(page.locator("[data-tray] li")).to_have_count(len(photos))
    posts_meet(page, f"**/mobler/{item_id}/bilder", fault)
    page.context.route("**/api/v1/items/*/photos", lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="Legg til", exact=True).click()
    is_kept(page, "Svaret kom ikke fram")


def test_a_bad_photo_of_a_lost_form_holds_up_none_of_the_others(phone: Phone) -> None:
    page = phone("kari")
    item_id = piece(page, 40)["id"]
    before = len(photos_of(page, item_id))
    lost_photos(page, item_id, [NO_PICTURE, photo("red"), photo("green")], fails)
    page.context.unroute_all()
    page.goto("/ko")
    expect(queued(page, "refused")).to_have_count(1, timeout=20_000)
    expect(queued(page, "done")).to_have_count(2, timeout=20_000)
    queued(page, "refused").get_by_role("button", name="Ta tilbake").click()
    queued(page, "held").get_by_role("button", name="Slett for godt").click()
    expect(queued(page, "held")).to_have_count(0)
    expect(queued(page, "done")).to_have_count(2)
    assert len(photos_of(page, item_id)) == before + 2


@pytest.mark.parametrize(("fault", "arrive"), [(fails, 2), (is_taken_and_unanswered, 3)])
def test_a_photo_of_a_lost_form_that_is_deleted_takes_no_other_with_it(
    phone: Phone, fault: Fault, arrive: int
) -> None:
    page = phone("kari")
    item_id = piece(page, 41 + arrive)["id"]
    before = len(photos_of(page, item_id))
    lost_photos(page, item_id, [photo("blue"), photo("red"), photo("green")], fault)
    page.goto("/ko")
    expect(queued(page, "waiting")).to_have_count(3)
    queued(page, "waiting").first.get_by_role("button", name="Ta tilbake").click()
    queued(page, "held").get_by_role("button", name="Slett for godt").click()
    expect(queued(page, "held")).to_have_count(0)
    expect(queued(page, "waiting")).to_have_count(2)
    page.context.unroute_all()
    page.get_by_role("button", name="Send nå").click()
    expect(queued(page, "done")).to_have_count(2, timeout=20_000)
    assert len(photos_of(page, item_id)) == before + arrive
