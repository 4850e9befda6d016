"""Many pieces at once: what can be done is, and each of the others says why not."""

import re
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.items.events import ItemEdited
from app.items.models import Code, Item
from app.items.rules import Condition, ItemState
from app.kit.events import EventRow
from app.marketplace.models import Listing
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.people import Organised, SignedInAs


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


def _conditions(database: RolledBackDatabase, org: Organised) -> dict[str, str]:
    with database.read() as session:
        rows = session.execute(
            select(Code.code, Item.condition)
            .join(Item, Item.id == Code.item_id)
            .where(Item.org_id == org.org_id)
        )
        return {code: condition.value for code, condition in rows}


def test_a_condition_is_set_where_it_can_be_and_the_others_say_why(
    web: TestClient, org: Organised, database: RolledBackDatabase, codes: list[str]
) -> None:
    form = {"codes": "\n".join([*codes, codes[0], "TULL"]), "condition": "C", "key": uuid4().hex}
    answers = [web.post("/samlet/tilstand", data=form) for _ in range(2)]
    assert answers[0].text == answers[1].text, "a repeat gets the first one's answer"
    text = answers[0].text
    assert "4 møbler er gjort" in text
    assert "2 linjer ble ikke gjort" in text
    assert "Møbelet er ikke i en tilstand der dette kan gjøres." in text
    assert "Ingen av våre møbler eller steder har denne koden" in text
    assert list(map(_conditions(database, org).get, codes)) == ["C", "B", "C", "C", "C"]
    with database.read() as session:
        edits = select(func.count()).where(EventRow.kind == ItemEdited.kind)
        assert session.scalar(edits) == 4, "trials leave no event behind"


def test_pieces_are_offered_together_in_one_listing_and_refused_ones_stay(
    web: TestClient, database: RolledBackDatabase, codes: list[str]
) -> None:
    sent = {"codes": [*codes, "7K3Q-WX9R-2M5"]}
    lines = web.post("/api/v1/bulk/offer", json=sent).json()
    assert {line["text"] for line in lines if line["is_done"]} == {codes[0], codes[2], codes[4]}
    assert all(line["reason"] for line in lines if not line["is_done"])
    again = web.post("/api/v1/bulk/offer", json=sent).json()
    assert not any(line["is_done"] for line in again)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Listing)) == 1


def test_another_organisation_s_pieces_are_unknown(
    web: TestClient, foreign_org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, foreign_org, condition=Condition.B)
        code = session.scalars(select(Code.code).where(Code.item_id == item.id)).one()
    for path, more in (("condition", {"condition": "D"}), ("offer", {})):
        (line,) = web.post(f"/api/v1/bulk/{path}", json={"codes": [code], **more}).json()
        assert (line["is_done"], line["item_id"]) == (False, None)
    assert web.post("/samlet/etiketter", data={"codes": code}).status_code == 422
    assert f">{code}" not in web.get(f"/samlet?velg={item.id}").text
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
    for codes in ([], ["X"] * 501, [""], ["\x00"], "X"):
        assert web.post("/api/v1/bulk/offer", json={"codes": codes}).status_code == 422


def test_who_may_not_edit_may_not_in_bulk(signed_in_as: SignedInAs, codes: list[str]) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    for path, more in (("condition", {"condition": "D"}), ("offer", {})):
        answer = employee.post(f"/api/v1/bulk/{path}", json={"codes": codes, **more})
        assert answer.status_code == 403


def test_ticked_pieces_and_all_that_a_filter_finds_become_the_list(
    web: TestClient, org: Organised, database: RolledBackDatabase, codes: list[str]
) -> None:
    with database.write() as session:
        other = an_item(session, org, name="Annet", condition=Condition.A)
        code = session.scalars(select(Code.code).where(Code.item_id == other.id)).one()

    def listed(path: str) -> set[str]:
        text = web.get(path).text
        found = re.search(r"<textarea[^>]*>([^<]*)</textarea>", text)
        assert found
        return set(found[1].split())

    assert listed(f"/samlet?velg={other.id}&velg={uuid4()}") == {code}
    assert listed("/samlet?alle=1&condition=A") == {code}
    assert listed("/samlet?alle=1") == {code, *codes} - {codes[1]}
    assert 'name="velg"' in web.get("/mobler").text
    answer = web.post("/samlet/etiketter", data={"codes": code})
    assert answer.headers["location"].startswith(f"/etiketter?item={other.id}")
