"""A receipt before the first exchange rate: booked without amounts, and priced when a rate comes."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.impact.commands import RecordRate
from app.impact.rules import FulfilmentSource, View
from app.impact.service_own import record_rate
from app.kit.db import clock_of
from app.ledger.models import LedgerEntry, Period
from app.ledger.service import verify
from app.projects.models import Project
from app.reports.organisation import organisation_report
from app.reports.organisation_figures import Wanted
from tests.databases import RolledBackDatabase
from tests.impact.pieces import average_item
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import Organised
from tests.projects.rows import a_line, a_project
from tests.reports import story

ActorOf = Callable[..., Actor]
SignedInAs = Callable[..., TestClient]
DAY = date(2026, 1, 12)


@pytest.fixture(autouse=True)
def swedish(session: Session, org: Organised) -> None:
    session.get_one(Organisation, org.org_id).currency = "SEK"
    session.flush()


def entries(session: Session, view: View = View.GROSS) -> list[LedgerEntry]:
    query = select(LedgerEntry).where(LedgerEntry.view == view)
    return list(session.scalars(query.order_by(LedgerEntry.booked_at, LedgerEntry.id)))


def the_rate(session: Session, actor: Actor, day: date, rate: str = "0.95") -> None:
    command = RecordRate(
        currency="SEK", quote_currency="NOK", rate=Decimal(rate), day=day, source="Norges Bank"
    )
    record_rate(session, actor, command)


def received(session: Session, org: Organised, day: date = DAY) -> None:
    trips.handed_over(session, org, [Load(trips.an_item(session, org))], handed_over_on=day)


def test_what_is_received_before_the_first_rate_has_waste_and_co2e_and_no_amount(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    received(session, org)
    (entry,) = entries(session)
    assert entry.waste_g == 15_000
    assert entry.co2e_g is not None
    assert entry.co2e_g > 0
    assert (entry.saved_ore, entry.saved_ore_low, entry.saved_ore_high) == (None, None, None)
    assert entry.price_tier == "TR"
    assert not {"price", "disposal_price"} & entry.inputs["values"].keys()
    report = organisation_report(session, actor(Role.CONTROLLER), Wanted())
    assert (report.total.saved_ore, report.total.unpriced, report.total.uses) == (None, 1, 1)
    assert report.total.co2e_g is not None


def test_a_rate_that_comes_books_the_amount_as_a_correction_once(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    received(session, org)
    the_rate(session, actor(Role.FURNITURE_MANAGER), DAY - timedelta(days=1))
    found = entries(session)
    (taken_back,) = (each for each in found if each.reverses_id is not None)
    (priced,) = (each for each in found if each.saved_ore is not None)
    (waited,) = (each for each in found if each not in (taken_back, priced))
    assert taken_back.reverses_id == waited.id
    assert (taken_back.saved_ore, taken_back.waste_g) == (None, -waited.waste_g)
    assert (priced.waste_g, priced.co2e_g) == (waited.waste_g, waited.co2e_g)
    # 450 000 øre new, and 0.6 of it saved where no cost is known; SEK cost 0.95 NOK.
    assert priced.new_price_ore == round(Decimal(450_000) / Decimal("0.95"))
    assert priced.saved_ore == round(Decimal(270_000) / Decimal("0.95"))
    assert (
        "exchange rate 2026-01-11: Norges Bank"
        in priced.inputs["values"]["price"]["terms"][0]["source"]
    )
    the_rate(session, actor(Role.FURNITURE_MANAGER), DAY, "0.5")
    assert len(entries(session)) == len(entries(session, View.NET)) == 3
    report = organisation_report(session, actor(Role.CONTROLLER), Wanted())
    assert report.total.saved_ore is not None
    assert (report.total.saved_ore.value, report.total.unpriced) == (priced.saved_ore, 0)
    assert (report.total.uses, report.total.waste_g.value) == (1, 15_000)


def test_a_rate_of_a_later_day_than_the_handover_prices_nothing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    received(session, org)
    the_rate(session, actor(Role.FURNITURE_MANAGER), DAY + timedelta(days=1))
    assert [each.saved_ore for each in entries(session)] == [None]
    received(session, org, DAY + timedelta(days=2))
    assert sorted(each.saved_ore is None for each in entries(session)) == [False, True]
    report = organisation_report(session, actor(Role.CONTROLLER), Wanted())
    assert report.total.saved_ore is not None
    assert (report.total.unpriced, report.total.uses) == (1, 2)


def test_an_undone_receipt_is_not_priced(session: Session, org: Organised, actor: ActorOf) -> None:
    item = trips.an_item(session, org)
    (line,) = trips.a_handover(session, org, [Load(item)], handed_over_on=DAY)
    (event,) = trips.receive(session, [line])
    trips.give_back(session, line, event.id)
    count = len(entries(session))
    the_rate(session, actor(Role.FURNITURE_MANAGER), DAY)
    assert len(entries(session)) == count


def test_the_amount_of_a_closed_year_is_booked_in_the_open_one(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    day = date(2025, 12, 30)
    received(session, org, day)
    session.scalars(select(Period)).one().closed_at = clock_of(session).now()
    session.flush()
    the_rate(session, actor(Role.FURNITURE_MANAGER), day)
    years = sorted(session.get_one(Period, each.period_id).year for each in entries(session))
    assert years == [2025, 2026, 2026]
    assert [each.handed_over_on for each in entries(session)] == [day] * 3


def test_verify_holds_before_and_after_the_rate_and_the_entry_says_not_calculated(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        received(session, org)
    client = signed_in_as(Role.FURNITURE_MANAGER)
    with database.read() as session:
        assert verify(session, org.org_id).difference is None
        (waiting,) = entries(session)
    shown = client.get(f"/besparelser/{waiting.id}")
    assert shown.status_code == 200
    assert "ikke beregnet" in shown.text
    assert client.get(f"/api/v1/ledger-entries/{waiting.id}").json()["saved_ore"] is None
    report = client.get("/rapporter").text
    assert "For 1 overlevering er spart ikke beregnet: valutakursen manglet." in report
    rate = {
        "currency": "SEK",
        "quote_currency": "NOK",
        "rate": "0,95",
        "day": "2026-01-11",
        "source": "N",
    }
    assert client.post("/valutakurser", data=rate).status_code == 303
    assert "valutakursen manglet" not in client.get("/rapporter").text
    with database.read() as session:
        assert verify(session, org.org_id).difference is None


def waiting_project(database: RolledBackDatabase, org: Organised, actor: Actor) -> Project:
    """A piece for the organisation, and two for a project; all wait for a rate."""
    with database.write() as session:
        received(session, org)
        project = a_project(session, actor, org)
        line = a_line(session, actor, project, quantity=2)
        source = FulfilmentSource.INTERNAL_REUSE
        items = story.fulfilled_by(session, org, line, source, 2)
        facts = replace(average_item(source), currency="SEK")
        story.book(session, org, items, facts, line)
    return project


def test_no_page_shows_what_waits_as_nothing(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, signed_in_as: SignedInAs
) -> None:
    project = waiting_project(database, org, actor())
    with database.read() as session:
        period = session.scalars(select(Period)).one()
        item_id = session.scalars(select(HandoverLine.item_id)).first()
    client = signed_in_as(Role.FURNITURE_MANAGER)
    for path in (
        f"/prosjekter/{project.id}",
        f"/prosjekter/{project.id}/rapport",
        f"/prosjekter/{project.id}/rapport/tall",
        f"/arsrapport/{DAY.year}",
        f"/mal/{DAY.year}/oppsummering",
        f"/perioder/{period.id}",
        f"/mobler/{item_id}",
        "/rapporter",
        "/",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = answer.text.replace("\xa0", " ")
        assert "ikke beregnet" in text, path
        assert not re.search(r"(?<![\d ,])0(,00)?(</[a-z]+>)?\s*(<[^>]+>)?(SEK|kr)\b", text), path


def test_documents_have_no_amount_of_what_waits_and_the_whole_of_what_does_not(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, signed_in_as: SignedInAs
) -> None:
    project = waiting_project(database, org, actor())
    client = signed_in_as(Role.FURNITURE_MANAGER)
    report = client.get(f"/api/v1/projects/{project.id}/report").json()
    assert report["totals"]["gross"]["saved_ore"] is None
    assert report["totals"]["gross"]["co2e_g"]["value"] > 0
    (tier,) = (each for each in report["coverage"]["tiers"] if each["tier"] == "TR")
    assert tier["price_pieces"] == 2
    year = client.get(f"/api/v1/yearly-reports/{DAY.year}").json()
    assert year["totals"]["net"]["saved_ore"] is None
    for path in ("/fil/xlsx", "/miljo/fil/xlsx"):
        assert client.get(f"/arsrapport/{DAY.year}{path}").status_code == 200
    assert client.get(f"/prosjekter/{project.id}/rapport.xlsx").status_code == 200
    with database.write() as session:
        the_rate(session, actor(Role.FURNITURE_MANAGER), DAY)
        priced = [each.saved_ore for each in entries(session) if each.saved_ore is not None]
    year = client.get(f"/api/v1/yearly-reports/{DAY.year}").json()
    assert year["totals"]["gross"]["saved_ore"]["value"] == sum(priced) > 0


def test_weak_factors_and_comparisons_say_how_many_have_no_amount_and_never_0(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        received(session, org)
        trolley = trips.an_item(session, org, category_id="EQUIP_ROLLING", name="Tralle")
        trips.handed_over(session, org, [Load(trolley)], handed_over_on=DAY)
    client = signed_in_as(Role.FURNITURE_MANAGER)
    weak = {each["category_id"]: each for each in client.get("/api/v1/weak-factors").json()}
    chair = weak["CHAIR_TASK"]
    assert (chair["saved_ore"], chair["unpriced"], chair["price_tier"]) == (None, 1, "TR")
    assert (chair["co2e_g"] > 0, chair["not_calculated"]) == (True, 0)
    moved = weak["EQUIP_ROLLING"]
    assert (moved["co2e_g"], moved["saved_ore"], moved["not_calculated"]) == (None, None, 1)
    page = client.get("/svake-faktorer").text.replace("\xa0", " ")
    assert "For 2 overleveringer er spart ikke beregnet" in page
    assert "For 1 overlevering er utslipp ikke beregnet" in page
    assert "pris uten valutakurs" in page
    assert re.search(r">0(,00)? (kr|SEK)<", page) is None

    path = "?{}=booked&{}=now"
    found = client.get("/api/v1/factor-comparison" + path.format("before", "after")).json()
    gross = found["gross"]
    assert (found["entries"], found["left_out"], gross["entries"]) == (4, 0, 2)
    assert (gross["saved_before_ore"], gross["saved_after_ore"]) == (None, None)
    assert (gross["unpriced_before"], gross["unpriced_after"]) == (2, 2)
    assert (gross["not_calculated_before"], gross["co2e_before_g"] > 0) == (1, True)
    page = client.get("/faktorsammenligning" + path.format("fra", "til")).text.replace("\xa0", " ")
    assert "For 2 overleveringer er spart ikke beregnet" in page
    assert "For 1 overlevering er utslipp ikke beregnet" in page
    assert page.count("ikke beregnet") >= 6
    assert re.search(r">0(,00)? (kr|SEK)<", page) is None
