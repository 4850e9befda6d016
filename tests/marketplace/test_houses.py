"""The map that we draw: every hit in one building, marks that can be read, links that filter."""

import random
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.marketplace.facets import PlaceCount
from app.marketplace.houses import (
    HIGH,
    HIGHEST,
    MARGIN,
    WIDE,
    WIDTH,
    House,
    drawing,
    houses_of,
)
from app.places.models import Place, PlaceKind
from app.places.rules import Position
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing
from tests.people import Organised, SignedInAs

K = PlaceKind


def counted(
    label: str, count: int, kind: PlaceKind, parent: PlaceCount | None = None
) -> PlaceCount:
    return PlaceCount(uuid4(), label, count, kind, parent.place_id if parent else None, None)


def a_house(count: int, position: Position | None, around: tuple[UUID, ...] = ()) -> House:
    return House(uuid4(), f"Hus {count}", count, position, around)


def test_every_hit_is_in_one_house() -> None:
    campus = counted("Sykehuset", 20, K.PROPERTY)
    one = counted("Sykehuset › A", 12, K.BUILDING, campus)
    floor = counted("Sykehuset › A › 1", 12, K.FLOOR, one)
    inside = counted("Sykehuset › A › 1 › Lager", 5, K.STORAGE, floor)
    shed = counted("Sykehuset › Låven", 6, K.STORAGE, campus)
    alone = counted("Fjernlager", 3, K.STORAGE)
    empty = counted("Sykehuset › B", 0, K.BUILDING, campus)
    places = [campus, one, floor, inside, shed, alone, empty]
    found = houses_of(places)
    assert [(each.name, each.count) for each in found] == [
        ("A", 12),
        ("Låven", 6),
        ("Fjernlager", 3),
        ("Sykehuset", 2),
    ]
    assert sum(each.count for each in found) == campus.count + alone.count
    assert [each.name for each in houses_of(places, campus.place_id)] == ["A", "Låven", "Sykehuset"]
    assert [each.name for each in houses_of(places, one.place_id)] == ["A"]
    assert [each.name for each in houses_of(places, inside.place_id)] == ["A"]
    assert houses_of(places, uuid4()) == []


def test_marks_stay_inside_and_apart_and_hold_every_hit() -> None:
    chance = random.Random(2)
    for spread in (0, 300, 3_000, 3_000_000):
        for _ in range(30):
            houses = [
                a_house(
                    chance.randint(1, 900),
                    (61_000_000 + chance.randint(0, spread), 6_000_000 + chance.randint(0, spread)),
                )
                for _ in range(chance.randint(1, 30))
            ]
            drawn = drawing(houses)
            assert drawn is not None
            assert drawn.height <= HIGHEST
            assert sum(each.count for each in drawn.marks) == sum(each.count for each in houses)
            for each in drawn.marks:
                assert MARGIN - 1 <= each.x <= WIDTH - MARGIN + 1
                assert MARGIN - 1 <= each.y <= drawn.height - MARGIN + 1
            for one in drawn.marks:
                for other in drawn.marks:
                    apart = abs(one.x - other.x) >= WIDE - 1 or abs(one.y - other.y) >= HIGH - 1
                    assert one is other or apart


def test_north_is_up_east_is_right_and_the_bar_tells_the_distance() -> None:
    north, east = a_house(5, (61_010_000, 6_000_000)), a_house(4, (61_000_000, 6_020_000))
    drawn = drawing([north, east])
    assert drawn is not None
    first, second = drawn.marks
    assert first.y < second.y
    assert first.x < second.x
    # 10,000 millionths of a degree northwards are 1,112 m.
    assert abs((second.y - first.y) / 1_112 - drawn.bar / drawn.bar_m) < 0.002
    assert drawn.bar_m in {100, 200, 500, 1_000}


def test_without_positions_there_is_nothing_to_draw() -> None:
    assert drawing([]) is None
    assert drawing([a_house(3, None)]) is None


def test_houses_that_lie_on_one_another_are_one_mark_that_leads_to_what_they_lie_in() -> None:
    campus = uuid4()
    at = (61_000_000, 6_000_000)
    drawn = drawing([a_house(5, at, (campus,)), a_house(4, at, (campus,))])
    assert drawn is not None
    (mark,) = drawn.marks
    assert (mark.count, mark.together, mark.name) == (9, campus, None)
    apart = drawing([a_house(5, at, (campus,)), a_house(4, at)])
    assert apart is not None
    assert apart.marks[0].together is None


def located(session: Session, org: Organised) -> None:
    house = session.get_one(Place, org.building_id)
    house.latitude_udeg, house.longitude_udeg = 61_450_000, 5_850_000


def test_the_map_links_each_building_to_its_own_hits(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        for _ in range(3):
            a_listing(session, org, 1, name="Stol", colour="svart", place_id=org.room_id)
        a_listing(session, org, 1, name="Bord", place_id=org.room_id)
        located(session, org)
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get("/marked/bygg?words=stol&colour=black").text
    assert 'aria-label="3 Bygg A: treff i Bygg A"' in page
    assert page.count(f"place_id={org.building_id}") == 2  # on the map and in the list
    assert "Fjern filteret Svart" in page
    assert "colour=black" in page
    assert "/marked/bygg?words=stol" in client.get("/marked?words=stol").text
    assert client.get("/marked/bygg?colour=xyz").status_code == 422


def test_a_market_without_positions_has_a_list_and_says_how_to_get_a_map(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        a_listing(session, org, 1, name="Stol", place_id=org.room_id)
    page = signed_in_as().get("/marked/bygg").text
    assert "Ingen kart ennå" in page
    assert "<svg viewBox" not in page
    assert f"place_id={org.building_id}" in page
    assert "Gå til steder" in page
    employee = signed_in_as(Role.EMPLOYEE)
    assert "Gå til steder" not in employee.get("/marked/bygg").text
    assert "Ingen treff i noe bygg" in employee.get("/marked/bygg?words=finnesikke").text


def test_another_organisation_s_buildings_are_on_no_map(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        a_listing(session, foreign_org, 1, name="Stol")
        located(session, foreign_org)
    page = signed_in_as(Role.EMPLOYEE).get("/marked/bygg").text
    assert str(foreign_org.building_id) not in page
    assert "Ingen treff i noe bygg" in page
