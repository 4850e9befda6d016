"""Projects as a person meets them, without JavaScript."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from app.accounts.rules import Role
from tests.databases import RolledBackDatabase
from tests.people import Organised
from tests.projects.rows import a_line, a_project

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Any]


def test_the_empty_list_says_what_a_project_is_and_how_to_begin(
    signed_in_as: SignedInAs,
) -> None:
    text = signed_in_as(Role.PROJECT_MANAGER).get("/prosjekter").text
    assert "Ingen prosjekter ennå" in text
    assert "/prosjekter/nytt" in text
    assert "/prosjekter/nytt" not in signed_in_as(Role.EMPLOYEE).get("/prosjekter").text


def test_a_project_is_started_and_gets_its_first_line_by_plain_forms(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.PROJECT_MANAGER)
    assert client.get("/prosjekter/nytt").status_code == 200
    made = client.post(
        "/prosjekter/nytt",
        data={
            "key": "k1",
            "name": "Lensmannslia",
            "kind": "move",
            "unit_id": str(org.unit_id),
            "goal_percent": "80",
            "budget_kr": "1 200 000,50",
        },
    )
    assert made.status_code == 303
    address = made.headers["location"]
    assert "Lensmannslia" in client.get(address).text
    added = client.post(
        f"{address}/linjer",
        data={
            "key": "k2",
            "category_id": "DESK_SITSTAND",
            "quantity": "20",
            "width_min_cm": "120,5",
            "width_max_cm": "",
            "requirement": "Hev og senk",
        },
    )
    assert added.status_code == 303
    shown = client.get(address).text
    assert "Hev og senk" in shown
    assert "minst 120,5 cm" in shown
    assert "category_id=DESK_SITSTAND" in shown
    assert "20 mangler" in shown


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    refused = client.post(
        "/prosjekter/nytt",
        data={"name": "Mitt prosjekt", "unit_id": "", "goal_percent": "120", "budget_kr": "mye"},
    )
    assert refused.status_code == 422
    assert "Mitt prosjekt" in refused.text
    assert refused.text.count('aria-invalid="true"') == 3
    assert 'value="mye"' in refused.text


def test_an_edit_of_an_old_version_is_shown_and_not_saved(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        project_id = a_project(session, actor(), org).id
    client = signed_in_as()
    address = f"/prosjekter/{project_id}/rediger"
    first = {"version": "1", "name": "Først", "kind": "move", "unit_id": str(org.unit_id)}
    assert client.post(address, data=first).status_code == 303
    late = client.post(address, data={**first, "name": "Sist"})
    assert late.status_code == 412
    assert "Noen andre har endret" in late.text
    assert "Først" in client.get(f"/prosjekter/{project_id}").text


def test_a_line_is_edited_cancelled_and_reopened(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        line_id = a_line(session, actor(), a_project(session, actor(), org)).id
    client = signed_in_as()
    address = f"/prosjekter/linjer/{line_id}"
    shown = client.get(address).text
    for source in ("redesigned", "redesigned_from_surplus", "bought_used", "new"):
        assert f"kilde={source}" in shown
    edit = {"version": "1", "category_id": "CHAIR_TASK", "quantity": "7"}
    assert client.post(address, data=edit).status_code == 303
    assert "7 ×" in client.get(address).text
    assert client.post(address, data={**edit, "quantity": "3"}).status_code == 412
    current = {**edit, "version": "2", "quantity": "0"}
    assert client.post(address, data=current).status_code == 422
    assert client.post(f"{address}/avlys", data={"key": "a"}).status_code == 303
    assert "Avlyst" in client.get(address).text
    assert client.post(f"{address}/gjenapne", data={"key": "b"}).status_code == 303
    assert "Avlyst" not in client.get(address).text


def test_another_organisations_pages_are_not_found(
    signed_in_as: SignedInAs, foreign_org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        stranger = actor(where=foreign_org)
        project = a_project(session, stranger, foreign_org)
        line = a_line(session, stranger, project)
        addresses = [
            f"/prosjekter/{project.id}",
            f"/prosjekter/{project.id}/rediger",
            f"/prosjekter/linjer/{line.id}",
        ]
        writes = [
            (f"/prosjekter/{project.id}/linjer", {"category_id": "CHAIR_TASK", "quantity": "1"}),
            (f"/prosjekter/{project.id}/rediger", {"version": "1", "name": "Tatt"}),
            (f"/prosjekter/{project.id}/start", {}),
            (f"/prosjekter/linjer/{line.id}", {"version": "1", "quantity": "1"}),
            (f"/prosjekter/linjer/{line.id}/avlys", {}),
        ]
    client = signed_in_as(Role.ADMIN)
    assert {client.get(each).status_code for each in addresses} == {404}
    assert {client.post(each, data=body).status_code for each, body in writes} == {404}


def test_an_employee_sees_a_project_and_no_button_to_change_it(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org)
        a_line(session, actor(), project)
        project_id = project.id
    client = signed_in_as(Role.EMPLOYEE)
    shown = client.get(f"/prosjekter/{project_id}").text
    assert "Finn på markedet" in shown
    assert "Legg til et behov" not in shown
    assert client.get(f"/prosjekter/{project_id}/rediger").status_code == 403
