"""A year closes once and for good; its report is the same bytes ever after, and verify watches it."""

import csv
import hashlib
import io
import json
from datetime import date
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organisation, Unit
from app.accounts.rules import Role
from app.catalogue.models import Category
from app.impact.models import FactorSet
from app.kit.errors import Forbidden
from app.kit.exports import Format
from app.kit.i18n import speaking
from app.ledger.models import LedgerEntry, Period
from app.ledger.service_period import (
    BookedMeanwhile,
    ClosePeriod,
    EarlierPeriodOpen,
    PeriodClosedAlready,
    PeriodNotFound,
    PeriodNotOver,
    close_period,
    own_period,
    print_for_closing,
    print_period,
    unchanged,
)
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.ledger.years_closed import LAST_YEAR, acting, closed, last_year, the_period
from tests.people import Organised, SignedInAs


def printed(session: Session, org: Organised, form: Format, year: int = 2025) -> bytes:
    actor = acting(session, org, Role.EMPLOYEE)
    return b"".join(print_period(session, actor, the_period(session, org, year).id, form)[1])


def test_a_closed_year_prints_the_same_bytes_whatever_changes_afterwards(
    session: Session, org: Organised
) -> None:
    period = last_year(session, org)
    closed(session, org)
    before = {form: printed(session, org, form) for form in Format}
    assert hashlib.sha256(before[Format.JSON]).hexdigest() == period.json_sha256
    assert hashlib.sha256(before[Format.CSV]).hexdigest() == period.csv_sha256
    assert hashlib.sha256(before[Format.XLSX]).hexdigest() == period.xlsx_sha256
    # Factors, names, the language and today's day are others; late receipts and corrections come.
    session.add(FactorSet(id="2030.1", valid_from=date(2030, 1, 1), note="nytt"))
    session.execute(update(Category).values(name_nb="Omdøpt"))
    session.execute(update(Unit).values(name=Unit.name + " ny"))
    session.execute(update(Organisation).values(name="Nytt navn", currency="NOK"))
    chair = trips.an_item(session, org)
    trips.handed_over(session, org, [Load(chair)], handed_over_on=LAST_YEAR)
    session.flush()
    session.expire_all()
    with speaking("sv"):
        after = {form: printed(session, org, form) for form in Format}
        assert all(unchanged(session, acting(session, org), the_period(session, org)).values())
    assert after == before


def test_the_report_has_every_entry_its_sums_and_the_factors_behind_them(
    session: Session, org: Organised
) -> None:
    period = last_year(session, org)
    booked = session.scalars(select(LedgerEntry)).all()
    report = json.loads(printed(session, org, Format.JSON))
    assert {each["id"] for each in report["entries"]} == {str(each.id) for each in booked}
    gross = [each for each in booked if each.view == "gross"]
    (total,) = [x for x in report["sums"] if (x["group"], x["view"]) == ("all", "gross")]
    assert total["co2e_g"]["value"] == sum(each.co2e_g or 0 for each in gross)
    assert total["waste_g"]["value"] == sum(each.waste_g for each in gross)
    assert total["entries"] == 2
    assert report["head"]["closed_at"] is None
    assert report["head"]["names"]["unit_id"][str(org.unit_id)] == "Medisin"
    factors = {each["key"]: each for each in report["factors"]}
    assert (factors["CHAIR_TASK.gwp"]["value"], factors["CHAIR_TASK.gwp"]["tier"]) == (
        "60000",
        "T3",
    )
    assert factors["A4_NEW_EU_DEFAULT"]["value"] == "0.14253"
    assert factors["end_of_life.steel/recycling"]["value"] == "0.0047"
    assert factors["redesign.light_refurbishment"]["value"] == "0.13"
    rows = list(
        csv.reader(
            io.StringIO(printed(session, org, Format.CSV).decode("utf-8-sig")), delimiter=";"
        )
    )
    shown = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert len(shown) == len(booked)
    (chair,) = [x for x in shown if (x["Kategori"], x["Visning"]) == ("Kontorstol", "Brutto")]
    assert (chair["Overlevert"], chair["Fra enhet"]) == ("2025-12-30", "Medisin")
    (entry,) = [each for each in gross if each.category_id == "CHAIR_TASK"]
    assert chair["Unngått CO2e (kg)"] == f"{(entry.co2e_g or 0) / 1000}".replace(".", ",")
    book = load_workbook(io.BytesIO(printed(session, org, Format.XLSX)))
    assert book.sheetnames == ["Poster", "Summer", "Metode", "Faktorer"]
    head, *others = book["Poster"].iter_rows(values_only=True)
    masses = {dict(zip(head, each, strict=True))["Masse (kg)"] for each in others}
    assert masses == {15, 33}
    method = "\n".join(str(row[1]) for row in book["Metode"].iter_rows(values_only=True))
    assert "Ikke trukket fra i klimaregnskapet" in method
    assert period.closed_at is None


def test_equipment_and_a_year_of_nothing_are_printed_and_closed(
    session: Session, org: Organised
) -> None:
    bed = trips.an_item(session, org, category_id="EQUIP_MEDICAL")
    trips.handed_over(session, org, [Load(bed)], handed_over_on=date(2024, 5, 5))
    session.add(Period(org_id=org.org_id, year=2025, closed_at=None))
    session.flush()
    report = json.loads(
        b"".join(
            print_period(
                session, acting(session, org), the_period(session, org, 2024).id, Format.JSON
            )[1]
        )
    )
    assert {each["not_calculated"] for each in report["sums"]} == {1}
    assert {each["co2e_g"] for each in report["entries"]} == {None}
    assert [each["co2e_g"] for each in report["sums"]] == [None] * len(report["sums"])
    book = load_workbook(io.BytesIO(printed(session, org, Format.XLSX, 2024)))
    head, *rows = book["Summer"].iter_rows(values_only=True)
    sums = [dict(zip(head, each, strict=True)) for each in rows]
    assert {each["Unngått CO2e (kg)"] for each in sums} == {None}
    assert None not in {each["Unngått avfall (kg)"] for each in sums}
    for year in (2024, 2025):
        actor = acting(session, org)
        command = ClosePeriod(period_id=the_period(session, org, year).id)
        close_period(session, actor, command, print_for_closing(session, actor, command))
    assert the_period(session, org).entries == 0
    assert json.loads(printed(session, org, Format.JSON))["entries"] == []
    assert b"".join(print_period(session, actor, the_period(session, org).id, Format.XLSX)[1])


def test_a_year_that_was_closed_in_the_first_form_is_printed_in_it(
    session: Session, org: Organised
) -> None:
    bed = trips.an_item(session, org, category_id="EQUIP_MEDICAL")
    trips.handed_over(session, org, [Load(bed)], handed_over_on=LAST_YEAR)
    closed(session, org)
    period = the_period(session, org)
    frozen = json.loads(period.frozen or "")
    assert frozen["form"] == 2
    period.frozen = json.dumps({**frozen, "form": 1})
    session.flush()
    report = json.loads(printed(session, org, Format.JSON))
    assert {tuple(each["co2e_g"].values()) for each in report["sums"]} == {(0, 0, 0)}
    assert not any("unpriced" in each for each in report["sums"])
    assert unchanged(session, acting(session, org), period)[Format.CSV]  # it has no sums
    period.frozen = json.dumps(frozen)
    session.flush()
    assert {
        each["unpriced"] for each in json.loads(printed(session, org, Format.JSON))["sums"]
    } == {0}


def test_who_may_not_close_and_what_can_not_be_closed_is_said(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    period = last_year(session, org)
    command = ClosePeriod(period_id=period.id)
    manager = acting(session, org, Role.FURNITURE_MANAGER)
    with pytest.raises(Forbidden):
        print_for_closing(session, manager, command)
    with pytest.raises(Forbidden):
        close_period(session, manager, command, None)
    with pytest.raises(PeriodNotFound):
        own_period(session, acting(session, foreign_org), period.id)
    controller = acting(session, org)
    trips.handed_over(session, org, [Load(trips.an_item(session, org))])
    this_year = ClosePeriod(period_id=the_period(session, org, 2026).id)
    with pytest.raises(PeriodNotOver, match="kan lukkes fra"):
        print_for_closing(session, controller, this_year)
    old = date(2024, 2, 2)
    trips.handed_over(session, org, [Load(trips.an_item(session, org))], handed_over_on=old)
    with pytest.raises(EarlierPeriodOpen):
        print_for_closing(session, controller, command)


def test_what_is_booked_while_the_report_is_printed_is_not_lost_in_a_closed_year(
    session: Session, org: Organised
) -> None:
    period = last_year(session, org)
    controller, command = acting(session, org), ClosePeriod(period_id=period.id)
    made = print_for_closing(session, controller, command)
    chair = trips.an_item(session, org)
    trips.handed_over(session, org, [Load(chair)], handed_over_on=LAST_YEAR)
    with pytest.raises(BookedMeanwhile):
        close_period(session, controller, command, made)
    assert the_period(session, org).closed_at is None
    closed(session, org)
    with pytest.raises(PeriodClosedAlready):
        close_period(session, controller, command, made)
    assert print_for_closing(session, controller, command) is None


def test_corrections_of_a_closed_year_and_their_corrections_are_booked_in_the_open_one(
    session: Session, org: Organised
) -> None:
    chair = trips.an_item(session, org)
    (first,) = trips.handed_over(session, org, [Load(chair)], handed_over_on=LAST_YEAR)
    closed(session, org)
    (line,) = trips.a_handover(session, org, [Load(chair)])
    (second,) = trips.receive(session, [line])
    session.flush()
    # The second use has the first one's net counted by the months served; undone, as before.
    trips.give_back(session, line, second.id)
    session.flush()
    kept = the_period(session, org).id
    entries = session.scalars(select(LedgerEntry).where(LedgerEntry.event_id == first.id)).all()
    in_closed = [each for each in entries if each.period_id == kept]
    later = [each for each in entries if each.period_id != kept]
    assert len(in_closed) == 2
    assert {each.handed_over_on for each in later} == {LAST_YEAR}
    # Reversed and booked, and again: two corrections, the second of the first.
    assert [
        each.reverses_id is not None
        for each in sorted(later, key=lambda x: (x.booked_at, str(x.id)))
    ].count(True) == 2
    assert len(later) == 4
    assert sum(each.co2e_g or 0 for each in later) == 0
    reversed_ids = {each.reverses_id for each in later if each.reverses_id}
    assert len(reversed_ids) == 2
    assert all(unchanged(session, acting(session, org), the_period(session, org)).values())


def test_a_year_before_a_closed_one_takes_nothing_either(session: Session, org: Organised) -> None:
    last_year(session, org)
    closed(session, org)
    old = date(2023, 4, 4)
    trips.handed_over(session, org, [Load(trips.an_item(session, org))], handed_over_on=old)
    session.flush()
    found = session.scalars(select(LedgerEntry).where(LedgerEntry.handed_over_on == old)).all()
    assert {each.period_id for each in found} == {the_period(session, org, 2026).id}
    years = session.scalars(select(Period.year).where(Period.org_id == org.org_id))
    assert set(years) == {2025, 2026}


def test_the_page_and_the_api_close_a_year_once(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        period_id = last_year(session, org).id
    controller = signed_in_as(Role.CONTROLLER)
    page = f"/perioder/{period_id}"
    assert "Lukk 2025" in controller.get(page).text
    assert page in controller.get("/perioder").text
    assert "Lukk 2025" not in signed_in_as(Role.EMPLOYEE).get(page).text
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    assert manager.post(f"{page}/lukk", data={"key": str(uuid4())}).status_code == 403
    answer = controller.post(f"{page}/lukk", data={"key": str(uuid4())}, follow_redirects=False)
    assert answer.status_code == 303
    shown = controller.get(page).text
    assert "Uendret siden perioden ble lukket" in shown
    assert "Lukk 2025" not in shown
    again = controller.post(f"{page}/lukk", data={"key": str(uuid4())})
    assert (again.status_code, "2025 er alt lukket" in again.text) == (409, True)
    api = controller.get(f"/api/v1/periods/{period_id}", params={"check": "true"}).json()
    assert api["unchanged"] == {"csv": True, "xlsx": True, "json": True}
    body = {"period_id": str(period_id)}
    refused = controller.post("/api/v1/periods/close", json=body)
    assert (refused.status_code, refused.json()["type"].endswith("period-closed-already")) == (
        409,
        True,
    )
    for form in Format:
        file = controller.get(f"{page}/rapport.{form.value}").content
        same = controller.get(f"/api/v1/periods/{period_id}/report", params={"format": form.value})
        assert file == same.content
        assert hashlib.sha256(file).hexdigest() == api[f"{form.value}_sha256"]


def test_a_repeated_close_under_one_key_has_one_answer(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        period_id = last_year(session, org).id
    controller = signed_in_as(Role.CONTROLLER)
    headers, body = {"Idempotency-Key": str(uuid4())}, {"period_id": str(period_id)}
    answers = [
        controller.post("/api/v1/periods/close", json=body, headers=headers) for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
