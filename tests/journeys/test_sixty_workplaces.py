"""Sixty workplaces out of two buildings, by the pages that a project manager uses, and forms alone.

What the figures are is calculated by hand in `tests/reports/test_sixty_workplaces.py`; here the same
pieces go the same ways through the pages, and have to come to the same sums.
"""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from app.kit.clock import OSLO
from tests.journeys.desk import Desk
from tests.reports.test_sixty_workplaces import TOTALS, totals

pytestmark = [pytest.mark.browser, pytest.mark.on_both]

FIRST, SECOND, NEW = "Kontorer 3", "Undervisningsrom B1", "2. etasje › Kontorer"
CHAIR, DESK, TABLE = "Kontorstol", "Skrivebord, fast høyde", "Kantinebord / spisebord"
CHAIR_SIZE = {"width_cm": "65", "depth_cm": "65", "height_cm": "110"}
DESK_SIZE = {"width_cm": "160", "depth_cm": "80", "height_cm": "75"}
MEND, BUILD = "Omtrekk eller redesign", "Nytt møbel av overskudd"


def survey(desk: Desk) -> None:
    """Two houses are walked through, and what is met is on the project."""
    desk.page.goto("/modeller/ny")
    desk.send(
        "Lagre",
        category_id=DESK, maker="Vestkant", name="V14", width_cm="140", depth_cm="80",
        height_cm="75", mass_kg="30", new_price_kr="3500", gwp_kg="41", gwp_basis="maker",
        gwp_source="Produktblad",
    )  # fmt: skip
    walk = desk.survey("Første bygg")
    desk.register(walk, CHAIR, FIRST, 30, **CHAIR_SIZE)
    desk.register(walk, DESK, FIRST, 26, product_model="Vestkant V14")
    walk = desk.survey("Andre bygg")
    desk.register(walk, CHAIR, SECOND, 16, mass_kg="17,5", **CHAIR_SIZE)
    desk.register(walk, DESK, SECOND, 26, **DESK_SIZE)
    desk.register(walk, CHAIR, SECOND, 10, condition="D", **CHAIR_SIZE)
    desk.register(walk, TABLE, SECOND, 12, condition="D", mass_kg="24")
    desk.replan("Redesign", CHAIR, "D · ")
    desk.replan("Deler", TABLE, "D · ")


def reupholster(desk: Desk, line: str) -> None:
    first, second = "Fjord Møbeltapetserer", "Åsen Verksted"
    desk.supplier(first, 1, MEND)
    desk.supplier(second, 2, MEND)
    desk.order(line, MEND, "Ta med 10 ×")
    desk.quote(first, "28000")
    desk.quote(second, "24500")
    desk.choose(second, "3 500 kr lavere, og tidligere levering.")
    desk.dispatch(second)
    desk.deliver(
        materials_1="textile", materials_1_kg="1,2", materials_2="pur_foam", materials_2_kg="0,8",
        removed_1="textile", removed_1_kg="0,9", removed_2="pur_foam", removed_2_kg="0,6",
        energy_kwh="3", would_have="would_buy_new", vehicle="VAN_DIESEL_KM", distance_km="24",
        transport_kr="1200", costs_complete="true",
    )  # fmt: skip


def build(desk: Desk, line: str) -> None:
    name = "Snekkeriet"
    desk.supplier(name, 1, BUILD)
    desk.order(line, BUILD, "Ta med 12 ×", quantity=6)
    desk.quote(name, "10800")
    desk.choose(name)
    desk.dispatch(name)
    desk.deliver(
        "12,5",
        materials_1="steel", materials_1_kg="2", energy_kwh="4", warranted_as_new="true",
        offcut_wood_kg="100", offcut_metal_kg="30",
    )  # fmt: skip


def test_sixty_workplaces_are_furnished_by_the_pages_alone(visit: Callable[..., Page]) -> None:
    page = visit("kari", scripts=False)
    page.set_default_timeout(30_000)
    desk = Desk(page, datetime.now(OSLO).date(), "60 arbeidsplasser")
    desk.start(NEW)
    survey(desk)
    chairs, desks = desk.line(CHAIR, 60), desk.line(DESK, 60)
    for line, piles in ((chairs, (30, 16)), (desks, (26, 26))):
        for count in piles:
            desk.set_aside(line, count)
    page.goto(f"{desk.project}/plan")
    expect(page.locator("section[aria-labelledby=lines]")).to_contain_text("14 mangler")
    desk.send("Fastsett", alternative="now")
    reupholster(desk, chairs)
    build(desk, desks)
    desk.buy(chairs, "Kjøp av brukt", "Bruktbutikken", "6000", claim="Sparer 70 % CO2")
    desk.buy(desks, "Kjøp av nytt", "Nytt AS", "5800")
    trip = {"vehicle": "HGV_RIGID_7_17_KM", "driven_on": desk.today.isoformat()}
    first = desk.run_sheet(
        chairs,
        {f"{SECOND} →": False, f"{FIRST} →": True},
        distance_km="40", transport_kr="5400", **trip,
    )  # fmt: skip
    expect(page.locator(".run-facts")).to_contain_text("35,8 m³")
    page.goto("/kjorelister/samkjoring")
    pool = page.locator("main li.panel").filter(has_text="32,4 m³")
    expect(pool).to_contain_text("42 møbler")
    second = desk.run_sheet(
        desks, {f"{SECOND} →": True}, distance_km="30", transport_kr="4200", **trip
    )
    expect(page.locator(".run-facts")).to_contain_text("32,4 m³")
    desk.drive(first, 56)
    desk.drive(second, 42)
    page.goto(f"{desk.project}/plan")
    expect(page.locator("main")).to_contain_text("Alt er levert")
    with page.expect_navigation():
        page.get_by_role("link", name="Se rapporten").click()
    shown = page.locator("main")
    for share in ("95\xa0%", "98,3\xa0%"):
        expect(shown).to_contain_text(share)
    twin = page.locator("link[rel=alternate][type='application/json']").first.get_attribute("href")
    report = page.request.get(str(twin)).json()
    assert {each["source"]: each["pieces"] for each in report["sources"]} == {
        "internal_reuse": 98,
        "redesigned": 10,
        "redesigned_from_surplus": 6,
        "bought_used": 4,
        "new": 2,
    }
    assert totals(report) == TOTALS
