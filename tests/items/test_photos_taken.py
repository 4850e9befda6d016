"""Photos of before and after: marked, put side by side, and kept from being the main one."""

from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.items import queries
from app.items.commands import Merge
from app.items.models import Item, PhotoTaken
from app.items.service_photos import AddPhoto, add_photos
from app.items.service_wrong import merge
from app.kit.errors import Invalid
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.kit.image_cases import saved
from tests.people import Organised, SignedInAs


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


@pytest.fixture
def item(database: RolledBackDatabase, org: Organised) -> Item:
    with database.write() as session:
        return an_item(session, org, name="Lenestol")


def _added(web: TestClient, item: Item, colour: str, **fields: str) -> str:
    """Adds one photo through the API; its id."""
    upload = {"photo": ("bilde.jpg", saved(Image.new("RGB", (64, 48), colour)), "image/jpeg")}
    answer = web.post(f"/api/v1/items/{item.id}/photos", data=fields, files=upload)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def _order(web: TestClient, item_id: object) -> list[str]:
    return [each["id"] for each in web.get(f"/api/v1/items/{item_id}/photos").json()]


def _main(database: RolledBackDatabase, org: Organised, item_id: UUID) -> str:
    with database.read() as session:
        actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
        assert actor is not None
        item = session.get_one(Item, item_id)
        return str(queries.main_photo_ids(session, actor, [item])[item_id])


def test_photos_are_marked_at_upload_and_shown_as_a_pair(web: TestClient, item: Item) -> None:
    path = f"/mobler/{item.id}/bilder"
    for taken, colour in (("before", "gray"), ("after", "green"), ("", "blue")):
        upload = [
            ("photos", (f"{colour}.jpg", saved(Image.new("RGB", (64, 48), colour)), "image/jpeg"))
        ]
        answer = web.post(path, data={"key": uuid4().hex, "taken": taken}, files=upload)
        assert answer.status_code == 303
    rows = web.get(f"/api/v1/items/{item.id}/photos").json()
    assert [each["taken"] for each in rows] == ["after", None, "before"]

    shown = web.get(f"/mobler/{item.id}").text

    pair = shown[shown.index("mended-title") :]
    assert pair.index("Lenestol, før") < pair.index("Lenestol, etter")
    assert pair.index(rows[2]["id"]) < pair.index(rows[0]["id"])
    assert rows[1]["id"] not in pair
    assert "Legg til bildet" not in pair


def test_a_pair_that_lacks_one_says_so_to_who_may_add_it(
    web: TestClient, item: Item, signed_in_as: SignedInAs
) -> None:
    assert "mended-title" not in web.get(f"/mobler/{item.id}").text
    _added(web, item, "gray", taken="before")
    assert "Legg til bildet etter" in web.get(f"/mobler/{item.id}").text
    seen = signed_in_as(Role.EMPLOYEE).get(f"/mobler/{item.id}").text
    assert "Lenestol, før" in seen
    assert "Legg til bildet" not in seen


def test_a_photo_is_marked_afterwards_and_the_history_says_by_whom(
    web: TestClient, item: Item
) -> None:
    photo = _added(web, item, "gray")
    path = f"/mobler/{item.id}/bilder"

    marked = web.post(f"{path}/merk", data={"photo_id": photo, "taken": "before"})
    assert marked.status_code == 303
    assert "Før reparasjon" in web.get(path).text
    history = web.get(f"/mobler/{item.id}/historikk").text
    assert "Bilde merket" in history
    assert "Før eller etter" in history
    happened = web.get(f"/api/v1/items/{item.id}/history").json()
    marking = next(each for each in happened if each["kind"] == "photo-marked")
    assert marking["who"]

    web.post(f"{path}/merk", data={"photo_id": photo})
    assert web.get(f"/api/v1/items/{item.id}/photos").json()[0]["taken"] is None
    count = len(web.get(f"/api/v1/items/{item.id}/history").json())
    web.post("/api/v1/photos/mark", json={"photo_id": photo, "taken": None})
    assert len(web.get(f"/api/v1/items/{item.id}/history").json()) == count


def test_the_photo_from_before_is_not_the_main_one_unless_it_is_put_there(
    web: TestClient, item: Item, org: Organised, database: RolledBackDatabase
) -> None:
    before = _added(web, item, "gray", taken="before")
    assert _main(database, org, item.id) == before
    plain = _added(web, item, "blue")
    assert _main(database, org, item.id) == plain
    after = _added(web, item, "green", taken="after")
    assert _order(web, item.id) == [plain, after, before]

    web.post("/api/v1/photos/mark", json={"photo_id": plain, "taken": "before"})
    assert _order(web, item.id) == [after, before, plain]
    web.post("/api/v1/photos/mark", json={"photo_id": plain})
    assert _order(web, item.id) == [after, plain, before]

    for _ in range(2):
        web.post("/api/v1/photos/move", json={"photo_id": before})
    assert _order(web, item.id) == [before, after, plain]
    late = _added(web, item, "red")
    assert _order(web, item.id) == [before, after, plain, late]


def test_a_photo_of_the_lot_is_marked_for_every_piece(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        one, other = some_items(session, org, 2)
    photo = _added(web, one, "gray", of_lot="true")
    answer = web.post("/api/v1/photos/mark", json={"photo_id": photo, "taken": "after"})
    assert answer.json()["taken"] == "after"
    assert web.get(f"/api/v1/items/{other.id}/photos").json()[0]["taken"] == "after"


def test_pieces_that_are_merged_keep_the_photo_from_before_behind(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        twice, kept = an_item(session, org), an_item(session, org)
    before = _added(web, kept, "gray", taken="before")
    plain = _added(web, twice, "blue")
    with database.write() as session:
        actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
        assert actor is not None
        merge(session, actor, [Merge(item_id=twice.id, into_id=kept.id)])
    assert _order(web, kept.id) == [plain, before]


def test_what_is_no_mark_is_refused_and_so_is_who_may_not_edit(
    web: TestClient, item: Item, signed_in_as: SignedInAs
) -> None:
    photo = _added(web, item, "gray")
    path = f"/mobler/{item.id}/bilder"
    upload = [("photos", ("a.jpg", saved(Image.new("RGB", (64, 48))), "image/jpeg"))]
    refused = web.post(path, data={"taken": "during"}, files=upload)
    assert refused.status_code == 422
    wrong = {"photo_id": photo, "taken": "during"}
    assert web.post(f"{path}/merk", data=wrong).status_code == 422
    assert web.post("/api/v1/photos/mark", json=wrong).status_code == 422
    assert _order(web, item.id) == [photo]
    right = {"photo_id": photo, "taken": "after"}
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.post("/api/v1/photos/mark", json=right).status_code == 403
    assert web.get(f"/api/v1/items/{item.id}/photos").json()[0]["taken"] is None


def test_a_product_model_s_photo_is_of_no_repair(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    model = {"category_id": "ARMCHAIR", "maker": "Møbelfabrikken", "name": "Hvile"}
    model_id = web.post("/api/v1/product-models", json=[model]).json()[0]["id"]
    with database.write() as session:
        item = an_item(session, org, product_model_id=UUID(model_id))
        actor = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
        assert actor is not None
        command = AddPhoto(product_model_id=UUID(model_id))
        photo = str(add_photos(session, actor, command, [[]])[0].id)
        with pytest.raises(Invalid):
            add_photos(session, actor, command.model_copy(update={"taken": PhotoTaken.AFTER}), [[]])
    wrong = {"photo_id": photo, "taken": "after"}
    answer = web.post("/api/v1/photos/mark", json=wrong)
    assert answer.status_code == 422
    assert "produktmodeller" in answer.text
    assert "mended-title" not in web.get(f"/mobler/{item.id}").text
