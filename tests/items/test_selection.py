"""Pieces a person ticks stay ticked: over pages, filters and devices, for two weeks."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.items.commands import Merge
from app.items.models_table import SelectedItem, Selection
from app.items.rules import ItemState
from app.items.service_selection import forget_selections
from app.items.service_wrong import merge
from app.kit.clock import MovedClock
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import ActorOf, Organised, SignedInAs


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


@pytest.fixture
def pieces(database: RolledBackDatabase, org: Organised) -> list[str]:
    with database.write() as session:
        return [str(each.id) for each in some_items(session, org, 5)]


def selected(client: TestClient) -> list[str]:
    found: list[str] = client.get("/api/v1/selection").json()["item_ids"]
    return found


def test_a_page_of_the_form_keeps_its_own_ticks_and_leaves_the_other_pages(
    web: TestClient, pieces: list[str], signed_in_as: SignedInAs
) -> None:
    first = {"vist": " ".join(pieces[:3]), "velg": [pieces[0], pieces[2]], "back": "/mobler?side=2"}
    kept = web.post("/mobler/utvalg", data=first)
    assert (kept.status_code, kept.headers["location"]) == (303, "/mobler?side=2")
    on = web.post(
        "/mobler/utvalg",
        data={"vist": " ".join(pieces[3:]), "velg": pieces[4], "videre": "samlet"},
    )
    assert on.headers["location"] == "/samlet"
    assert selected(web) == [pieces[0], pieces[2], pieces[4]]
    web.post("/mobler/utvalg", data={"vist": " ".join(pieces[:3]), "velg": pieces[0]})
    assert selected(web) == [pieces[0], pieces[4]]
    other_device = signed_in_as()
    assert selected(other_device) == [pieces[0], pieces[4]]
    assert selected(signed_in_as(Role.SURVEYOR)) == [], "each person has an own one"
    text = web.get("/mobler").text
    assert len(re.findall(r'name="velg" value="[^"]+" checked', text)) == 2
    assert "2 valgt" in text


def test_the_table_shows_only_what_is_selected_and_what_is_not(
    web: TestClient, pieces: list[str]
) -> None:
    web.post("/api/v1/selection/add", json={"item_ids": pieces[:2]})
    for wanted, ids in (("true", pieces[:2]), ("false", pieces[2:])):
        found = web.get("/api/v1/items", params={"is_selected": wanted}).json()
        assert {each["id"] for each in found} == set(ids)
    text = web.get("/mobler?is_selected=true").text
    assert "Valgte: bare de" in text
    assert all((each in text) is (each in pieces[:2]) for each in pieces)
    assert web.get("/mobler?is_selected=kanskje").status_code == 422


def test_ticks_are_added_and_removed_through_the_api_once_each(
    web: TestClient, pieces: list[str]
) -> None:
    def count(verb: str, ids: list[str]) -> int:
        answer = web.post(f"/api/v1/selection/{verb}", json={"item_ids": ids})
        assert answer.status_code == 200
        return int(answer.json()["count"])

    assert count("add", pieces[:3]) == 3
    assert count("add", [pieces[0], pieces[0], pieces[3]]) == 4
    assert count("remove", [pieces[1], pieces[4]]) == 3
    assert web.post("/api/v1/selection/clear").json() == {"count": 0}
    assert selected(web) == []
    wrong: list[dict[str, list[str]]] = [{}, {"item_ids": []}, {"item_ids": ["x"]}]
    for body in [*wrong, {"item_ids": [str(uuid4())] * 501}]:
        assert web.post("/api/v1/selection/add", json=body).status_code == 422


def test_another_organisation_s_pieces_are_never_selected(
    web: TestClient, pieces: list[str], foreign_org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        (foreign,) = some_items(session, foreign_org)
        foreign_id = str(foreign.id)
    for verb in ("add", "remove"):
        sent = {"item_ids": [pieces[0], foreign_id]}
        assert web.post(f"/api/v1/selection/{verb}", json=sent).status_code == 404
    web.post("/mobler/utvalg", data={"vist": "", "velg": [foreign_id, pieces[1]]})
    assert selected(web) == [pieces[1]], "a page passes over what it cannot see"


def test_all_a_filter_finds_is_taken_up_to_the_limit(
    web: TestClient, org: Organised, pieces: list[str], database: RolledBackDatabase
) -> None:
    with database.write() as session:
        some_items(session, org, 498, name="Lampe", state=ItemState.AVAILABLE)
    taken = web.post("/mobler/utvalg/alle?state=in_use")
    assert taken.headers["location"] == "/mobler?state=in_use"
    assert set(selected(web)) == set(pieces)
    web.post("/mobler/utvalg/alle")
    assert len(selected(web)) == 500
    assert set(pieces) <= set(selected(web))
    full = web.get("/mobler?is_selected=false").text
    (left,) = set(re.findall(r'name="velg" value="([^"]+)"', full)) & {
        each["id"] for each in web.get("/api/v1/items?is_selected=false&limit=1").json()
    }
    refused = web.post("/api/v1/selection/add", json={"item_ids": [left]})
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/selection-full"
    web.post("/mobler/utvalg", data={"vist": left, "velg": left})
    assert len(selected(web)) == 500
    assert web.post("/mobler/utvalg/tom").status_code == 303
    assert selected(web) == []


def test_a_selection_that_nobody_touches_is_forgotten(
    web: TestClient, pieces: list[str], clock: MovedClock, database: RolledBackDatabase
) -> None:
    web.post("/api/v1/selection/add", json={"item_ids": pieces[:2]})
    clock.move(timedelta(days=13))
    web.post("/api/v1/selection/add", json={"item_ids": pieces[2:3]})
    clock.move(timedelta(days=13))
    assert len(selected(web)) == 3, "touched since"
    clock.move(timedelta(days=1))
    assert selected(web) == []
    assert "0 valgt" in web.get("/mobler").text
    web.post("/api/v1/selection/add", json={"item_ids": pieces[4:]})
    assert selected(web) == pieces[4:], "the old ticks do not come back"
    clock.move(timedelta(days=14))
    with database.write() as session:
        assert forget_selections(session) == 1
        for table in (Selection, SelectedItem):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_piece_that_was_a_mistake_leaves_the_selection(
    web: TestClient, pieces: list[str], database: RolledBackDatabase, actor: ActorOf
) -> None:
    web.post("/api/v1/selection/add", json={"item_ids": pieces[:2]})
    with database.write() as session:
        merge(session, actor(), [Merge(item_id=UUID(pieces[0]), into_id=UUID(pieces[1]))])
    assert selected(web) == [pieces[1]]
    again = web.post("/mobler/utvalg", data={"vist": pieces[0], "velg": pieces[0]})
    assert again.status_code == 303
    with database.read() as session:
        kept = session.scalars(select(SelectedItem.item_id)).all()
    assert UUID(pieces[1]) in kept


def test_what_is_no_id_is_refused_and_nobody_else_is_let_in(
    web: TestClient, client: TestClient
) -> None:
    assert web.post("/mobler/utvalg", data={"velg": "x"}).status_code == 422
    assert client.get("/api/v1/selection").status_code == 401
