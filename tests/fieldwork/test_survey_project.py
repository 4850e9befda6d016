"""What is registered in a survey for a project is put on the project, by whoever registers it."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.items.models import Item
from app.kit.clock import MovedClock
from app.projects.models import Project, Release
from app.projects.rules import ProjectState, ReleaseState
from tests.databases import RolledBackDatabase
from tests.fieldwork.test_survey import chair
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_project

LATER = date(2026, 4, 1)


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.SURVEYOR)


@pytest.fixture
def project_id(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> UUID:
    with database.write() as session:
        return a_project(session, actor(), org, from_date=LATER).id


def begun(web: TestClient, project_id: UUID, **more: str) -> str:
    body = {"name": "Bygg A", "project_id": str(project_id), **more}
    answer = web.post("/api/v1/surveys", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def released(database: RolledBackDatabase) -> list[Release]:
    with database.read() as session:
        return list(session.scalars(select(Release).order_by(Release.id)))


def test_pieces_of_form_and_queue_are_put_on_the_survey_s_project(
    web: TestClient, org: Organised, database: RolledBackDatabase, project_id: UUID
) -> None:
    survey = begun(web, project_id)
    assert web.get(f"/api/v1/surveys/{survey}").json()["free_from"] == "2026-04-01"
    form = chair(org, quantity="3", key="k")
    for _ in range(2):
        assert web.post(f"/kartlegging/{survey}/registrer", data=form).status_code == 303
    queued = [chair(org, id=str(uuid4()), quantity=2)]
    for _ in range(2):
        answer = web.post(
            f"/api/v1/surveys/{survey}/pieces", json=queued, headers={"Idempotency-Key": "q"}
        )
        assert answer.status_code == 201
    rows = released(database)
    assert len({each.item_id for each in rows}) == len(rows) == 5
    assert {(each.project_id, each.state, each.free_from) for each in rows} == {
        (project_id, ReleaseState.PLANNED, LATER)
    }
    assert "ledig fra 1. apr. 2026" in web.get(f"/kartlegging/{survey}").text


def test_a_day_that_has_come_means_free_from_today(
    web: TestClient,
    org: Organised,
    database: RolledBackDatabase,
    project_id: UUID,
    clock: MovedClock,
) -> None:
    survey = begun(web, project_id, free_from="2026-03-20")
    clock.move(timedelta(days=30))
    web.post(f"/api/v1/surveys/{survey}/pieces", json=[chair(org)])
    (row,) = released(database)
    assert (row.free_from, row.state) == (date(2026, 4, 1), ReleaseState.FREE)


def test_a_project_that_was_closed_meanwhile_takes_no_more_and_nothing_is_lost(
    web: TestClient, org: Organised, database: RolledBackDatabase, project_id: UUID
) -> None:
    survey = begun(web, project_id)
    with database.write() as session:
        session.get_one(Project, project_id).state = ProjectState.CLOSED
    answer = web.post(f"/api/v1/surveys/{survey}/pieces", json=[chair(org)])
    assert answer.status_code == 201
    assert released(database) == []
    with database.read() as session:
        assert len(session.scalars(select(Item)).all()) == 1


def test_a_survey_without_a_project_puts_pieces_on_none(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    survey = web.post("/api/v1/surveys", json={"name": "Bygg A"}).json()["id"]
    web.post(f"/api/v1/surveys/{survey}/pieces", json=[chair(org)])
    assert released(database) == []


def test_the_survey_asks_for_the_day_when_the_project_has_none(
    web: TestClient, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        dateless = a_project(session, actor(), org, name="Uten dato").id
        closed = a_project(session, actor(), org, name="Ferdig", from_date=LATER)
        closed.state = ProjectState.CLOSED
        closed_id = closed.id
    wrong = (
        ({"project_id": str(dateless)}, "free_from"),
        ({"project_id": str(closed_id)}, "project_id"),
        ({"project_id": str(uuid4())}, "project_id"),
        ({"free_from": "2026-04-01"}, "project_id"),
        ({"project_id": str(dateless), "free_from": "i morgen"}, "free_from"),
    )
    for fields, at in wrong:
        answer = web.post("/kartlegging", data={"name": "Kjelleren", **fields})
        assert answer.status_code == 422, fields
        assert f'id="field-{at}-error"' in answer.text, fields
    fine = {"name": "Kjelleren", "project_id": str(dateless), "free_from": "2026-04-01"}
    assert web.post("/kartlegging", data=fine).status_code == 303
