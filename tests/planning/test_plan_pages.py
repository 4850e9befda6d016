"""The plan as a person meets it, without JavaScript, and as JSON."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from app.accounts.rules import Role
from tests.databases import RolledBackDatabase
from tests.people import Organised
from tests.planning.test_allocate import free_pieces
from tests.projects.rows import a_line, a_project

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Any]


def test_a_line_is_met_by_plain_forms_and_the_plan_follows(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org, goal_percent=80)
        line = a_line(session, actor(), project, quantity=3)
        item_id = free_pieces(session, org, 2, name="Rød stol")[0].id
        project_id, line_id = project.id, line.id
    client = signed_in_as(Role.PROJECT_MANAGER)
    supply = client.get(f"/prosjekter/linjer/{line_id}/plan")
    assert supply.status_code == 200, supply.text[:400]
    assert "2 × Rød stol" in supply.text
    address = f"/prosjekter/linjer/{line_id}/sett-av"
    many = client.post(address, data={"key": "1", "item_id": str(item_id), "quantity": "9"})
    assert many.status_code == 422
    assert "Det er bare 2 igjen." in many.text
    done = client.post(address, data={"key": "2", "item_id": str(item_id), "quantity": "2"})
    assert done.status_code == 303
    shown = client.get(f"/prosjekter/{project_id}/plan")
    assert shown.status_code == 200, shown.text[:400]
    assert "2 satt av" in shown.text
    assert "1 mangler" in shown.text
    fixed = client.post(f"/prosjekter/{project_id}/plan", data={"key": "3", "alternative": "used"})
    assert fixed.status_code == 303
    assert "Plan mot resultat" in client.get(f"/prosjekter/{project_id}/plan").text
    plan = client.get(f"/api/v1/projects/{project_id}/plan").json()
    assert plan["lines"][0] | {"fit": 0, "got": 0} == {
        "programme_line_id": str(line_id), "quantity": 3, "met": 0, "allocated": 2, "open": 1,
        "fit": 0, "got": 0,
    }  # fmt: skip
    gone = {"key": "4", "item_ids": [str(item_id)]}
    assert client.post(f"/prosjekter/linjer/{line_id}/fri", data=gone).status_code in {303, 409}
    assert client.get(f"/prosjekter/linjer/{line_id}/plan").status_code == 200
