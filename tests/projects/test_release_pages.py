"""Pieces on projects, by the API and by the pages."""

from typing import Any
from uuid import uuid4

from sqlalchemy import select

from app.accounts.rules import Role
from app.projects.models import Release
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_project


def test_the_api_puts_plans_lists_and_takes_off(
    signed_in_as: SignedInAs, org: Organised, actor: ActorOf, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org)
        ids = [str(each.id) for each in some_items(session, org, 2)]
    client = signed_in_as()
    path = f"/api/v1/projects/{project.id}/releases"
    sent = {"item_ids": ids, "free_from": "2026-04-01"}
    made = client.post(path, json=sent, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    assert client.post(path, json=sent, headers={"Idempotency-Key": "one"}).json() == made.json()
    assert client.post(path, json=sent).status_code == 409
    first, _ = made.json()
    one = f"/api/v1/releases/{first['id']}"
    assert client.get(one).headers["etag"] == '"v1"'
    assert client.patch(one, json={"fate": "redesign"}).status_code == 428
    changed = client.patch(one, json={"fate": "redesign"}, headers={"If-Match": '"v1"'})
    assert (changed.json()["fate"], changed.headers["etag"]) == ("redesign", '"v2"')
    assert client.patch(one, json={}, headers={"If-Match": '"v1"'}).status_code == 412
    assert len(client.get(path, params={"limit": 1}).json()) == 1
    assert client.post(f"{one}/cancel").json()[0]["state"] == "cancelled"
    assert [each["item_id"] for each in client.get(path).json()] == ids[1:]
    found = client.get("/api/v1/items", params={"project_id": str(project.id)}).json()
    assert [each["id"] for each in found] == ids[1:]
    wrong: list[dict[str, Any]] = [{}, {"item_ids": []}, {"item_ids": ["x"]}]
    for body in [*wrong, {"item_ids": ids, "fate": "burn"}]:
        assert client.post(path, json=body).status_code == 422


def test_the_pages_put_a_piece_on_a_project_and_show_it(
    signed_in_as: SignedInAs, org: Organised, actor: ActorOf, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org)
        item = an_item(session, org)
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    assert "Sett på et prosjekt" in client.get(f"/mobler/{item.id}").text
    path = f"/mobler/{item.id}/prosjekt"
    form = {"project_id": str(project.id), "fate": "sell", "free_from": "", "key": uuid4().hex}
    refused = client.post(path, data=form)
    assert refused.status_code == 422
    assert "Prosjektet har ingen startdato" in refused.text
    assert 'value="sell" selected' in refused.text
    assert client.post(path, data={**form, "free_from": "2026-04-01"}).status_code == 303
    shown = client.get(f"/mobler/{item.id}").text
    assert "Planlagt ledig" in shown
    assert f"/prosjekter/{project.id}" in shown
    again = client.post(path, data={**form, "free_from": "2026-04-01", "key": uuid4().hex})
    assert again.status_code == 409
    assert "Møbelet står alt på et prosjekt." in again.text
    assert "1 møbel blir ledig med prosjektet" in client.get(f"/prosjekter/{project.id}").text
    narrowed = client.get("/mobler", params={"project_id": str(project.id)}).text
    assert "Prosjekt: Lensmannslia" in narrowed
    with database.read() as session:
        row = session.scalars(select(Release)).one()
    save = f"/prosjekter/frigivelser/{row.id}"
    stale = client.post(save, data={"version": "7", "fate": "offer"})
    assert stale.status_code == 412
    wrong = client.post(save, data={"version": "1", "gone_by": "2026-03-03"})
    assert wrong.status_code == 422
    assert client.post(save, data={"version": "1", "fate": "parts"}).status_code == 303
    assert "Deler" in client.get(f"/mobler/{item.id}").text
    assert client.post(f"{save}/ta-av", data={"key": uuid4().hex}).status_code == 303
    assert "Ikke på noe prosjekt." in client.get(f"/mobler/{item.id}").text
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.get(path).status_code == 403
    assert "Sett på et prosjekt" not in employee.get(f"/mobler/{item.id}").text
