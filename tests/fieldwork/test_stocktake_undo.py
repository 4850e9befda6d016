"""«Flytt alle hit» in a count is one move among the others, and is taken back as they are."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.fieldwork.models import StocktakeScan
from app.items.models import Item
from app.kit.clock import MovedClock
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.fieldwork.rooms import door, labels_of
from tests.people import Organised, SignedInAs


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as(Role.SURVEYOR)
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


@pytest.fixture
def strays(database: RolledBackDatabase, org: Organised) -> dict[str, UUID]:
    """Three pieces of the storage by their codes."""
    with database.write() as session:
        items = some_items(session, org, 3, place_id=org.storage_id)
        codes = labels_of(session, org, items)
        return {code: item.id for code, item in zip(codes, items, strict=True)}


@pytest.fixture
def path(
    web: TestClient, org: Organised, database: RolledBackDatabase, strays: dict[str, UUID]
) -> str:
    """A count of the room in which they were met."""
    with database.read() as session:
        code = door(session, org.room_id)
    page = str(web.post("/varetelling", data={"code": code}).headers["location"])
    web.post(f"{page}/skann", data={"codes": "\n".join(strays)})
    return page


def moved_here(web: TestClient, path: str, ids: list[UUID], **more: Any) -> Any:
    form = {"decision": "moved_here", "item_ids": [str(each) for each in ids], **more}
    return web.post(f"{path}/avgjor", data=form)


def places(database: RolledBackDatabase, strays: dict[str, UUID]) -> list[UUID]:
    with database.read() as session:
        found = {row.id: row.place_id for row in session.execute(select(Item.id, Item.place_id))}
    return [found[each] for each in strays.values()]


def undo_of(text: str) -> str | None:
    found = re.search(r'action="(/flytt/[^"]+/angre)"', text)
    return found[1] if found else None


def test_all_are_taken_back_by_one_button_and_can_be_moved_again(
    web: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    strays: dict[str, UUID],
    path: str,
) -> None:
    assert undo_of(web.get(path).text) is None
    form = {"key": "k"}
    for _ in range(2):
        assert moved_here(web, path, list(strays.values()), **form).status_code == 303
    assert places(database, strays) == [org.room_id] * 3
    text = web.get(path).text
    assert "Angre flyttingen av 3 møbler" in text
    undo = undo_of(text)
    assert undo
    back = web.post(undo, data={"key": "u"})
    assert "3 møbler er flyttet tilbake." in web.get(back.headers["location"]).text
    assert places(database, strays) == [org.storage_id] * 3
    text = web.get(path).text
    assert undo_of(text) is None
    assert "Flytt alle 3 hit" in text
    assert web.post(undo, data={"key": "v"}).status_code == 409
    assert moved_here(web, path, list(strays.values())).status_code == 303
    assert places(database, strays) == [org.room_id] * 3


def test_the_last_move_goes_back_first_and_a_piece_moved_on_since_stays(
    web: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    strays: dict[str, UUID],
    path: str,
    clock: MovedClock,
) -> None:
    first, second, third = strays.values()
    moved_here(web, path, [first])
    clock.move(timedelta(minutes=1))
    moved_here(web, path, [second, third])
    clock.move(timedelta(minutes=1))
    form = {"place_id": str(org.building_id), "codes": list(strays)[2]}
    assert web.post("/flytt", data=form).status_code == 303
    undo = undo_of(web.get(path).text)
    assert undo
    web.post(undo)
    assert places(database, strays) == [org.room_id, org.storage_id, org.building_id]
    with database.read() as session:
        rows = session.execute(select(StocktakeScan.item_id, StocktakeScan.decision))
        decisions = {row.item_id: row.decision for row in rows}
    assert [decisions[each] is None for each in strays.values()] == [False, True, False]
    undo = undo_of(web.get(path).text)
    assert undo
    web.post(undo)
    assert places(database, strays)[0] == org.storage_id
    assert undo_of(web.get(path).text) is None


def test_json_names_the_move_that_takes_it_back(
    web: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    strays: dict[str, UUID],
    path: str,
) -> None:
    api = f"/api/v1/stocktakes/{path.rpartition('/')[2]}/decide"
    ids = [str(each) for each in strays.values()]
    left = web.post(api, json={"decision": "left", "item_ids": ids[:1]})
    assert left.json() == {"settled": 1, "relocation_id": None}
    moved = web.post(api, json={"decision": "moved_here", "item_ids": ids}).json()
    assert moved["settled"] == 3
    again = web.post(api, json={"decision": "moved_here", "item_ids": ids}).json()
    assert again == {"settled": 0, "relocation_id": None}
    undo = f"/api/v1/relocations/{moved['relocation_id']}/undo"
    lines = web.post(undo).json()["lines"]
    assert sorted(line["text"] for line in lines if line["is_undone"]) == sorted(strays)
    assert places(database, strays) == [org.storage_id] * 3


def test_who_may_not_move_sees_no_way_back(
    web: TestClient, signed_in_as: SignedInAs, strays: dict[str, UUID], path: str
) -> None:
    moved_here(web, path, list(strays.values()))
    undo = undo_of(web.get(path).text)
    assert undo
    employee = signed_in_as(Role.EMPLOYEE)
    employee.headers["Sec-Fetch-Site"] = "same-origin"
    assert undo_of(employee.get(path).text) is None
    assert employee.post(undo).status_code == 403
