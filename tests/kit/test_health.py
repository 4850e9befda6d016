"""The two health pages, on the database in use and with faults that are real."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.kit.db import Database
from app.kit.files import Files
from app.kit.health import PROBE, PROBE_KEY
from app.main import create_app
from app.settings import Settings
from tests.people import BASE_URL


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_sound_installation_is_healthy_and_ready(
    client: TestClient, path: str, method: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 200
    assert answer.text == ("ok\n" if method == "GET" else "")


def test_a_schema_that_is_not_ours_is_not_ready_but_alive(
    new_database: Callable[[], Database], settings: Settings, files: Files
) -> None:
    database = new_database()
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    settings = settings.model_copy(update={"database_url": database.url})
    with TestClient(
        create_app(settings, database=database, files=files), base_url=BASE_URL
    ) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "not ok\n")
        assert "Retry-After" in answer.headers
        assert client.get("/healthz").status_code == 200


def test_an_empty_database_is_not_ready(settings: Settings, files: Files, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    settings = settings.model_copy(update={"database_url": database.url})
    with TestClient(
        create_app(settings, database=database, files=files), base_url=BASE_URL
    ) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "not ok\n")


def test_storage_that_takes_no_file_is_not_ready_until_it_does_again(
    client: TestClient, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    shutil.rmtree(folder)
    folder.write_bytes(b"not a folder")
    assert client.get("/readyz").status_code == 503
    folder.unlink()
    folder.mkdir()
    assert client.get("/readyz").status_code == 200


def test_storage_is_asked_by_writing_one_file_once(
    client: TestClient, files: Files, tmp_path: Path
) -> None:
    for _ in range(3):
        assert client.get("/readyz").status_code == 200
    assert files.get(PROBE_KEY) == PROBE
    assert [each.name for each in (tmp_path / "files").rglob("*.txt")] == [Path(PROBE_KEY).name]
