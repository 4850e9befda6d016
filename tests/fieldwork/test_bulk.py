"""Many pieces at once: what can be done is, and each of the others says why not."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.fieldwork.models import BulkAction
from app.items.events import ItemEdited
from app.items.models import Code, Item
from app.items.rules import Condition, ItemState
from app.kit.events import EventRow
from app.marketplace.models import Listing
from app.projects.models import Release
from app.projects.rules import ProjectState
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_project


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


@pytest.fixture
def codes(database: RolledBackDatabase, org: Organised) -> list[str]:
    """Five pieces' codes; the second has been disposed of, the fourth is on its way."""
    with database.write() as session:
        items = some_items(session, org, 5, condition=Condition.B)
        items[1].state, items[3].state = ItemState.DISPOSED, ItemState.IN_TRANSIT
        session.flush()
        by_item = {
            row.item_id: row.code for row in session.execute(select(Code.item_id, Code.code))
        }
        return [by_item[each.id] for each in items]


@pytest.fixture
def project_id(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> UUID:
    with database.write() as session:
        return a_project(session, actor(), org).id


def _conditions(database: RolledBackDatabase, org: Organised) -> dict[str, str]:
    with database.read() as session:
        rows = session.execute(
            select(Code.code, Item.condition)
            .join(Item, Item.id == Code.item_id)
            .where(Item.org_id == org.org_id)
        )
        return {code: condition.value for code, condition in rows}


def _shown(web: TestClient, path: str, form: dict[str, Any]) -> str:
    """The page of what was done."""
    answer = web.post(f"/samlet/{path}", data=form)
    assert answer.status_code == 303, answer.text
    return web.get(answer.headers["location"]).text


def test_a_condition_is_set_where_it_can_be_and_the_others_say_why(
    web: TestClient, org: Organised, database: RolledBackDatabase, codes: list[str]
) -> None:
    form = {"codes": "\n".join([*codes, codes[0], "TULL"]), "condition": "C", "key": uuid4().hex}
    texts = [_shown(web, "tilstand", form) for _ in range(2)]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(BulkAction)) == 1, "a repeat is one"
    for text in texts:
        assert "4 møbler er gjort" in text
        assert "2 linjer ble ikke gjort" in text
        assert "Møbelet er ikke i en tilstand der dette kan gjøres." in text
        assert "Ingen av våre møbler eller steder har denne koden" in text
    assert list(map(_conditions(database, org).get, codes)) == ["C", "B", "C", "C", "C"]
    with database.read() as session:
        edits = select(func.count()).where(EventRow.kind == ItemEdited.kind)
        assert session.scalar(edits) == 4, "trials leave no event behind"


def test_the_camera_is_asked_for_by_the_scanner_and_not_by_ticked_rows(
    web: TestClient, codes: list[str]
) -> None:
    assert web.get("/skann?modus=samlet").headers["location"] == "/samlet?kamera=true"
    empty = web.get("/samlet")
    web.post("/samlet/utvalg", data={"codes": codes[0], "key": uuid4().hex})
    ticked, scanning = web.get("/samlet"), web.get("/samlet?kamera=true")
    for answer, has_camera in ((empty, True), (ticked, False), (scanning, True)):
        assert ("data-camera" in answer.text) is has_camera
        policy = answer.headers["Content-Security-Policy"]
        assert ("wasm-unsafe-eval" in policy) is has_camera
    assert f"{codes[0][:4]}" in scanning.text


def test_pieces_are_offered_together_in_one_listing_and_refused_ones_stay(
    web: TestClient, database: RolledBackDatabase, codes: list[str]
) -> None:
    sent = {"codes": [*codes, "7K3Q-WX9R-2M5"]}
    lines = web.post("/api/v1/bulk/offer", json=sent).json()["lines"]
    assert {line["text"] for line in lines if line["is_done"]} == {codes[0], codes[2], codes[4]}
    assert all(line["reason"] for line in lines if not line["is_done"])
    again = web.post("/api/v1/bulk/offer", json=sent).json()["lines"]
    assert not any(line["is_done"] for line in again)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Listing)) == 1


def test_pieces_are_put_on_a_project_together_and_the_others_say_why(
    web: TestClient, database: RolledBackDatabase, codes: list[str], project_id: UUID
) -> None:
    sent = {"codes": codes[:3], "project_id": str(project_id), "free_from": "2026-04-01"}
    lines = web.post("/api/v1/bulk/project", json=sent).json()["lines"]
    assert [line["is_done"] for line in lines] == [False, True, True]
    assert lines[0]["text"] == codes[1]
    form = {"codes": "\n".join(codes), "project_id": str(project_id), "free_from": "2026-04-02"}
    text = _shown(web, "prosjekt", {**form, "fate": "sell", "key": uuid4().hex})
    assert "2 møbler er gjort" in text
    assert text.count("Møbelet står alt på et prosjekt.") == 2
    with database.read() as session:
        found = session.execute(select(Release.fate, func.count()).group_by(Release.fate))
        assert {row[0]: row[1] for row in found} == {"offer": 2, "sell": 2}


def test_a_project_that_cannot_take_pieces_is_said_at_its_field_or_as_a_whole(
    web: TestClient,
    database: RolledBackDatabase,
    codes: list[str],
    project_id: UUID,
    foreign_org: Organised,
    actor: ActorOf,
) -> None:
    with database.write() as session:
        others = a_project(session, actor(where=foreign_org), foreign_org).id
    form = {"codes": codes[0], "project_id": str(project_id)}
    for more, field in (
        ({}, "free_from"),
        ({"free_from": "2026-03-01"}, "free_from"),
        ({"free_from": "2026-04-02", "gone_by": "2026-04-01"}, "gone_by"),
        ({"project_id": ""}, "project_id"),
        ({"free_from": "2026-04-02", "fate": "burn"}, "fate"),
    ):
        answer = web.post("/samlet/prosjekt", data={**form, **more})
        assert answer.status_code == 422, more
        assert f'id="field-{field}-error"' in answer.text, more
        assert f"{codes[0]}</textarea>" in answer.text, "the list is kept"
    sent = {"codes": [codes[0]], "project_id": str(others), "free_from": "2026-04-01"}
    assert web.post("/api/v1/bulk/project", json=sent).status_code == 404
    with database.write() as session:
        session.execute(
            Release.metadata.tables["project"].update().values(state=ProjectState.CLOSED)
        )
    closed = web.post("/samlet/prosjekt", data={**form, "free_from": "2026-04-02"})
    assert closed.status_code == 409
    assert "Prosjektet er avsluttet" in closed.text
    assert f"{codes[0]}</textarea>" in closed.text
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Release)) == 0


def test_another_organisation_s_pieces_are_unknown(
    web: TestClient, foreign_org: Organised, database: RolledBackDatabase, project_id: UUID
) -> None:
    with database.write() as session:
        item = an_item(session, foreign_org, condition=Condition.B)
        code = session.scalars(select(Code.code).where(Code.item_id == item.id)).one()
    for path, more in (
        ("condition", {"condition": "D"}),
        ("offer", {}),
        ("project", {"project_id": str(project_id), "free_from": "2026-04-01"}),
    ):
        answer = web.post(f"/api/v1/bulk/{path}", json={"codes": [code], **more})
        (line,) = answer.json()["lines"]
        assert (line["is_done"], line["item_id"]) == (False, None)
    for path in ("etiketter", "utvalg"):
        assert web.post(f"/samlet/{path}", data={"codes": code}).status_code == 422
    assert _conditions(database, foreign_org) == {code: "B"}


@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        ("tilstand", {"codes": "", "condition": "A"}, "codes"),
        ("tilstand", {"codes": "X", "condition": "Z"}, "condition"),
        ("tilstand", {"codes": "X"}, "condition"),
        ("tilstand", {"codes": "X\n" * 501, "condition": "A"}, "codes"),
        ("gjor/offer", {"codes": "x" * 201}, "codes"),
        ("etiketter", {"codes": "X"}, "codes"),
        ("utvalg", {"codes": "X"}, "codes"),
        ("utvalg", {"codes": ""}, "codes"),
    ],
)
def test_a_wrong_list_is_said_at_its_field_and_kept(
    web: TestClient, path: str, form: dict[str, str], field: str
) -> None:
    answer = web.post(f"/samlet/{path}", data=form)
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text


def test_unknown_verbs_and_too_many_codes_are_refused_in_json(web: TestClient) -> None:
    assert web.post("/api/v1/bulk/burn", json={"codes": ["X"]}).status_code == 404
    assert web.post("/samlet/gjor/burn", data={"codes": "X"}).status_code == 404
    assert web.get(f"/samlet/{uuid4()}").status_code == 404
    assert web.get(f"/api/v1/bulk-actions/{uuid4()}").status_code == 404
    for codes in ([], ["X"] * 501, [""], ["\x00"], "X"):
        assert web.post("/api/v1/bulk/offer", json={"codes": codes}).status_code == 422


def test_who_may_not_edit_may_not_in_bulk(
    signed_in_as: SignedInAs, codes: list[str], project_id: UUID
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    for path, more in (
        ("condition", {"condition": "D"}),
        ("offer", {}),
        ("project", {"project_id": str(project_id), "free_from": "2026-04-01"}),
    ):
        answer = employee.post(f"/api/v1/bulk/{path}", json={"codes": codes, **more})
        assert answer.status_code == 403


def test_what_is_selected_is_the_list_and_a_scanned_list_can_be_kept(
    web: TestClient, codes: list[str], signed_in_as: SignedInAs
) -> None:
    def listed(client: TestClient) -> list[str]:
        found = re.search(r"<textarea[^>]*>([^<]*)</textarea>", client.get("/samlet").text)
        assert found
        return found[1].split()

    assert listed(web) == []
    kept = web.post("/samlet/utvalg", data={"codes": "\n".join([codes[2], codes[0], codes[2]])})
    assert kept.headers["location"] == "/samlet"
    other_device = signed_in_as()
    assert listed(other_device) == [codes[2], codes[0]]
    web.post("/samlet/utvalg", data={"codes": codes[4]})
    assert listed(other_device) == [codes[2], codes[0], codes[4]]
    assert "3 møbler er valgt" in web.get("/samlet").text
    answer = web.post("/samlet/etiketter", data={"codes": codes[0]})
    assert answer.headers["location"].startswith("/etiketter?liste=")
