"""Photos through the doors: stored bare, refused clearly, shown to their owner only."""

import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from jinja2 import Environment
from PIL import Image
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.items.jobs import make_sizes
from app.items.models import Photo, PhotoFile
from app.kit.files import Files
from app.kit.jobs import Parts
from app.kit.mail import Mail
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.kit.image_cases import planted_jpeg, saved
from tests.people import Organised, SignedInAs


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


def _picture(colour: str) -> bytes:
    return saved(Image.new("RGB", (640, 480), colour))


def _upload(*contents: bytes) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [
        ("photos", (f"bilde {number}.jpg", content, "image/jpeg"))
        for number, content in enumerate(contents)
    ]


def _photo_ids(client: TestClient, item_id: object) -> list[str]:
    return [each["id"] for each in client.get(f"/api/v1/items/{item_id}/photos").json()]


def test_several_photos_are_added_ordered_and_removed(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    path = f"/mobler/{item.id}/bilder"
    files = _upload(_picture("red"), _picture("blue"))
    assert web.post(path, data={"key": uuid4().hex}, files=files).status_code == 303
    first, second = _photo_ids(web, item.id)
    assert f"/foto/{first}/medium" in web.get(f"/mobler/{item.id}").text
    web.post(f"{path}/flytt", data={"photo_id": second})
    assert _photo_ids(web, item.id) == [second, first]
    web.post(f"{path}/fjern", data={"photo_id": second})
    assert _photo_ids(web, item.id) == [first]
    assert web.get(f"/foto/{second}/medium").status_code == 404
    assert "Bilde fjernet" in web.get(f"/mobler/{item.id}/historikk").text


@pytest.mark.parametrize("is_form_first", [False, True])
def test_a_change_of_a_photo_that_is_sent_twice_is_done_once(
    web: TestClient,
    org: Organised,
    database: RolledBackDatabase,
    *,
    is_form_first: bool,
) -> None:
    """As a phone does whose answer was lost: the form first, then the queue under the form's key."""
    with database.write() as session:
        item = an_item(session, org)
    path, photos = f"/mobler/{item.id}/bilder", "/api/v1/photos"
    web.post(path, files=_upload(*(_picture(each) for each in ("red", "green", "blue"))))
    first, second, third = _photo_ids(web, item.id)
    changes = [
        ("flytt", {"photo_id": first, "later": "true"}, "POST", f"{photos}/move"),
        ("merk", {"photo_id": first, "taken": "after"}, "POST", f"{photos}/mark"),
        ("fjern", {"photo_id": second}, "DELETE", f"{photos}/{second}"),
        ("slett", {"photo_id": third}, "POST", f"{photos}/{third}/purge"),
    ]
    for name, form, method, address in changes:
        key = uuid4().hex
        if is_form_first:
            assert web.post(f"{path}/{name}", data={**form, "key": key}).status_code == 303
        is_typed = name in ("flytt", "merk")
        body = {**form, "later": True} if name == "flytt" else form
        for _ in range(1 if is_form_first else 2):
            headers = {"Idempotency-Key": key}
            answer = web.request(method, address, headers=headers, json=body if is_typed else None)
            assert answer.status_code == 200, answer.text
        if name == "flytt":
            assert _photo_ids(web, item.id) == [second, first, third]
    assert _photo_ids(web, item.id) == [first]
    kinds = [each["kind"] for each in web.get(f"/api/v1/items/{item.id}/history").json()]
    for kind in ("photo-marked", "photo-removed", "photo-purged"):
        assert kinds.count(kind) == 1, kinds


def test_every_change_of_a_photo_has_a_key_of_its_own(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    path = f"/mobler/{item.id}/bilder"
    web.post(path, files=_upload(_picture("red"), _picture("green")))
    text = web.get(path).text
    keys = re.findall(r'name="key" value="([^"]+)"', text)
    assert len(keys) == text.count('data-queue="photoChange"') + 1
    assert len(set(keys)) == len(keys)
    assert max(map(len, keys)) <= 128


def test_a_photo_of_the_lot_shows_every_piece_of_it(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        one, other = some_items(session, org, 2)
        stranger = an_item(session, org)
    files = _upload(_picture("green"))
    web.post(f"/mobler/{one.id}/bilder", data={"of_lot": "1"}, files=files)
    shown = _photo_ids(web, one.id)
    assert len(shown) == 1
    assert _photo_ids(web, other.id) == shown
    assert _photo_ids(web, stranger.id) == []


def test_photos_come_with_the_registration(web: TestClient, org: Organised) -> None:
    form = {
        "key": uuid4().hex,
        "category_id": "CHAIR_TASK",
        "owner_unit_id": str(org.unit_id),
        "place_id": str(org.room_id),
        "condition": "B",
        "quantity": "2",
    }
    answer = web.post("/mobler/ny", data=form, files=_upload(_picture("red")))
    assert answer.status_code == 303
    items = web.get("/api/v1/items").json()
    assert [len(each["photo_ids"]) for each in items] == [1, 1]


def test_every_size_is_served_and_kept_by_the_browser(
    web: TestClient, org: Organised, database: RolledBackDatabase, files: Files
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    web.post(f"/mobler/{item.id}/bilder", files=_upload(planted_jpeg()))
    photo_id = _photo_ids(web, item.id)[0]
    make_sizes(Parts(database, files, Mail(), Environment(autoescape=True), ""), UUID(photo_id))
    for size, media_type in (
        ("small", "image/webp"),
        ("medium", "image/webp"),
        ("large", "image/webp"),
        ("jpeg", "image/jpeg"),
    ):
        answer = web.get(f"/foto/{photo_id}/{size}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert b"Exif" not in answer.content
        again = web.get(
            f"/foto/{photo_id}/{size}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
    assert web.get(f"/foto/{photo_id}/huge").status_code == 404


def test_a_missing_file_leaves_a_gap_and_the_page_stands(
    web: TestClient, org: Organised, database: RolledBackDatabase, files: Files
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    web.post(f"/mobler/{item.id}/bilder", files=_upload(_picture("red")))
    with database.read() as session:
        keys = list(session.scalars(select(PhotoFile.key)))
    for key in keys:
        files.delete(key)
    answer = web.get(f"/foto/{_photo_ids(web, item.id)[0]}/medium")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "image/svg+xml")
    assert web.get(f"/mobler/{item.id}").status_code == 200


def test_another_organisation_s_photo_is_not_found(
    web: TestClient,
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    database: RolledBackDatabase,
) -> None:
    with database.write() as session:
        item = an_item(session, foreign_org)
    owner = signed_in_as(where=foreign_org)
    owner.headers["Sec-Fetch-Site"] = "same-origin"
    owner.post(f"/mobler/{item.id}/bilder", files=_upload(_picture("red")))
    photo_id = _photo_ids(owner, item.id)[0]
    assert owner.get(f"/foto/{photo_id}/small").status_code == 200
    assert web.get(f"/foto/{photo_id}/small").status_code == 404
    assert web.delete(f"/api/v1/photos/{photo_id}").status_code == 404
    upload = web.post(f"/mobler/{item.id}/bilder", files=_upload(_picture("red")))
    assert upload.status_code == 404
    with database.read() as session:
        assert session.scalar(select(Photo.removed_at)) is None


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 415),
        (b"not a picture", 415),
        (_picture("red")[:200], 422),
        (b"GIF89a" + b"\x00" * 100, 415),
    ],
)
def test_a_bad_file_is_refused_by_its_name_and_nothing_is_stored(
    web: TestClient,
    org: Organised,
    database: RolledBackDatabase,
    tmp_path: Path,
    content: bytes,
    status: int,
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    answer = web.post(f"/mobler/{item.id}/bilder", files=_upload(content))
    assert answer.status_code == status
    assert "bilde 0.jpg: " in answer.text
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Photo)) == 0
    assert [each for each in (tmp_path / "files").rglob("*") if each.is_file()] == []


@pytest.mark.shared_data
def test_the_known_bad_images_are_refused_on_both_doors(
    web: TestClient, org: Organised, database: RolledBackDatabase, shared_data: Path
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    for path in sorted((shared_data / "bad_images").iterdir()):
        content = path.read_bytes()
        page = web.post(f"/mobler/{item.id}/bilder", files=_upload(content))
        upload = {"photo": (path.name, content, "image/jpeg")}
        api = web.post(f"/api/v1/items/{item.id}/photos", files=upload)
        assert 400 <= page.status_code < 500, path.name
        assert api.status_code == page.status_code, path.name
        assert api.headers["content-type"] == "application/problem+json"
    assert _photo_ids(web, item.id) == []


def test_more_photos_than_there_is_room_for_are_refused_whole(
    web: TestClient, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    eleven = web.post(f"/mobler/{item.id}/bilder", files=_upload(*[_picture("red")] * 11))
    assert eleven.status_code == 422
    none = web.post(f"/mobler/{item.id}/bilder", data={"key": "x"})
    assert none.status_code == 422
    assert "Velg minst ett bilde." in none.text
    assert _photo_ids(web, item.id) == []


@pytest.mark.parametrize("reads", [True, False])
def test_the_page_converts_heic_itself_only_where_the_server_cannot(
    web: TestClient,
    org: Organised,
    database: RolledBackDatabase,
    monkeypatch: pytest.MonkeyPatch,
    reads: bool,  # noqa: FBT001 - a case of the test
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    for module in ("app.items.pages_photos", "app.items.pages_register"):
        monkeypatch.setattr(f"{module}.reads_heic", lambda: reads)
    for path in (f"/mobler/{item.id}/bilder", "/mobler/ny"):
        assert ('data-heic="convert"' in web.get(path).text) is not reads


def _kept(tmp_path: Path) -> set[str]:
    return {each.name for each in (tmp_path / "files").rglob("*") if each.is_file()}


def test_a_purged_photo_is_gone_in_every_size_at_once(
    web: TestClient, org: Organised, database: RolledBackDatabase, tmp_path: Path
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    path = f"/mobler/{item.id}/bilder"
    web.post(path, data={"key": uuid4().hex}, files=_upload(_picture("red")))
    (photo,) = _photo_ids(web, item.id)
    assert _kept(tmp_path)

    assert web.post(f"{path}/slett", data={"photo_id": photo}).status_code == 303

    assert _kept(tmp_path) == set()
    assert _photo_ids(web, item.id) == []
    assert web.get(f"/foto/{photo}/jpeg").status_code == 404
    assert "Bilde slettet for godt" in web.get(f"/mobler/{item.id}/historikk").text
    assert web.post(f"/api/v1/photos/{photo}/purge").status_code == 404


def test_a_purge_leaves_the_same_picture_elsewhere_and_says_so(
    web: TestClient, org: Organised, database: RolledBackDatabase, tmp_path: Path
) -> None:
    with database.write() as session:
        one, other = an_item(session, org), an_item(session, org)
    for each in (one, other):
        web.post(
            f"/mobler/{each.id}/bilder", data={"key": uuid4().hex}, files=_upload(_picture("red"))
        )
    (first,), (second,) = _photo_ids(web, one.id), _photo_ids(web, other.id)
    key = {"Idempotency-Key": "purge-1"}

    answers = [web.post(f"/api/v1/photos/{first}/purge", headers=key) for _ in range(2)]

    assert [each.json() for each in answers] == [{"elsewhere": 1}] * 2
    assert web.get(f"/foto/{second}/jpeg").status_code == 200
    assert web.post(f"/api/v1/photos/{second}/purge").json() == {"elsewhere": 0}
    assert _kept(tmp_path) == set()


def test_who_may_not_edit_pieces_may_not_purge_their_photos(
    web: TestClient, signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    web.post(f"/mobler/{item.id}/bilder", data={"key": uuid4().hex}, files=_upload(_picture("red")))
    (photo,) = _photo_ids(web, item.id)

    refused = signed_in_as(Role.EMPLOYEE).post(f"/api/v1/photos/{photo}/purge")

    assert refused.status_code == 403
    assert _photo_ids(web, item.id) == [photo]
