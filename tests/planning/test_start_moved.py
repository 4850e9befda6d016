"""A project begins on another day, and what it releases follows where its editor says so."""

from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.notices.models import Notice
from app.planning.service_allocate import Allocate, allocate
from app.projects.models import Project, Release
from app.projects.rules import ReleaseState
from app.projects.service import EditProject, PlanRelease, edit_project, plan_release
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import Organised
from tests.planning.test_allocate import SOON, TODAY
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]
SignedInAs = Callable[..., TestClient]
WEEK = timedelta(days=7)


def planned(session: Session, actor: Actor, org: Organised) -> tuple[Project, list[Release]]:
    """Two that come free as the project begins, one a month later, and one that is free today."""
    project = a_project(session, actor, org, from_date=SOON)
    items = [each.id for each in some_items(session, org, 4)]
    days = ((items[:2], SOON), (items[2:3], SOON + 4 * WEEK), (items[3:], TODAY))
    commands = [
        PlanRelease(project_id=project.id, item_ids=ids, free_from=day, gone_by=day + WEEK)
        for ids, day in days
    ]
    return project, plan_release(session, actor, commands)


def move(session: Session, actor: Actor, project: Project, **changes: object) -> None:
    session.refresh(project)
    command = {"project_id": project.id, "version": project.version, **changes}
    edit_project(session, actor, [EditProject.model_validate(command)])


def days(session: Session, rows: list[Release]) -> list[tuple[int, int]]:
    """Each release's two days, counted from the first that was planned."""
    for each in rows:
        session.refresh(each)
    return [
        ((each.free_from - SOON).days, (each.gone_by - SOON).days) for each in rows if each.gone_by
    ]


def test_what_comes_free_later_moves_as_many_days_and_who_counted_on_it_is_told(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project, rows = planned(session, actor(), org)
    planner = actor(Role.PROJECT_MANAGER)
    line = a_line(session, actor(), a_project(session, actor(), org, name="Bygg C"), quantity=1)
    command = Allocate(programme_line_id=line.id, item_id=rows[0].item_id, quantity=1)
    allocate(session, planner, [command])
    past = (TODAY - SOON).days
    before = [(0, 7), (0, 7), (28, 35), (past, past + 7)]
    assert days(session, rows) == before
    move(session, actor(), project, from_date=SOON + WEEK)
    assert days(session, rows) == before, "they stand where nobody asks for it"
    told = select(Notice).where(Notice.person_id == planner.person_id)
    count = len(session.scalars(told).all())
    move(session, actor(), project, from_date=SOON + 2 * WEEK, move_releases=True)
    assert days(session, rows) == [(7, 14), (7, 14), (35, 42), (past, past + 7)]
    assert len(session.scalars(told).all()) == count + 1


def test_no_piece_comes_free_on_a_day_that_has_passed_and_without_a_day_nothing_moves(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project, rows = planned(session, actor(), org)
    move(session, actor(), project, from_date=TODAY - 5 * WEEK, move_releases=True)
    assert [each.free_from for each in rows[:2]] == [TODAY, TODAY]
    assert [each.state for each in rows[:2]] == [ReleaseState.FREE, ReleaseState.FREE]
    assert all(each.gone_by and each.gone_by >= TODAY for each in rows)
    stood = days(session, rows)
    move(session, actor(), project, from_date=None, move_releases=True)
    move(session, actor(), project, from_date=SOON, move_releases=True)
    move(session, actor(), project, name="Nytt navn", move_releases=True)
    assert days(session, rows) == stood


def test_the_form_asks_and_the_page_says_what_stands(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project, rows = planned(session, actor(), org)
        empty_id = a_project(session, actor(), org, name="Tomt").id
        project_id, unit_id, release_id = project.id, project.unit_id, rows[0].id
    client = signed_in_as(Role.PROJECT_MANAGER)
    address = f"/prosjekter/{project_id}/rediger"
    assert "3 møbler blir ledige fra prosjektet" in client.get(address).text
    assert "move_releases" not in client.get(f"/prosjekter/{empty_id}/rediger").text

    def save(version: int, weeks: int, **more: str) -> str:
        body = {
            "version": str(version), "name": "Lensmannslia", "kind": "move",
            "unit_id": str(unit_id), "budget_warn_percent": "80",
            "from_date": (SOON + weeks * WEEK).isoformat(), **more,
        }  # fmt: skip
        done = client.post(address, data=body)
        assert done.status_code == 303, done.text[:400]
        return client.get(done.headers["location"]).text

    assert "3 møbler blir ledige fra prosjektet, de første" in save(1, 1)
    assert "de første" not in save(2, 0), "they come free on the first day again"
    save(3, 2, move_releases="1")
    with database.read() as session:
        assert session.get_one(Release, release_id).free_from == SOON + 2 * WEEK
    patched = client.patch(
        f"/api/v1/projects/{project_id}",
        json={"from_date": SOON.isoformat(), "move_releases": True},
        headers={"If-Match": client.get(f"/api/v1/projects/{project_id}").headers["etag"]},
    )
    assert patched.status_code == 200, patched.text
    with database.read() as session:
        assert session.get_one(Release, release_id).free_from == SOON
