"""Pages and JSON of product models: the same verbs, with messages at the field."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.catalogue.models import ProductModel
from tests.databases import RolledBackDatabase
from tests.people import Organised, SignedInAs

CAPISCO = {
    "category_id": "CHAIR_TASK",
    "maker": "HÅG",
    "name": "Capisco",
    "width_cm": "65,5",
    "mass_kg": "17,5",
    "new_price_kr": "6 500",
    "gwp_kg": "55",
    "gwp_basis": "epd",
    "epd_number": "NEPD-35E",
    "epd_valid_until": "2027-01-01",
    "depth_cm": "",
}


def count(database: RolledBackDatabase) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(ProductModel)) or 0


def test_a_model_is_registered_in_centimetres_kilograms_and_kroner(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    answer = client.post("/modeller", data={**CAPISCO, "key": "k"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/modeller")
    client.post("/modeller", data={**CAPISCO, "key": "k"})
    assert count(database) == 1
    with database.read() as session:
        model = session.scalars(select(ProductModel)).one()
    assert (model.width_mm, model.depth_mm, model.mass_g) == (655, None, 17_500)
    assert (model.new_price_ore, model.gwp_g) == (650_000, 55_000)
    text = client.get("/modeller").text
    assert "HÅG Capisco" in text
    assert "65,5 × – × – cm" in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"maker": ""}, "maker"),
        ({"width_cm": "bred"}, "width_cm"),
        ({"width_cm": "2001"}, "width_cm"),
        ({"gwp_kg": ""}, "gwp_kg"),
        ({"gwp_basis": ""}, "gwp_basis"),
        ({"epd_number": ""}, "epd_number"),
        ({"epd_valid_until": "i fjor"}, "epd_valid_until"),
        ({"category_id": "NOWHERE"}, "category_id"),
    ],
)
def test_a_refused_form_shows_what_was_typed_and_the_message_at_its_field(
    database: RolledBackDatabase, signed_in_as: SignedInAs, changes: dict[str, str], field: str
) -> None:
    answer = signed_in_as().post("/modeller", data={**CAPISCO, **changes})
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert 'value="Capisco"' in answer.text
    assert count(database) == 0


def test_a_name_in_use_is_said_at_the_name(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()
    client.post("/modeller", data=CAPISCO)
    answer = client.post("/modeller", data=CAPISCO)
    assert answer.status_code == 409
    assert 'id="field-name-error"' in answer.text


def test_the_form_comes_back_filled_and_saves_what_is_changed(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    client.post("/modeller", data=CAPISCO)
    with database.read() as session:
        model = session.scalars(select(ProductModel)).one()
    text = client.get(f"/modeller/{model.id}").text
    for typed in ('value="65,5"', 'value="17,5"', 'value="6500"', 'value="NEPD-35E"'):
        assert typed in text
    edited = {**CAPISCO, "width_cm": "", "name": "Capisco 8106", "version": "1"}
    assert client.post(f"/modeller/{model.id}", data=edited).status_code == 303
    stale = client.post(f"/modeller/{model.id}", data=edited)
    assert stale.status_code == 412
    assert "Noen andre har endret dette" in stale.text
    found = client.get(f"/api/v1/product-models/{model.id}")
    assert (found.json()["width_mm"], found.json()["name"]) == (None, "Capisco 8106")
    assert found.headers["etag"] == '"v2"'


def test_json_registers_lists_and_edits_with_the_version_it_read(
    org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    body: list[dict[str, Any]] = [
        {"category_id": "CHAIR_TASK", "maker": "HÅG", "name": name} for name in ("A", "B", "C")
    ]
    answer = client.post("/api/v1/product-models", json=body, headers={"Idempotency-Key": "1"})
    again = client.post("/api/v1/product-models", json=body, headers={"Idempotency-Key": "1"})
    assert answer.json() == again.json()
    first = client.get("/api/v1/product-models?limit=2")
    assert [each["name"] for each in first.json()] == ["A", "B"]
    rest = client.get(first.headers["link"].split(">")[0].strip("<"))
    assert [each["name"] for each in rest.json()] == ["C"]
    path = f"/api/v1/product-models/{first.json()[0]['id']}"
    assert client.patch(path, json={"mass_g": 9_000}).status_code == 428
    changed = client.patch(path, json={"mass_g": 9_000}, headers={"If-Match": '"v1"'})
    assert (changed.json()["mass_g"], changed.json()["name"]) == (9_000, "A")
    assert client.patch(path, json={}, headers={"If-Match": '"v1"'}).status_code == 412
    wrong = client.patch(path, json={"height": 1}, headers={"If-Match": '"v2"'})
    assert wrong.status_code == 422


def test_a_reader_sees_the_values_and_no_form(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    signed_in_as().post("/modeller", data=CAPISCO)
    with database.read() as session:
        model = session.scalars(select(ProductModel)).one()
    client = signed_in_as(Role.EMPLOYEE)
    text = client.get(f"/modeller/{model.id}").text
    assert '<form class="narrow' not in text
    assert "65,5" in text
    assert client.get("/modeller/ny").status_code == 403
    assert client.post("/modeller", data=CAPISCO).status_code == 403
    assert client.post(f"/modeller/{model.id}", data={}).status_code == 403


def test_another_organisations_model_is_not_there(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    signed_in_as().post("/modeller", data=CAPISCO)
    with database.read() as session:
        model = session.scalars(select(ProductModel)).one()
    stranger = signed_in_as(Role.ADMIN, foreign_org)
    for path in (f"/modeller/{model.id}", f"/api/v1/product-models/{model.id}"):
        assert stranger.get(path).status_code == 404
    edited = {**CAPISCO, "version": "1", "name": "Mine"}
    assert stranger.post(f"/modeller/{model.id}", data=edited).status_code == 404
    assert signed_in_as().get(f"/modeller/{uuid4()}").status_code == 404
    assert "Ingen modeller ennå" in stranger.get("/modeller").text
