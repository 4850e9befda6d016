"""One person in two organisations, and two persons in one browser: nobody's work is another's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scanning import looked_at
from tests.journeys.test_field_work import some_pieces
from tests.journeys.test_queue import (
    Phone,
    api,
    kept,
    moved_without_coverage,
    moves_of,
    phone,
    queued,
    server,
)
from tests.journeys.visits import sign_in, sign_out
from tools.demo_site import PASSWORD, ROOT, DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = pytest.mark.browser

OTHER = "Annen virksomhet"


@pytest.fixture
def in_two(server: DemoServer, tmp_path: Path) -> str:
    """Who is also the administrator of another organisation."""
    password = tmp_path / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    given = ["--organisation", OTHER, "--name", "Ole", "--email", "ole@demo.example"]
    subprocess.run(
        [sys.executable, "-m", "app", "init", *given, "--password-file", str(password)],
        cwd=ROOT,
        env={
            **os.environ,
            "OMLOP_DATA_DIR": str(server.folder),
            "OMLOP_DATABASE_URL": server.database_url,
        },
        check=True,
    )
    return "ole"


def switch(page: Page, *, to_other: bool) -> None:
    page.goto("/bytt-virksomhet")
    buttons = page.get_by_role("main").locator(".menu-list button")
    named = buttons.filter(has_text=OTHER) if to_other else buttons.filter(has_not_text=OTHER)
    named.click()
    page.wait_for_url(lambda url: "/bytt-virksomhet" not in url)


def test_signing_out_asks_about_what_is_unsent_in_another_organisation(
    phone: Phone, in_two: str
) -> None:
    page = phone(in_two, is_new=True)
    switch(page, to_other=False)
    ((_, code),) = some_pieces(page, 1, skip=12)
    before = set(moves_of(page))
    moved_without_coverage(page, [code])
    page.context.route("**/api/v1/relocations", lambda route: route.abort("connectionreset"))
    page.context.set_offline(offline=False)
    switch(page, to_other=True)

    page.locator(".person-menu > summary").click()
    page.get_by_role("button", name="Logg ut").click()
    page.wait_for_url("**/ko?ut=1")
    leaving = page.locator("[data-leave]")
    expect(leaving).to_contain_text("1 av dette er fra en annen virksomhet")
    assert looked_at(page, "logg-ut-annen-virksomhet") == []
    page.get_by_text("Slett det usendte og logg ut").click()
    page.get_by_role("button", name="Ja, slett og logg ut").click()
    page.wait_for_url("**/logg-inn*")

    page.context.unroute_all()
    sign_in(page, in_two)
    switch(page, to_other=False)
    page.goto("/ko")
    expect(queued(page, "waiting")).to_have_count(0)
    expect(page.get_by_role("heading", level=2)).to_have_text("Køen er tom")
    assert set(moves_of(page)) == before
    sign_out(page)


def changed_hands(page: Page, local: str) -> None:
    """Another tab of the same browser signs in somebody else."""
    tab = page.context.new_page()
    tab.context.clear_cookies()
    sign_in(tab, local)
    tab.close()


def test_a_tick_on_a_page_of_somebody_else_changes_nobody_s_choice(phone: Phone) -> None:
    page = phone("kari", is_new=True)
    page.goto("/mobler")
    changed_hands(page, "ingrid")
    page.locator("input[name=velg]").first.click()
    expect(page.locator("[data-selection-count]")).to_contain_text("annen")
    expect(page.locator("input[name=velg]").first).not_to_be_checked()
    page.reload()
    expect(page.locator("[data-selection-count]")).to_have_text("0 valgt")


def test_a_lost_piece_that_is_looked_up_on_a_page_of_somebody_else_is_not_found_by_them(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari", is_new=True)
    piece = next(each for each in api(page, "/items?limit=60&state=in_use") if each["code"])
    answer = page.request.post(
        "/api/v1/items/miss", data=[{"item_id": piece["id"]}], headers={"Origin": server.address}
    )
    assert answer.ok
    page.goto("/skann")
    changed_hands(page, "liv")
    page.get_by_label("Eller skriv koden").fill(piece["code"])
    with page.expect_response("**/api/v1/items/find") as answered:
        page.get_by_role("button", name="Slå opp").click()
    assert answered.value.status == 409
    assert api(page, f"/items/{piece['id']}")["state"] == "lost"
