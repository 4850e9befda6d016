"""A caretaker counts a room with the camera: the door, then everything in the room."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.kit.codes import grouped, mint
from tests.journeys import camera
from tests.journeys.scanning import Film, looked_at
from tests.journeys.test_every_page import cut_off
from tests.journeys.test_field_work import open_place, some_pieces
from tests.journeys.test_survey import typed_by_scanner

pytestmark = [pytest.mark.browser, pytest.mark.on_both]

SHOWN_SECONDS, BETWEEN_SECONDS = 1.0, 0.3


def door_of(page: Page, room: str) -> str:
    open_place(page, room)
    return page.locator(".eyebrow").inner_text().rpartition("·")[2].strip()


def moved_to(page: Page, room: str, codes: list[str]) -> None:
    open_place(page, room)
    page.get_by_role("link", name="Flytt møbler hit").click()
    page.get_by_label("Koder").fill("\n".join(codes))
    page.get_by_role("button", name="Flytt", exact=True).click()
    page.wait_for_url("**/flytt/*-*")


def heard(page: Page) -> Any:
    return page.locator("[data-heard]")


def counting(page: Page, door: str) -> None:
    """The page of the count of the room behind this door, with its script."""
    page.goto("/varetelling")
    page.get_by_label("Koden ved døren").fill(door)
    page.get_by_role("button", name="Begynn å telle").click()
    page.wait_for_url("**/varetelling/*-*")
    expect(page.locator("html[data-ready]")).to_be_visible()


def found_so_far(page: Page) -> tuple[int, int]:
    """How many were found, of how many."""
    words = page.locator(".field-tally p").first.inner_text().split()
    return int(words[0]), int(words[2])


def test_a_room_is_counted_by_its_door_and_its_labels_before_the_camera(
    filmed: Film, visit: Callable[..., Page], site: str, tmp_path: Path
) -> None:
    """Five pieces stand there by the register; three are met, and one that stands elsewhere."""
    desk = visit("kari")
    pieces = [code for _, code in some_pieces(desk, 6, skip=20)]
    moved_to(desk, "Sengepost 2B", pieces[:5])
    door = door_of(desk, "Sengepost 2B")
    met = [*pieces[:3], pieces[5]]
    labels = [
        camera.label(door.replace("-", ""), site, kind="P"),
        *(camera.label(code.replace("-", ""), site) for code in met),
    ]
    scenes = [
        each
        for label in labels
        for each in ((label, SHOWN_SECONDS), (camera.nothing(), BETWEEN_SECONDS))
    ]
    page = filmed("kari", camera.film(tmp_path / "x.y4m", scenes))

    page.goto("/varetelling")
    page.wait_for_url("**/varetelling/*-*")

    expect(page.locator("section[aria-labelledby=unexpected] li")).to_have_count(1, timeout=40_000)
    expect(page.locator(".field-tally")).to_contain_text("3 av", timeout=40_000)
    _, expected = found_so_far(page)
    assert expected >= 5
    page.evaluate("window.stayed = true")
    assert looked_at(page, "telling-kamera") == []
    assert cut_off(page) is None
    row = page.locator("section[aria-labelledby=unexpected] li")
    row.get_by_role("button", name="Flytt hit").click()
    expect(row).to_contain_text("Flyttet hit")
    form = page.locator("form", has=page.get_by_label("Hvor mange?"))
    for so_far in (1, 3):
        form.get_by_label("Hvor mange?").fill("1" if so_far == 1 else "2")
        form.get_by_role("button", name="Legg til").click()
        expect(page.locator(".field-tally")).to_contain_text(f"{so_far} uten etikett")
    assert page.evaluate("window.stayed")
    page.get_by_role("button", name="Avslutt tellingen").click()
    expect(page.locator("section[aria-labelledby=missing] h2")).to_have_text(
        f"Mangler: {expected - 3}"
    )


def test_each_scan_of_a_count_says_what_it_was(visit: Callable[..., Page]) -> None:
    page = visit("kari", width=390)
    pieces = [code for _, code in some_pieces(page, 2, skip=30)]
    moved_to(page, "Møterom Fjorden", pieces[:1])
    door, other = door_of(page, "Møterom Fjorden"), door_of(page, "Sengepost 2B")
    counting(page, door)
    before, _ = found_so_far(page)
    stranger = mint()

    for text, said, tone in (
        (pieces[0], "Funnet:", "hit"),
        (pieces[0], "Skannet før:", "again"),
        (pieces[1], "Registrert i", "foreign"),
        ("7090012345674", "Ikke en av våre etiketter: 7090012345674", "foreign"),
        (stranger, f"Ikke en av våre etiketter: {grouped(stranger)}", "foreign"),
        (f"{pieces[0][:-1]}{'2' if pieces[0][-1] != '2' else '3'}", "stemmer ikke", "wrong"),
        (other, "koden til et rom", "wrong"),
    ):
        typed_by_scanner(page, text.replace("-", "") if said != "Registrert i" else text)
        expect(heard(page)).to_contain_text(said)
        expect(heard(page)).to_have_attribute("data-tone", tone)
        if said == "Registrert i":
            page.locator("form[data-tap=move]").get_by_role("button", name="Flytt hit").click()
            expect(heard(page)).to_have_text("Lagret.")
    assert found_so_far(page)[0] == before + 1
    page.get_by_role("button", name="Tell dette rommet").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sengepost 2B")


def test_scans_without_a_network_wait_and_count_once(visit: Callable[..., Page]) -> None:
    page = visit("kari", width=390, is_watched=False)
    pieces = [code for _, code in some_pieces(page, 2, skip=34)]
    moved_to(page, "Undervisningsrom B1", pieces)
    counting(page, door_of(page, "Undervisningsrom B1"))
    before, _ = found_so_far(page)

    page.context.set_offline(offline=True)
    for code in (pieces[0], pieces[1], pieces[0]):
        typed_by_scanner(page, code)
        expect(heard(page)).to_contain_text(code)
    expect(heard(page)).to_have_attribute("data-tone", "again")
    expect(page.locator("#queue-pill")).to_contain_text("2")
    page.context.set_offline(offline=False)
    expect(page.locator("#queue-pill")).to_be_hidden(timeout=30_000)

    page.reload()
    assert found_so_far(page)[0] == before + 2


def test_what_a_count_is_not_told_waits_and_is_not_called_saved(
    visit: Callable[..., Page], signed_in: Callable[[str], Any]
) -> None:
    """The sign-in ran out, somebody else has signed in, the network is gone."""
    page = visit("kari", width=390, is_watched=False)
    counting(page, door_of(page, "Pauserom 3"))
    cookies: Any = page.context.cookies()
    how_many, add = page.get_by_label("Hvor mange?"), page.get_by_role("button", name="Legg til")
    how_many.fill("4")
    page.get_by_label("Hva er det?").fill("Krakker")
    sign_in_link = page.locator("[data-tap=sign-in]").get_by_role("link", name="Logg inn")
    waiting = page.locator("[data-waits-rows] > li")

    page.context.clear_cookies()
    add.click()
    expect(heard(page)).to_contain_text("Innloggingen er gått ut: lagt i køen")
    expect(heard(page)).to_have_attribute("data-tone", "foreign")
    expect(how_many).to_have_value("1")
    expect(waiting).to_contain_text("4 uten etikett")
    expect(sign_in_link).to_be_visible()
    assert looked_at(page, "telling-innlogging-gatt-ut") == []

    page.context.add_cookies(signed_in("ingrid")["cookies"])
    how_many.fill("5")
    add.click()
    expect(heard(page)).to_contain_text("En annen er logget inn nå")
    expect(heard(page)).to_have_attribute("data-tone", "wrong")
    expect(sign_in_link).to_be_hidden()
    expect(how_many).to_have_value("5")

    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    page.context.set_offline(offline=True)
    add.click()
    expect(heard(page)).to_contain_text("Ingen dekning: lagt i køen")
    expect(waiting).to_have_count(2)
    page.context.set_offline(offline=False)
    expect(waiting).to_have_count(0)
    expect(page.locator(".field-tally")).to_contain_text("9 uten etikett")
    how_many.fill("fire")
    add.click()
    expect(page.locator("#error-summary")).to_be_visible()
    expect(how_many).to_have_value("fire")
    how_many.fill("4")
    add.click()
    expect(heard(page)).to_have_text("Lagret.")
    expect(page.locator("#error-summary")).to_be_hidden()
    expect(page.locator(".field-tally")).to_contain_text("13 uten etikett")
    expect(page.locator("section[aria-labelledby=strays]")).to_contain_text("Krakker")


def test_a_tap_that_is_not_sent_waits_in_its_row(visit: Callable[..., Page]) -> None:
    page = visit("kari", width=390, is_watched=False)
    ((_, code),) = some_pieces(page, 1, skip=33)
    counting(page, door_of(page, "Vaktrom 2"))
    typed_by_scanner(page, code.replace("-", ""))
    expect(heard(page)).to_contain_text("Registrert i")
    row = page.locator("section[aria-labelledby=unexpected] li")
    expect(row).to_have_count(1)
    tap = page.locator("form[data-tap=move]").get_by_role("button", name="Flytt hit")
    cookies: Any = page.context.cookies()
    page.context.clear_cookies()
    tap.click()
    expect(heard(page)).to_contain_text("Innloggingen er gått ut")
    expect(tap).to_be_hidden()
    expect(row).to_contain_text("Flytt hit · Venter")
    row.get_by_role("button", name="Ta tilbake").click()
    row.get_by_role("button", name="Flytt hit").click()
    expect(row).to_contain_text("Flytt hit · Venter")
    page.context.add_cookies(cookies)
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(row).to_contain_text("Flyttet hit")
