"""Stored files on an S3 server: moto's, which speaks the protocol, over a real socket."""

import datetime as dt
import os
import urllib.request
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from moto.server import ThreadedMotoServer
from PIL import Image

from app.kit.files import FileMissing, Files, StorageFailed
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.kit.image_cases import saved
from tests.people import Organised, SignedInAs

ORG = UUID("11111111-1111-4111-8111-111111111111")
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


def _files(server: str, bucket: str) -> Files:
    return Files.s3(bucket, endpoint=server, access_key_id="key", secret_access_key="secret")


@pytest.fixture
def files(server: str) -> Files:
    """An empty bucket of the test's own; also what the application of this module's tests uses."""
    bucket = f"omlop-{uuid4()}"
    asked = urllib.request.Request(f"{server}/{bucket}", method="PUT")
    asked.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=key/20261125/us-east-1/s3/x")
    with urllib.request.urlopen(asked, timeout=10):
        return _files(server, bucket)


def test_a_bucket_keeps_the_same_promises_as_a_folder(files: Files) -> None:
    content = os.urandom(1_000_000)
    key = files.put(ORG, content, "webp")

    assert files.put(ORG, content, "webp") == key
    assert files.exists(key)
    assert files.get(key) == content
    pieces = list(files.stream(key, chunk_bytes=100_000))
    assert len(pieces) > 1
    assert b"".join(pieces) == content
    files.delete(key)
    files.delete(key)
    assert not files.exists(key)
    with pytest.raises(FileMissing):
        files.get(key)


def test_the_sweep_of_a_bucket_takes_what_has_no_row(files: Files) -> None:
    kept, orphan = files.put(ORG, b"kept", "webp"), files.put(ORG, b"orphan", "webp")

    assert files.sweep({kept}, DAY) == []
    assert files.sweep({kept}, -DAY) == [orphan]
    assert files.get(kept) == b"kept"


def test_a_bucket_that_is_not_there_is_a_failed_put_and_no_stored_file(server: str) -> None:
    with pytest.raises(StorageFailed):
        _files(server, f"none-{uuid4()}").put(ORG, b"chair", "webp")


def test_a_photo_goes_into_the_bucket_and_comes_back_through_the_page(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, files: Files
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    web: TestClient = signed_in_as()
    web.headers["Sec-Fetch-Site"] = "same-origin"
    picture = saved(Image.new("RGB", (640, 480), "red"))

    sent = web.post(
        f"/mobler/{item.id}/bilder",
        data={"key": uuid4().hex},
        files=[("photos", ("stol.jpg", picture, "image/jpeg"))],
    )

    assert sent.status_code == 303
    (photo,) = web.get(f"/api/v1/items/{item.id}/photos").json()
    shown = web.get(f"/foto/{photo['id']}/large")
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("image/")
    (stored,) = list(files.orphans(set(), -DAY))
    assert files.get(stored) == shown.content
