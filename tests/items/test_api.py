"""Pieces as JSON: the same verbs, their answers and their refusals."""

from typing import get_args
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.items.api import StepVerb
from app.items.models import Item, Photo
from app.items.service_codes import mint_codes
from app.items.steps import STEPS
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, an_item, some_items
from tests.people import Organised, SignedInAs

ITEMS = "/api/v1/items"


@pytest.fixture
def api(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as()


def _body(org: Organised, **fields: object) -> dict[str, object]:
    return {
        "category_id": CHAIR,
        "owner_unit_id": str(org.unit_id),
        "place_id": str(org.room_id),
        **fields,
    }


def test_pieces_are_registered_and_read_back(api: TestClient, org: Organised) -> None:
    body = _body(
        org,
        quantity=2,
        measurements={"seat_height": 450},
        identifiers=[{"kind": "ean", "value": "7044"}],
    )
    made = api.post(ITEMS, json=[body])
    assert made.status_code == 201, made.text
    first, second = made.json()
    assert (first["identifiers"], second["identifiers"]) == ([{"kind": "ean", "value": "7044"}], [])
    assert first["measurements"] == {"seat_height": 450}
    answer = api.get(f"{ITEMS}/{first['id']}")
    assert answer.json() == first
    assert first["last_seen_at"] is None
    assert answer.headers["ETag"] == '"v1"'


def test_the_answer_of_a_registration_is_what_reading_the_pieces_gives(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    model = {"maker": "Kinnarps", "name": "Polare", "category_id": CHAIR}
    model_id = api.post("/api/v1/product-models", json=[model]).json()[0]["id"]
    with database.write() as session:
        now = database.clock.now()
        photo = Photo(
            org_id=org.org_id, product_model_id=UUID(model_id), position=1, created_at=now
        )
        session.add(photo)
        blank = mint_codes(session, org.org_id, 1)
    foreign = [("serial", "å1"), ("serial", "Z1"), ("serial", "a1"), ("ean", "7044"), ("ean", "7")]
    bodies = [
        _body(org),
        _body(
            org,
            id=str(uuid4()),
            quantity=2,
            amount="1",
            product_model_id=model_id,
            codes=[f"https://omlop.example/I/{blank[0].lower()}"],
            measurements={"seat_height": 450, "length": 900},
            identifiers=[{"kind": kind, "value": value} for kind, value in foreign],
        ),
        _body(org, category_id="OTHER_KG", amount="12.50", is_draft=True, note="a\nb"),
        _body(org, is_free=True, condition="A", new_price_ore=0, mass_g=12_000, width_mm=650),
    ]
    made = api.post(ITEMS, json=bodies, headers={"Idempotency-Key": uuid4().hex}).json()
    assert len(made) == 5
    assert [api.get(f"{ITEMS}/{each['id']}").json() for each in made] == made
    assert made[1]["code"] == blank[0]
    assert made[1]["photo_ids"] == made[2]["photo_ids"] == [str(photo.id)]


def test_a_repeat_under_a_key_answers_the_same_and_registers_once(
    api: TestClient, org: Organised
) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    first = api.post(ITEMS, json=[_body(org)], headers=headers)
    second = api.post(ITEMS, json=[_body(org)], headers=headers)
    assert first.json() == second.json()
    assert len(api.get(ITEMS).json()) == 1
    other = api.post(ITEMS, json=[_body(org, quantity=2)], headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"width_mm": 0}, "#/0/width_mm"),
        ({"condition": "E"}, "#/0/condition"),
        ({"category_id": "NO_SUCH"}, "#/0/category_id"),
        ({"colour": "rød\x00"}, "#/0/colour"),
        ({"colour_": "rød"}, "#/0/colour_"),
        ({"measurements": {"seat_height": 0}}, "#/0/measurements/seat_height"),
    ],
)
def test_a_wrong_field_is_pointed_at(
    api: TestClient, org: Organised, fields: dict[str, object], pointer: str
) -> None:
    answer = api.post(ITEMS, json=[_body(org, **fields)])
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert api.get(ITEMS).json() == []


def test_the_list_is_filtered_and_goes_on_by_its_link(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        some_items(session, org, 5)
        an_item(session, org, is_free=True, name="Pall")
    assert [each["name"] for each in api.get(ITEMS, params={"q": "pall"}).json()] == ["Pall"]
    assert len(api.get(ITEMS, params={"state": "available"}).json()) == 1
    assert api.get(ITEMS, params={"state": "gone"}).status_code == 422
    seen: list[str] = []
    path: str | None = f"{ITEMS}?limit=4"
    while path:
        answer = api.get(path)
        seen += [each["id"] for each in answer.json()]
        path = answer.links["next"]["url"] if "next" in answer.links else None
    assert len(seen) == len(set(seen)) == 6


def test_an_edit_needs_the_version_that_was_read(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org, colour="blå")
    path = f"{ITEMS}/{item.id}"
    assert api.patch(path, json={"name": "Ny"}).status_code == 428
    edited = api.patch(path, json={"name": "Ny"}, headers={"If-Match": '"v1"'})
    assert (edited.status_code, edited.headers["ETag"]) == (200, '"v2"')
    assert (edited.json()["name"], edited.json()["colour"]) == ("Ny", "blå")
    stale = api.patch(path, json={"name": "Sen"}, headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.json()["current"]["name"]) == (412, "Ny")
    nothing = api.patch(path, json={}, headers={"If-Match": '"v2"'})
    assert (nothing.status_code, nothing.headers["ETag"]) == (200, '"v2"')
    emptied = api.patch(path, json={"colour": None}, headers={"If-Match": '"v2"'})
    assert emptied.json()["colour"] is None
    refused = api.patch(path, json={"name": None}, headers={"If-Match": '"v3"'})
    assert refused.json()["errors"][0]["pointer"] == "#/name"


def test_an_edit_that_is_sent_again_under_its_key_is_done_once(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    """Its answer was lost; without the key its own first sending would be somebody else's edit."""
    with database.write() as session:
        item = an_item(session, org)
    path, patch = f"{ITEMS}/{item.id}", {"name": "Ny"}
    headers = {"If-Match": '"v1"', "Idempotency-Key": uuid4().hex}
    first, again = (api.patch(path, json=patch, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again.headers["ETag"] == '"v2"'
    another = api.patch(path, json={"name": "En annen"}, headers=headers)
    assert (another.status_code, another.json()["type"]) == (422, "/problems/key-used-for-another")
    assert len(api.get(f"{path}/history").json()) == 2
    late = {"If-Match": '"v1"', "Idempotency-Key": uuid4().hex}
    assert api.patch(path, json=patch, headers=late).status_code == 412
    mended = api.patch(path, json={"colour": "blå"}, headers={**late, "If-Match": '"v2"'})
    assert mended.status_code == 200, "a refused edit leaves no key"


def test_an_edit_of_the_whole_lot_leaves_each_piece_where_it_is(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        items = some_items(session, org, 3, name="Stol")
        other = an_item(session, org, name="Stol")
    patch = {"colour": "grønn", "place_id": str(org.storage_id), "measurements": {"diameter": 900}}
    path = f"{ITEMS}/{items[1].id}?whole_lot=true"
    answer = api.patch(path, json=patch, headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.json()["id"]) == (200, str(items[1].id))
    now = [api.get(f"{ITEMS}/{each.id}").json() for each in (*items, other)]
    assert [each["colour"] for each in now] == [*["grønn"] * 3, None]
    assert [each["measurements"] for each in now] == [*[{"diameter": 900}] * 3, {}]
    assert [each["place_id"] == str(org.storage_id) for each in now] == [False, True, False, False]
    stale = api.patch(path, json={"colour": "rød"}, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    missing = f"{ITEMS}/{uuid4()}?whole_lot=true"
    assert api.patch(missing, json=patch, headers={"If-Match": '"v1"'}).status_code == 404


def test_an_edit_to_an_unknown_category_is_pointed_at(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    patch = {"name": "Ny", "category_id": "NO_SUCH"}
    refused = api.patch(f"{ITEMS}/{item.id}", json=patch, headers={"If-Match": '"v1"'})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/category_id"
    with database.read() as session:
        assert session.get_one(Item, item.id).name != "Ny"


def test_verbs_are_done_for_all_pieces_or_none(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        used, free = an_item(session, org), an_item(session, org, is_free=True)
    both = [{"item_id": str(used.id)}, {"item_id": str(free.id)}]
    assert api.post(f"{ITEMS}/free", json=both).status_code == 409
    assert api.get(f"{ITEMS}/{used.id}").json()["state"] == "in_use"
    done = api.post(f"{ITEMS}/free", json=both[:1])
    assert [each["state"] for each in done.json()] == ["available"]
    assert api.post(f"{ITEMS}/sell", json=both).status_code == 404


def test_every_step_has_its_address() -> None:
    assert set(get_args(StepVerb)) == {verb.value for verb in STEPS}


def test_pieces_are_moved_identified_merged_and_deleted(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        one, two, three = some_items(session, org, 3)
    to = {"item_id": str(one.id), "place_id": str(org.storage_id)}
    assert api.post(f"{ITEMS}/move", json=[to]).json()[0]["place_id"] == str(org.storage_id)
    serial = {"item_id": str(one.id), "kind": "serial", "value": "A-1"}
    assert api.post(f"{ITEMS}/identify", json=[serial]).status_code == 201
    pair = {"item_id": str(two.id), "into_id": str(one.id)}
    assert api.post(f"{ITEMS}/merge", json=[pair]).json()[0]["id"] == str(one.id)
    gone = {"item_id": str(three.id), "reason": "Fantes ikke"}
    assert api.post(f"{ITEMS}/delete", json=[gone]).json()[0]["state"] == "deleted"
    assert [each["id"] for each in api.get(ITEMS).json()] == [str(one.id)]
    history = api.get(f"{ITEMS}/{one.id}/history").json()
    assert {"item-moved", "item-identified"} <= {each["kind"] for each in history}


def test_a_default_says_where_it_comes_from(
    api: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org, new_price_ore=120_000)
    facts = api.get(f"{ITEMS}/{item.id}/facts").json()
    assert (facts["new_price_ore"]["value"], facts["new_price_ore"]["source"]) == (120_000, "own")
    assert facts["mass_g"]["source"] == "category"
    assert facts["mass_g"]["low"] <= facts["mass_g"]["value"] <= facts["mass_g"]["high"]
    assert facts["width_mm"] == {"value": None, "source": "unknown", "low": None, "high": None}


def test_another_organisation_s_piece_is_absent(
    api: TestClient, org: Organised, foreign_org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, foreign_org)
    body = [{"item_id": str(item.id), "place_id": str(org.room_id)}]
    assert api.get(f"{ITEMS}/{item.id}").status_code == 404
    assert api.get(f"{ITEMS}/{item.id}/facts").status_code == 404
    assert api.get(f"{ITEMS}/{item.id}/history").status_code == 404
    assert api.patch(f"{ITEMS}/{item.id}", json={}, headers={"If-Match": '"v1"'}).status_code == 404
    assert api.post(f"{ITEMS}/move", json=body).status_code == 404
    assert api.get(ITEMS).json() == []


def test_an_employee_reads_and_changes_nothing(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.get(f"{ITEMS}/{item.id}").status_code == 200
    assert employee.post(ITEMS, json=[_body(org)]).status_code == 403
    assert employee.post(f"{ITEMS}/free", json=[{"item_id": str(item.id)}]).status_code == 403


def test_a_category_that_no_database_keeps_is_refused_at_its_field(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as(Role.FURNITURE_MANAGER)
    where = {"owner_unit_id": str(org.unit_id), "place_id": str(org.room_id)}
    piece = {**where, "category_id": "CHAIR_TASK", "condition": "B"}
    (made,) = client.post("/api/v1/items", json=[piece]).json()
    bad = {"category_id": "CHAIR\x00TASK"}

    added = client.post("/api/v1/items", json=[piece | bad])
    edited = client.patch(
        f"/api/v1/items/{made['id']}", json=bad, headers={"If-Match": f'"v{made["version"]}"'}
    )

    for refused in (added, edited):
        assert refused.status_code == 422
        assert "Teksten har ugyldige tegn." in refused.text
