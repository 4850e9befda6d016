"""Closing a project freezes its report; reopening makes a version beside it, and nothing else moves."""

import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.accounts.rules import Role
from app.catalogue.models import Category
from app.impact.rules import FulfilmentSource
from app.items.models import Item
from app.kit.clock import MovedClock
from app.kit.errors import NotFound
from app.kit.i18n import speaking
from app.kit.paging import CursorUnknown
from app.ledger.service import verify
from app.projects.models import Project
from app.projects.models_report import FrozenReport
from app.projects.rules import ProjectState
from app.projects.service import (
    CloseProject,
    EditProject,
    ReopenProject,
    close_project,
    edit_project,
    reopen_project,
)
from app.reports.documents import as_json
from app.reports.rules_versions import Differing
from app.reports.service_frozen import (
    ReportVersionNotFound,
    compared,
    frozen_of,
    read,
    shown_report,
    some_frozen_pieces,
)
from app.reports.views import report_context
from app.reports.words import difference_text
from tests.databases import RolledBackDatabase
from tests.impact.pieces import a_chair
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_line, a_project
from tests.reports import story

FEW = {
    FulfilmentSource.INTERNAL_REUSE: 2,
    FulfilmentSource.BOUGHT_USED: 1,
    FulfilmentSource.NEW: 1,
}


def closed(session: Session, actor: ActorOf, project: Project) -> None:
    session.flush()
    close_project(session, actor(), [CloseProject(project_id=project.id)])
    session.flush()


def one_more(session: Session, actor: ActorOf, org: Organised, project: Project) -> None:
    line = a_line(session, actor(), project, quantity=1)
    items = story.fulfilled_by(session, org, line, FulfilmentSource.INTERNAL_REUSE)
    story.book(session, org, items, a_chair(), line)
    session.flush()


def test_a_closed_projects_report_is_what_was_frozen(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org, FEW)
    before, row = shown_report(session, actor(), project.id)
    assert row is None
    closed(session, actor, project)
    report, row = shown_report(session, actor(Role.EMPLOYEE), project.id)
    assert row is not None
    assert (row.version, report.project.state) == (1, "closed")
    assert (report.totals, report.pieces, report.lines) == (
        before.totals,
        before.pieces,
        before.lines,
    )
    assert as_json(report) == row.document
    # Names, places of accounts and the reader's language become others, and nothing of it shows.
    session.execute(update(Category).values(name_nb="Omdøpt"))
    session.execute(update(Item).values(name="Omdøpt"))
    session.execute(update(Unit).values(name=Unit.name + " ny"))
    session.expire_all()
    with speaking("sv"):
        again, _ = shown_report(session, actor(), project.id)
    assert as_json(again) == row.document


def test_reopened_and_closed_again_it_has_a_second_version_beside_the_first(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org, FEW)
    closed(session, actor, project)
    first = frozen_of(session, actor(), project.id, 1)
    assert first is not None
    kept = first.document
    reopen_project(session, actor(), [ReopenProject(project_id=project.id)])
    one_more(session, actor, org, project)
    live, row = shown_report(session, actor(), project.id)
    assert (row, live.project.state, len(live.pieces)) == (None, "active", 5)
    closed(session, actor, project)
    newest, row = shown_report(session, actor(), project.id)
    assert row is not None
    assert (row.version, len(newest.pieces)) == (2, 5)
    old, _ = shown_report(session, actor(), project.id, 1)
    assert (as_json(old), len(old.pieces)) == (kept, 4)
    second, before = compared(session, actor(), project.id)
    assert before.differences is None
    assert second.differences is not None
    differing = {each.key: (each.before, each.after) for each in second.differences}
    assert differing["fulfilled_pieces"] == (4, 5)
    assert differing["pieces_come"] == (None, 1)
    assert differing["without_bought_used"] == (0.5, 0.6)
    co2e = [each.totals.gross.co2e_g.value for each in (old, newest)]
    assert differing["gross_co2e_g"] == tuple(co2e)
    assert "pieces_gone" not in differing
    with pytest.raises(ReportVersionNotFound):
        frozen_of(session, actor(), project.id, 3)


def test_closed_again_with_nothing_new_nothing_differs(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project = a_project(session, actor(), org)
    closed(session, actor, project)
    reopen_project(session, actor(), [ReopenProject(project_id=project.id)])
    edited = EditProject(project_id=project.id, version=project.version, description="Ny tekst")
    edit_project(session, actor(), [edited])
    closed(session, actor, project)
    second, first = compared(session, actor(), project.id)
    assert (second.differences, first.differences) == ([], None)
    assert read(second.row).reuse.by_pieces is None


def test_a_project_closed_before_reports_were_frozen_is_shown_as_it_is(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org, FEW)
    project.state = ProjectState.CLOSED
    session.flush()
    report, row = shown_report(session, actor(), project.id)
    assert (row, len(report.pieces)) == (None, 4)


def test_pages_of_frozen_pieces_go_on_where_the_one_before_ended(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org, {FulfilmentSource.INTERNAL_REUSE: 30})
    closed(session, actor, project)
    report, _ = shown_report(session, actor(), project.id)
    first = some_frozen_pieces(report, None)
    rest = some_frozen_pieces(report, first.next)
    assert first.pieces + rest.pieces == report.pieces
    assert (first.left, rest.left, rest.next) == (30, 5, None)
    for wrong in ("x", "30", "0", "-1"):
        with pytest.raises(CursorUnknown):
            some_frozen_pieces(report, wrong)


def test_the_charts_add_up_to_the_reports_own_figures(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org)
    report, _ = shown_report(session, actor(), project.id)
    facts = report_context(report)
    first, *changes, last = facts["scenario"]
    assert (first.value, first.is_total, last.is_total) == (12_381_800, True, True)
    assert first.value + sum(each.value for each in changes) == last.value == 1_086_514
    assert sum(each.value for each in facts["flows"]) == 200
    assert {each.target for each in facts["flows"]} == {"Kontorstol"}


def test_another_organisation_finds_no_version(
    session: Session, actor: ActorOf, org: Organised, foreign_org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org, FEW)
    closed(session, actor, project)
    for version in (None, 1):
        with pytest.raises(NotFound):
            shown_report(session, actor(where=foreign_org), project.id, version)


def test_a_frozen_report_can_not_be_changed_and_verify_sees_it_if_it_is(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org)
        closed(session, actor, project)
    with (
        database.write() as session,
        pytest.raises(DBAPIError, match="append-only"),
        session.begin_nested(),
    ):
        session.execute(text("UPDATE project_report SET version = 2"))
    with database.write() as session:
        assert verify(session, org.org_id).ok
        row = session.scalars(select(FrozenReport)).one()
        with session.begin_nested():
            if database.is_sqlite:
                session.execute(text("DROP TRIGGER project_report_no_update"))
            else:
                session.execute(text("ALTER TABLE project_report DISABLE TRIGGER ALL"))
            session.execute(
                update(FrozenReport).values(document=row.document.replace('"closed"', '"open"'))
            )
        session.expire_all()
        difference = verify(session, org.org_id).difference
    assert difference is not None
    assert (difference.table, difference.reason) == ("project_report", "not as it was closed")


def test_page_and_files_show_the_version_asked_for(
    database: RolledBackDatabase,
    actor: ActorOf,
    org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        project, _ = story.example_c(session, actor(), org, FEW)
        project_id = project.id
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    page = f"/prosjekter/{project_id}/rapport"
    live = manager.get(page).text
    assert "frosset" not in live
    assert 'class="bars waterfall"' in live
    assert "chart-flow" in live
    manager.post(f"/prosjekter/{project_id}/avslutt", data={"key": str(uuid4())})
    assert "Versjon 1, frosset" in manager.get(page).text
    manager.post(f"/prosjekter/{project_id}/gjenapne", data={"key": str(uuid4())})
    assert "Prosjektet er åpnet igjen" in manager.get(page).text
    clock.move(timedelta(days=1))
    with database.write() as session:
        one_more(session, actor, org, session.get_one(Project, project_id))
    one = {"versjon": 1}
    assert "Versjon 1, frosset" in manager.get(page, params=one).text
    frozen = manager.get(f"{page}.json", params=one).json()
    assert (frozen["project"]["state"], len(frozen["pieces"])) == ("closed", 4)
    assert len(manager.get(f"{page}.json").json()["pieces"]) == 5
    api = manager.get(f"/api/v1/projects/{project_id}/report", params={"version": 1})
    assert api.json() == frozen
    assert len(manager.get(f"{page}.csv", params=one).text.splitlines()) == 5
    files = [manager.get(f"{page}.xlsx", params=one).content for _ in range(2)]
    assert files[0] == files[1]
    book = load_workbook(io.BytesIO(files[0]))
    assert book.sheetnames == [
        "Møbler",
        "Kilder",
        "Behovsprogram",
        "Fra og til",
        "Avfall",
        "Metode",
        "Faktorer",
    ]
    head, first, *_ = book["Møbler"].iter_rows(values_only=True)
    piece = dict(zip(head, first, strict=True))
    assert piece["CO2e brutto (kg)"] == frozen["pieces"][0]["gross_co2e_g"] / 1000
    # The entries behind a frozen figure add up to it, whatever was booked since.
    shown = [
        manager.get(f"{page}/tall", params=asked).text.count("/besparelser/") for asked in ({}, one)
    ]
    assert shown[0] == shown[1] + 1
    versions = manager.get(f"{page}/versjoner").text
    assert "Versjon 1" in versions
    told = manager.get(f"/api/v1/projects/{project_id}/report-versions").json()
    assert [(each["version"], each["differences"]) for each in told] == [(1, None)]
    missing = manager.get(f"/api/v1/projects/{project_id}/report", params={"version": 9})
    assert (missing.status_code, json.loads(missing.text)["status"]) == (404, 404)
    assert manager.get(page, params={"versjon": "0"}).status_code == 422
    assert manager.get(page, params={"versjon": 9}).status_code == 404


def test_what_differs_is_told_so_exactly_that_it_reads_as_different() -> None:
    share = Differing("with_bought_used", 0.98, 198 / 202)
    assert difference_text(share, "NOK")[1:] == ("98,00\xa0%", "98,02\xa0%")
    saved = Differing("gross_saved_ore", 95_183_900, 95_183_950)
    assert difference_text(saved, "NOK")[1:] == ("951\xa0839\xa0kr", "951\xa0839,50\xa0kr")
