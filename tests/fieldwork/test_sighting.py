"""When, where and by whose scan a piece was seen last, for who looks it up in a room."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from app.accounts.rules import Role
from app.items.models import Code, Item
from app.items.outputs import items_out
from app.items.rules import ItemState
from app.items.service_seen import See, see
from app.kit.clock import MovedClock
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.people import ActorOf, Organised, SignedInAs

PATH = "/api/v1/sightings"


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.SURVEYOR)


@pytest.fixture
def item_id(database: RolledBackDatabase, org: Organised) -> UUID:
    with database.write() as session:
        return an_item(session, org).id


def row(database: RolledBackDatabase, item_id: UUID) -> Item:
    with database.read() as session:
        return session.get_one(Item, item_id, populate_existing=True)


def sent(item_id: UUID, place_id: UUID, **more: Any) -> dict[str, Any]:
    return {"item_id": str(item_id), "place_id": str(place_id), **more}


def test_a_look_up_in_a_room_is_a_sighting_and_no_move(
    web: TestClient,
    org: Organised,
    database: RolledBackDatabase,
    clock: MovedClock,
    item_id: UUID,
) -> None:
    before = row(database, item_id)
    clock.move(timedelta(minutes=1))
    body = sent(item_id, org.storage_id)
    headers = {"Idempotency-Key": "k"}
    answer = web.post(PATH, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["place_id"] == str(org.storage_id)
    clock.move(timedelta(minutes=1))
    assert web.post(PATH, json=body, headers=headers).json() == answer.json()
    after = row(database, item_id)
    assert after.last_seen_at == clock.now() - timedelta(minutes=1)
    assert after.last_seen_by_id == org.person_ids[Role.SURVEYOR]
    assert (after.place_id, after.version) == (before.place_id, before.version)


def test_a_sighting_that_comes_late_leaves_a_newer_one(
    web: TestClient,
    org: Organised,
    database: RolledBackDatabase,
    clock: MovedClock,
    item_id: UUID,
) -> None:
    clock.move(timedelta(hours=2))
    assert web.post(PATH, json=sent(item_id, org.storage_id)).status_code == 200
    earlier = (clock.now() - timedelta(hours=1)).isoformat()
    late = web.post(PATH, json=sent(item_id, org.room_id, at=earlier))
    assert late.json()["place_id"] == str(org.storage_id)
    ahead = (clock.now() + timedelta(days=1)).isoformat()
    assert web.post(PATH, json=sent(item_id, org.room_id, at=ahead)).status_code == 200
    assert row(database, item_id).last_seen_at == clock.now(), "a clock that is ahead counts as now"


@pytest.mark.parametrize(
    "path", ["/skann?kode={code}", "/api/v1/look-up?text={code}", "/mobler/{id}"]
)
def test_no_plain_get_is_a_sighting(
    web: TestClient, database: RolledBackDatabase, item_id: UUID, path: str
) -> None:
    before = row(database, item_id).last_seen_at
    with database.read() as session:
        code = session.scalars(select(Code.code).where(Code.item_id == item_id)).one()
    assert web.get(path.format(id=item_id, code=code)).status_code == 200
    assert web.get(f"/I/{code}").status_code == 303
    assert row(database, item_id).last_seen_at == before


def test_what_cannot_have_been_seen_is_refused(
    web: TestClient,
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    database: RolledBackDatabase,
    item_id: UUID,
) -> None:
    with database.write() as session:
        theirs = an_item(session, foreign_org).id
        gone = an_item(session, org, state=ItemState.DISPOSED).id
    for body, status in (
        (sent(theirs, org.room_id), 404),
        (sent(uuid4(), org.room_id), 404),
        (sent(gone, org.room_id), 409),
        (sent(item_id, foreign_org.room_id), 422),
        (sent(item_id, uuid4()), 422),
        (sent(item_id, org.room_id, at="i går"), 422),
        ({"item_id": str(item_id)}, 422),
    ):
        assert web.post(PATH, json=body).status_code == status, body
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.post(PATH, json=sent(item_id, org.room_id)).status_code == 403


def test_a_piece_says_that_it_was_just_seen_also_in_the_same_unit_of_work(
    org: Organised, database: RolledBackDatabase, clock: MovedClock, actor: ActorOf
) -> None:
    with database.write() as session:
        ids = [item.id for item in some_items(session, org, 3)]
    clock.move(timedelta(minutes=1))
    with database.write() as session:
        loaded = [session.get_one(Item, each) for each in ids]
        asked = [See(item_id=each, place_id=org.storage_id, seen_at=clock.now()) for each in ids]
        see(session, actor(), asked[:2])
        asked_for: list[str] = []

        def note(*call: Any) -> None:
            asked_for.append(call[2])

        event.listen(session.bind, "before_cursor_execute", note)
        try:
            first, second, unseen = items_out(session, actor(), loaded)
        finally:
            event.remove(session.bind, "before_cursor_execute", note)
    about_sightings = [each for each in asked_for if "last_seen_at" in each]
    assert len(about_sightings) == 1, "for all that were seen, however many"
    assert first.last_seen_at == second.last_seen_at == clock.now()
    assert first.last_seen_place_id == org.storage_id
    assert first.last_seen_by_id == actor().person_id
    assert unseen.last_seen_at != clock.now()


def test_the_api_says_when_where_and_by_whose_scan_a_piece_was_last_seen(
    web: TestClient, org: Organised, clock: MovedClock, item_id: UUID
) -> None:
    clock.move(timedelta(minutes=1))
    assert web.post(PATH, json=sent(item_id, org.storage_id)).status_code == 200
    for found in (
        web.get(f"/api/v1/items/{item_id}").json(),
        web.get("/api/v1/items").json()[0],
        web.post("/api/v1/items/free", json=[{"item_id": str(item_id)}]).json()[0],
    ):
        assert datetime.fromisoformat(found["last_seen_at"]) == clock.now()
        assert found["last_seen_place_id"] == str(org.storage_id)
        assert found["last_seen_by_id"] == str(org.person_ids[Role.SURVEYOR])
        assert found["place_id"] == str(org.room_id)
