"""A form that an older version answered, sent again under its key after the upgrade."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from app.items.models import Item
from app.kit.once import DoneBefore, IdempotencyRow
from app.marketplace.models import Listing
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.people import Organised, SignedInAs

OLDER: list[Any] = [None, [], {}, "x", [{"nr": 1}], {"ids": []}, 7]
"""Answers that no reader of today understands."""


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


def chair(org: Organised) -> dict[str, str]:
    return {
        "category_id": "CHAIR_TASK",
        "owner_unit_id": str(org.unit_id),
        "place_id": str(org.room_id),
        "quantity": "1",
    }


def as_older(database: RolledBackDatabase, answer: Any) -> None:
    with database.write() as session:
        session.execute(update(IdempotencyRow).values(answer=answer))


def rows(database: RolledBackDatabase, model: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def a_survey(web: TestClient, org: Organised) -> str:
    body = {"name": "Bygg A", "place_id": str(org.room_id)}
    return str(web.post("/api/v1/surveys", json=body).json()["id"])


@pytest.mark.parametrize("older", OLDER, ids=str)
def test_a_survey_s_form_goes_on_to_the_next_piece_and_says_what_became_of_it(
    web: TestClient, org: Organised, database: RolledBackDatabase, older: Any
) -> None:
    path = f"/kartlegging/{a_survey(web, org)}/registrer"
    form = {**chair(org), "key": uuid4().hex}
    assert web.post(path, data=form).status_code == 303
    as_older(database, older)
    again = web.post(path, data=form)
    assert (again.status_code, again.headers["location"]) == (303, path)
    assert DoneBefore.title.partition(".")[0] in web.get(path).text
    assert rows(database, Item) == 1


Sent = Callable[[TestClient, Organised, str], Any]


def _registered(web: TestClient, org: Organised, key: str) -> Any:
    return web.post("/mobler/ny", data={**chair(org), "key": key})


def _condition(web: TestClient, org: Organised, key: str) -> Any:
    return web.post("/samlet/tilstand", data={"codes": "TULL", "condition": "C", "key": key})


def _project(web: TestClient, org: Organised, key: str) -> Any:
    form = {"name": "Bygg B", "kind": "move", "unit_id": str(org.unit_id), "key": key}
    return web.post("/prosjekter/nytt", data=form)


def _stocktake(web: TestClient, org: Organised, key: str) -> Any:
    return web.post("/varetelling", data={"place_id": str(org.room_id), "key": key})


@pytest.mark.parametrize("send", [_registered, _condition, _project, _stocktake])
def test_other_forms_say_that_it_was_done_and_not_to_send_it_again(
    web: TestClient, org: Organised, database: RolledBackDatabase, send: Sent
) -> None:
    key = uuid4().hex
    first = send(web, org, key)
    assert first.status_code == 303, first.text
    assert send(web, org, key).headers["location"] == first.headers["location"]
    before = rows(database, Item)
    for older in OLDER:
        as_older(database, older)
        again = send(web, org, key)
        assert again.status_code == 409, older
        assert "ikke send det en gang til" in again.text
        assert 'name="key"' not in again.text, "the form is not offered for sending it once more"
    assert rows(database, Item) == before


def test_an_offer_s_form_is_not_offered_again(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item_id = str(an_item(session, org).id)
    form = {"item_ids": item_id, "terms": "free", "key": uuid4().hex}
    assert web.post("/marked/ny", data=form).status_code == 303
    as_older(database, "x")
    assert web.post("/marked/ny", data=form).status_code == 409
    assert rows(database, Listing) == 1


def test_json_answers_what_was_kept_as_it_was_kept(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    headers = {"Idempotency-Key": "k"}
    assert web.post("/api/v1/items", json=[chair(org)], headers=headers).status_code == 201
    as_older(database, [{"nr": 1}])
    again = web.post("/api/v1/items", json=[chair(org)], headers=headers)
    assert (again.status_code, again.json()) == (201, [{"nr": 1}])


def test_json_that_needs_a_part_of_it_says_that_it_was_done(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        path = f"/api/v1/items/{an_item(session, org).id}"
    headers = {"Idempotency-Key": "k", "If-Match": '"v1"'}
    assert web.patch(path, json={"name": "Ny"}, headers=headers).status_code == 200
    as_older(database, {"nr": 1})
    again = web.patch(path, json={"name": "Ny"}, headers=headers)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/done-before")
