"""Imports as JSON: previewed, applied once per key, undone; mappings with versions."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.transfer.sheet_limits import LIMITS
from tests.people import Organised, SignedInAs

CHAIRS = b"Inventarnr;Benevnelse;Kategori\n1;Kontorstol;Kontorstol\n2;Stol;Kontorstol\n"
BAD = b"Inventarnr;Benevnelse;Bredde (cm)\n1;Kontorstol;60\n2;Stol;abc\n"
PROBLEM = "application/problem+json"


@pytest.fixture
def client(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.FURNITURE_MANAGER)


def upload(
    client: TestClient, content: bytes, headers: dict[str, str] | None = None, **fields: str
) -> Any:
    files = {"file": ("ark.csv", content, "text/csv")}
    return client.post("/api/v1/imports", files=files, data=fields, headers=headers)


def test_a_file_is_previewed_applied_and_undone(client: TestClient) -> None:
    answer = upload(client, CHAIRS)
    assert answer.status_code == 201
    run = answer.json()
    assert (run["state"], run["report"]["created"], run["report"]["bad"]) == ("previewed", 2, [])
    assert run["report"]["columns"][1] == {
        "column": "B",
        "header": "Benevnelse",
        "field": "name",
        "unit": None,
        "samples": ["Kontorstol", "Stol"],
    }
    applied = client.post(f"/api/v1/imports/{run['id']}/apply")
    assert (applied.status_code, applied.json()["state"]) == (200, "applied")
    undone = client.post(f"/api/v1/imports/{run['id']}/undo")
    assert (undone.status_code, undone.json()["state"]) == (200, "undone")
    shown = client.get(f"/api/v1/imports/{run['id']}").json()
    assert shown["undone_at"] is not None
    assert [each["id"] for each in client.get("/api/v1/imports").json()] == [run["id"]]


def test_a_repeated_upload_and_a_repeated_apply_have_one_effect(client: TestClient) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first, second = (upload(client, CHAIRS, key).json() for _ in range(2))
    assert first["id"] == second["id"]
    assert len(client.get("/api/v1/imports").json()) == 1
    key = {"Idempotency-Key": uuid4().hex}
    url = f"/api/v1/imports/{first['id']}/apply"
    answers = [client.post(url, headers=key) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert client.post(url).status_code == 409


def test_bad_rows_are_named_and_refused_until_they_are_skipped(client: TestClient) -> None:
    run = upload(client, BAD).json()
    assert run["report"]["bad"] == [
        {
            "row": 3,
            "column": "C",
            "header": "Bredde (cm)",
            "value": "abc",
            "reason": "Dette er ikke et tall.",
        }
    ]
    url = f"/api/v1/imports/{run['id']}/apply"
    refused = client.post(url)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/import-has-bad-rows"
    assert client.post(url, json={"skip_bad": True}).json()["state"] == "applied"


@pytest.mark.parametrize(
    ("content", "status", "slug"),
    [
        (b"", 422, "sheet-empty"),
        (b"\x89PNG\r\n\x1a\n", 415, "not-a-sheet"),
        (b"x;y\n1;2\n", 422, "columns-not-recognised"),
        (b"PK\x03\x04 not a zip", 422, "sheet-unreadable"),
    ],
)
def test_what_is_no_sheet_is_refused_by_name(
    client: TestClient, content: bytes, status: int, slug: str
) -> None:
    answer = upload(client, content)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert answer.headers["content-type"] == PROBLEM
    assert client.get("/api/v1/imports").json() == []


def test_a_file_over_the_limit_is_refused(client: TestClient) -> None:
    answer = upload(client, b"Navn\n" + b"Stol\n" * (LIMITS.file_bytes // 5))
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


def test_a_rate_without_a_currency_and_an_unknown_mapping_are_refused(client: TestClient) -> None:
    for rate in ("2,8", "NaN", "-1", "0"):
        answer = upload(client, CHAIRS, rate=rate)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "#/rate"
    assert upload(client, CHAIRS, mapping="finnes ikke").status_code == 404


def test_a_mapping_is_saved_used_edited_by_version_and_deleted(client: TestClient) -> None:
    mapping = {"name": "gammelt system", "columns": {"Ting": "name"}, "key": ["Nr"]}
    saved = client.post("/api/v1/imports/mappings", json=mapping)
    assert (saved.status_code, saved.headers["etag"]) == (201, '"v1"')
    url = f"/api/v1/imports/mappings/{saved.json()['id']}"
    run = upload(client, b"Nr;Ting\n1;Stol\n", mapping="gammelt system").json()
    assert (run["mapping"], run["report"]["created"]) == ("gammelt system", 1)
    assert client.put(url, json=mapping).status_code == 428
    changed = mapping | {"length_unit": "mm"}
    edited = client.put(url, json=changed, headers={"If-Match": '"v1"'})
    assert (edited.status_code, edited.headers["etag"]) == (200, '"v2"')
    assert client.put(url, json=changed, headers={"If-Match": '"v1"'}).status_code == 412
    assert client.get(url).json()["content"]["length_unit"] == "mm"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.get("/api/v1/imports/mappings").json() == []


def test_a_mapping_takes_no_unknown_field(client: TestClient) -> None:
    for wrong in ({"role": "admin"}, {"columns": {"E-post": "email"}}, {"name": ""}):
        answer = client.post("/api/v1/imports/mappings", json={"name": "x"} | wrong)
        assert answer.status_code == 422


def test_another_organisations_import_and_mapping_do_not_exist(
    client: TestClient, signed_in_as: SignedInAs, foreign_org: Organised
) -> None:
    run_id = upload(client, CHAIRS).json()["id"]
    mapping_id = client.post("/api/v1/imports/mappings", json={"name": "x"}).json()["id"]
    stranger = signed_in_as(Role.ADMIN, where=foreign_org)
    assert stranger.get(f"/api/v1/imports/{run_id}").status_code == 404
    assert stranger.post(f"/api/v1/imports/{run_id}/apply").status_code == 404
    assert stranger.post(f"/api/v1/imports/{run_id}/undo").status_code == 404
    assert stranger.delete(f"/api/v1/imports/{run_id}").status_code == 404
    url = f"/api/v1/imports/mappings/{mapping_id}"
    assert stranger.get(url).status_code == stranger.delete(url).status_code == 404
    assert upload(client, CHAIRS, place_id=str(foreign_org.room_id)).status_code == 422
    assert client.get(f"/api/v1/imports/{run_id}").json()["state"] == "previewed"


def test_an_employee_reaches_nothing_of_it(client: TestClient, signed_in_as: SignedInAs) -> None:
    run_id = upload(client, CHAIRS).json()["id"]
    employee = signed_in_as(Role.EMPLOYEE)
    assert upload(employee, CHAIRS).status_code == 403
    assert employee.get("/api/v1/imports").status_code == 403
    assert employee.post(f"/api/v1/imports/{run_id}/apply").status_code == 403
    assert employee.post(f"/api/v1/imports/{run_id}/undo").status_code == 403
    assert employee.delete(f"/api/v1/imports/{run_id}").status_code == 403
    assert employee.post("/api/v1/imports/mappings", json={"name": "x"}).status_code == 403


def test_a_preview_is_taken_away_but_not_an_applied_import(client: TestClient) -> None:
    first, second = (upload(client, CHAIRS).json()["id"] for _ in range(2))
    assert client.delete(f"/api/v1/imports/{first}").status_code == 204
    assert client.get(f"/api/v1/imports/{first}").status_code == 404
    client.post(f"/api/v1/imports/{second}/apply")
    assert client.delete(f"/api/v1/imports/{second}").status_code == 409
