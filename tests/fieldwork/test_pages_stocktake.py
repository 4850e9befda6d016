"""The pages and the API of counting a room."""

import re
from html import unescape
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.codes import mint
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.fieldwork.rooms import door, labels_of, mistyped
from tests.people import Organised, SignedInAs


@pytest.fixture
def codes(database: RolledBackDatabase, org: Organised) -> list[str]:
    """The room's code, those of its three chairs, and that of one from the storage."""
    with database.write() as session:
        items = some_items(session, org, 3, name="Kontorstol")
        stray = an_item(session, org, name="Krakk", place_id=org.storage_id)
        return [door(session, org.room_id), *labels_of(session, org, [*items, stray])]


@pytest.fixture
def client(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.SURVEYOR)


def begun(client: TestClient, code: str) -> str:
    """The page of a new count."""
    return str(client.post("/varetelling", data={"code": code, "place_id": ""}).headers["location"])


def ids_in(text: str, decision: str) -> list[str]:
    """The pieces that a button of this decision is drawn for."""
    found = re.findall(
        rf'name="decision" value="{decision}">\s*<input type="hidden" name="item_ids" value="([^"]+)"',
        text,
    )
    return list(dict.fromkeys(found))


def test_a_room_is_counted_ended_and_decided_by_forms_alone(
    database: RolledBackDatabase, client: TestClient, org: Organised, codes: list[str]
) -> None:
    path = begun(client, codes[0])
    assert begun(client, codes[0]) == path
    body = {"codes": "\r\n".join([codes[1], codes[4]]), "key": "k1"}
    assert client.post(f"{path}/skann", data=body).status_code == 303
    assert client.post(f"{path}/skann", data=body).status_code == 303
    client.post(f"{path}/uten-etikett", data={"count": "2", "note": "Stoler"})
    shown = client.get(path).text
    assert "<strong>1</strong> av 3 funnet" in shown
    assert "1 uventet · 2 uten etikett" in shown
    assert ids_in(shown, "lost") == []

    (krakk,) = ids_in(shown, "moved_here")
    answers = [
        client.post(f"{path}/avgjor", data={"decision": "moved_here", "item_ids": krakk}),
        client.post(f"{path}/avslutt"),
    ]
    shown = client.get(path).text
    assert "Mangler: 2" in shown
    lost, kept = ids_in(shown, "lost")
    answers += [
        client.post(f"{path}/avgjor", data={"decision": decision, "item_ids": each})
        for decision, each in (("lost", lost), ("kept", kept))
    ]
    assert {each.status_code for each in answers} == {303}

    with database.read() as session:
        by_id = {str(item.id): item for item in session.scalars(select(Item))}
    assert by_id[krakk].place_id == org.room_id
    assert by_id[lost].state is ItemState.LOST
    assert by_id[kept].state is ItemState.IN_USE
    history = client.get("/varetelling", params={"sted": str(org.room_id)}).text
    assert "1 av 3 funnet, 1 uventet, 2 uten etikett" in history
    assert path in client.get(f"/steder/{org.room_id}").text


def test_mistyped_codes_stay_in_the_field_and_the_others_count(
    client: TestClient, codes: list[str]
) -> None:
    path, wrong = begun(client, codes[0]), mistyped(codes[1])

    answer = client.post(f"{path}/skann", data={"codes": f"{codes[2]}\n{wrong}"})

    assert answer.status_code == 422
    assert f">\n{wrong}</textarea>" in answer.text
    assert "ikke riktig skrevet" in answer.text
    assert "<strong>1</strong> av 3 funnet" in answer.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Skann rommet, eller velg"),
        ({"code": "tull"}, "Koden har 11 tegn"),
        ({"code": "7K3Q-WX9R-2M4"}, "Ingen av virksomhetens steder"),
        ({"place_id": "tull"}, ""),
        ({"code": "a\x00"}, "Koden har 11 tegn"),
    ],
)
def test_a_room_that_cannot_be_read_is_said_at_the_field(
    client: TestClient, body: dict[str, str], said: str
) -> None:
    answer = client.post("/varetelling", data=body)

    assert answer.status_code == 422
    assert said in unescape(answer.text)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("skann", {"codes": ""}),
        ("skann", {"codes": "x" * 300}),
        ("skann", {"codes": "a\x00b"}),
        ("skann", {"codes": "A\n" * 501}),
        ("uten-etikett", {"count": "0"}),
        ("uten-etikett", {"count": "1001"}),
        ("uten-etikett", {"count": "mange"}),
        ("uten-etikett", {"count": "1", "note": "x" * 201}),
        ("avgjor", {"decision": "stolen", "item_ids": "x"}),
        ("avgjor", {}),
    ],
)
def test_wrong_and_empty_forms_are_refused_and_change_nothing(
    client: TestClient, codes: list[str], form: str, body: dict[str, str]
) -> None:
    path = begun(client, codes[0])

    assert client.post(f"{path}/{form}", data=body).status_code == 422
    assert "0 uventet · 0 uten etikett" in client.get(path).text


def test_the_api_begins_by_the_code_at_the_door_where_nothing_could_be_looked_up(
    client: TestClient, codes: list[str]
) -> None:
    body = {"code": codes[0], "id": str(uuid4())}
    answers = [client.post("/api/v1/stocktakes", json=body) for _ in range(2)]

    assert [each.status_code for each in answers] == [201, 201]
    assert {each.json()["id"] for each in answers} == {body["id"]}
    assert client.post("/api/v1/stocktakes", json={}).status_code == 422
    for code in (codes[1], "x" * 300, "a\x00b", mint()):
        assert client.post("/api/v1/stocktakes", json={"code": code}).status_code in {404, 422}


def test_the_api_counts_and_decides(
    client: TestClient,
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    codes: list[str],
) -> None:
    made = client.post("/api/v1/stocktakes", json={"place_id": str(org.room_id)})
    path = f"/api/v1/stocktakes/{made.json()['id']}"
    scans = {"scans": [{"text": each} for each in (codes[1], codes[4], mint())]}
    key = {"Idempotency-Key": "scan-1"}

    sent = client.post(f"{path}/scans", json=scans, headers=key)
    again = client.post(f"{path}/scans", json=scans, headers=key)
    stray = client.post(f"{path}/unlabelled", json={"count": 2})
    ended = client.post(f"{path}/finish")
    report = client.get(path).json()

    assert [made.status_code, stray.status_code, ended.status_code] == [201, 201, 200]
    assert [each["sighting"] for each in sent.json()] == ["found", "unexpected", "unknown"]
    assert [each["name"] for each in sent.json()] == ["Kontorstol", "Krakk", None]
    assert [each["place"] is None for each in sent.json()] == [True, False, True]
    assert again.json() == sent.json()
    assert (report["expected"], report["found"], report["missing"]) == (3, 1, 2)
    assert (report["unexpected"], report["unlabelled"]) == (1, 2)
    missing = [each["item_id"] for each in report["pieces_expected"] if not each["was_met"]]
    lose = {"item_ids": missing, "decision": "lost"}
    assert client.post(f"{path}/decide", json=lose).json() == {"settled": 2, "relocation_id": None}
    assert client.post(f"{path}/decide", json=lose).json() == {"settled": 0, "relocation_id": None}
    assert client.get(path).json()["lost"] == 2
    listed = client.get("/api/v1/stocktakes", params={"place_id": str(org.room_id)}).json()
    assert [each["state"] for each in listed] == ["finished"]
    assert signed_in_as(where=foreign_org).get(path).status_code == 404
    assert client.post(f"{path}/reopen").json()["state"] == "open"
    assert client.post(f"{path}/cancel").json()["state"] == "cancelled"
    assert client.post(f"{path}/scans", json=scans).status_code == 409


def test_an_employee_reads_reports_and_changes_nothing(
    client: TestClient, signed_in_as: SignedInAs, codes: list[str]
) -> None:
    path, employee = begun(client, codes[0]), signed_in_as(Role.EMPLOYEE)

    assert employee.get(path).status_code == 200
    assert "Avslutt tellingen" not in employee.get(path).text
    assert employee.post("/varetelling", data={"code": codes[0]}).status_code == 403
    for each in ("skann", "uten-etikett", "avslutt", "gjenapne", "avbryt"):
        body = {"codes": codes[1], "count": "1"}
        assert employee.post(f"{path}/{each}", data=body).status_code == 403
