"""A year of 670 enquiries, 350 visits and 35 projects gives exactly these figures in its report."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from tests.databases import RolledBackDatabase
from tests.people import Organised, SignedInAs
from tests.yearly import played

YEAR = 2026


@pytest.fixture
def year(database: RolledBackDatabase, org: Organised, clock: MovedClock) -> RolledBackDatabase:
    clock.at = datetime(YEAR, 11, 30, 9, tzinfo=UTC)
    with database.write() as session:
        cases = played.enquiries(session, org)
        played.visited(session, org, cases)
        played.answered(session, org, cases)
        found = played.projects(session, org)
        played.furnished(session, org, found)
    return database


def test_a_year_of_670_enquiries_350_visits_and_35_projects_gives_exactly_these_figures(
    year: RolledBackDatabase,
    signed_in_as: SignedInAs,
) -> None:
    manager = signed_in_as()
    found = manager.get(f"/api/v1/yearly-reports/{YEAR}").json()
    asked = found["enquiries"]
    assert (asked["total"], asked["visits"], len(found["projects"])) == (670, 350, 35)
    assert asked["by_outcome"] == {"reused": 300, "mended": 150, "bought": 60, "declined": 40}
    assert (asked["closed"], asked["withdrawn"], asked["open"]) == (550, 20, 100)
    assert asked["by_kind"] == {"mend": 470, "move": 200}
    assert asked["pieces"] == 1100
    assert sum(each["state"] == "closed" for each in found["projects"]) == 15

    # To the gram and the øre: the worked example C of the savings method, section 12.
    assert _sums(found, "gross") == {
        "reuse": (124, 3_150_592, 7_627_364, 31_912_516),
        "reupholstered_or_redesigned": (54, 1_067_152, 2_560_724, 13_897_386),
        "bought_used": (18, 0, 1_107_198, 4_632_462),
        "left": (0, 0, 0, 0),
        "new": (4, 0, 0, 0),
    }
    # Donors give whole grams: 17 786 g built in where the example has 17 785.6 is 1 g net a piece.
    assert _sums(found, "net") == {
        "reuse": (124, 1_344_284, 3_226_108, 1_418_312),
        "reupholstered_or_redesigned": (54, 758_834 + 40, 1_660_970, 7_663_594),
        "bought_used": (18, 0, 379_152, -411_768),
        "left": (0, 0, 0, 0),
        "new": (4, 0, 0, 0),
    }
    whole = found["totals"]["gross"]
    assert whole["waste_g"]["value"] == 4_217_744
    assert whole["co2e_g"]["value"] == 11_295_286
    assert whole["saved_ore"]["value"] == 50_442_364
    by_source = [each["by_source"] for each in found["projects"][:5]]
    assert {name: sum(each[name] for each in by_source) for name in by_source[0]} == {
        each.value: count for each, count in played.PIECES.items()
    }
    assert found["basis"]["ledger_entries"] == 2 * 200

    page = manager.get(f"/arsrapport/{YEAR}").text
    for figure in ("670", "350", "35"):
        assert f'<p class="figure-value">{figure}' in page
    assert "Omtrukket og redesignet" in page

    sheets = CalamineWorkbook.from_filelike(
        io.BytesIO(manager.get(f"/arsrapport/{YEAR}/fil/xlsx").content)
    )
    summary = sheets.get_sheet_by_index(0).to_python()
    assert ["Henvendelser", "Alle", 670.0, "antall"] in summary
    projects = sheets.get_sheet_by_name("Prosjekter").to_python()
    assert len(projects) == 1 + 35

    text = manager.get(f"/arsrapport/{YEAR}/fil/csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert ["Befaringer", "Gjennomført", "350", "antall"] in rows
    assert ["Brutto: aktivitet: spart", "Sum", "504423,64", "NOK"] in rows

    before = manager.get(f"/api/v1/yearly-reports/{YEAR - 1}").json()
    assert before["enquiries"]["total"] == 1
    assert before["projects"] == []


def _sums(found: dict[str, Any], view: str) -> dict[str, tuple[int, ...]]:
    return {
        each["way"]: (
            each[view]["entries"],
            *(each[view][name]["value"] for name in ("waste_g", "co2e_g", "saved_ore")),
        )
        for each in found["ways"]
    }


def test_a_year_without_anything_divides_by_nothing(signed_in_as: SignedInAs) -> None:
    manager = signed_in_as()
    found = manager.get("/api/v1/yearly-reports/2001").json()
    assert found["enquiries"]["days_to_reply"] == {"count": 0, "median": None, "p90": None}
    assert found["totals"]["gross"]["entries"] == 0
    page = manager.get("/arsrapport/2001")
    assert page.status_code == 200
    assert "Ingenting å melde om 2001" in page.text
    for form in ("csv", "xlsx", "json"):
        assert manager.get(f"/arsrapport/2001/fil/{form}").status_code == 200
    assert manager.get("/arsrapport/1066").status_code == 404
    assert manager.get("/arsrapport/2001/fil/doc").status_code == 404


def test_only_who_reports_for_the_whole_organisation_sees_it(
    signed_in_as: SignedInAs,
) -> None:
    for role in (Role.FURNITURE_MANAGER, Role.CONTROLLER, Role.ADMIN):
        assert signed_in_as(role).get("/arsrapport/2026").status_code == 200
    for path in ("/arsrapport", "/arsrapport/2026", "/api/v1/yearly-reports/2026"):
        assert signed_in_as(Role.EMPLOYEE).get(path).status_code == 403
    assert signed_in_as(Role.EMPLOYEE).get("/arsrapport/2026/fil/xlsx").status_code == 403
