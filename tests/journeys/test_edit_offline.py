"""A registered piece is edited without coverage: sent once, and never on top of somebody else."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.lost_answers import is_lost
from tests.journeys.scanning import looked_at
from tests.journeys.test_queue import Phone, api, kept, phone, queued, server
from tests.journeys.visits import sign_in
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser


def piece_of(page: Page, at: int) -> str:
    """The id of one of the demo's pieces; each journey takes its own."""
    item_id: str = api(page, "/items?limit=60&state=in_use")[at]["id"]
    return item_id


def edited_without_coverage(page: Page, item_id: str, fill: Callable[[Page], None]) -> None:
    page.goto(f"/mobler/{item_id}/rediger")
    page.context.set_offline(offline=True)
    fill(page)
    save(page)
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")


def save(page: Page) -> None:
    page.get_by_role("button", name="Lagre", exact=True).click()


def edit_at_once(page: Page, server: DemoServer, item_id: str, **fields: Any) -> None:
    version = api(page, f"/items/{item_id}")["version"]
    answer = page.request.patch(
        f"/api/v1/items/{item_id}",
        data=fields,
        headers={"Origin": server.address, "If-Match": f'"v{version}"'},
    )
    assert answer.ok, answer.text()


def changes_of(page: Page, item_id: str) -> int:
    """How many times the piece was edited."""
    return sum(each["kind"] == "item-edited" for each in api(page, f"/items/{item_id}/history"))


def mine(page: Page) -> None:
    page.get_by_label("Navn").fill("Min stol")
    page.get_by_label("Farge").fill("blå")
    page.get_by_label("Bredde i cm").fill("63,5")
    page.get_by_label("Setehøyde").fill("45")
    page.get_by_label("Slitt").check()


def test_an_edit_without_coverage_is_sent_once_with_only_what_was_changed(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    item_id = piece_of(page, 20)
    before = api(page, f"/items/{item_id}")
    edits = changes_of(page, item_id)
    edited_without_coverage(page, item_id, mine)
    expect(page.locator("form.form")).to_be_hidden()
    expect(page.locator("#queue-pill")).to_have_text("1 usendt")
    faults = looked_at(page, "rediger-uten-nett")
    # The answer is lost on its way: the server has done it, and the phone does not know.
    page.route(f"**/api/v1/items/{item_id}", is_lost)
    with page.expect_event("requestfailed", lambda each: item_id in each.url):
        page.context.set_offline(offline=False)
    server.kill()
    server.start()
    page.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_contain_text("Endring")
    faults += looked_at(page, "ko-endring-sendt")
    after = api(page, f"/items/{item_id}")
    assert changes_of(page, item_id) == edits + 1
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"name", "colour", "width_mm", "measurements", "condition", "version"}
    assert (after["name"], after["colour"], after["width_mm"]) == ("Min stol", "blå", 635)
    assert after["measurements"] == {**before["measurements"], "seat_height": 450}
    assert after["condition"] == "C"
    queued(page, "done").get_by_role("link", name="Åpne").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Min stol")
    assert faults == []


def test_an_edit_whose_form_arrived_and_whose_answer_was_lost_is_not_made_again(
    phone: Phone,
) -> None:
    page = phone("kari")
    item_id = piece_of(page, 27)
    path, edits = f"/mobler/{item_id}/rediger", changes_of(page, item_id)
    page.goto(path)
    mine(page)
    page.route(f"**{path}", is_lost)
    save(page)
    expect(page.locator("[data-queued]")).to_be_visible()
    page.unroute_all()
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1)
    assert api(page, f"/items/{item_id}")["name"] == "Min stol"
    assert changes_of(page, item_id) == edits + 1


def test_an_edit_that_waits_opens_again_in_its_form_and_stays_one(phone: Phone) -> None:
    page = phone("kari")
    item_id = piece_of(page, 21)
    page.goto(f"/mobler/{item_id}/rediger")
    again = page.context.new_page()
    page.context.route(f"**/api/v1/items/{item_id}", lambda route: route.abort())
    page.context.set_offline(offline=True)
    mine(page)
    save(page)
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.context.set_offline(offline=False)
    again.goto(f"/mobler/{item_id}/rediger")
    expect(again.get_by_label("Navn")).to_have_value("Min stol")
    expect(again.get_by_label("Slitt")).to_be_checked()
    again.get_by_label("Navn").fill("Min andre stol")
    save(again)
    expect(again.locator("[data-queued]")).to_be_visible()
    expect(again.locator("#queue-pill")).to_have_text("1 usendt")
    page.close()  # What it is sending just now would go through once nothing holds it.
    again.context.unroute_all()
    again.goto("/ko")
    expect(queued(again, "done")).to_have_count(1)
    piece = api(again, f"/items/{item_id}")
    assert (piece["name"], piece["colour"]) == ("Min andre stol", "blå")


TYPED_EARLY = """
    new MutationObserver(() => {
        const field = document.querySelector("input[name=colour]:not([data-typed])");
        if (field) Object.assign(field, { value: "ny" }).dataset.typed = "";
    }).observe(document, { childList: true, subtree: true })
"""


def test_what_is_typed_before_the_script_has_come_is_newer_than_what_waits(phone: Phone) -> None:
    page = phone("kari")
    item_id = piece_of(page, 29)
    page.context.route(f"**/api/v1/items/{item_id}", lambda route: route.abort())

    def fill(page: Page) -> None:
        page.get_by_label("Farge").fill("gammel")
        page.get_by_label("Navn").fill("Min stol")

    edited_without_coverage(page, item_id, fill)
    page.context.set_offline(offline=False)
    again = page.context.new_page()
    again.add_init_script(TYPED_EARLY)
    again.goto(f"/mobler/{item_id}/rediger")
    expect(again.get_by_label("Navn")).to_have_value("Min stol")
    expect(again.get_by_label("Farge")).to_have_value("ny")
    save(again)
    expect(again.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.context.unroute_all()
    again.goto("/ko")
    expect(queued(again, "done")).to_have_count(1)
    piece = api(again, f"/items/{item_id}")
    assert (piece["name"], piece["colour"]) == ("Min stol", "ny")


def test_an_edit_that_another_came_before_is_chosen_field_by_field(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    item_id = piece_of(page, 22)
    edited_without_coverage(page, item_id, mine)
    edit_at_once(page, server, item_id, name="Deres stol", material="eik", height_mm=999)
    page.context.set_offline(offline=False)
    page.goto("/ko")
    row = queued(page, "conflict")
    expect(row).to_contain_text("Noen andre har endret dette i mellomtiden.")
    name = row.get_by_role("group", name="Navn")
    expect(name).to_contain_text("Min stol")
    expect(name).to_contain_text("Deres stol")
    expect(row.get_by_role("group", name="Tilstand")).to_contain_text("C · slitt")
    expect(row.get_by_role("group", name="Materiale")).to_have_count(0)
    # What nobody else touched is mine already; what both touched waits for an answer.
    expect(row.get_by_role("group", name="Farge").get_by_label("Ditt")).to_be_checked()
    expect(name.locator("input:checked")).to_have_count(0)
    page.get_by_text("Det du skrev").click()
    assert looked_at(page, "ko-endret-av-andre") == []

    name.get_by_label("Deres").check()
    row.get_by_role("group", name="Tilstand").get_by_label("Deres").check()
    row.get_by_role("button", name="Lagre valget").click()
    expect(queued(page, "done")).to_have_count(1)
    piece = api(page, f"/items/{item_id}")
    assert (piece["name"], piece["colour"], piece["width_mm"]) == ("Deres stol", "blå", 635)
    assert (piece["material"], piece["height_mm"]) == ("eik", 999)
    assert piece["measurements"]["seat_height"] == 450
    expect(queued(page, "done").locator("[data-shown]")).to_contain_text("Min stol")


def test_all_of_yours_and_all_of_theirs_and_a_third_who_comes_between(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    item_id = piece_of(page, 23)
    edited_without_coverage(page, item_id, mine)
    edit_at_once(page, server, item_id, name="Deres stol", colour="rød")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    row = queued(page, "conflict")
    row.get_by_role("button", name="Alt ditt").click()
    edit_at_once(page, server, item_id, colour="gul")
    row.get_by_role("button", name="Lagre valget").click()
    expect(row.get_by_role("group", name="Farge")).to_contain_text("gul")
    assert api(page, f"/items/{item_id}")["name"] == "Deres stol"
    row.get_by_role("button", name="Alt ditt").click()
    row.get_by_role("button", name="Lagre valget").click()
    expect(queued(page, "done")).to_have_count(1)
    piece = api(page, f"/items/{item_id}")
    assert (piece["name"], piece["colour"], piece["condition"]) == ("Min stol", "blå", "C")

    edited_without_coverage(page, item_id, lambda page: page.get_by_label("Farge").fill("grå"))
    edit_at_once(page, server, item_id, colour="lilla")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    row = queued(page, "conflict")
    row.get_by_label("Deres").check()
    row.get_by_role("button", name="Lagre valget").click()
    expect(queued(page, "held").locator("[data-shown]")).to_contain_text("grå")
    assert api(page, f"/items/{item_id}")["colour"] == "lilla"


def test_nothing_changed_is_not_queued_and_a_number_that_is_none_is_told(phone: Phone) -> None:
    page = phone("kari")
    page.goto(f"/mobler/{piece_of(page, 24)}/rediger")
    page.context.set_offline(offline=True)
    save(page)
    name, width = page.get_by_label("Navn"), page.get_by_label("Bredde i cm")
    assert name.evaluate("each => each.validationMessage") == "Du har ikke endret noe."
    width.fill("bred")
    save(page)
    assert width.evaluate("each => each.validationMessage").startswith("Skriv et tall")
    width.fill("90000")
    save(page)
    assert "0,1 og 2" in width.evaluate("each => each.validationMessage")
    width.fill("60")
    name.fill("")
    save(page)
    expect(page.locator("[data-queued]")).to_be_hidden()
    name.fill("Stol")
    save(page)
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")


def test_a_refused_edit_names_the_field_and_is_mended_in_its_form(phone: Phone) -> None:
    page = phone("kari")
    item_id = piece_of(page, 25)
    edited_without_coverage(page, item_id, lambda page: page.get_by_label("Mengde").fill("7"))
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "refused").locator("[data-problem]")).to_contain_text("Mengde: ")
    page.get_by_role("link", name="Rett det").click()
    expect(page.get_by_label("Mengde")).to_have_value("7")
    page.get_by_label("Mengde").fill("1")
    page.get_by_label("Farge").fill("oransje")
    save(page)
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")
    page.goto("/ko")
    expect(queued(page, "done")).to_have_count(1)
    assert api(page, f"/items/{item_id}")["colour"] == "oransje"


def test_another_person_on_the_phone_neither_sees_nor_sends_the_edit(phone: Phone) -> None:
    page = phone("kari")
    item_id = piece_of(page, 26)
    before = api(page, f"/items/{item_id}")
    edited_without_coverage(page, item_id, mine)
    page.context.clear_cookies()
    other = page.context.new_page()
    page.context.set_offline(offline=False)
    sign_in(other, "ole")
    other.goto("/ko")
    expect(other.get_by_role("heading", level=2)).to_have_text("Køen er tom")
    other.goto(f"/mobler/{item_id}/rediger")
    expect(other.get_by_label("Navn")).not_to_have_value("Min stol")
    assert api(other, f"/items/{item_id}") == before
