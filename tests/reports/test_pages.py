"""The report as page, files and API, and the entries behind its figures."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource
from app.kit import chain
from app.projects.models import Project
from app.reports.figures import LATER
from app.reports.panels import organisation_savings, savings_so_far
from app.reports.service import project_report
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_line, a_project
from tests.reports import story

A_FEW = {FulfilmentSource.INTERNAL_REUSE: 2, FulfilmentSource.BOUGHT_USED: 1}


@pytest.fixture
def project_c(session: Session, actor: ActorOf, org: Organised) -> Project:
    project, _ = story.example_c(session, actor(), org, goal_percent=80)
    return project


def plain(html: str) -> str:
    """What a reader sees: no tags, one kind of space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).replace("\xa0", " ")


def test_the_page_says_both_shares_in_its_headline(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    answer = signed_in_as(Role.EMPLOYEE).get(f"/prosjekter/{project_c.id}/rapport")
    assert answer.status_code == 200
    text = plain(answer.text)
    assert "89 % uten og 98 % med kjøpt brukt" in text
    assert "(124 + 14 + 40) ÷ 200 = 178 ÷ 200 = 89 %" in text
    assert "Målet er 80 %, og det er nådd." in text


def test_the_page_shows_savings_with_two_digits_range_and_statement(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    text = plain(signed_in_as().get(f"/prosjekter/{project_c.id}/rapport").text)
    assert "Beregnet unngått utslipp: ca. 11 t CO2e (" in text
    assert "sammenlignet med å kjøpe tilsvarende nytt. Faktorsett 2025.1." in text
    assert "Ikke trukket fra i klimaregnskapet." in text
    assert "Brutto: aktivitet" in text
    assert "Netto: etter fortrengning og gjenværende levetid" in text
    assert "12 381 800 − 1 086 514 = 11 295 286 g CO2e" in text


def test_every_entry_of_a_shown_piece_can_be_opened(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    html = client.get(f"/prosjekter/{project_c.id}/rapport").text
    found = re.findall(r'href="(/besparelser/[0-9a-f-]{36})"', html)
    assert len(found) == 50
    assert client.get(found[0]).status_code == 200


def test_the_list_of_pieces_goes_on_where_it_stopped_and_says_where_it_is(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    client, path = signed_in_as(), f"/prosjekter/{project_c.id}/rapport"
    seen: list[str] = []
    for number in range(8):
        html = client.get(path).text
        seen += re.findall(r'href="/mobler/([0-9a-f-]{36})"', html)
        assert f"Viser {number * 25 + 1}–{number * 25 + 25} av 200." in plain(html)
        assert "89 % uten og 98 % med kjøpt brukt" in plain(html)
        onward = re.search(r'href="([^"]*cursor=[^"]*)#pieces"', html)
        assert ("Til starten" in html) is (number > 0)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert path == ""
    by_file = client.get(f"/prosjekter/{project_c.id}/rapport.json").json()["pieces"]
    assert seen == [each["item_id"] for each in by_file]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMiwzLDRd", "x" * 401])
def test_a_cursor_that_points_nowhere_is_refused_in_words(
    project_c: Project, signed_in_as: SignedInAs, cursor: str
) -> None:
    answer = signed_in_as().get(f"/prosjekter/{project_c.id}/rapport", params={"cursor": cursor})
    assert answer.status_code == 422


def test_the_entries_behind_a_figure_add_up_to_it(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    client, here = signed_in_as(), f"/prosjekter/{project_c.id}/rapport/tall"
    text = plain(client.get(here, params={"visning": "net", "kilde": "redesigned"}).text)
    assert "nøyaktig 364 490 g" in text
    assert "nøyaktig 8 006,74 kr" in text
    assert "summen av 14 poster" in text
    assert text.count("fortrengning 0,8") == 14


def test_a_long_list_of_entries_goes_on_where_it_stopped(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    client, path = signed_in_as(), f"/prosjekter/{project_c.id}/rapport/tall"
    seen: list[str] = []
    while path:
        html = client.get(path).text
        seen += re.findall(r'href="/besparelser/([0-9a-f-]{36})"', html)
        onward = re.search(r'href="([^"]*cursor=[^"]*)"', html)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert len(seen) == len(set(seen)) == 200


@pytest.mark.parametrize("query", ["visning=bunn", "kilde=funnet", "linje=7", "cursor=x"])
def test_a_filter_that_does_not_exist_is_refused_in_words(
    project_c: Project, signed_in_as: SignedInAs, query: str
) -> None:
    answer = signed_in_as().get(f"/prosjekter/{project_c.id}/rapport/tall?{query}")
    assert answer.status_code == 422


def test_the_file_for_spreadsheets_has_every_piece_and_adds_up(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    answer = signed_in_as().get(f"/prosjekter/{project_c.id}/rapport.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 200
    grams = sum(round(float(row["CO2e brutto (kg)"].replace(",", ".")) * 1000) for row in rows)
    assert grams == 11_295_286
    assert {row["Kilde"] for row in rows} >= {"Internt ombruk", "Kjøpt brukt", "Nytt"}


def test_page_twin_and_api_give_the_same_document(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    by_api = client.get(f"/api/v1/projects/{project_c.id}/report")
    assert by_api.headers["content-type"] == "application/json"
    twin = client.get(f"/prosjekter/{project_c.id}/rapport.json")
    assert by_api.json() == twin.json()
    assert by_api.json()["shares"]["by_pieces"]["redesigned_from_surplus"] == 0.2
    assert by_api.json()["totals"]["gross"]["co2e_g"]["value"] == 11_295_286
    shown = '"shares": {"by_pieces": {"internal_reuse": 0.62, "redesigned": 0.07, '
    assert shown in by_api.text


def test_the_api_keeps_what_its_document_promises(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    schemas = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    found = client.get(f"/api/v1/projects/{project_c.id}/report").json()
    assert {*schemas["ProjectReport"]["required"], *LATER} == set(found)


PATHS = (
    "/prosjekter/{}/rapport",
    "/prosjekter/{}/rapport.csv",
    "/prosjekter/{}/rapport.json",
    "/prosjekter/{}/rapport/tall",
    "/api/v1/projects/{}/report",
)


@pytest.mark.parametrize("path", PATHS)
def test_another_organisations_report_is_not_found(
    session: Session,
    actor: ActorOf,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    path: str,
) -> None:
    theirs, _ = story.example_c(
        session, actor(Role.FURNITURE_MANAGER, foreign_org), foreign_org, A_FEW
    )
    client = signed_in_as(Role.ADMIN, org)
    assert client.get(path.format(theirs.id)).status_code == 404
    assert client.get(path.format(uuid4())).status_code == 404
    assert client.get(path.format("hei")).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_nobody_reads_a_report_without_signing_in(
    project_c: Project, client: TestClient, path: str
) -> None:
    answer = client.get(path.format(project_c.id))
    assert answer.status_code == (401 if path.startswith("/api") else 303)


def test_an_empty_and_an_open_project_say_what_is_missing(
    session: Session, actor: ActorOf, org: Organised, signed_in_as: SignedInAs
) -> None:
    project = a_project(session, actor(), org)
    client = signed_in_as()
    assert "Ingen andel ennå" in client.get(f"/prosjekter/{project.id}/rapport").text
    assert "Ingen poster." in client.get(f"/prosjekter/{project.id}/rapport/tall").text
    a_line(session, actor(), project, quantity=12)
    _sealed(session, org, "event")
    text = plain(client.get(f"/prosjekter/{project.id}/rapport").text)
    assert "12 møbler gjenstår" in text
    assert json.loads(client.get(f"/prosjekter/{project.id}/rapport.json").text)["pieces"] == []


def test_names_are_shown_as_text_and_never_run(
    session: Session, actor: ActorOf, org: Organised, signed_in_as: SignedInAs
) -> None:
    script = "<script>alert(1)</script>"
    project, line = story.example_c(session, actor(), org, A_FEW, name=script)
    (item,) = story.fulfilled_by(session, org, line, FulfilmentSource.NEW)
    item.name = "=HYPERLINK(1)" + script
    session.flush()
    client = signed_in_as()
    for path in PATHS[:2] + PATHS[3:4]:
        answer = client.get(path.format(project.id))
        assert answer.status_code == 200
        if "html" in answer.headers["content-type"]:
            assert script not in answer.text
        else:
            assert "'=HYPERLINK(1)" in answer.text


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    statements: list[str] = []
    engine: Engine = session.connection().engine

    def note(*details: object) -> None:
        statements.append(str(details[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_a_large_report_takes_no_more_queries_than_a_small_one(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    small, _ = story.example_c(session, actor(), org, A_FEW)
    large, _ = story.example_c(session, actor(), org)
    a_line(session, actor(), large, category_id="SOFA_2")
    employee = actor(Role.EMPLOYEE)
    project_report(session, employee, small.id)  # reads the factor set, which is kept from then on
    counts = []
    for project_id in (small.id, large.id):
        with counted(session) as statements:
            report = project_report(session, employee, UUID(str(project_id)))
        counts.append(len(statements))
    assert len(report.pieces) == 200
    assert counts[0] == counts[1] == 15


def test_the_project_page_and_the_start_page_show_what_was_saved(
    project_c: Project, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    text = plain(client.get(f"/prosjekter/{project_c.id}").text)
    assert "Spart så langt" in text
    assert "ca. 11 t CO2e" in text
    home = plain(client.get("/").text)
    assert "Dette har virksomheten spart" in home
    assert "Regnet av 200 overleverte møbler" in home


def test_the_sum_on_the_start_page_is_kept_until_something_is_booked(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    story.example_c(session, manager, org)
    _sealed(session, org, "ledger_entry")
    first = savings_so_far(session, manager)
    with counted(session) as at_rest:
        assert savings_so_far(session, manager) is first
    _sealed(session, org, "event")
    with counted(session) as with_other_events:
        assert savings_so_far(session, manager) is first
    assert (len(at_rest), len(with_other_events)) == (1, 2)
    story.example_c(session, manager, org)
    _sealed(session, org, "ledger_entry")
    now = savings_so_far(session, manager)
    assert now == organisation_savings(session, manager)
    assert now.gross.uses == 2 * first.gross.uses > 0


def _sealed(session: Session, org: Organised, table: str) -> None:
    chain.seal(session, [chain.Chained(org.org_id, table, uuid4(), "{}")])
