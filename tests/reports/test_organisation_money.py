"""The organisation's report in another currency, older figures beside its own, and ways behind rows."""

import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.impact.commands import RecordRate
from app.impact.service_own import record_rate
from app.reports.models import Quantity
from app.reports.organisation import organisation_report
from app.reports.organisation_currency import ReportRateMissing
from app.reports.organisation_figures import Wanted
from app.reports.organisation_trends import older
from app.reports.service_basis import RecordHistoricFigure, record_historic_figures
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.people import Organised, SignedInAs

ActorOf = Callable[..., Actor]


@pytest.fixture
def three_years(database: RolledBackDatabase, org: Organised) -> Organised:
    with database.write() as session:
        trips.three_years(session, org)
    return org


def the_rate(
    session: Session, actor: Actor, day: date, rate: str, *, is_inverse: bool = False
) -> None:
    pair = ("SEK", "NOK") if is_inverse else ("NOK", "SEK")
    record_rate(
        session,
        actor,
        RecordRate(
            currency=pair[0],
            quote_currency=pair[1],
            rate=Decimal(rate),
            day=day,
            source="Norges Bank",
        ),
    )


def test_a_report_in_another_currency_is_refused_until_there_is_a_rate(
    session: Session, three_years: Organised, actor: ActorOf
) -> None:
    with pytest.raises(ReportRateMissing) as refused:
        organisation_report(session, actor(), Wanted(currency="SEK"))
    assert "NOK" in refused.value.by_field["currency"]
    the_rate(session, actor(Role.ADMIN), date(2025, 6, 1), "1.05")
    with pytest.raises(ReportRateMissing):
        organisation_report(session, actor(), Wanted(currency="SEK", last_year=2024))
    with pytest.raises(ReportRateMissing):
        organisation_report(session, actor(), Wanted(currency="EUR"))


def test_every_amount_is_converted_once_and_the_rate_is_told(
    session: Session, three_years: Organised, actor: ActorOf
) -> None:
    the_rate(session, actor(Role.ADMIN), date(2025, 6, 1), "1.0512345")
    the_rate(session, actor(Role.ADMIN), date(2026, 2, 1), "0.9", is_inverse=True)
    own = organisation_report(session, actor(), Wanted())
    assert own.converted is None
    before = organisation_report(session, actor(), Wanted(currency="SEK", last_year=2025))
    assert before.converted is not None
    assert (before.converted.rate, before.converted.day) == ("1.0512345", date(2025, 6, 1))
    found = organisation_report(session, actor(), Wanted(currency="SEK"))
    assert found.converted is not None
    assert (found.converted.rate, found.converted.source) == ("10/9", "Norges Bank")
    assert (found.currency, found.converted.own_currency) == ("SEK", "NOK")
    assert own.total.saved_ore is not None
    assert found.total.saved_ore is not None
    for end in ("value", "low", "high"):
        ore = getattr(own.total.saved_ore, end)
        assert getattr(found.total.saved_ore, end) == round(Fraction(ore * 10, 9))
    assert [each.received.new_price_ore for each in found.rows] == [
        round(Fraction(each.received.new_price_ore * 10, 9)) for each in own.rows
    ]
    assert found.total.co2e_g == own.total.co2e_g
    assert organisation_report(session, actor(), Wanted(currency="NOK")).total == own.total


def test_page_files_and_json_print_the_rate_with_its_day_and_source(
    signed_in_as: SignedInAs, three_years: Organised
) -> None:
    client = signed_in_as(Role.ADMIN)
    refused = client.get("/rapporter?valuta=SEK")
    assert refused.status_code == 422
    assert "Ingen kurs mellom NOK og SEK" in refused.text
    assert client.get("/rapporter?valuta=kr").status_code == 422
    assert client.get("/api/v1/reports/organisation?currency=SEK").status_code == 422
    rate = {
        "currency": "NOK",
        "quote_currency": "SEK",
        "rate": "1,05",
        "day": "2026-01-15",
        "source": "Norges Bank",
    }
    assert client.post("/valutakurser", data=rate).status_code == 303
    said = "1 NOK = 1,05 SEK, 15. jan. 2026, Norges Bank"
    page = client.get("/rapporter?valuta=sek").text.replace("\xa0", " ")
    assert said in page
    assert re.search(r'<span class="cell">ca\. [\d ]+ SEK', page)
    out = client.get("/api/v1/reports/organisation?currency=SEK").json()
    assert out["converted"] == {
        "own_currency": "NOK", "currency": "SEK", "rate": "1.05", "day": "2026-01-15",
        "source": "Norges Bank",
    }  # fmt: skip
    table = client.get("/rapporter/besparelser.csv?valuta=SEK").content.decode("utf-8-sig")
    assert "Spart (SEK)" in table.splitlines()[0]
    assert all("Norges Bank" in line for line in table.splitlines()[1:])
    book = load_workbook(io.BytesIO(client.get("/rapporter/besparelser.xlsx?valuta=SEK").content))
    method = {row[0]: row[1] for row in book["Metode"].iter_rows(values_only=True)}
    assert method["Valutakurs"] == said
    assert "Kurs" not in client.get("/rapporter/besparelser.csv").text


def test_older_figures_of_every_quantity_are_drawn_apart_from_calculated_years(
    session: Session, three_years: Organised, actor: ActorOf
) -> None:
    figures = [
        RecordHistoricFigure(year=year, quantity=quantity, value=value, method="Eget regneark")
        for quantity, value in (("co2e", 4_000_000), ("waste", 2_500_000), ("pieces", 70), ("saved", 90_000_000))
        for year in (2012, 2024)
    ]  # fmt: skip
    record_historic_figures(session, actor(Role.CONTROLLER), figures)
    report = organisation_report(session, actor(), Wanted())
    found = {each.id: each for each in older(report)}
    assert list(found) == ["older-saved", "older-co2e", "older-waste", "older-pieces"]
    for name, each in found.items():
        marks = {moment.label: moment for moment in each.moments}
        assert marks["2012"].is_entered, name
        assert marks["2013"].value is None, name
        # A year with both is drawn as it is calculated, and told both ways.
        assert not marks["2024"].is_entered, name
        told = [row[1] for row in each.rows if row[0] == "2024"]
        assert told == ["Registrert for hånd", "Beregnet av Omløp"], name
        assert {row[3] for row in each.rows if row[1] == told[0]} == {"Eget regneark"}
    assert found["older-co2e"].moments[0].value == 4.0
    by_year = {int(row.name): row.received for row in report.years}
    assert by_year[2024].co2e_g is not None
    assert found["older-co2e"].moments[12].value == by_year[2024].co2e_g.value / 1_000_000
    assert found["older-pieces"].moments[12].value == report.pieces_by_year[2024]
    assert report.total == organisation_report(session, actor(), Wanted(by="year")).total


def test_older_figures_stand_on_the_page_and_in_the_workbook(
    signed_in_as: SignedInAs, three_years: Organised
) -> None:
    client = signed_in_as(Role.CONTROLLER)
    form = {
        "quantity": Quantity.CO2E.value,
        "lines": "2012;4000\n2013;5000",
        "method": "Eget regneark",
    }
    assert client.post("/rapporter/grunnlag/eldre-tall", data=form).status_code == 303
    text = client.get("/rapporter").text
    assert text.count('class="chart-hollow"') == 2
    assert "Firkant: registrert for hånd. Prikk: beregnet av Omløp." in text
    book = load_workbook(io.BytesIO(client.get("/rapporter/besparelser.xlsx").content))
    rows = list(book["Eldre tall"].iter_rows(values_only=True))
    assert rows[1] == (2012, "Unngått utslipp", 4000, "kg CO2e", "Eget regneark")


@pytest.mark.parametrize("by", ["month", "unit", "place", "project"])
def test_months_and_rows_without_a_key_lead_to_the_entries_that_they_are_of(
    signed_in_as: SignedInAs, three_years: Organised, session: Session, actor: ActorOf, by: str
) -> None:
    load = trips.Load(trips.an_item(session, three_years))
    trips.handed_over(session, three_years, [load], receiver_unit_id=None, to_place_id=None)
    client = signed_in_as()
    report = organisation_report(session, actor(), Wanted(by=by))
    keyless = [row for row in report.rows if by == "month" or row.key is None]
    assert keyless
    text = client.get(f"/rapporter?etter={by}").text.replace("&amp;", "&")
    for row in keyless:
        question = f"maaned={row.key}" if by == "month" else f"uten={by}"
        (href, *_) = (
            each
            for each in re.findall(r'href="(?:https://testserver)?(/rapporter/poster[^"]*)"', text)
            if question in each and "giver" not in each
        )
        entries = client.get(href).text
        listed = len(re.findall(r'href="[^"]*/besparelser/', entries))
        # A reversal takes one away, and stands there with the one that it takes away.
        assert listed - 2 * entries.count("Nuller ut") == row.received.uses


@pytest.mark.parametrize("month", ["202613", "202600", "1", "mars"])
def test_no_month_is_refused(signed_in_as: SignedInAs, month: str) -> None:
    assert signed_in_as().get(f"/rapporter/poster?maaned={month}").status_code == 422
