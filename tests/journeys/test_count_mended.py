"""A count that was begun without coverage and is mended keeps every code that was scanned in it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.scanning import looked_at
from tests.journeys.test_count import door_of
from tests.journeys.test_field_work import some_pieces
from tests.journeys.test_queue import Phone, kept, phone, queued, server
from tests.journeys.test_survey import typed_by_scanner
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser


def begun(page: Page, door: str) -> None:
    page.get_by_label("Koden ved døren").fill(door)
    page.get_by_role("button", name="Begynn å telle").click()


def counted(page: Page, codes: list[str]) -> None:
    form = page.locator("form[data-queue=scans]")
    form.get_by_label("Koder").fill("\n".join(codes))
    form.get_by_role("button", name="Tell med").click()
    expect(form.get_by_label("Koder")).to_have_value("")


def test_scans_stay_behind_a_beginning_that_is_mended(phone: Phone) -> None:
    page = phone("kari")
    codes = [code for _, code in some_pieces(page, 3, skip=40)]
    door = door_of(page, "Kontorer B2")
    page.goto("/varetelling")
    page.context.set_offline(offline=True)
    begun(page, "Kontorer B2")
    expect(page.get_by_role("heading", name="Teller i")).to_be_visible()
    counted(page, codes[:2])
    counted(page, codes[2:])
    expect(page.locator("#queue-pill")).to_have_text("3 usendte")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "refused")).to_have_count(1)
    page.get_by_role("button", name="Ta tilbake").first.click()
    expect(page.get_by_role("button", name="Slett for godt, også 2 som hører til")).to_be_visible()
    assert looked_at(page, "ko-telling-med-koder") == []

    page.get_by_role("link", name="Rett det").click()
    expect(page.get_by_label("Koden ved døren")).to_have_value("Kontorer B2")
    begun(page, door)
    expect(page.locator("#queue-pill")).to_be_hidden()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(3)
    queued(page, "done").last.get_by_role("link", name="Åpne").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kontorer B2")
    expect(page.locator(".field-tally")).to_contain_text("3 uventet")


def test_what_was_scanned_in_a_room_stays_there_when_the_next_door_is_scanned(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    codes = [code for _, code in some_pieces(page, 3, skip=44)]
    doors = [door_of(page, room) for room in ("Arkiv B2", "Kontorer B1")]
    page.goto("/varetelling")
    page.context.set_offline(offline=True)
    for door, scanned in zip(doors, (codes[:2], codes[2:]), strict=True):
        typed_by_scanner(page, f"{server.address}/P/{door.replace('-', '')}")
        expect(page.get_by_role("heading", name="Teller i")).to_have_text(f"Teller i {door}")
        field = page.locator("form[data-queue=scans]").get_by_label("Koder")
        expect(field).to_have_value("")
        for code in scanned:
            typed_by_scanner(page, code.replace("-", ""))
            expect(field).to_have_value(re.compile(code))
    assert looked_at(page, "telling-neste-rom") == []
    page.get_by_role("button", name="Tell med").click()
    expect(page.locator("#queue-pill")).to_have_text("4 usendte")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(4)
    for room, unexpected in (("Arkiv B2", 2), ("Kontorer B1", 1)):
        page.goto("/varetelling")
        page.get_by_role("link", name=room).first.click()
        expect(page.locator(".field-tally")).to_contain_text(f"{unexpected} uventet")


def test_codes_of_a_count_that_is_over_are_sent_to_one_that_is_open(phone: Phone) -> None:
    page = phone("kari")
    codes = [code for _, code in some_pieces(page, 2, skip=48)]
    doors = [door_of(page, room) for room in ("Venterom 1", "Kantinen")]
    page.goto("/varetelling")
    page.context.set_offline(offline=True)
    begun(page, doors[0])
    expect(page.get_by_role("heading", name="Teller i")).to_be_visible()
    counted(page, codes)
    page.evaluate(
        """async () => {
            const { entries, takeBack } = await import('/static/modules/outbox.js');
            await takeBack((await entries()).find((each) => each.after.length).id);
        }"""
    )
    page.context.set_offline(offline=False)
    page.goto("/ko")
    queued(page, "done").get_by_role("link", name="Åpne").click()
    page.get_by_role("button", name="Avslutt tellingen").click()
    expect(page.get_by_role("button", name="Tell mer i rommet")).to_be_visible()

    page.goto("/ko")
    page.get_by_role("link", name="Rett det").click()
    form = page.locator("form[data-queue=scans]")
    expect(form.get_by_label("Koder")).to_have_value("\n".join(codes))
    form.get_by_role("button", name="Tell med").click()
    expect(queued_alert(page)).to_contain_text("hentet fra køen")
    expect(form.get_by_label("Koder")).to_have_value("\n".join(codes))
    assert looked_at(page, "telling-rettes") == []
    begun(page, doors[1])
    expect(page.get_by_role("heading", level=1)).to_have_text("Kantinen")

    page.goto("/ko")
    page.get_by_role("link", name="Rett det").click()
    choice = form.get_by_label("Hvilken telling?")
    choice.select_option(label=choice.locator("option", has_text="Kantinen").inner_text())
    form.get_by_role("button", name="Tell med").click()
    expect(form).to_be_hidden()
    expect(page.locator("#queue-pill")).to_be_hidden()
    page.get_by_role("link", name="Kantinen").first.click()
    expect(page.locator(".field-tally")).to_contain_text("2 uventet")


def queued_alert(page: Page) -> Locator:
    return page.locator("[data-queued]")
