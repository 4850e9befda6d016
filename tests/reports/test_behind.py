"""Every figure of goals and of the year's reports leads to the entries that it is the sum of."""

import html
import io
import re
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource
from app.kit.clock import MovedClock
from app.yearly import documents
from app.yearly.queries import factors_of
from app.yearly.service import yearly_report
from tests.databases import RolledBackDatabase
from tests.inbox.cases import acting
from tests.ledger.trips import Load, an_item, handed_over
from tests.people import Organised, SignedInAs

YEAR = 2026
S = FulfilmentSource
ENTRIES = re.compile(r'href="(/rapporter/poster[^"]*)"')


@pytest.fixture
def used(database: RolledBackDatabase, org: Organised, clock: MovedClock) -> RolledBackDatabase:
    """Three task chairs of 15 kg reused, one bought used and one new."""
    clock.at = datetime(YEAR, 3, 2, 9, tzinfo=UTC)
    with database.write() as session:
        loads = [Load(an_item(session, org)) for _ in range(3)]
        loads += [Load(an_item(session, org), each) for each in (S.BOUGHT_USED, S.NEW)]
        handed_over(session, org, loads)
    return database


def _ways(client: TestClient, path: str) -> list[str]:
    found = [html.unescape(each) for each in ENTRIES.findall(client.get(path).text)]
    assert found, path
    return list(dict.fromkeys(found))


def _uses(client: TestClient, path: str) -> int:
    """What the page of entries says it is the sum of, after it has shown as many rows."""
    text = client.get(path).text.replace("\xa0", " ")
    said = re.search(r"summen av (\d+) poste?r? som står", text)
    assert said is not None, path
    assert text.count('href="/besparelser/') == int(said[1])
    return int(said[1])


def test_a_goals_figures_lead_to_as_many_entries_as_they_are_of(
    used: RolledBackDatabase, signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    for unit, waste, rest in ((org.unit_id, 5, 0), (org.other_unit_id, 0, 5)):
        ways = _ways(client, f"/mal/{YEAR}/enhet/{unit}")
        found = {("giver" in each, "kilder" in each): _uses(client, each) for each in ways}
        assert found == {(True, False): waste, (False, False): rest, (False, True): rest}
    for path in (f"/mal/{YEAR}/oppsummering", f"/mal/{YEAR}/tavle"):
        assert {_uses(client, each) for each in _ways(client, path)} == {5}


def test_the_years_figures_lead_to_the_entries_of_their_sources(
    used: RolledBackDatabase, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    by_way = {each: _uses(client, each) for each in _ways(client, f"/arsrapport/{YEAR}")}
    assert sorted(by_way.values()) == [1, 1, 1, 1, 3, 3, 5]  # both views, and the whole
    sheet = {each: _uses(client, each) for each in _ways(client, f"/arsrapport/{YEAR}/miljo")}
    assert sorted(sheet.values()) == [1, 1, 3, 5]


def test_several_sources_are_one_sum_and_an_unknown_one_is_refused(
    used: RolledBackDatabase, signed_in_as: SignedInAs, foreign_org: Organised
) -> None:
    client = signed_in_as()
    path = f"/rapporter/poster?fra={YEAR}&til={YEAR}"
    assert _uses(client, f"{path}&kilder=internal_reuse&kilder=bought_used") == 4
    assert _uses(client, path) == 5
    assert _uses(client, f"/rapporter/poster?fra={YEAR - 1}&til={YEAR - 1}") == 0
    assert client.get(f"{path}&kilder=tull").status_code == 422
    assert client.get(path + "&kilder=new" * 10).status_code == 422
    assert _uses(signed_in_as(Role.EMPLOYEE, where=foreign_org), path) == 0


def test_the_sheet_has_the_share_without_and_with_what_was_bought_used(
    used: RolledBackDatabase, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    reuse = client.get(f"/api/v1/environmental-reports/{YEAR}").json()["reuse"]
    assert (reuse["without_bought_used"], reuse["with_bought_used"]) == (0.6, 0.8)
    assert "(3 + 0 + 0) ÷ 5 = 3 ÷ 5 = 60" in reuse["formula_without"].replace("\xa0", " ")
    page = client.get(f"/arsrapport/{YEAR}/miljo").text.replace("\xa0", " ")
    assert "<strong>60 %</strong>" in page
    assert "<strong>80 %</strong>" in page
    units = client.get(f"/api/v1/goals/{YEAR}").json()["units"]
    whole = {line["kind"]: line["so_far"] for line in units[0]["lines"]}
    assert (whole["reuse_share"], whole["reuse_share_without_bought_used"]) == (80, 60)
    assert client.get("/api/v1/environmental-reports/2001").json()["reuse"] is None


def test_the_years_workbooks_have_the_method_and_the_factors_and_the_same_bytes_again(
    used: RolledBackDatabase, signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    for path in (f"/arsrapport/{YEAR}/fil/xlsx", f"/arsrapport/{YEAR}/miljo/fil/xlsx"):
        book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(path).content))
        *_, method, factors = book.sheet_names
        assert "etode" in method
        said = {str(row[0]): str(row[1]) for row in book.get_sheet_by_name(method).to_python()}
        assert "produksjon A1–A3" in said["Unngått CO2e"]
        rows = book.get_sheet_by_name(factors).to_python()
        assert any("CHAIR_TASK" in str(row) for row in rows)
        assert any(isinstance(row[2], float) for row in rows)
    with used.read() as session:
        actor = acting(session, org)
        report = yearly_report(session, actor, YEAR)
        behind = factors_of(session, actor, YEAR)
    first, second = (b"".join(documents.as_workbook(report, behind)) for _ in range(2))
    assert first == second
