"""A form whose answer was lost: what came in it neither waits for a bad part nor arrives twice."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.journeys.lost_answers import is_lost
from tests.journeys.scanning import looked_at
from tests.journeys.test_piece_offline import photos_of, piece
from tests.journeys.test_queue import Phone, api, kept, phone, queued, server
from tests.journeys.test_register_offline import fill, photo, pieces
from tests.journeys.test_weak_coverage import (
    Fault,
    fails,
    is_kept,
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


@pytest.mark.parametrize(("fault", "arrive"), [(fails, 2), (is_lost, 3)])
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
    progress = page.get_by_role("progressbar", name="Sendt av det som venter")
    expect(progress).to_have_js_property("max", 2)
    page.context.unroute_all()
    page.get_by_role("button", name="Send nå").click()
    expect(queued(page, "done")).to_have_count(2, timeout=20_000)
    expect(progress).to_be_hidden()
    assert len(photos_of(page, item_id)) == before + arrive


PIECES = "**/api/v1/items"


def typed(page: Page, name: str) -> None:
    page.goto("/mobler/ny")
    fill(page, ["x"], name)
    page.get_by_label("Koder på blanke etiketter").fill("")
    page.get_by_label("Bilder").set_input_files([photo("red")])
    expect(page.locator("[data-tray] li")).to_have_count(1)


def lost_with_its_form(page: Page, name: str, fault: Fault) -> None:
    """The form meets the fault, and the queue does not get through either."""
    typed(page, name)
    posts_meet(page, "**/mobler/ny", fault)
    posts_meet(page, PIECES, fails)
    page.get_by_role("button", name="Registrer", exact=True).click()
    is_kept(page)


def lost_from_the_queue(page: Page, name: str, fault: Fault) -> None:
    """It was queued without a network, and what the queue sends meets the fault."""
    typed(page, name)
    page.context.set_offline(offline=True)
    page.get_by_role("button", name="Registrer", exact=True).click()
    is_kept(page)
    posts_meet(page, PIECES, fault)
    with page.expect_event("requestfailed", lambda each: each.url.endswith("/api/v1/items")):
        page.context.set_offline(offline=False)


def mended(page: Page, name: str) -> None:
    """Taken back in the queue and mended: another name, and a colour."""
    page.goto("/ko")
    row = page.locator(".queue-row").filter(has_text="Registrering")
    row.get_by_role("button", name="Ta tilbake").click()
    row.get_by_role("link", name="Rett det").click()
    expect(page.locator("[data-queued]")).to_contain_text("hentet fra køen")
    page.get_by_label("Navn", exact=False).fill(name)
    if not page.get_by_label("Farge").is_visible():
        page.get_by_text("Flere opplysninger").click()
    page.get_by_label("Farge").fill("blå")


def register(page: Page) -> None:
    page.get_by_role("button", name="Registrer", exact=True).click()


def saved_as_edit(page: Page, name: str) -> None:
    """The piece's own form holds what was typed instead; saved, it is the one piece."""
    page.wait_for_url("**/rediger?ko=*", timeout=20_000)
    expect(page.locator("[data-queued]")).to_contain_text("kom fram den første gangen")
    expect(page.get_by_label("Navn")).to_have_value(name)
    expect(page.get_by_label("Farge")).to_have_value("blå")
    page.get_by_role("button", name="Lagre", exact=True).click()
    is_kept(page)
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(3, timeout=20_000)
    (found,) = pieces(page, name)
    piece_now = api(page, f"/items/{found['id']}")
    assert (piece_now["name"], piece_now["colour"]) == (name, "blå")
    assert len(api(page, f"/items/{found['id']}/photos")) == 1


@pytest.mark.parametrize("lost", [lost_with_its_form, lost_from_the_queue])
def test_a_registration_that_had_arrived_becomes_an_edit_when_it_is_mended(
    phone: Phone, lost: Callable[[Page, str, Fault], None]
) -> None:
    page = phone("kari")
    name = f"Sendtstol{lost.__name__[-5:]}"
    lost(page, name, is_lost)
    mended(page, f"{name} rettet")
    page.context.unroute_all()
    register(page)
    saved_as_edit(page, f"{name} rettet")
    assert len(pieces(page, name)) == 1


@pytest.mark.parametrize("lost", [lost_with_its_form, lost_from_the_queue])
def test_a_registration_that_never_arrived_and_was_refused_is_registered_as_it_was_mended(
    phone: Phone, lost: Callable[[Page, str, Fault], None]
) -> None:
    page = phone("kari")
    name = f"Feilstol{lost.__name__[-5:]}"
    lost(page, name, fails)
    mended(page, f"{name} rettet")
    page.context.unroute_all()
    posts_meet(page, PIECES, once_refused())
    register(page)
    is_kept(page)
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(2, timeout=20_000)
    (found,) = pieces(page, name)
    assert found["name"] == f"{name} rettet"


def once_refused() -> Fault:
    """The first request is refused, as one that names a code that another took."""
    refused: list[Route] = []

    def fault(route: Route) -> None:
        if refused:
            route.fallback()
            return
        refused.append(route)
        problem = '{"type": "/problems/code-taken", "title": "Koden er tatt."}'
        route.fulfill(status=409, headers={"X-Request-Id": "1"}, body=problem)

    return fault


def test_what_is_taken_back_while_it_is_being_sent_is_held_when_that_fails(phone: Phone) -> None:
    page = phone("kari")
    typed(page, "Angrestol")
    page.context.set_offline(offline=True)
    register(page)
    is_kept(page)
    under_way: list[Route] = []

    def hold(route: Route) -> None:
        under_way.append(route)

    posts_meet(page, PIECES, fails)
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "waiting").first).to_be_visible()
    # In front of the first fault and not in its place: between the two a try would come through.
    posts_meet(page, PIECES, hold)
    # It may be on its way already: what was tried without a network is tried again by itself.
    page.evaluate("() => void import('/static/modules/outbox.js').then((m) => m.send())")
    queued(page, "sending").get_by_role("button", name="Ta tilbake").click()
    expect(queued(page, "sending")).to_contain_text("Tas tilbake hvis det ikke kommer fram nå.")
    assert len(under_way) == 1
    under_way[0].abort("connectionreset")
    expect(queued(page, "held")).to_contain_text("Registrering")
    assert pieces(page, "Angrestol") == []


def test_a_registration_mended_where_nobody_can_say_whether_it_arrived_waits_as_it_was_mended(
    phone: Phone,
) -> None:
    page = phone("kari")
    lost_with_its_form(page, "Uvisstol", is_lost)
    mended(page, "Uvisstol rettet")
    register(page)
    is_kept(page, "kan ha kommet fram")
    assert looked_at(page, "rettet-uten-svar") == []
    page.goto("/ko")
    row = queued(page, "held")
    expect(row.get_by_role("button", name="Send likevel")).to_have_count(0)
    page.context.unroute_all()
    row.get_by_role("link", name="Rett det").click()
    expect(page.get_by_label("Navn", exact=False)).to_have_value("Uvisstol rettet")
    register(page)
    saved_as_edit(page, "Uvisstol rettet")
    assert len(pieces(page, "Uvisstol")) == 1
