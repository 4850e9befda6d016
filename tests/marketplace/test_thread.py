"""Photos and documents of a request's thread: who gets them, and what is refused."""

import io
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.marketplace.models import Message
from app.marketplace.models_files import MessageFile
from tests.databases import RolledBackDatabase
from tests.kit.test_documents import DOCX, PDF
from tests.marketplace.stalls import a_listing, a_request
from tests.people import Organised, SignedInAs

Upload = list[tuple[str, tuple[str, bytes, str]]]
SECRET = b"60.39 North, 5.32 East"


@pytest.fixture
def request_id(database: RolledBackDatabase, org: Organised) -> UUID:
    with database.write() as session:
        return a_request(session, org, a_listing(session, org)).id


def a_photo() -> bytes:
    """A picture that says where it was taken."""
    picture, held = Image.new("RGB", (60, 40), "#3a6b4f"), io.BytesIO()
    exif = picture.getexif()
    exif[0x010E] = SECRET.decode()  # ImageDescription
    picture.save(held, "JPEG", exif=exif)
    assert SECRET in held.getvalue()
    return held.getvalue()


def files(*some: tuple[str, bytes]) -> Upload:
    return [("files", (name, content, "application/octet-stream")) for name, content in some]


def posted(client: TestClient, request_id: UUID, upload: Upload, **form: str) -> int:
    data = {"key": uuid4().hex, "text": "Se her.", **form}
    answer = client.post(f"/bestillinger/{request_id}/melding", data=data, files=upload)
    return answer.status_code


def kept(database: RolledBackDatabase) -> list[MessageFile]:
    with database.read() as session:
        return list(session.scalars(select(MessageFile).order_by(MessageFile.position)))


def messages(database: RolledBackDatabase) -> int:
    with database.read() as session:
        return session.scalars(select(func.count(Message.id))).one()


def stored(tmp_path: Path) -> int:
    return sum(each.is_file() for each in (tmp_path / "files").rglob("*"))


def test_photos_and_documents_stand_on_the_thread_for_both_sides(
    database: RolledBackDatabase, request_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee, manager = signed_in_as(Role.EMPLOYEE), signed_in_as()
    upload = files(("stol.jpg", a_photo()), ("Målsatt plan.pdf", PDF), ("liste.docx", DOCX))
    assert posted(employee, request_id, upload) == 303
    photo, pdf, docx = kept(database)
    page = manager.get(f"/bestillinger/{request_id}").text
    assert page.count("/bestillinger/vedlegg/") == 4  # the photo is shown and leads to itself
    assert "Målsatt plan.pdf" in page

    shown = manager.get(f"/bestillinger/vedlegg/{photo.id}")
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("image/")
    assert SECRET not in shown.content
    given = manager.get(f"/bestillinger/vedlegg/{pdf.id}")
    assert given.content == PDF
    assert given.headers["content-disposition"].startswith("attachment; filename=")
    assert "M%C3%A5lsatt%20plan.pdf" in given.headers["content-disposition"]
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in given.headers["content-security-policy"]
    assert given.headers["cache-control"].startswith("private")
    again = manager.get(
        f"/bestillinger/vedlegg/{pdf.id}", headers={"If-None-Match": given.headers["etag"]}
    )
    assert again.status_code == 304
    assert docx.key.endswith(f"{docx.sha256}.docx")


def test_only_who_sees_the_request_gets_its_files(
    database: RolledBackDatabase,
    request_id: UUID,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    client: TestClient,
) -> None:
    assert posted(signed_in_as(Role.EMPLOYEE), request_id, files(("a.pdf", PDF))) == 303
    path = f"/bestillinger/vedlegg/{kept(database)[0].id}"
    for stranger in (signed_in_as(Role.SURVEYOR), signed_in_as(Role.ADMIN, foreign_org)):
        assert stranger.get(path).status_code == 404
        assert posted(stranger, request_id, files(("b.pdf", PDF))) == 404
        api = f"/api/v1/requests/{request_id}/messages"
        json = stranger.post(api, data={"text": "x"}, files=files(("b.pdf", PDF)))
        assert json.status_code == 404
    assert client.get(path).status_code == 303
    assert messages(database) == 1


@pytest.mark.parametrize("key", ["../../etc/passwd", "ø\nx", ""])
def test_a_file_whose_row_names_none_of_ours_is_not_found(
    database: RolledBackDatabase, request_id: UUID, signed_in_as: SignedInAs, key: str
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    assert posted(employee, request_id, files(("a.pdf", PDF))) == 303
    with database.write() as session:
        row = session.scalars(select(MessageFile)).one()
        row.key, row_id, tag = key, row.id, f'"{row.sha256}"'
    path = f"/bestillinger/vedlegg/{row_id}"
    assert employee.get(path).status_code == 404
    assert employee.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tegning.pdf", b"<html><script>alert(1)</script></html>"),
        ("bilde.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("bilde.jpg", b"\xff\xd8\xff broken"),
        ("tom.pdf", b""),
    ],
)
def test_a_bad_file_is_refused_at_the_field_and_nothing_is_posted(
    database: RolledBackDatabase,
    request_id: UUID,
    signed_in_as: SignedInAs,
    tmp_path: Path,
    name: str,
    content: bytes,
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    data = {"key": "k", "text": "Se her."}
    path = f"/bestillinger/{request_id}/melding"
    answer = employee.post(path, data=data, files=files((name, content)))
    assert 400 <= answer.status_code < 500
    assert 'id="field-files-error"' in answer.text
    assert "Se her." in answer.text
    api = f"/api/v1/requests/{request_id}/messages"
    json = employee.post(api, data={"text": "Se her."}, files=files((name, content)))
    assert 400 <= json.status_code < 500
    assert json.headers["content-type"] == "application/problem+json"
    assert messages(database) == 0
    assert stored(tmp_path) == 0


def test_among_several_files_the_bad_one_is_named(
    request_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    some = files(("lista.pdf", PDF), ("prislapp.exe", b"MZ"), ("stol.jpg", a_photo()))
    data = {"key": "k", "text": "Se her."}
    answer = employee.post(f"/bestillinger/{request_id}/melding", data=data, files=some)
    assert answer.status_code == 415
    assert "prislapp.exe: Filen må være et bilde" in answer.text


def test_more_than_five_files_or_no_text_is_refused(
    database: RolledBackDatabase, request_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    assert posted(employee, request_id, files(*[("a.pdf", PDF)] * 6)) == 422
    assert posted(employee, request_id, files(("a.pdf", PDF)), text=" ") == 422
    assert messages(database) == 0


def test_a_message_that_is_sent_twice_is_posted_once_and_other_files_are_another(
    database: RolledBackDatabase, request_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    for _ in range(2):
        assert posted(employee, request_id, files(("a.pdf", PDF)), key="same") == 303
    assert messages(database) == 1
    assert len(kept(database)) == 1
    assert posted(employee, request_id, files(("a.docx", DOCX)), key="same") == 422
    assert messages(database) == 1


def test_a_message_without_files_goes_as_before(
    database: RolledBackDatabase, request_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    assert posted(employee, request_id, []) == 303
    assert posted(employee, request_id, files(("", b""))) == 303  # an empty field of a browser
    assert (messages(database), kept(database)) == (2, [])


def test_files_come_by_the_api_too(
    database: RolledBackDatabase, request_id: UUID, signed_in_as: SignedInAs
) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    api = f"/api/v1/requests/{request_id}/messages"
    key = {"Idempotency-Key": "one"}
    for _ in range(2):
        answer = employee.post(
            api, data={"text": "Se her."}, files=files(("a.pdf", PDF)), headers=key
        )
        assert answer.status_code == 201
    assert len(kept(database)) == 1
