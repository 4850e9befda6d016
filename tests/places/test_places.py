"""Places: what may lie where, paths that follow a new name, and other organisations' places."""

import re

import pytest

from app.accounts.rules import Role
from app.kit.errors import Forbidden, Invalid, Stale
from app.places import queries, service
from app.places.models import Place, PlaceKind
from tests.databases import RolledBackDatabase
from tests.people import ActorOf, Organised, SignedInAs


def test_a_new_name_renames_every_path_below(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    manager = actor()
    with database.write() as session:
        command = service.EditPlace(place_id=org.building_id, version=1, name="Bygg Å")
        service.edit_place(session, manager, command)

    with database.read() as session:
        labels = set(
            session.scalars(queries.places_visible_to(manager).with_only_columns(Place.label))
        )
    assert {"Bygg Å", "Bygg Å › Rom 214", "Bygg Å › Lager"} == labels


def test_an_old_version_is_refused(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    with pytest.raises(Stale), database.write() as session:
        command = service.EditPlace(place_id=org.building_id, version=7, name="X")
        service.edit_place(session, actor(), command)


def test_a_room_can_not_hold_a_building(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    with pytest.raises(Invalid) as refused, database.write() as session:
        command = service.AddPlace(kind=PlaceKind.BUILDING, name="B", parent_id=org.room_id)
        service.add_places(session, actor(), [command])
    assert {"kind"} == refused.value.by_field.keys()


def test_equal_names_beside_each_other_are_refused(
    database: RolledBackDatabase, actor: ActorOf, org: Organised
) -> None:
    for command in (
        service.AddPlace(kind=PlaceKind.ROOM, name="Rom 214", parent_id=org.building_id),
        service.AddPlace(kind=PlaceKind.BUILDING, name="Bygg A"),
    ):
        with pytest.raises(service.PlaceNameTaken), database.write() as session:
            service.add_places(session, actor(), [command])


def test_a_place_of_another_organisation_is_no_parent_and_is_not_shown(
    signed_in_as: SignedInAs, foreign_org: Organised
) -> None:
    client = signed_in_as(Role.FURNITURE_MANAGER)
    body = [{"kind": "room", "name": "X", "parent_id": str(foreign_org.building_id)}]

    assert client.post("/api/v1/places", json=body).status_code == 422
    assert client.get(f"/api/v1/places/{foreign_org.room_id}").status_code == 404
    assert client.get(f"/steder/{foreign_org.room_id}").status_code == 404


def test_an_employee_may_not_add_places(database: RolledBackDatabase, actor: ActorOf) -> None:
    with pytest.raises(Forbidden), database.write() as session:
        command = service.AddPlace(kind=PlaceKind.BUILDING, name="B")
        service.add_places(session, actor(Role.EMPLOYEE), [command])


def test_the_page_lists_and_adds_a_place_and_keeps_what_was_typed_when_it_is_wrong(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()

    added = client.post("/steder", data={"kind": "building", "name": "Bygg B", "key": "k1"})
    again = client.post("/steder", data={"kind": "building", "name": "Bygg B", "key": "k1"})
    wrong = client.post("/steder", data={"kind": "building", "name": "", "address": "Storgata 1"})

    assert [added.status_code, again.status_code, wrong.status_code] == [303, 303, 422]
    assert client.get("/steder").text.count(">Bygg B</a>") == 1
    assert "Storgata 1" in wrong.text


def test_the_api_wants_the_version_that_was_edited(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    path = f"/api/v1/places/{org.room_id}"

    assert client.get(path).headers["etag"] == '"v1"'
    assert client.put(path, json={"name": "A"}).status_code == 428
    assert client.put(path, json={"name": "A"}, headers={"If-Match": '"v1"'}).status_code == 200
    assert client.put(path, json={"name": "B"}, headers={"If-Match": '"v1"'}).status_code == 412


def test_a_misspelt_field_of_a_place_is_refused(signed_in_as: SignedInAs, org: Organised) -> None:
    client = signed_in_as()
    path = f"/api/v1/places/{org.room_id}"
    new = {"kind": "building", "name": "B", "adress": "Storgata 1"}

    edited = client.put(path, json={"name": "A", "adress": "x"}, headers={"If-Match": '"v1"'})
    added = client.post("/api/v1/places", json=[new])

    assert [edited.status_code, added.status_code] == [422, 422]
    assert "Feltet er ukjent." in edited.text
    assert client.get(path).json()["version"] == 1


def test_a_position_is_typed_on_the_page_and_stays_when_the_name_is_changed(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    here = {"latitude": "59,913868123", "longitude": "10.7522"}
    new = {"kind": "building", "name": "Bygg B", "address": "Storgata 1", **here}

    assert client.post("/steder", data=new).status_code == 303
    place = next(each for each in client.get("/api/v1/places").json() if each["name"] == "Bygg B")
    page = f"/steder/{place['id']}"
    html = client.get(page).text
    assert "breddegrad 59,913868, lengdegrad 10,7522" in html
    sent = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', html))
    renamed = client.post(page, data={**sent, "name": "Bygg C"})

    assert renamed.status_code == 303
    after = client.get(f"/api/v1/places/{place['id']}").json()
    assert (after["name"], after["address"]) == ("Bygg C", "Storgata 1")
    assert (after["latitude"], after["longitude"]) == ("59.913868", "10.7522")


@pytest.mark.parametrize("latitude", [59.91391234567, "59.91391234567", "59,91391234567"])
def test_a_position_may_be_more_exact_than_is_kept(
    signed_in_as: SignedInAs, latitude: float | str
) -> None:
    body = {"kind": "building", "name": "Bygg B", "latitude": latitude, "longitude": 10}
    (place,) = signed_in_as().post("/api/v1/places", json=[body]).json()

    assert (place["latitude"], place["longitude"]) == ("59.913912", "10")


@pytest.mark.parametrize("latitude", [True, 1e300, 91, -90.1, [59], {}])
def test_a_position_that_is_none_is_refused(signed_in_as: SignedInAs, latitude: object) -> None:
    body = {"kind": "building", "name": "Bygg B", "latitude": latitude, "longitude": 10}

    assert signed_in_as().post("/api/v1/places", json=[body]).status_code == 422


def test_what_the_api_reads_of_a_place_can_be_sent_back_unchanged(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    body = {"kind": "building", "name": "B", "latitude": -33.8688, "longitude": 151.2093}
    (place,) = client.post("/api/v1/places", json=[body]).json()
    path = f"/api/v1/places/{place['id']}"

    fields = {name: place[name] for name in ("name", "address", "latitude", "longitude")}
    changed = client.put(path, json=fields, headers={"If-Match": '"v1"'})

    assert changed.json() == place | {"version": changed.json()["version"]}


@pytest.mark.parametrize(
    ("position", "field", "message"),
    [
        ({"latitude": "59,9"}, "longitude", "Oppgi både breddegrad og lengdegrad"),
        ({"longitude": "10,7"}, "latitude", "Oppgi både breddegrad og lengdegrad"),
        ({"latitude": "nord", "longitude": "10"}, "latitude", "Skriv et tall"),
        ({"latitude": "91", "longitude": "10"}, "latitude", "Skriv høyst 90."),
        ({"latitude": "59", "longitude": "-180,1"}, "longitude", "Skriv minst -180."),
        ({"latitude": "NaN", "longitude": "9" * 400}, "longitude", "Skriv et tall"),
    ],
)
def test_a_position_that_can_not_be_is_refused_at_its_field(
    position: dict[str, str],
    field: str,
    message: str,
    signed_in_as: SignedInAs,
    org: Organised,
) -> None:
    client = signed_in_as()
    sent = {"version": "1", "name": "Bygg A", **position}

    for page in (f"/steder/{org.building_id}", "/steder"):
        refused = client.post(
            page, data=sent if "steder/" in page else {"kind": "building", **sent}
        )
        assert refused.status_code == 422
        error = re.search(rf'id="field-{field}-error">([^<]+)<', refused.text)
        assert error is not None
        assert error[1].startswith(message)
        assert '<details class="ds-details" open>' in refused.text


def test_the_second_editor_of_a_place_sees_both_and_decides(
    signed_in_as: SignedInAs, org: Organised
) -> None:
    client = signed_in_as()
    page = f"/steder/{org.building_id}"
    assert client.post(page, data={"version": "1", "name": "Bygg Ø"}).status_code == 303

    late = client.post(page, data={"version": "1", "name": "Bygg Å", "address": "Storgata 1"})
    assert late.status_code == 412
    for text in ("Stedet er endret i mellomtiden", "Bygg Ø", "Bygg Å", "Storgata 1"):
        assert text in late.text
    version = re.search(r'name="version" value="(\d+)"', late.text)
    assert version is not None
    again = client.post(page, data={"version": version[1], "name": "Bygg Å"})
    assert again.status_code == 303
