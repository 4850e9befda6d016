"""Projects and programme lines over HTTP."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from tests.databases import RolledBackDatabase
from tests.people import Organised
from tests.projects.rows import a_line, a_project

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Any]


def test_a_project_is_started_read_edited_and_listed(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.PROJECT_MANAGER)
    made = client.post(
        "/api/v1/projects",
        json=[{"name": "Lensmannslia", "unit_id": str(org.unit_id), "goal_percent": 80}],
    )
    assert made.status_code == 201
    (project,) = made.json()
    address = f"/api/v1/projects/{project['id']}"
    shown = client.get(address)
    assert shown.headers["ETag"] == '"v1"'
    edited = client.patch(address, json={"goal_percent": None}, headers={"If-Match": '"v1"'})
    assert (edited.json()["goal_percent"], edited.json()["name"]) == (None, "Lensmannslia")
    assert [each["id"] for each in client.get("/api/v1/projects").json()] == [project["id"]]
    assert client.get("/api/v1/projects", params={"name": "Annet"}).json() == []


def test_an_edit_needs_the_version_it_builds_on(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    client = signed_in_as()
    with database.write() as session:
        project_id = a_project(session, actor(), org).id
    address = f"/api/v1/projects/{project_id}"
    assert client.patch(address, json={"name": "X"}).status_code == 428
    old = client.patch(address, json={"name": "X"}, headers={"If-Match": '"v9"'})
    assert old.status_code == 412


def test_the_programme_shows_what_meets_each_line(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        project_id = a_project(session, actor(), org).id
    client = signed_in_as()
    address = f"/api/v1/projects/{project_id}/programme-lines"
    made = client.post(address, json=[{"category_id": "CHAIR_TASK", "quantity": 3}])
    assert made.status_code == 201
    (line,) = client.get(address).json()
    assert line["open"] == 3
    assert line["fulfilled"] == {
        "internal_reuse": 0,
        "redesigned": 0,
        "redesigned_from_surplus": 0,
        "bought_used": 0,
        "new": 0,
    }
    one = f"/api/v1/programme-lines/{line['id']}"
    edited = client.patch(one, json={"quantity": 5}, headers={"If-Match": '"v1"'})
    assert edited.json()["open"] == 5
    assert client.post(f"{one}/cancel").json()[0]["open"] == 0
    assert client.post(f"{one}/cancel").status_code == 409
    assert client.post(f"{one}/reopen").json()[0]["state"] == "open"


def test_a_repeated_start_has_one_effect(signed_in_as: SignedInAs, org: Organised) -> None:
    client = signed_in_as()
    body = [{"name": "Bygg B", "unit_id": str(org.unit_id)}]
    answers = [
        client.post("/api/v1/projects", json=body, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(client.get("/api/v1/projects").json()) == 1


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        [{"name": "X"}],
        [{"name": "X", "unit_id": "x"}],
        [{"name": "A\x00B", "unit_id": str(uuid4())}],
        [{"name": "X", "unit_id": str(uuid4()), "budget_ore": 10**30}],
        [{"name": "X", "unit_id": str(uuid4()), "nmae": "X"}],
    ],
)
def test_a_body_that_can_not_be_is_a_problem_document(
    signed_in_as: SignedInAs, body: object
) -> None:
    answer = signed_in_as().post("/api/v1/projects", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_another_organisations_project_and_line_are_not_found(
    signed_in_as: SignedInAs,
    foreign_org: Organised,
    database: RolledBackDatabase,
    actor: ActorOf,
    org: Organised,
) -> None:
    with database.write() as session:
        project = a_project(session, actor(where=foreign_org), foreign_org)
        line = a_line(session, actor(where=foreign_org), project)
        project_id, line_id = project.id, line.id
    client = signed_in_as(Role.ADMIN)
    match = {"If-Match": '"v1"'}
    for address in (f"/projects/{project_id}", f"/programme-lines/{line_id}"):
        assert client.get(f"/api/v1{address}").status_code == 404
        patched = client.patch(f"/api/v1{address}", json={}, headers=match)
        assert patched.status_code == 404
    assert client.get(f"/api/v1/projects/{project_id}/programme-lines").status_code == 404
    assert client.post(f"/api/v1/projects/{project_id}/begin").status_code == 404
    assert client.post(f"/api/v1/programme-lines/{line_id}/cancel").status_code == 404
    assert client.get("/api/v1/projects").json() == []


def test_nobody_signed_in_sees_no_project(client: TestClient) -> None:
    assert client.get("/api/v1/projects").status_code == 401
