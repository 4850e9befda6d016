"""The organisation's report: each part adds up, each figure leads behind itself, nothing is guessed."""

import io
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.impact.rules import View
from app.kit.errors import NotFound
from app.ledger.queries_sums import TwoAtOnce
from app.reports.organisation import organisation_report
from app.reports.organisation_figures import PARTED_BY, OrganisationReport, Wanted
from app.reports.rules_tree import Node, shown_under, start_of, way_to
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.people import ActorOf, Organised, SignedInAs

Reported = Callable[..., OrganisationReport]


@pytest.fixture
def reported(session: Session, org: Organised, actor: ActorOf) -> Reported:
    trips.three_years(session, org)

    def report(**wanted: Any) -> OrganisationReport:
        return organisation_report(session, actor(), Wanted(**wanted))

    return report


@pytest.fixture
def three_years(database: RolledBackDatabase, org: Organised) -> Organised:
    with database.write() as session:
        trips.three_years(session, org)
    return org


@pytest.mark.parametrize("by", PARTED_BY)
@pytest.mark.parametrize("view", View)
def test_the_parts_are_the_whole(reported: Reported, by: str, view: View) -> None:
    report = reported(by=by, view=view)

    for name in ("uses", "mass_g", "new_price_ore", "not_calculated"):
        assert sum(getattr(row.received, name) for row in report.rows) == getattr(
            report.total, name
        )
    assert report.total.co2e_g is not None
    known = [row.received.co2e_g for row in report.rows if row.received.co2e_g is not None]
    assert sum(each.value for each in known) == report.total.co2e_g.value
    gave = [row.received if row.given is None else row.given for row in report.rows]
    assert sum(each.waste_g.value for each in gave) == report.total.waste_g.value


def test_a_unit_shows_what_it_gave_and_what_it_received(reported: Reported, org: Organised) -> None:
    report = reported(by="unit")
    rows = {row.name: row for row in report.rows}

    given = rows["Medisin"].given
    assert given is not None
    assert (rows["Medisin"].received.uses, given.uses) == (1, 5)
    alone = reported(by="category", unit_id=org.unit_id)
    assert alone.given is not None
    assert (alone.total.uses, alone.given.uses) == (1, 5)
    assert alone.pieces is None
    assert alone.external_income == ()


def test_a_unit_has_each_years_waste_for_what_it_gave(reported: Reported, org: Organised) -> None:
    for by in ("source", "year"):
        report = reported(by=by, unit_id=org.unit_id)
        assert report.given is not None
        given = [each.given for each in report.years if each.given is not None]
        assert len(given) == len(report.years)
        assert sum(each.waste_g.value for each in given) == report.given.waste_g.value > 0
        assert sum(each.uses for each in given) == 5
        assert sum(each.received.uses for each in report.years) == 1
    assert all(each.given is None for each in reported(by="year").years)


def test_a_units_file_has_a_heading_for_every_number(
    signed_in_as: SignedInAs, three_years: Organised
) -> None:
    client = signed_in_as()
    for by in ("source", "category", "year"):
        query = f"etter={by}&enhet={three_years.unit_id}"
        table = client.get(f"/rapporter/besparelser.csv?{query}").content.decode("utf-8-sig")
        head, *lines = (line.split(";") for line in table.splitlines())
        assert "Unngått avfall, gitt (kg)" in head
        assert {len(line) for line in lines} == {len(head)}
        book = load_workbook(io.BytesIO(client.get(f"/rapporter/besparelser.xlsx?{query}").content))
        for sheet in ("Besparelser", "År for år"):
            first, *rows = book[sheet].iter_rows(values_only=True)
            assert "Unngått avfall, gitt (kg)" in first
            assert None not in first
            assert rows


def test_equipment_is_not_calculated_and_not_zero(reported: Reported) -> None:
    rows = {row.key: row.received for row in reported(by="category").rows}

    assert rows["EQUIP_AID"].co2e_g is None
    assert rows["EQUIP_AID"].not_calculated == rows["EQUIP_AID"].uses == 1
    assert rows["CHAIR_TASK"].co2e_g is not None


def test_years_are_all_shown_and_pieces_where_they_can_be_counted(reported: Reported) -> None:
    report = reported(first_year=2025, last_year=2025)

    assert [row.name for row in report.years] == ["2024", "2025", "2026"]
    assert report.known_years == (2024, 2025, 2026)
    assert (report.total.uses, report.pieces) == (2, 2)
    assert reported(first_year=2024, last_year=2025).pieces is None
    assert reported().pieces == 5


def test_nothing_is_nothing_and_no_division(session: Session, actor: ActorOf) -> None:
    for by in PARTED_BY:
        report = organisation_report(session, actor(), Wanted(by=by))
        assert (report.rows, report.years, report.total.uses, report.pieces) == ((), (), 0, 0)


def test_two_at_once_and_anothers_are_refused(
    reported: Reported, org: Organised, foreign_org: Organised
) -> None:
    with pytest.raises(TwoAtOnce):
        reported(by="place", unit_id=org.unit_id)
    for strange in ({"unit_id": foreign_org.unit_id}, {"place_id": foreign_org.room_id}):
        with pytest.raises(NotFound):
            reported(**strange)
    with pytest.raises(NotFound):
        reported(unit_id=uuid4())


def test_the_page_says_what_the_method_asks_for(
    signed_in_as: SignedInAs, three_years: Organised
) -> None:
    client = signed_in_as()
    text = client.get("/rapporter").text

    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "Beregnet unngått utslipp: ca. " in plain
    assert "Ikke trukket fra i klimaregnskapet." in plain
    assert "For 1 overlevering er utslipp ikke beregnet" in plain
    assert 'role="img"' in text
    by_category = client.get("/rapporter?etter=category").text
    assert "ikke beregnet" in by_category


@pytest.mark.parametrize("by", PARTED_BY)
def test_every_link_of_the_page_leads_somewhere(
    signed_in_as: SignedInAs, three_years: Organised, by: str
) -> None:
    client = signed_in_as()
    page = client.get(f"/rapporter?etter={by}&visning=net")

    assert page.status_code == 200
    links = {
        each.replace("&amp;", "&")
        for each in re.findall(r'href="(?:https://testserver)?(/rapporter[^"]*)"', page.text)
        if ".pdf" not in each
    }
    assert len(links) > 5
    for link in links:
        assert client.get(link).status_code == 200, link


def test_the_top_units_own_row_leads_to_its_own_entries_alone(
    signed_in_as: SignedInAs, three_years: Organised, database: RolledBackDatabase
) -> None:
    with database.read() as session:
        root = session.scalar(select(Unit.parent_id).where(Unit.id == three_years.unit_id))
    with database.write() as session:
        load = trips.Load(trips.an_item(session, three_years))
        trips.handed_over(session, three_years, [load], receiver_unit_id=root)
    client = signed_in_as()
    text = client.get("/rapporter?etter=unit").text.replace("&amp;", "&")

    (behind,) = {
        each
        for each in re.findall(r'href="(?:https://testserver)?(/rapporter/poster[^"]*)"', text)
        if f"enhet={root}" in each and "giver" not in each
    }
    page = client.get(behind).text
    assert len(re.findall(r'href="[^"]*/besparelser/', page)) == 1
    assert f"/rapporter?enhet={root}" not in text


def test_the_entries_behind_a_figure_are_its_own(
    signed_in_as: SignedInAs, three_years: Organised
) -> None:
    client = signed_in_as()

    def listed(query: str) -> int:
        text = client.get(f"/rapporter/poster?{query}").text
        return len(re.findall(r'href="[^"]*/besparelser/', text))

    assert listed("visning=gross&fra=2024&til=2024") == 3
    assert listed(f"enhet={three_years.unit_id}&rolle=giver&kilde=sold") == 1
    assert listed(f"enhet={three_years.unit_id}&rolle=receiver") == 1
    assert listed("kategori=EQUIP_AID") == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("fra=tjue", "Skriv et år fra 1900 til 2999."),
        ("fra=2026&til=2024", "Til-året er før fra-året."),
        ("etter=alt", "Velg fra listen."),
        ("enhet=1", "Velg fra listen."),
        ("kilde=intet", "Velg fra listen."),
        ("fra=99999999999999999999", "Skriv et år fra 1900 til 2999."),
    ],
)
def test_what_is_mistyped_is_said_at_the_field(
    signed_in_as: SignedInAs, query: str, said: str
) -> None:
    client = signed_in_as()
    found = client.get(f"/rapporter?{query}")

    assert found.status_code == 422
    assert said in found.text


def test_a_choice_without_savings_is_told_from_a_ledger_without_any(
    signed_in_as: SignedInAs, three_years: Organised
) -> None:
    client = signed_in_as()

    assert "passer til valget" in client.get("/rapporter?kategori=%00intet").text
    assert "Velg andre år" in client.get("/rapporter?kilde=bought_used&fra=1950&til=1951").text


def test_two_at_once_is_said_on_the_page(signed_in_as: SignedInAs, org: Organised) -> None:
    client = signed_in_as()
    found = client.get(f"/rapporter?etter=place&enhet={org.unit_id}")

    assert found.status_code == 422
    assert "Velg enten enhet, sted eller prosjekt." in found.text


def test_the_api_gives_exact_integers(signed_in_as: SignedInAs, three_years: Organised) -> None:
    client = signed_in_as()
    found = client.get("/api/v1/reports/organisation?by=unit&view=net").json()

    assert isinstance(found["total"]["co2e_g"]["value"], int)
    assert found["wanted"]["by"] == "unit"
    for query in (
        "by=nothing",
        "first_year=2026&last_year=2025",
        "unit_id=x",
        "category_id=%00",
    ):
        assert client.get(f"/api/v1/reports/organisation?{query}").status_code == 422
    two = f"by=place&unit_id={three_years.unit_id}"
    assert client.get(f"/api/v1/reports/organisation?{two}").json()["type"].endswith("two-at-once")


def test_the_files_hold_real_numbers_the_method_and_the_factors(
    signed_in_as: SignedInAs, three_years: Organised
) -> None:
    client = signed_in_as()
    book = load_workbook(
        io.BytesIO(client.get("/rapporter/besparelser.xlsx?etter=category").content)
    )
    assert book.sheetnames == ["Besparelser", "År for år", "Metode", "Faktorer"]
    rows = list(book["Besparelser"].iter_rows(values_only=True))
    head, *content = rows
    assert "Unngått utslipp (kg CO2e)" in head
    assert "Spart (NOK)" in head
    by_key = {row[1]: dict(zip(head, row, strict=True)) for row in content}
    assert by_key["EQUIP_AID"]["Unngått utslipp (kg CO2e)"] is None
    assert isinstance(by_key["CHAIR_TASK"]["Spart (NOK)"], float | int)
    chairs = [row for row in book["Faktorer"].iter_rows(values_only=True) if row[2] == "CHAIR_TASK"]
    assert any(isinstance(row[4], float | int) for row in chairs)
    assert any(
        "klimaregnskapet" in str(row[1]) for row in book["Metode"].iter_rows(values_only=True)
    )
    again = client.get("/rapporter/besparelser.xlsx?etter=category").content
    assert again == client.get("/rapporter/besparelser.xlsx?etter=category").content
    table = client.get("/rapporter/besparelser.csv?etter=unit").content.decode("utf-8-sig")
    assert table.splitlines()[0].startswith("Enhet;Id;")
    assert "gitt" in table.splitlines()[0]
    assert json.loads(client.get("/rapporter/besparelser.json").text)["rows"]
    assert client.get("/rapporter/besparelser.exe").status_code == 404


def a_tree(parents: dict[str, str | None]) -> Any:
    """Ids are letters here: the rules look at nothing in them."""
    node: Any = Node
    return {name: node(parent, name.upper()) for name, parent in parents.items()}


def test_one_level_of_a_tree_is_shown_at_a_time() -> None:
    tree = a_tree({"org": None, "a": "org", "a1": "a", "a2": "a1", "b": "org"})
    top, chosen, last = (next(each for each in tree if each == name) for name in ("org", "a", "a2"))

    assert start_of(tree, None) == top
    assert shown_under(tree, top) == {"org": "org", "a": "a", "a1": "a", "a2": "a", "b": "b"}
    below: Any = shown_under(tree, chosen)
    assert {each: below[each] for each in ("a", "a1", "a2")} == {"a": "a", "a1": "a1", "a2": "a1"}
    assert [name for _, name in way_to(tree, last)] == ["ORG", "A", "A1", "A2"]


def test_two_tops_are_shown_beside_each_other_and_a_ring_ends() -> None:
    tops = a_tree({"x": None, "y": None})
    ring = a_tree({"p": "q", "q": "p"})

    assert start_of(tops, None) is None
    assert shown_under(tops, None) == {"x": "x", "y": "y"}
    assert shown_under(ring, None).keys() == {"p", "q"}
    assert len(way_to(ring, next(iter(ring)))) >= 2
