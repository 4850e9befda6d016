"""A project's report holds its result against the plan as it stood when it was fixed."""

import csv
import io
from datetime import timedelta

from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact.rules import FulfilmentSource
from app.items.models import Item
from app.kit.clock import MovedClock
from app.planning.models import FixedPlan
from app.planning.names import ALL_NEW, NOW
from app.planning.service_allocate import Allocate, allocate
from app.planning.service_fix import FixPlan, fix_plan
from app.projects.models import ProgrammeLine, Project
from app.projects.service import CloseProject, EditLine, close_project, edit_line
from app.reports.documents import as_json
from app.reports.service import project_report
from app.reports.service_frozen import read, versions_of
from app.reports.views_plan import plan_shown
from tests.databases import RolledBackDatabase
from tests.impact.pieces import a_chair
from tests.people import ActorOf, Organised, SignedInAs
from tests.planning.test_allocate import free_pieces
from tests.projects.rows import a_line, a_project
from tests.reports import story

S = FulfilmentSource


def _delivered(session: Session, org: Organised, line: ProgrammeLine, source: S) -> Item:
    (item,) = story.fulfilled_by(session, org, line, source)
    story.book(session, org, [item], a_chair(source=source), line)
    return item


def _planned(session: Session, org: Organised, actor: Actor, clock: MovedClock) -> Project:
    """Of three chairs one is there and one is set aside; a line of sofas has nothing."""
    project = a_project(session, actor, org)
    chairs = a_line(session, actor, project, quantity=3, requirement="Hjul")
    a_line(session, actor, project, category_id="SOFA_2", quantity=1)
    _delivered(session, org, chairs, S.INTERNAL_REUSE)
    (item,) = free_pieces(session, org, 1)
    allocate(session, actor, [Allocate(programme_line_id=chairs.id, item_id=item.id)])
    session.flush()
    clock.move(timedelta(hours=1))
    fix_plan(session, actor, [FixPlan(project_id=project.id, alternative=NOW)])
    session.flush()
    clock.move(timedelta(hours=1))
    return project


def test_each_line_has_what_was_planned_and_what_was_there_counts_once(
    session: Session, org: Organised, actor: ActorOf, clock: MovedClock
) -> None:
    project = _planned(session, org, actor(), clock)
    plan = project_report(session, actor(), project.id).plan
    assert plan is not None
    assert (plan.quantity, plan.alternative) == (4, NOW)
    assert (plan.by_source["internal_reuse"], plan.by_source["new"]) == (2, 0)
    chairs, sofas = plan.lines
    assert (chairs.quantity, chairs.requirement, chairs.category_id) == (3, "Hjul", "CHAIR_TASK")
    assert sum(sofas.by_source.values()) == 0
    assert chairs.gross is not None
    assert sofas.gross is not None
    assert sofas.gross.co2e_g.value == 0
    assert chairs.gross == plan.gross  # the other line promises nothing
    # One delivered piece and one like it that is set aside: about twice as much.
    now = project_report(session, actor(), project.id).totals.gross
    assert 1.9 < plan.gross.co2e_g.value / now.co2e_g.value < 2.1
    assert plan.gross.waste_g.value > now.waste_g.value > 0


def test_what_is_delivered_and_asked_for_later_moves_the_result_and_not_the_plan(
    session: Session, org: Organised, actor: ActorOf, clock: MovedClock
) -> None:
    project = _planned(session, org, actor(), clock)
    before = project_report(session, actor(), project.id)
    line = session.get_one(ProgrammeLine, before.lines[0].id)
    _delivered(session, org, line, S.BOUGHT_USED)
    edit_line(
        session, actor(), [EditLine(programme_line_id=line.id, version=line.version, quantity=5)]
    )
    a_line(session, actor(), project, category_id="TABLE_MEETING_S")
    session.flush()
    after = project_report(session, actor(), project.id)
    assert after.plan == before.plan
    assert after.totals.gross.co2e_g.value > before.totals.gross.co2e_g.value
    shown = plan_shown(after)
    assert shown is not None
    pieces, *_ = shown["rows"]
    assert pieces == ("Møbler", "4", "2", "\u22122")
    assert [each["planned"] for each in shown["lines"]] == ["3", "1", "–"]
    assert "kjøpt brukt" in shown["lines"][0]["sources"]
    assert "kjøpt brukt" not in shown["lines"][0]["planned_sources"]


def test_the_newest_plan_counts_and_is_frozen_with_the_report(
    session: Session, org: Organised, actor: ActorOf, clock: MovedClock
) -> None:
    project = _planned(session, org, actor(), clock)
    fix_plan(session, actor(), [FixPlan(project_id=project.id, alternative=ALL_NEW)])
    session.flush()
    report = project_report(session, actor(), project.id)
    assert report.plan is not None
    assert report.plan.alternative == ALL_NEW
    assert report.plan.by_source["new"] == 3
    clock.move(timedelta(hours=1))
    close_project(session, actor(), [CloseProject(project_id=project.id)])
    session.flush()
    (row,) = versions_of(session, actor(), project.id)
    frozen = read(row)
    assert frozen.plan == report.plan
    assert as_json(frozen) == row.document


def test_a_plan_from_before_lines_were_kept_has_the_whole_and_no_figures_by_line(
    session: Session, org: Organised, actor: ActorOf, clock: MovedClock
) -> None:
    project = _planned(session, org, actor(), clock)
    new = project_report(session, actor(), project.id).plan
    assert new is not None
    row = session.query(FixedPlan).one()
    row.content = {
        name: value for name, value in row.content.items() if name not in {"asked", "line_figures"}
    }
    session.flush()
    old = project_report(session, actor(), project.id).plan
    assert old is not None
    assert (old.gross, old.by_source, old.quantity) == (new.gross, new.by_source, new.quantity)
    assert [(each.quantity, each.gross) for each in old.lines] == [(2, None)]
    shown = plan_shown(project_report(session, actor(), project.id))
    assert shown is not None
    assert shown["has_line_figures"] is False


def test_the_page_and_its_files_say_the_same(
    database: RolledBackDatabase,
    org: Organised,
    actor: ActorOf,
    clock: MovedClock,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        project_id = _planned(session, org, actor(), clock).id
    web = signed_in_as()
    path = f"/prosjekter/{project_id}/rapport"
    page = web.get(path).text
    assert "Plan mot resultat for hver linje" in page
    found = web.get(f"/api/v1/projects/{project_id}/report").json()
    planned = found["plan"]["lines"][0]["gross"]["co2e_g"]["value"]
    rows = list(
        csv.reader(io.StringIO(web.get(f"{path}-plan.csv").text.lstrip("\ufeff")), delimiter=";")
    )
    assert len(rows) == 3
    at = rows[0].index("Unngått utslipp brutto, planlagt (kg CO2e)")
    assert round(float(rows[1][at].replace(",", ".")) * 1000) == planned
    book = CalamineWorkbook.from_filelike(io.BytesIO(web.get(f"{path}.xlsx").content))
    sheet = book.get_sheet_by_name("Plan mot resultat").to_python()
    assert round(float(str(sheet[1][at])) * 1000) == planned


def test_without_a_plan_there_is_no_comparison(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        project, _ = story.example_c(session, actor(), org, {S.NEW: 1})
        project_id = project.id
    web = signed_in_as()
    assert "Plan mot resultat" not in web.get(f"/prosjekter/{project_id}/rapport").text
    assert web.get(f"/api/v1/projects/{project_id}/report").json()["plan"] is None
    assert len(web.get(f"/prosjekter/{project_id}/rapport-plan.csv").text.splitlines()) == 1
