"""Sizes of years and older figures: recorded with their source, and never divided by nothing."""

from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from app.reports.models import HistoricFigure, Quantity, YearSize
from app.reports.organisation import organisation_report
from app.reports.organisation_figures import Wanted
from app.reports.rules_rates import Amounts, Size, base_year, rate, rates
from app.reports.service_basis import (
    RecordYearSize,
    RemoveHistoricFigure,
    record_historic_figures,
    record_year_size,
    remove_historic_figure,
)
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.people import ActorOf, Organised, SignedInAs

SALES_OF_NORRBOTTEN = {
    2013: 860,
    2014: 1500,
    2015: 1100,
    2016: 1600,
    2017: 1580,
    2018: 918,
    2019: 1030,
    2020: 1100,
}
"""Thousand SEK (see the savings method's cases): eight years that were written down by hand."""
COUNTS = st.none() | st.integers(0, 10**9)


def test_a_rate_is_exact_and_nothing_where_nothing_divides() -> None:
    assert rate(10, 4) == Fraction(5, 2)
    assert rate(10, 4, 100) == 250
    assert [rate(10, 0), rate(10, None), rate(None, 4), rate(0, 4)] == [None, None, None, 0]


@given(
    st.lists(st.tuples(st.integers(2000, 2030), COUNTS, COUNTS, COUNTS, st.none() | st.integers()))
)
def test_no_size_and_no_amount_makes_a_rate_fail(years: list[tuple[Any, ...]]) -> None:
    sizes = {year: Size(a, b, c) for year, a, b, c, _ in years}
    amounts = {year: Amounts(1, co2e, 2) for year, *_, co2e in years}

    found = rates(sizes, amounts)

    assert found.keys() == sizes.keys()
    base = base_year(sizes, amounts)
    if base is not None:
        assert found[base].against_base == 1


def test_years_are_held_against_the_first_that_can_be() -> None:
    sizes = {2023: Size(100, None, None), 2024: Size(100, 8_000, 50), 2025: Size(200, 16_000, 0)}
    amounts = {2023: Amounts(1, 9, 9), 2024: Amounts(400, 8_000, 300), 2025: Amounts(1, 8_000, 1)}

    found = rates(sizes, amounts)

    assert base_year(sizes, amounts) == 2024
    assert found[2024].co2e_g_per_person_year == 100
    assert found[2025].against_base == Fraction(1, 2)
    assert found[2023].against_base is None
    assert found[2024].waste_g_per_100_employees == 400
    assert found[2024].co2e_g_per_m2 == 160
    assert found[2025].co2e_g_per_m2 is None


def test_a_size_recorded_again_is_replaced_and_both_are_told(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    for employees in (100, 120):
        command = RecordYearSize(year=2025, employees=employees, source="Årsrapport")
        record_year_size(session, actor(Role.CONTROLLER), command)

    rows = session.scalars(select(YearSize).where(YearSize.org_id == org.org_id)).all()
    assert [(row.year, row.employees, row.area_m2) for row in rows] == [(2025, 120, None)]
    told = select(EventRow.payload).where(EventRow.kind == "year-size-recorded")
    assert [each["employees"] for each in session.scalars(told)] == [100, 120]


def test_what_can_not_be_is_refused(session: Session, actor: ActorOf) -> None:
    manager = actor()
    with pytest.raises(Invalid):
        record_year_size(session, manager, RecordYearSize(year=2025, source="x"))
    with pytest.raises(Invalid):
        record_year_size(session, manager, RecordYearSize(year=2027, employees=1, source="x"))
    with pytest.raises(NotFound):
        remove_historic_figure(
            session, manager, RemoveHistoricFigure(year=2013, quantity=Quantity.SALES)
        )
    with pytest.raises(Forbidden):
        record_historic_figures(session, actor(Role.EMPLOYEE), [])


def test_the_report_divides_by_the_recorded_size(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    trips.three_years(session, org)
    record_year_size(
        session,
        actor(),
        RecordYearSize(year=2024, employees=10, person_years_hundredths=850, source="Årsrapport"),
    )
    report = organisation_report(session, actor(), Wanted())
    year = next(row.received for row in report.years if row.key == "2024")
    assert year.co2e_g is not None

    (found,) = report.rates
    assert found.co2e_g_per_employee == pytest.approx(year.co2e_g.value / 10, abs=1e-4)
    assert found.co2e_g_per_person_year == pytest.approx(year.co2e_g.value / 8.5, abs=1e-3)
    assert (found.against_base, found.co2e_g_per_m2, found.base_year) == (1.0, None, 2024)
    assert organisation_report(session, actor(), Wanted(unit_id=org.unit_id)).rates == ()


def test_eight_years_of_sales_are_pasted_and_shown_with_their_method(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    client = signed_in_as(Role.CONTROLLER)
    lines = "\n".join(f"{year};{kr} 000" for year, kr in SALES_OF_NORRBOTTEN.items())
    form = {"quantity": "sales", "lines": lines, "method": "Förråd 5, bokslut", "key": uuid4().hex}
    for _ in range(2):  # sent twice, recorded once
        sent = client.post("/rapporter/grunnlag/eldre-tall", data=form, follow_redirects=False)
        assert sent.status_code == 303

    with database.read() as session:
        rows = session.scalars(select(HistoricFigure).where(HistoricFigure.org_id == org.org_id))
        assert {row.year: row.value for row in rows} == {
            year: kr * 100_000 for year, kr in SALES_OF_NORRBOTTEN.items()
        }
    text = client.get("/rapporter").text
    assert "Förråd 5, bokslut" in text
    assert text.count('class="chart-hollow"') == 8
    assert "860\xa0000" in text
    removed = {"year": "2013", "quantity": "sales", "key": uuid4().hex}
    client.post("/rapporter/grunnlag/eldre-tall/fjern", data=removed)
    assert len(client.get("/api/v1/reports/historic-figures").json()) == 7


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("2013", "Linje 1: skriv år og tall"),
        ("2013;860\n\n2014;mye", "Linje 3: skriv år og tall"),
        ("2013;1\n2013;2", "Linje 2: året står to ganger."),
        ("2099;1", "Velg i år eller et tidligere år."),
        ("1;1", "Linje 1: skriv år og tall"),
        ("\n".join(f"{year};1" for year in range(1700, 2000)), "Skriv høyst 200 linjer om gangen."),
    ],
)
def test_a_line_that_can_not_be_read_is_named(
    signed_in_as: SignedInAs, lines: str, said: str
) -> None:
    client = signed_in_as()
    form = {"quantity": "sales", "lines": lines, "method": "Bokslut"}
    found = client.post("/rapporter/grunnlag/eldre-tall", data=form)

    assert found.status_code == 422
    assert said in found.text
    assert lines.splitlines()[0] in found.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"year": "2025", "source": "x"}, "Fyll ut minst ett av tallene."),
        ({"year": "2025", "employees": "0", "source": "x"}, "employees"),
        ({"year": "2025", "person_years": "mange", "source": "x"}, "Skriv et tall"),
        ({"year": "2025", "person_years": "-3", "source": "x"}, "person_years"),
        ({"year": "", "employees": "3", "source": "x"}, "Fyll ut feltet."),
        ({"year": "2025", "employees": "3", "source": ""}, "Fyll ut feltet."),
    ],
)
def test_a_size_that_can_not_be_is_said_at_its_field(
    signed_in_as: SignedInAs, form: dict[str, str], said: str
) -> None:
    client = signed_in_as()
    found = client.post("/rapporter/grunnlag/storrelse", data=form)

    assert found.status_code == 422
    assert said in found.text
    assert 'aria-invalid="true"' in found.text


def test_a_size_is_typed_with_a_comma_and_read_by_the_api(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()
    form = {"year": "2025", "person_years": "812,5", "source": "Årsrapport"}
    client.post("/rapporter/grunnlag/storrelse", data=form)

    (found,) = client.get("/api/v1/reports/year-sizes").json()
    assert found["person_years_hundredths"] == 81_250
    assert "812,5" in client.get("/rapporter/grunnlag").text
    posted = client.post(
        "/api/v1/reports/year-sizes", json={"year": 2024, "area_m2": 9000, "source": "Tegninger"}
    )
    assert posted.status_code == 201
    body = [{"year": 2019, "quantity": "co2e", "value": 5_000_000, "method": "Bærum"}]
    assert client.post("/api/v1/reports/historic-figures", json=body).json()[0]["currency"] is None
    gone = {"year": 2019, "quantity": "co2e"}
    assert client.post("/api/v1/reports/historic-figures/remove", json=gone).status_code == 200
    assert client.post("/api/v1/reports/historic-figures/remove", json=gone).status_code == 404
    for wrong in ({"year": 2025, "employees": 0, "source": "x"}, {"year": 2025, "source": "x"}):
        assert client.post("/api/v1/reports/year-sizes", json=wrong).status_code == 422


def test_an_employee_reads_the_report_and_records_nothing(signed_in_as: SignedInAs) -> None:
    client = signed_in_as(Role.EMPLOYEE)

    assert client.get("/rapporter").status_code == 200
    assert client.get("/rapporter/grunnlag").status_code == 403
    assert client.post("/rapporter/grunnlag/storrelse", data={}).status_code == 403
    sizes = "/api/v1/reports/year-sizes"
    assert client.post(sizes, json={"year": 2025, "employees": 3, "source": "x"}).status_code == 403
