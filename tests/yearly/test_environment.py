"""The report for an environmental certification: what it sums, its codes and its comment."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.disposals.rules import Fraction
from app.disposals.service_codes import VerifyCode, verify_code
from app.impact.rules import FulfilmentSource
from app.kit.errors import Stale
from app.yearly.commands import WriteYearNote
from app.yearly.service_note import write_note
from tests.databases import RolledBackDatabase
from tests.inbox.cases import acting
from tests.ledger.trips import Load, an_item, handed_over
from tests.people import Organised, SignedInAs

YEAR = 2026
PATH = f"/arsrapport/{YEAR}/miljo"
API = f"/api/v1/environmental-reports/{YEAR}"


@pytest.fixture
def reused(database: RolledBackDatabase, org: Organised) -> RolledBackDatabase:
    """Three task chairs of 15 kg reused, and one bought used, which was nobody's waste."""
    with database.write() as session:
        loads = [Load(an_item(session, org)) for _ in range(3)]
        used = Load(an_item(session, org), FulfilmentSource.BOUGHT_USED)
        handed_over(session, org, [*loads, used])
    return database


def test_avoided_waste_falls_into_fractions_to_the_gram_and_unchecked_codes_stay_empty(
    reused: RolledBackDatabase, signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    found = client.get(API).json()
    by_source = {each["source"]: each for each in found["sources"]}
    assert {name: each["pieces"] for name, each in by_source.items()} == {
        "internal_reuse": 3,
        "redesigned": 0,
        "redesigned_from_surplus": 0,
        "bought_used": 1,
        "new": 0,
    }
    assert by_source["internal_reuse"]["share"] == 0.75
    assert by_source["bought_used"]["mass_g"] == 15_000
    waste = {each["fraction"]: each for each in found["waste"]}
    assert sum(each["avoided_g"] for each in waste.values()) == 3 * 15_000
    assert waste["metal"]["avoided_g"] > 0
    assert found["waste_avoided"] == {"value": 45_000, "low": 36_000, "high": 60_000}
    for each in waste.values():  # of one category and tier: each fraction has its part
        assert abs(each["avoided_g_low"] - each["avoided_g"] * 12 / 15) <= 1
        assert abs(each["avoided_g_high"] - each["avoided_g"] * 20 / 15) <= 1
    assert "45\xa0kg (36–60)" in client.get(PATH).text
    assert waste["metal"]["ns_code"] is None
    assert waste["wood"]["ns_code"] == "1142"
    assert "må sjekkes" in client.get(PATH).text

    with reused.write() as session:
        code = VerifyCode(
            fraction=Fraction.METAL,
            ns_code="1452",
            eal_code="20 01 40",
            verified_on=date(2026, 2, 1),
        )
        verify_code(session, acting(session, org), code)
    metal = next(each for each in client.get(API).json()["waste"] if each["fraction"] == "metal")
    assert (metal["ns_code"], metal["verified_on"]) == ("1452", "2026-02-01")
    assert metal["verified_by"] == "Prøve furniture_manager"

    text = client.get(f"{PATH}/fil/csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert ["Ombruk og innkjøp", "Kjøpt brukt", "Masse", "15", "", "", "kg"] + [""] * 4 in rows
    assert any(row[1] == "Metall, blandet" and row[7] == "1452" for row in rows)
    # A chair's default mass is 15 kg (12–20): three of them err together.
    whole = ["Avfall", "Alle typer", "Unngått, beregnet", "45", "36", "60", "kg"] + [""] * 4
    assert whole in rows
    metal_row = ["Avfall", "Metall, blandet", "Unngått, beregnet"]
    ends = [metal[f"avoided_g{end}"] for end in ("", "_low", "_high")]
    assert [str(Decimal(each) / 1000).replace(".", ",") for each in ends] == next(
        row[3:6] for row in rows if row[:3] == metal_row
    )
    assert client.get(f"{PATH}/fil/xlsx").content[:2] == b"PK"


def test_a_year_without_anything_has_shares_of_nothing(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()
    found = client.get("/api/v1/environmental-reports/2001").json()
    assert {each["share"] for each in found["sources"]} == {None}
    assert {each["avoided_g"] for each in found["waste"]} == {0}
    page = client.get("/arsrapport/2001/miljo").text
    assert "Ingen møbler er mottatt i året." in page
    assert "Virksomheten har ingen mål for året." in page
    for form in ("csv", "xlsx", "json"):
        assert client.get(f"/arsrapport/2001/miljo/fil/{form}").status_code == 200


def test_goals_stand_against_their_result(
    reused: RolledBackDatabase,
    signed_in_as: SignedInAs,
) -> None:
    client = signed_in_as()
    root = client.get(f"/api/v1/goals/{YEAR}").json()["units"][0]["id"]
    goal = {"targets": [{"kind": "waste_g", "target": 90_000}]}
    client.put(f"/api/v1/goals/{YEAR}/units/{root}", json=goal, headers={"If-Match": '"v0"'})
    (line,) = client.get(API).json()["goals"]
    assert (line["target"], line["part"], line["percent"]) == (90_000, 45_000, 50)
    text = client.get(f"{PATH}/fil/csv").content.decode("utf-8-sig")
    assert "Mål;Unngått avfall;Mål;90;;;kg" in text
    assert "Mål;Unngått avfall;Resultat;45;;;kg" in text


def test_a_comment_is_kept_by_version_and_in_the_files(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    client = signed_in_as(Role.CONTROLLER)
    posted = client.post(f"{PATH}/kommentar", data={"version": "0", "text": "=Godt år"})
    assert posted.status_code == 303
    assert "=Godt år" in client.get(PATH).text
    assert "'=Godt år" in client.get(f"{PATH}/fil/csv").content.decode()
    late = client.post(f"{PATH}/kommentar", data={"version": "0", "text": "Et annet"})
    assert late.status_code == 412
    assert "Et annet" in late.text
    assert "=Godt år" in late.text
    again = client.put(f"{API}/comment", json={"text": "Bedre"}, headers={"If-Match": '"v1"'})
    assert again.json() == {"year": YEAR, "text": "Bedre", "version": 2}
    assert client.put(f"{API}/comment", json={"text": "x"}).status_code == 428
    long = client.post(f"{PATH}/kommentar", data={"version": "2", "text": "x" * 10_001})
    assert long.status_code == 422
    assert 'href="#field-text"' in long.text
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.get(PATH).status_code == 403
    assert employee.post(f"{PATH}/kommentar", data={"version": "2"}).status_code == 403
    with database.write() as session:
        _stale(session, org)


def _stale(session: Session, org: Organised) -> None:
    with pytest.raises(Stale):
        write_note(session, acting(session, org), WriteYearNote(year=YEAR, text="", version=0))
