"""The sizes a job makes after the answer: shown meanwhile, never lost, and gone in the end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from jinja2 import Environment
from PIL import Image
from sqlalchemy import func, select

from app import wiring
from app.accounts.actor import actor_of
from app.accounts.rules import Role
from app.items import service_photo_files
from app.items.jobs import MAKE_SIZES, make_sizes
from app.items.models import Photo, PhotoFile
from app.items.service_photos import AddPhoto, RemovePhoto, add_photos, remove_photo
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.files import FileMissing, Files, StorageFull
from app.kit.jobs import Parts, Queue, forget, queue_at_once, sweep_files
from app.kit.mail import Mail
from app.transfer.models import ImportRun
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.kit.image_cases import detailed, saved
from tests.people import ActorOf, Organised, SignedInAs, organised

ALL = {"large_jpeg", "large", "medium", "small"}
PHOTO = saved(detailed(1000, 750))
ROOT = Path(__file__).resolve().parents[2]


def parts_of(database: Database, files: Files) -> Parts:
    return Parts(database, files, Mail(), Environment(autoescape=True), "https://testserver")


def queue_of(database: Database, files: Files) -> Queue:
    return Queue(queue_at_once(), parts_of(database, files), wiring.JOBS, ())


@pytest.fixture
def queue(database: RolledBackDatabase, files: Files) -> Queue:
    return queue_of(database, files)


def a_photo(database: Database, files: Files, org: Organised, content: bytes = PHOTO) -> UUID:
    """A photo as an upload leaves it: one size stored, the rest to be made."""
    stored = service_photo_files.store_first(files, org.org_id, content)
    with database.write() as session:
        item = an_item(session, org)
        manager = actor_of(session, org.org_id, org.person_ids[Role.FURNITURE_MANAGER])
        assert manager is not None
        return add_photos(session, manager, AddPhoto(item_id=item.id), [stored])[0].id


def names_of(database: Database, photo_id: UUID) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(PhotoFile.name).where(PhotoFile.photo_id == photo_id)))


def stored_files(tmp_path: Path) -> list[Path]:
    return [each for each in (tmp_path / "files").rglob("*") if each.is_file()]


def every_row_has_its_file(database: Database, files: Files) -> bool:
    with database.read() as session:
        return all(files.exists(key) for key in session.scalars(select(PhotoFile.key)))


def test_an_upload_is_answered_with_one_size_and_a_job_makes_the_others(
    signed_in_as: SignedInAs,
    org: Organised,
    database: RolledBackDatabase,
    files: Files,
    tmp_path: Path,
    queue: Queue,
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    web = signed_in_as()
    web.headers["Sec-Fetch-Site"] = "same-origin"
    upload = [("photos", ("stol.jpg", PHOTO, "image/jpeg"))]
    assert web.post(f"/mobler/{item.id}/bilder", files=upload).status_code == 303
    photo_id = UUID(web.get(f"/api/v1/items/{item.id}/photos").json()[0]["id"])
    assert len(stored_files(tmp_path)) == 1
    assert (MAKE_SIZES.name, photo_id) in database.woken
    shown_meanwhile(web, photo_id)
    queue.enqueue(MAKE_SIZES.name, photo_id)
    assert names_of(database, photo_id) == ALL
    assert every_row_has_its_file(database, files)
    answer = web.get(f"/foto/{photo_id}/small")
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]


def shown_meanwhile(web: TestClient, photo_id: UUID) -> None:
    """The size there is stands in for the others, and is asked for again soon."""
    for size in ("small", "medium", "large"):
        answer = web.get(f"/foto/{photo_id}/{size}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.headers["cache-control"] == "private, max-age=5"
    assert "immutable" in web.get(f"/foto/{photo_id}/jpeg").headers["cache-control"]


def test_an_upload_over_the_api_leaves_the_same_work(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, queue: Queue
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    upload = {"photo": ("stol.jpg", PHOTO, "image/jpeg")}
    answer = signed_in_as().post(f"/api/v1/items/{item.id}/photos", files=upload)
    photo_id = UUID(answer.json()["id"])
    assert names_of(database, photo_id) == {"large_jpeg"}
    queue.sweep()
    assert names_of(database, photo_id) == ALL


def test_a_lost_call_is_found_by_the_sweep_and_a_repeat_changes_nothing(
    database: RolledBackDatabase, files: Files, org: Organised, queue: Queue, tmp_path: Path
) -> None:
    photo_id = a_photo(database, files, org)
    queue.sweep()
    made = stored_files(tmp_path)
    assert names_of(database, photo_id) == ALL
    database.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    queue.sweep()
    queue.enqueue(MAKE_SIZES.name, photo_id)
    assert stored_files(tmp_path) == made
    with database.read() as session:
        photo = session.get_one(Photo, photo_id)
        assert (photo.resize_attempts, photo.resize_at) == (1, None)


def test_only_one_worker_claims_a_photo_and_its_turn_comes_again(
    database: RolledBackDatabase, files: Files, org: Organised, clock: MovedClock
) -> None:
    photo_id = a_photo(database, files, org)
    waits = []
    for _ in range(5):
        with database.write() as session:
            assert service_photo_files.claim(session, photo_id) is not None
        with database.write() as session:
            assert service_photo_files.claim(session, photo_id) is None
        with database.read() as session:
            next_try = session.get_one(Photo, photo_id).resize_at
        assert next_try is not None
        waits.append((next_try - clock.now()) / timedelta(minutes=1))
        clock.move(next_try - clock.now())
    assert waits == [5, 5, 16, 64, 256]


def test_two_workers_that_were_as_far_write_the_rows_once(
    database: RolledBackDatabase, files: Files, org: Organised, clock: MovedClock
) -> None:
    photo_id = a_photo(database, files, org)
    with database.write() as session:
        slow = service_photo_files.claim(session, photo_id)
    assert slow is not None
    stored = service_photo_files.store_others(files, slow)
    clock.move(service_photo_files.CLAIMED_FOR)
    make_sizes(parts_of(database, files), photo_id)
    with database.write() as session:
        service_photo_files.add_sizes(session, slow, stored)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(PhotoFile)) == 4


@pytest.mark.parametrize("fault", [FileMissing(), StorageFull()])
def test_a_fault_of_the_store_leaves_the_photo_shown_and_the_work_waiting(
    database: RolledBackDatabase,
    files: Files,
    org: Organised,
    clock: MovedClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
) -> None:
    photo_id = a_photo(database, files, org)
    queue = queue_of(database, files)

    def fails(*_: object) -> bytes:
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(files, "get" if isinstance(fault, FileMissing) else "put", fails)
        queue.sweep()
    assert names_of(database, photo_id) == {"large_jpeg"}
    queue.sweep()
    assert names_of(database, photo_id) == {"large_jpeg"}  # its turn has not come
    clock.move(timedelta(minutes=6))
    queue.sweep()
    assert names_of(database, photo_id) == ALL


def test_a_photo_that_is_removed_meanwhile_gets_no_more_sizes(
    database: RolledBackDatabase, files: Files, org: Organised, queue: Queue, actor: ActorOf
) -> None:
    photo_id = a_photo(database, files, org)
    with database.write() as session:
        claimed = service_photo_files.claim(session, photo_id)
    assert claimed is not None
    with database.write() as session:
        remove_photo(session, actor(), RemovePhoto(photo_id=photo_id))
    stored = service_photo_files.store_others(files, claimed)
    with database.write() as session:
        service_photo_files.add_sizes(session, claimed, stored)
    queue.sweep()
    assert names_of(database, photo_id) == {"large_jpeg"}


KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
from jinja2 import Environment
from app import wiring
from app.items import service_photo_files
from app.items.jobs import make_sizes
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.files import Files
from app.kit.jobs import Parts
from app.kit.mail import Mail

url, folder, photo_id, now, point = sys.argv[1:]
files = Files.local(Path(folder))
clock = MovedClock(datetime.fromisoformat(now))
parts = Parts(Database(url, clock=clock), files, Mail(), Environment(autoescape=True), "")
die = lambda *_: os.kill(os.getpid(), 9)
if point == "before the first file":
    files.put = die
elif point == "between two files":
    put, seen = files.put, []
    files.put = lambda *given: die() if seen else seen.append(1) or put(*given)
elif point == "before the rows":
    service_photo_files.add_sizes = die
else:
    add = service_photo_files.add_sizes
    service_photo_files.add_sizes = lambda session, *given: (add(session, *given), die())
make_sizes(parts, UUID(photo_id))
"""


@pytest.mark.parametrize(
    "point",
    ["before the first file", "between two files", "before the rows", "before the commit"],
)
def test_a_worker_killed_at_any_point_loses_nothing(
    new_database: Callable[[], Database],
    files: Files,
    tmp_path: Path,
    clock: MovedClock,
    point: str,
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, clock)
    photo_id = a_photo(database, files, org)
    given = (database.url, str(tmp_path / "files"), str(photo_id), clock.now().isoformat(), point)
    killed = subprocess.run([sys.executable, "-c", KILLED, *given], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert names_of(database, photo_id) == {"large_jpeg"}
    assert every_row_has_its_file(database, files)
    clock.move(timedelta(minutes=5))
    queue_of(database, files).sweep()
    assert names_of(database, photo_id) == ALL
    assert every_row_has_its_file(database, files)
    assert len(stored_files(tmp_path)) == 4  # what the dead worker stored is used, not doubled


def age(tmp_path: Path, by: timedelta) -> None:
    """What the store's own clock says cannot be moved; the files are dated back instead."""
    then = time.time() - by.total_seconds()
    for each in stored_files(tmp_path):
        os.utime(each, (then, then))


def collect(database: Database, files: Files) -> None:
    parts = parts_of(database, files)
    forget(service_photo_files.forget_removed)(parts)
    sweep_files((PhotoFile, ImportRun))(parts)


def test_a_removed_photo_s_files_go_after_thirty_days(
    database: RolledBackDatabase,
    files: Files,
    org: Organised,
    actor: ActorOf,
    clock: MovedClock,
    tmp_path: Path,
    queue: Queue,
) -> None:
    removed, kept = a_photo(database, files, org), a_photo(database, files, org, other_photo())
    queue.sweep()
    with database.write() as session:
        remove_photo(session, actor(), RemovePhoto(photo_id=removed))
    age(tmp_path, timedelta(days=31))
    clock.move(timedelta(days=30))
    collect(database, files)
    assert len(stored_files(tmp_path)) == 8
    clock.move(timedelta(seconds=1))
    collect(database, files)
    assert names_of(database, removed) == set()
    assert names_of(database, kept) == ALL
    assert len(stored_files(tmp_path)) == 4
    assert every_row_has_its_file(database, files)
    with database.read() as session:
        assert session.get_one(Photo, removed).removed_at is not None


def other_photo() -> bytes:
    return saved(Image.new("RGB", (900, 600), "teal"))


def test_a_file_that_another_photo_shares_stays(
    database: RolledBackDatabase,
    files: Files,
    org: Organised,
    foreign_org: Organised,
    actor: ActorOf,
    clock: MovedClock,
    tmp_path: Path,
    queue: Queue,
) -> None:
    removed, same = a_photo(database, files, org), a_photo(database, files, org)
    foreign = a_photo(database, files, foreign_org)
    queue.sweep()
    assert len(stored_files(tmp_path)) == 8  # once in each organisation
    with database.write() as session:
        remove_photo(session, actor(), RemovePhoto(photo_id=removed))
    age(tmp_path, timedelta(days=31))
    clock.move(timedelta(days=31))
    collect(database, files)
    assert names_of(database, removed) == set()
    assert names_of(database, same) == names_of(database, foreign) == ALL
    assert len(stored_files(tmp_path)) == 8
    with database.write() as session:
        remove_photo(session, actor(), RemovePhoto(photo_id=same))
    clock.move(timedelta(days=31))
    collect(database, files)
    assert {each.relative_to(tmp_path / "files").parts[0] for each in stored_files(tmp_path)} == {
        str(foreign_org.org_id)
    }
    assert every_row_has_its_file(database, files)


def test_a_file_whose_transaction_may_still_be_open_stays(
    database: RolledBackDatabase, files: Files, org: Organised, tmp_path: Path
) -> None:
    service_photo_files.store_first(files, org.org_id, PHOTO)
    age(tmp_path, timedelta(hours=23))
    collect(database, files)
    assert len(stored_files(tmp_path)) == 1
    age(tmp_path, timedelta(hours=25))
    collect(database, files)
    assert stored_files(tmp_path) == []
