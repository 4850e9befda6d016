"""``omlop report``, on a database of its own, as a person at a terminal meets it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.cli import main
from app.kit.db import Database
from tests.people import organised
from tests.projects.rows import a_project
from tests.reports import story

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def installed(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Database:
    """An installation with one organisation, whose project is example C."""
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    with database.write() as session:
        actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
        assert actor is not None
        story.example_c(session, actor, org)
        for _ in range(2):
            a_project(session, actor, org, name="Tvillingene")
        a_project(session, actor, org, name="Ørsta Åsgård")
    monkeypatch.setenv("OMLOP_DATABASE_URL", database.url)
    monkeypatch.setenv("OMLOP_DATA_DIR", str(tmp_path))
    return database


def test_the_command_prints_the_shares_and_totals_as_json(capsys: Capture) -> None:
    assert main(["report", "Lensmannslia", "--format", "json"]) == 0
    printed = capsys.readouterr().out
    assert (
        '"shares": {"by_pieces": {"internal_reuse": 0.62, "redesigned": 0.07, '
        '"redesigned_from_surplus": 0.2, "bought_used": 0.09, "new": 0.02}' in printed
    )
    found = json.loads(printed)
    assert found["totals"]["gross"]["co2e_g"]["value"] == 11_295_286
    assert found["totals"]["net"]["saved_ore"]["value"] == 8_670_138
    assert len(found["pieces"]) == 200


@pytest.mark.parametrize("name", ["Ørsta Åsgård", "ørsta åsgård", "ØRSTA ÅSGÅRD", " Ørsta Åsgård "])
def test_a_name_is_found_in_any_case_with_its_own_letters(name: str, capsys: Capture) -> None:
    assert main(["report", name]) == 0
    assert "Ørsta Åsgård" in capsys.readouterr().out


def test_the_command_writes_for_people_and_for_spreadsheets(
    capsys: Capture, tmp_path: Path
) -> None:
    assert main(["report", "lensmannslia"]) == 0
    text = capsys.readouterr().out.replace("\xa0", " ")
    assert "Ombruksandel: 89 % uten og 98 % med kjøpt brukt" in text
    assert "ca. 11 t CO2e" in text
    file = tmp_path / "report.csv"
    assert main(["report", "1", "--format", "csv", "-o", str(file)]) == 0
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 201
    assert capsys.readouterr().out == ""


def test_the_command_says_what_is_wrong_and_ends_with_one(capsys: Capture, tmp_path: Path) -> None:
    for arguments, reason in (
        (["report", "Finnes ikke"], "Fant ikke prosjektet «Finnes ikke»."),
        (["report", "Tvillingene"], "Flere prosjekter heter «Tvillingene», blant dem nummer 3"),
        (["report", "1", "-o", str(tmp_path / "no" / "x")], "Mappen til"),
        (["report", "1", "--org", "Ukjent"], "Det finnes ingen virksomhet"),
    ):
        assert main(arguments) == 1
        assert reason in capsys.readouterr().err
