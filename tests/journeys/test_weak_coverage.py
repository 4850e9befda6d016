"""Coverage that comes and goes: what a form said is in the queue or still on the page, and counts once.

The navigator says that there is a network. The request fails, hangs, or its answer is lost.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.lost_answers import is_lost
from tests.journeys.scanning import looked_at
from tests.journeys.test_count import moved_to
from tests.journeys.test_field_work import some_pieces
from tests.journeys.test_queue import (
    Phone,
    api,
    choose,
    kept,
    moves_of,
    phone,
    queued,
    server,
)
from tests.journeys.test_register_offline import blank_codes, fill, photo, pieces
from tests.journeys.test_survey import begun
from tests.journeys.test_undo_offline import place_of
from tests.journeys.visits import sign_in
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser

Fault = Callable[[Route], None]


def fails(route: Route) -> None:
    route.abort("connectionreset")


def hangs(_: Route) -> None:
    """Neither an answer nor an error."""


def meets_a_log_on_page(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<h1>Gjestenett: logg på</h1>")


COUNTED = re.compile(r"\b1 av \d+ funnet|\b1 uventet")
FAULTS = [fails, hangs, is_lost, meets_a_log_on_page]


def posts_meet(page: Page, path: str, fault: Fault) -> None:
    """From now on what is posted to the path meets the fault."""
    page.context.route(
        path, lambda route: fault(route) if route.request.method == "POST" else route.fallback()
    )


def is_kept(page: Page, text: str = "lagt i køen") -> None:
    expect(page.locator("[data-queued]")).to_contain_text(text, timeout=20_000)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_move_that_is_lost_in_weak_coverage_is_queued_and_moves_once(
    phone: Phone, fault: Fault
) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=19 + FAULTS.index(fault))
    before = set(moves_of(page))
    choose(page, "Pauserom 3")
    page.get_by_label("Koder").fill(code)
    posts_meet(page, "**/flytt", fault)
    page.get_by_role("button", name="Flytt", exact=True).click()
    is_kept(page)
    expect(page.get_by_label("Koder")).to_have_value("")
    page.context.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    assert len(set(moves_of(page)) - before) == 1


def test_a_form_that_is_sent_before_its_script_has_come_waits_for_it(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=27)
    before = set(moves_of(page))
    held: list[Route] = []

    def hold(route: Route) -> None:  # Playwright marks what it calls, and can not mark a builtin
        held.append(route)

    page.context.route("**/field.js*", hold)
    page.goto("/flytt", wait_until="commit")
    choose(page, "Pauserom 3")
    page.get_by_label("Koder").fill(code)
    posts_meet(page, "**/flytt", fails)
    button = page.get_by_role("button", name="Flytt", exact=True)
    button.click()
    button.click()
    page.context.unroute("**/field.js*")
    for route in held:
        route.continue_()
    is_kept(page)
    page.context.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1)
    assert len(set(moves_of(page)) - before) == 1


@pytest.mark.parametrize("fault", [fails, is_lost])
def test_a_registration_that_is_lost_in_weak_coverage_is_one_piece_with_its_photos(
    phone: Phone, server: DemoServer, fault: Fault
) -> None:
    page = phone("kari")
    (code,) = blank_codes(page, server, 1)
    name = f"Svakstol {fault.__name__}"
    page.goto("/mobler/ny")
    fill(page, [code], name)
    page.get_by_label("Bilder").set_input_files([photo("red"), photo("green")])
    expect(page.locator("[data-tray] li")).to_have_count(2)
    posts_meet(page, "**/mobler/ny", fault)
    page.get_by_role("button", name="Registrer", exact=True).click()
    is_kept(page, "Svaret kom ikke fram")
    assert looked_at(page, f"svak-dekning-{fault.__name__}") == []
    page.context.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(3, timeout=20_000)
    (found,) = pieces(page, name)
    assert found["code"] == code
    assert len(api(page, f"/items/{found['id']}/photos")) == 2


@pytest.mark.parametrize("fault", [fails, is_lost])
def test_a_survey_s_piece_that_is_lost_in_weak_coverage_is_registered_once(
    phone: Phone, fault: Fault
) -> None:
    page = phone("kari")
    address = begun(page, f"Svakt {fault.__name__}")
    page.locator("#field-category_id").select_option("CHAIR_STACK")
    page.locator("#field-place_id").select_option(index=3)
    page.locator("#field-owner_unit_id").select_option(index=1)
    posts_meet(page, f"**{address}", fault)
    page.get_by_role("button", name="Registrer").last.click()
    is_kept(page)
    page.context.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    page.goto("/kartlegging/videre")
    expect(page.get_by_role("link", name="1 møbel registrert")).to_be_visible()


@pytest.mark.parametrize("fault", [fails, is_lost])
def test_a_count_that_is_lost_in_weak_coverage_is_begun_and_counted_once(
    phone: Phone, fault: Fault
) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=24 + FAULTS.index(fault))
    room = "Vaktrom 2" if fault is fails else "Pauserom 3"
    page.goto("/varetelling")
    choose(page, room)
    posts_meet(page, "**/varetelling", fault)
    page.get_by_role("button", name="Begynn å telle").click()
    is_kept(page)
    page.context.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    queued(page, "done").get_by_role("link", name="Åpne").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(room)
    posts_meet(page, "**/skann", fault)
    page.get_by_label("Koder").fill(code)
    page.get_by_role("button", name="Tell med").click()
    is_kept(page)
    page.context.unroute_all()
    page.evaluate("import('/static/modules/outbox.js').then((m) => m.send())")
    expect(page.locator("#queue-pill")).to_be_hidden()
    page.reload()
    expect(page.locator(".field-tally")).to_contain_text(COUNTED)


@pytest.mark.parametrize("fault", [fails, is_lost])
def test_an_edit_that_is_lost_in_weak_coverage_is_saved_once(phone: Phone, fault: Fault) -> None:
    page = phone("kari")
    ((piece, _),) = some_pieces(page, 1, skip=32 + FAULTS.index(fault))
    version = api(page, f"/items/{piece.split('/')[-1]}")["version"]
    page.goto(f"{piece}/rediger")
    page.get_by_label("Merknad").fill(f"Ripe i lakken, {fault.__name__}")
    posts_meet(page, "**/rediger", fault)
    page.get_by_role("button", name="Lagre", exact=True).click()
    is_kept(page)
    page.context.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1, timeout=20_000)
    edited = api(page, f"/items/{piece.split('/')[-1]}")
    assert (edited["version"], edited["note"]) == (
        version + 1,
        f"Ripe i lakken, {fault.__name__}",
    )


def test_of_two_edits_with_coverage_the_second_sees_the_first_and_decides(phone: Phone) -> None:
    page, other = phone("kari"), phone("kari")
    ((piece, _),) = some_pieces(page, 1, skip=36)
    for each in (page, other):
        each.goto(f"{piece}/rediger")
    other.get_by_label("Merknad").fill("Deres")
    other.get_by_role("button", name="Lagre", exact=True).click()
    other.wait_for_url(f"**{piece}")
    page.get_by_label("Merknad").fill("Min")
    page.get_by_role("button", name="Lagre", exact=True).click()
    expect(page.locator("[data-renewed=conflict]")).to_contain_text("Deres")
    expect(page.get_by_label("Merknad")).to_have_value("Min")
    page.get_by_role("button", name="Lagre", exact=True).click()
    page.wait_for_url(f"**{piece}")
    assert api(page, f"/items/{piece.split('/')[-1]}")["note"] == "Min"


def test_a_tap_that_is_lost_in_weak_coverage_says_so_and_counts_once_when_tapped_again(
    phone: Phone,
) -> None:
    page = phone("kari")
    page.goto("/varetelling")
    choose(page, "Vaktrom 2")
    page.get_by_role("button", name="Begynn å telle").click()
    page.wait_for_url("**/varetelling/*-*")
    posts_meet(page, "**/avbryt", is_lost)
    page.get_by_text("Avbryt tellingen").click()
    page.get_by_role("button", name="Ja, avbryt").click()
    expect(page.locator("[data-lost]")).to_contain_text("gjelder bare én gang")
    assert looked_at(page, "svak-dekning-avbryt") == []
    page.context.unroute_all()
    page.get_by_role("button", name="Ja, avbryt").click()
    expect(page.get_by_role("button", name="Tell med")).to_have_count(0)


def test_an_undo_that_is_lost_in_weak_coverage_is_queued_and_counts_once(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=28)
    stood = place_of(page, code)
    moved_to(page, "Pauserom 3", [code])
    posts_meet(page, "**/angre", is_lost)
    page.get_by_role("button", name="Angre flyttingen").click()
    expect(page.get_by_text("Flyttingen ble angret")).to_be_visible()
    assert place_of(page, code) == stood
    page.goto("/ko")
    expect(queued(page, "done")).to_contain_text("Angret flytting")


def test_a_new_survey_that_is_lost_in_weak_coverage_is_queued_and_begun_once(phone: Phone) -> None:
    page = phone("kari")
    page.goto("/kartlegging")
    page.get_by_label("Hva skal kartlegges?").fill("Bygg Z")
    posts_meet(page, "**/kartlegging", is_lost)
    page.get_by_role("button", name="Begynn kartleggingen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bygg Z")
    page.goto("/ko")
    expect(queued(page, "done")).to_contain_text("Bygg Z")
    page.goto("/kartlegging")
    expect(page.get_by_role("link", name="Bygg Z")).to_have_count(1)


def test_a_server_that_fails_is_said_and_what_was_typed_stays(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=29)
    page.goto("/flytt")
    choose(page, "Pauserom 3")
    page.get_by_label("Koder").fill(code)
    posts_meet(
        page,
        "**/flytt",
        lambda route: route.fulfill(
            status=500,
            headers={"X-Request-Id": "1"},
            content_type="text/html",
            body="<main><h1>Noe gikk galt hos oss.</h1></main>",
        ),
    )
    page.get_by_role("button", name="Flytt", exact=True).click()
    is_kept(page, "Noe gikk galt hos oss. Det du skrev, står her fortsatt.")
    expect(page.get_by_label("Koder")).to_have_value(code)
    page.context.unroute_all()
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 møbel er på plass")


def test_a_count_with_a_mistyped_code_keeps_that_code_and_counts_the_others(phone: Phone) -> None:
    page = phone("kari")
    ((_, code),) = some_pieces(page, 1, skip=30)
    page.goto("/varetelling")
    choose(page, "Møterom Breen")
    page.get_by_role("button", name="Begynn å telle").click()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    page.get_by_label("Koder").fill(f"{code}\n{wrong}")
    page.get_by_role("button", name="Tell med").click()
    expect(page.locator("#error-summary")).to_contain_text("ikke riktig skrevet")
    expect(page.get_by_label("Koder")).to_have_value(wrong)
    expect(page.locator(".field-tally")).to_contain_text(COUNTED)
    page.get_by_label("Koder").fill(code)
    page.get_by_role("button", name="Tell med").click()
    expect(page.locator("#error-summary")).to_be_hidden()
    expect(page.locator(".field-tally")).to_contain_text(COUNTED)


def test_a_sign_in_that_ran_out_is_said_and_leads_to_signing_in(phone: Phone) -> None:
    page = phone("kari", is_new=True)
    ((_, code),) = some_pieces(page, 1, skip=31)
    before = set(moves_of(page))
    choose(page, "Pauserom 3")
    page.get_by_label("Koder").fill(code)
    page.context.clear_cookies()
    page.get_by_role("button", name="Flytt", exact=True).click()
    is_kept(page, "Innloggingen er gått ut: lagt i køen")
    expect(page.locator("[data-queued]")).not_to_contain_text("Ingen dekning")
    expect(page.locator("#queue-pill")).to_have_text("Logg inn (1)")
    assert looked_at(page, "innlogging-gatt-ut") == []
    page.locator("[data-queued]").get_by_role("link", name="Logg inn").click()
    assert page.url.endswith("/logg-inn?til=%2Fflytt")
    sign_in(page, "kari")
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1)
    assert len(set(moves_of(page)) - before) == 1
