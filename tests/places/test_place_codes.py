"""Labels of rooms: every place has a code, the code leads to its page, and the label is printed."""

from collections.abc import Callable

import pytest
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.accounts.rules import Role
from app.items.rules import ItemState
from app.kit.codes import grouped, is_code, mint
from app.kit.db import Database, make_engine
from app.places.models import Place
from app.schema import configuration, migrate
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.labelling.sheets import addresses, text_of
from tests.people import Organised, SignedInAs, organised


@pytest.fixture
def code(database: RolledBackDatabase, org: Organised) -> str:
    """The code at the door of the test's room."""
    with database.read() as session:
        return session.get_one(Place, org.room_id).code or ""


def test_every_new_place_has_a_code_of_its_own(signed_in_as: SignedInAs, org: Organised) -> None:
    client = signed_in_as()
    new = [{"kind": "room", "name": each, "parent_id": str(org.building_id)} for each in "AB"]

    made = client.post("/api/v1/places", json=new).json()

    assert all(is_code(each["code"]) for each in made)
    assert made[0]["code"] != made[1]["code"]


def test_places_that_were_there_before_get_codes(new_database: Callable[[], Database]) -> None:
    database = new_database()
    with database.write() as session:
        organised(session, database.clock)
    command.downgrade(configuration(database.url), "2026_11_22_1")
    migrate(database.url)
    engine = make_engine(database.url, readers=True)
    with engine.connect() as connection:
        found = list(connection.scalars(text("SELECT code FROM place")))
    engine.dispose()

    assert len(set(found)) == 3
    assert all(is_code(each) for each in found)


@pytest.mark.parametrize("path", ["/P/{}", "/p/{}"])
def test_the_label_at_the_door_leads_to_the_place(
    signed_in_as: SignedInAs, org: Organised, code: str, path: str
) -> None:
    for written in (code, code.lower(), grouped(code)):
        answer = signed_in_as(Role.EMPLOYEE).get(path.format(written))

        assert answer.status_code == 303
        assert answer.headers["location"] == f"/steder/{org.room_id}"


def test_who_is_not_signed_in_is_asked_to_sign_in_whether_the_code_exists_or_not(
    client: TestClient, code: str
) -> None:
    for each in (code, mint()):
        answer = client.get(f"/P/{each}", headers={"Accept": "text/html"})

        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/logg-inn?")
        assert each in answer.headers["location"]


def test_another_organisations_room_is_unknown(
    signed_in_as: SignedInAs, foreign_org: Organised, code: str
) -> None:
    known = signed_in_as(where=foreign_org).get(f"/P/{code}")
    never = signed_in_as(where=foreign_org).get(f"/P/{mint()}")

    assert (known.status_code, never.status_code) == (404, 404)
    assert "Ingen av virksomhetens steder har denne koden" in known.text


@pytest.mark.parametrize("wrong", ["tull", "%20", "x" * 3000])
def test_a_code_that_is_none_is_said_to_be_mistyped(signed_in_as: SignedInAs, wrong: str) -> None:
    answer = signed_in_as().get(f"/P/{wrong}")

    assert answer.status_code == 422
    assert "Koden har 11 tegn" in answer.text


def test_a_wrong_check_character_finds_nothing(signed_in_as: SignedInAs, code: str) -> None:
    wrong = code[:-1] + ("0" if code[-1] != "0" else "2")

    assert signed_in_as().get(f"/P/{wrong}").status_code == 422


def test_the_page_shows_what_stands_there_and_only_there(
    database: RolledBackDatabase, signed_in_as: SignedInAs, org: Organised, code: str
) -> None:
    with database.write() as session:
        an_item(session, org, name="Stol i rommet")
        an_item(session, org, name="Savnet stol", state=ItemState.LOST)
        an_item(session, org, name="Solgt stol", state=ItemState.SOLD)
        an_item(session, org, name="Stol på lager", place_id=org.storage_id)

    text = signed_in_as().get(f"/steder/{org.room_id}").text

    assert "2 møbler her" in text
    assert "Stol i rommet" in text
    assert grouped(code) in text
    assert text.index("Savnet stol") < text.index(">Savnet<")
    assert "Solgt stol" not in text
    assert "Stol på lager" not in text
    assert "Ingen møbler" in signed_in_as().get(f"/steder/{org.building_id}").text


def test_the_label_of_a_room_is_printed_with_its_path_the_room_first(
    signed_in_as: SignedInAs, org: Organised, code: str
) -> None:
    client = signed_in_as()

    file = client.get("/etiketter/etiketter.pdf", params={"sted": str(org.room_id)})
    job = client.get("/etiketter", params={"sted": str(org.room_id)})

    assert addresses(file.content) == [[f"HTTPS://TESTSERVER/P/{code}"]]
    assert "Rom 214, Bygg A" in text_of(file.content)
    assert "HTTPS://TESTSERVER/P/" in job.text
    assert f'name="sted" value="{org.room_id}"' in job.text


def test_a_building_is_printed_with_everything_in_it(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    query = {"under": str(org.building_id), "paper": "L7160"}
    body = {"below_place_id": str(org.building_id)}

    page = client.get("/etiketter/etiketter.pdf", params=query)
    made = client.post("/api/v1/labels", json=body)

    assert [len(each) for each in addresses(page.content)] == [3]
    assert addresses(page.content) == addresses(made.content)
    assert "Etiketter til rom" in client.get("/etiketter").text


def test_places_and_pieces_are_not_mixed_and_others_places_are_not_printed(
    database: RolledBackDatabase,
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
) -> None:
    with database.write() as session:
        item_id = str(an_item(session, org).id)
    client = signed_in_as()

    mixed = client.get("/etiketter", params={"item": item_id, "sted": str(org.room_id)})
    foreign = client.get("/etiketter", params={"sted": str(foreign_org.room_id)})
    below = client.get("/etiketter", params={"under": str(foreign_org.building_id)})
    partly = client.post(
        "/api/v1/labels", json={"place_ids": [str(org.room_id), str(foreign_org.room_id)]}
    )

    assert mixed.status_code == 422
    assert [foreign.status_code, below.status_code, partly.status_code] == [404, 404, 404]


def test_an_employee_reads_the_place_but_is_not_offered_its_label(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    shown = signed_in_as(Role.EMPLOYEE).get(f"/steder/{org.room_id}")

    assert shown.status_code == 200
    assert "Etikett ved døren" not in shown.text
    assert "Etikett ved døren" in signed_in_as(Role.SURVEYOR).get(f"/steder/{org.room_id}").text
