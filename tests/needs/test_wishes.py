"""Wishes: searches of the market that say so when something comes."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.rules import Condition
from app.kit.clock import MovedClock
from app.needs.models_wish import Find
from app.needs.service_wish import EditWish, OfWish, WishEndedAlready, edit_wish, end_wish
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR
from tests.needs.test_found import DESK, looked, needs, offers, wishes
from tests.people import Organised

ActorOf = Callable[..., Actor]


@pytest.fixture
def nurse(actor: ActorOf) -> Actor:
    return actor(Role.EMPLOYEE)


@pytest.fixture
def manager(actor: ActorOf) -> Actor:
    return actor(Role.FURNITURE_MANAGER)


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        ({"words": "bris"}, True),
        ({"words": "brsi stol"}, True),
        ({"words": "kontorstol bris", "condition": ["B"]}, True),
        ({"words": "pult"}, False),
        ({"category_id": CHAIR}, True),
        ({"category_id": DESK}, False),
        ({"condition": ["A"]}, False),
        ({"width_min_mm": 500, "width_max_mm": 600}, True),
        ({"width_min_mm": 560}, False),
        ({"height_max_mm": 900}, False),
        ({"count": 3}, True),
        ({"count": 4}, False),
        ({"place": "building"}, True),
        ({"place": "storage"}, False),
    ],
)
def test_a_wish_finds_what_the_markets_search_would(
    database: RolledBackDatabase,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    wanted: dict[str, Any],
    is_found: bool,  # noqa: FBT001
) -> None:
    named = dict(wanted)
    if place := named.pop("place", None):
        named["place_id"] = {"building": org.building_id, "storage": org.storage_id}[place]
    wishes(database, nurse, **named)
    facts = {"name": "Kontorstol Bris", "width_mm": 550, "condition": Condition.B}
    offers(database, manager, org, 3, **facts)
    assert looked(database, org) == ([(False, 3)] if is_found else [])


def test_a_wish_that_is_ended_or_past_its_day_is_looked_for_no_more(
    database: RolledBackDatabase,
    org: Organised,
    nurse: Actor,
    manager: Actor,
    clock: MovedClock,
) -> None:
    ended = wishes(database, nurse, words="stol")
    wishes(database, nurse, words="stol", wanted_date=date(2026, 3, 5))
    stands = wishes(database, nurse, category_id=CHAIR)
    with database.write() as session:
        end_wish(session, nurse, [OfWish(wish_id=ended)])
    clock.move(timedelta(days=4))
    offers(database, manager, org)
    looked(database, org)
    with database.read() as session:
        assert session.scalars(select(Find.wish_id)).all() == [stands]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"wanted": {}}, "wanted"),
        ({"wanted_date": "2026-03-01"}, "wanted_date"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 10_001}, "quantity"),
        ({"name": " "}, "name"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_at_its_field(
    signed_in_as: Any, changes: dict[str, Any], field: str
) -> None:
    body = {"name": "Stol", "wanted": {"words": "stol"}, "quantity": 2, **changes}
    answer = signed_in_as(Role.EMPLOYEE).post("/api/v1/wishes", json=[body])
    assert answer.status_code == 422
    assert any(field in each["pointer"] for each in answer.json()["errors"]), answer.text


def test_a_wish_is_changed_and_ended_by_its_owner_alone(
    database: RolledBackDatabase, nurse: Actor, signed_in_as: Any
) -> None:
    wish_id = wishes(database, nurse, words="stol")
    owner, other = signed_in_as(Role.EMPLOYEE), signed_in_as(Role.ADMIN)
    body = [{"wish_id": str(wish_id), "version": 1, "name": "Ny", "quantity": 7}]
    assert other.post("/api/v1/wishes/edit", json=body).status_code == 404
    assert other.get(f"/onsker/{wish_id}").status_code == 404
    [edited] = owner.post("/api/v1/wishes/edit", json=body).json()
    assert (edited["name"], edited["quantity"], edited["version"]) == ("Ny", 7, 2)
    assert owner.post("/api/v1/wishes/edit", json=body).status_code == 412
    end = [{"wish_id": str(wish_id)}]
    assert other.post("/api/v1/wishes/end", json=end).status_code == 404
    assert owner.post("/api/v1/wishes/end", json=end).status_code == 200
    assert owner.post("/api/v1/wishes/end", json=end).status_code == 409
    assert owner.get("/api/v1/wishes").json() == []


def test_a_search_of_the_market_becomes_a_wish_with_all_that_was_asked(
    database: RolledBackDatabase, org: Organised, manager: Actor, signed_in_as: Any
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    asked = {"words": "sofa", "condition": ["A", "B"], "width_max_cm": "160,5"}
    assert "/onsker/nytt" in employee.get("/marked", params=asked).text
    form = employee.get("/onsker/nytt", params=asked)
    assert form.status_code == 200
    for hidden in ('name="words" value="sofa"', 'value="160,5"', 'value="B"'):
        assert hidden in form.text
    sent = {**asked, "name": "Sofa til pauserommet", "quantity": "2", "wanted_date": ""}
    made = employee.post("/onsker/nytt", data=sent, follow_redirects=False)
    assert made.status_code == 303, made.text
    [wish] = employee.get("/api/v1/wishes").json()
    assert wish["wanted"]["width_max_mm"] == 1605
    assert wish["wanted"]["condition"] == ["A", "B"]
    page = employee.get(made.headers["location"])
    assert "Sofa til pauserommet" in page.text
    assert "width_max_cm=160%2C5" in page.text
    assert "Sofa til pauserommet" in employee.get("/onsker").text
    offers(database, manager, org, 2, name="Sofa Fjord", width_mm=1600, condition=Condition.B)
    looked(database, org)
    assert "2 × Sofa Fjord" in employee.get(made.headers["location"]).text
    assert "2 møbler funnet" in employee.get("/onsker").text


def test_a_wish_without_a_search_is_shown_the_way_to_the_market(signed_in_as: Any) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    assert 'href="/marked"' in employee.get("/onsker/nytt").text
    answer = employee.post("/onsker/nytt", data={"name": "Alt", "quantity": "1"})
    assert answer.status_code == 422
    assert "søk i markedet først" in answer.text


def test_a_needs_page_shows_what_came_since(
    database: RolledBackDatabase, org: Organised, nurse: Actor, manager: Actor, signed_in_as: Any
) -> None:
    need_id = needs(database, nurse, org)
    offers(database, manager, org, 2, name="Stol Vinje")
    looked(database, org)
    employee = signed_in_as(Role.EMPLOYEE)
    assert "Kommet siden behovet ble meldt" in employee.get(f"/behov/{need_id}").text
    [found] = employee.get(f"/api/v1/needs/{need_id}/found").json()
    assert (found["name"], found["pieces"]) == ("Stol Vinje", 2)


def test_a_wish_is_edited_on_its_page(
    database: RolledBackDatabase, nurse: Actor, signed_in_as: Any
) -> None:
    wish_id = wishes(database, nurse, words="stol")
    employee = signed_in_as(Role.EMPLOYEE)
    body = {"version": "1", "name": "Stoler", "quantity": "0"}
    wrong = employee.post(f"/onsker/{wish_id}", data=body)
    assert wrong.status_code == 422
    body |= {"quantity": "4"}
    done = employee.post(f"/onsker/{wish_id}", data=body, follow_redirects=False)
    assert done.status_code == 303
    late = employee.post(f"/onsker/{wish_id}", data=body)
    assert late.status_code == 412
    ended = employee.post(f"/onsker/{wish_id}/avslutt", follow_redirects=False)
    assert ended.status_code == 303
    with database.write() as session, pytest.raises(WishEndedAlready):
        change = EditWish(wish_id=wish_id, version=3, name="Stol", quantity=1)
        edit_wish(session, nurse, [change])
