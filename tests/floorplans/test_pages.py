"""Plans of floors as people meet them without JavaScript, and as JSON."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import event

from app.accounts.rules import Role
from app.floorplans.models import FloorPosition
from app.planning.service_allocate import Allocate, allocate
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.floorplans.plans import a_floor, a_plan
from tests.people import Organised
from tests.projects.rows import a_line, a_project

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Any]


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 600)) -> bytes:
    into = BytesIO()
    Image.new("RGB", size, "white").save(into, kind)
    return into.getvalue()


def test_a_picture_is_uploaded_scaled_and_replaced_and_pieces_stay(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        floor = a_floor(session, org)
        desk = an_item(
            session, org, place_id=floor.room_id, name="Pult", width_mm=1600, depth_mm=800
        )
        item_id = str(desk.id)
    client = signed_in_as()
    page = f"/plantegninger/{floor.id}"
    assert "Ingen plantegning ennå" in client.get(page).text
    early = client.post(
        f"{page}/plasser",
        data={"key": "a", "item_id": item_id, "left": "1", "top": "1", "version": "0"},
    )
    assert early.status_code == 409
    assert "Last opp et bilde først" in early.text
    sent = client.post(f"{page}/bilde", data={"key": "b"}, files={"image": ("p.png", picture())})
    assert sent.status_code == 303, sent.text[:500]
    assert "Velg et bilde" in client.post(f"{page}/bilde", data={"key": "c"}).text
    typed = {
        "item_id": item_id,
        "version": "0",
        "unit": "%",
        "left": "25",
        "top": "50,5",
        "turn": "90",
    }
    outside = client.post(f"{page}/plasser", data=typed | {"key": "d", "left": "101"})
    assert outside.status_code == 422
    assert "ligger på planen" in outside.text
    assert 'value="101"' in outside.text
    assert client.post(f"{page}/plasser", data=typed | {"key": "e"}).status_code == 303
    assert "25 %" in client.get(page).text
    wrong = client.post(f"{page}/malestokk", data={"version": "1", "width_cm": "20"})
    assert wrong.status_code == 422
    scaled = client.post(f"{page}/malestokk", data={"version": "1", "width_cm": "2000"})
    assert scaled.status_code == 303
    shown = client.get(page).text
    assert "5 m" in shown
    assert 'width="80.0" height="40.0" transform="rotate(90)"' in shown
    late = client.post(f"{page}/malestokk", data={"version": "1", "width_cm": "3000"})
    assert late.status_code == 412
    other_unit = typed | {"key": "f", "version": "1"}
    assert "Målestokken er endret" in client.post(f"{page}/plasser", data=other_unit).text
    files = {"image": ("p.webp", picture("WEBP", (400, 200)))}
    assert client.post(f"{page}/bilde", data={"key": "g"}, files=files).status_code == 303
    plan = client.get(f"/api/v1/floor-plans/{floor.id}").json()
    assert (plan["image"]["number"], plan["image"]["width_px"]) == (2, 400)
    assert [(each["x"], each["y"], each["turn"]) for each in plan["positions"]] == [
        (2500, 5050, 90)
    ]
    image = client.get(f"/plantegninger/bilde/{plan['image']['id']}")
    assert image.headers["content-type"] == "image/jpeg"
    assert "5 m fra venstre" in client.get(f"{page}/romliste").text
    assert (
        client.post(
            f"{page}/ta-av", data={"key": "h", "item_id": item_id, "version": "1"}
        ).status_code
        == 303
    )
    assert client.post(f"{page}/angre", data={"key": "i"}).status_code == 303
    assert "Pult" in client.get(f"{page}/romliste").text
    again = client.get(f"{page}?mobel={item_id}")
    assert 'value="12,5"' not in again.text
    assert 'name="left" type="text" value="5"' in again.text


def test_a_position_by_json_is_kept_once_and_told_apart_from_a_stale_one(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        floor = a_floor(session, org)
        a_plan(session, org, floor)
        item_id = str(an_item(session, org, place_id=floor.room_id).id)
        elsewhere = str(an_item(session, org).id)
    client = signed_in_as(Role.SURVEYOR)
    address = f"/api/v1/floor-plans/{floor.id}/positions"
    place = {"x": 100, "y": 10_000}
    first = {"If-Match": '"v0"', "Idempotency-Key": "k1"}
    answers = [client.put(f"{address}/{item_id}", json=place, headers=first) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["version"] == 1
    old = client.put(f"{address}/{item_id}", json=place, headers={"If-Match": '"v0"'})
    assert old.status_code == 412
    assert client.put(f"{address}/{item_id}", json=place).status_code == 428
    for bad in ({"x": -1}, {"y": 10_001}, {"turn": 7}, {"turn": 360}, {"z": 1}):
        refused = client.put(f"{address}/{item_id}", json=place | bad, headers={"If-Match": '"v1"'})
        assert refused.status_code == 422, bad
    for item, status in ((elsewhere, 409), (uuid4(), 404)):
        answer = client.put(f"{address}/{item}", json=place, headers={"If-Match": '"v0"'})
        assert answer.status_code == status
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.get(f"/plantegninger/{floor.id}").status_code == 200
    assert "data-plan" not in employee.get(f"/plantegninger/{floor.id}").text
    answer = employee.put(f"{address}/{item_id}", json=place, headers={"If-Match": '"v1"'})
    assert answer.status_code == 403
    gone = client.delete(f"{address}/{item_id}", headers={"If-Match": '"v1"'})
    assert gone.status_code == 200
    assert (gone.json()["positions"], gone.json()["waiting"]) == ([], 1)
    undone = client.post("/api/v1/floor-plans/undo", json={"floor_id": str(floor.id)})
    assert undone.json() == {"item_id": item_id}
    nothing = signed_in_as().post("/api/v1/floor-plans/undo", json={"floor_id": str(floor.id)})
    assert nothing.status_code == 409
    listed = client.get(f"/api/v1/floor-plans/{floor.id}/room-list").json()
    assert [(each["name"], len(each["positions"])) for each in listed] == [("Kontorer", 1)]


def test_a_project_s_plan_shows_what_comes_and_who_may_change_it(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        floor = a_floor(session, org)
        a_plan(session, org, floor)
        project = a_project(session, actor(), org, place_id=floor.id)
        line = a_line(session, actor(), project, quantity=1, place_id=floor.other_room_id)
        chair = an_item(session, org, name="Stol på vei", is_free=True)
        allocate(session, actor(), [Allocate(programme_line_id=line.id, item_id=chair.id)])
        item_id, project_id = str(chair.id), str(project.id)
    client = signed_in_as(Role.PROJECT_MANAGER)
    page = f"/plantegninger/{floor.id}?prosjekt={project_id}"
    assert "Stol på vei" in client.get(page).text
    assert "Stol på vei" not in client.get(f"/plantegninger/{floor.id}").text
    body = {"x": 5000, "y": 5000, "project_id": project_id}
    address = f"/api/v1/floor-plans/{floor.id}/positions/{item_id}"
    refused = signed_in_as(Role.SURVEYOR).put(address, json=body, headers={"If-Match": '"v0"'})
    assert refused.status_code == 403
    done = client.put(address, json=body, headers={"If-Match": '"v0"'})
    assert done.json()["room_id"] == str(floor.other_room_id)
    listed = client.get(f"/plantegninger/{floor.id}/romliste?prosjekt={project_id}").text
    assert "Kommer fra Bygg A › Rom 214" in listed
    assert (
        f"/plantegninger/{floor.id}?prosjekt={project_id}"
        in client.get(f"/prosjekter/{project_id}").text
    )
    with database.write() as session:
        session.get_one(type(chair), chair.id).place_id = floor.room_id
    assert client.get(f"/plantegninger/{floor.id}?prosjekt=").status_code == 200


def test_no_hostile_picture_becomes_a_plan(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        floor = a_floor(session, org)
    client = signed_in_as()
    tried = {
        "empty.png": b"",
        "text.png": b"not a picture",
        "half.png": picture()[:200],
        "svg.png": b"<svg/>",
    }
    for name, content in tried.items():
        answer = client.post(
            f"/plantegninger/{floor.id}/bilde", data={"key": name}, files={"image": (name, content)}
        )
        assert answer.status_code in {413, 415, 422}, name
        assert "error-summary" in answer.text
    assert client.get(f"/api/v1/floor-plans/{floor.id}").json()["image"] is None


@pytest.mark.shared_data
def test_the_hostile_images_are_refused_as_photos_are(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, shared_data: Path
) -> None:
    with database.write() as session:
        floor = a_floor(session, org)
    client = signed_in_as()
    smallest = sorted(
        (shared_data / "bad_images").glob("*.*"), key=lambda each: each.stat().st_size
    )
    for path in smallest[:12]:
        answer = client.post(
            f"/api/v1/floor-plans/{floor.id}/images",
            files={"image": (path.name, path.read_bytes())},
        )
        assert answer.status_code in {201, 413, 415, 422}, path.name


def test_a_hundred_pieces_cost_no_more_statements_than_one(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    client = signed_in_as()
    engine = database._connection.engine

    def drawn(count: int) -> int:
        """Draws that many pieces on a floor of their own; gives the statements of its two pages."""
        with database.write() as session:
            floor = a_floor(session, org, f"Etasje {count}")
            plan = a_plan(session, org, floor)
            for number, item in enumerate(some_items(session, org, count, place_id=floor.room_id)):
                session.add(
                    FloorPosition(
                        org_id=org.org_id,
                        floor_id=floor.id,
                        item_id=item.id,
                        number=number + 1,
                        x=number,
                        y=number,
                        turn=0,
                        changed_at=database.clock.now(),
                    )
                )
            some_items(session, org, count + 20, place_id=floor.room_id)
        assert plan.floor_id == floor.id
        seen: list[str] = []

        def note(*call: object) -> None:
            if "SAVEPOINT" not in str(call[2]):
                seen.append(str(call[2]))

        event.listen(engine, "before_cursor_execute", note)
        try:
            page = client.get(f"/plantegninger/{floor.id}").text
            rooms = client.get(f"/plantegninger/{floor.id}/romliste").text
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert f"{count + 20} møbler er ikke tegnet inn" in page
        assert page.count("data-waiting=") == min(count + 20, 100)
        assert "Kontorer" in rooms
        return len(seen)

    assert drawn(1) == drawn(100)
