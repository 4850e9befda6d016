"""Stored files: content-addressed, durable, swept; on a folder and on obstore's other stores."""

import datetime as dt
import errno
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from obstore.store import MemoryStore

from app.kit.files import FileMissing, Files, StorageFailed, StorageFull

ORG = UUID("11111111-1111-4111-8111-111111111111")
OTHER = UUID("22222222-2222-4222-8222-222222222222")
DAY = dt.timedelta(days=1)
DIGEST = hashlib.sha256(b"chair").hexdigest()
KEY = f"{ORG}/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}.webp"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files.local(tmp_path / "files")


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def age(path: Path, by: dt.timedelta) -> None:
    then = path.stat().st_mtime - by.total_seconds()
    os.utime(path, (then, then))


def test_a_file_is_named_by_its_content_below_its_organisation(files: Files) -> None:
    assert files.put(ORG, b"chair", "webp") == KEY
    assert files.get(KEY) == b"chair"
    assert files.put(OTHER, b"chair", "webp") == KEY.replace(str(ORG), str(OTHER))


def test_putting_the_same_content_twice_leaves_one_file(files: Files, tmp_path: Path) -> None:
    assert files.put(ORG, b"chair", "webp") == files.put(ORG, b"chair", "webp")
    assert names(tmp_path / "files") == [KEY]


@pytest.mark.parametrize("left_behind", [b"", b"cha", b"CHAIR"], ids=["empty", "short", "other"])
def test_a_damaged_file_under_the_right_name_is_replaced(
    files: Files, tmp_path: Path, left_behind: bytes
) -> None:
    path = tmp_path / "files" / KEY
    path.parent.mkdir(parents=True)
    path.write_bytes(left_behind)
    files.put(ORG, b"chair", "webp")
    assert path.read_bytes() == b"chair"


def test_a_put_syncs_the_file_before_the_rename_and_each_folder_after_it(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []
    sync, replace = os.fsync, Path.replace

    def watched_sync(handle: int) -> None:
        where = Path(f"/proc/self/fd/{handle}").resolve()
        seen.append(("sync", where.relative_to(tmp_path).as_posix()))
        sync(handle)

    def watched_replace(self: Path, target: Path) -> Path:
        seen.append(("rename", target.relative_to(tmp_path).as_posix()))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", watched_sync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    files.put(ORG, b"chair", "webp")
    staging = seen[0][1]
    assert re.fullmatch(rf"files/{re.escape(KEY)}#[0-9a-f]{{16}}", staging)
    assert seen == [
        ("sync", staging),
        ("rename", f"files/{KEY}"),
        ("sync", f"files/{ORG}/{DIGEST[:2]}/{DIGEST[2:4]}"),
        ("sync", f"files/{ORG}/{DIGEST[:2]}"),
        ("sync", f"files/{ORG}"),
        ("sync", "files"),
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, StorageFailed)],
)
@pytest.mark.parametrize("nth", range(5))
def test_a_fault_at_any_sync_is_told_and_never_counts_as_stored(
    files: Files,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    nth: int,
    code: int,
    said: type[Exception],
) -> None:
    sync, left = os.fsync, [nth]

    def failing(handle: int) -> None:
        if left[0] == 0:
            raise OSError(code, os.strerror(code))
        left[0] -= 1
        sync(handle)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(said):
        files.put(ORG, b"chair", "webp")
    monkeypatch.undo()
    assert not [name for name in names(tmp_path / "files") if "#" in name]
    assert files.get(files.put(ORG, b"chair", "webp")) == b"chair"


def test_writing_stops_before_the_disk_is_full_and_reading_goes_on(tmp_path: Path) -> None:
    Files.local(tmp_path).put(ORG, b"chair", "webp")
    full = Files.local(tmp_path, least_free_share=1.0)
    with pytest.raises(StorageFull) as refusal:
        full.put(ORG, b"table", "webp")
    assert refusal.value.status == 507
    assert full.get(KEY) == b"chair"
    assert names(tmp_path) == [KEY]


def test_a_full_device_is_told_as_507_and_leaves_nothing(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open  # the temporary file becomes the system's own always-full device
    monkeypatch.setattr(
        Path,
        "open",
        lambda self, mode="r": real(Path("/dev/full"), "wb") if mode == "xb" else real(self, mode),
    )
    with pytest.raises(StorageFull):
        files.put(ORG, b"chair", "webp")
    monkeypatch.undo()
    assert names(tmp_path / "files") == []


def test_a_missing_file_is_a_problem_of_its_own_on_every_door(files: Files) -> None:
    with pytest.raises(FileMissing) as missing:
        files.get(KEY)
    assert missing.value.status == 404
    with pytest.raises(FileMissing):
        files.stream(KEY)
    assert not files.exists(KEY)
    files.delete(KEY)


def test_a_stream_gives_the_same_bytes_in_pieces(files: Files) -> None:
    content = os.urandom(1_000_000)
    key = files.put(ORG, content, "jpg")
    pieces = list(files.stream(key, chunk_bytes=100_000))
    assert len(pieces) > 1
    assert b"".join(pieces) == content


def test_a_deleted_file_is_gone(files: Files, tmp_path: Path) -> None:
    key = files.put(ORG, b"chair", "webp")
    assert files.exists(key)
    files.delete(key)
    assert not files.exists(key)
    assert names(tmp_path / "files") == []


@pytest.mark.parametrize(
    "key",
    ["../secret", f"{ORG}/ab/cd/../../x.webp", f"/{KEY}", f"{KEY}/..", KEY.upper(), KEY + "\n", ""],
)
def test_a_key_that_we_did_not_make_is_never_opened(files: Files, key: str) -> None:
    for verb in (files.exists, files.delete):
        with pytest.raises(ValueError, match="not a key"):
            verb(key)
    for read in (files.get, files.stream):
        with pytest.raises(FileMissing):
            read(key)


@pytest.mark.parametrize("suffix", ["", "../x", "a.b", "WEBP", "ninechars"])
def test_a_strange_suffix_is_refused(files: Files, suffix: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        files.put(ORG, b"chair", suffix)


def test_the_sweep_takes_old_files_without_a_row_and_unfinished_ones(
    files: Files, tmp_path: Path
) -> None:
    root = tmp_path / "files"
    kept, orphan, young = (files.put(ORG, word, "webp") for word in (b"kept", b"orphan", b"young"))
    staging = root / f"{orphan}#0123456789abcdef"
    staging.write_bytes(b"")
    stranger = root / "readme.txt"
    stranger.write_bytes(b"not ours")
    for path in (root / kept, root / orphan, staging, stranger):
        age(path, 2 * DAY)
    expected = sorted([orphan, staging.relative_to(root).as_posix()])
    assert sorted(files.orphans({kept}, DAY)) == expected
    assert sorted(files.sweep({kept}, DAY)) == expected
    assert names(root) == sorted([kept, young, "readme.txt"])


def test_putting_an_old_orphan_again_protects_it_from_the_sweep(
    files: Files, tmp_path: Path
) -> None:
    key = files.put(ORG, b"chair", "webp")
    age(tmp_path / "files" / key, 2 * DAY)
    files.put(ORG, b"chair", "webp")
    assert files.sweep(set(), DAY) == []


@pytest.mark.parametrize("step", ["replace", "stat", "unlink"])
def test_a_file_stored_again_at_any_step_of_the_sweep_is_not_lost(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    files.put(ORG, b"chair", "webp")
    age(tmp_path / "files" / KEY, 2 * DAY)
    real = getattr(Path, step)
    met: list[Path] = []

    def stored_before(self: Path, *args: Any, **named: Any) -> Any:
        if "#" in f"{self.name}{args}" and not met:
            met.append(self)
            monkeypatch.undo()
            files.put(ORG, b"chair", "webp")
        return real(self, *args, **named)

    monkeypatch.setattr(Path, step, stored_before)
    files.sweep(set(), DAY)
    assert met
    assert files.get(KEY) == b"chair"
    assert names(tmp_path / "files") == [KEY]


def test_a_file_swept_while_it_is_found_again_is_written_anew(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put(ORG, b"chair", "webp")
    age(tmp_path / "files" / KEY, 2 * DAY)
    real = os.utime

    def swept_before(handle: int) -> None:
        assert files.sweep(set(), DAY) == [KEY]
        real(handle)

    monkeypatch.setattr(os, "utime", swept_before)
    files.put(ORG, b"chair", "webp")
    assert files.get(KEY) == b"chair"
    assert names(tmp_path / "files") == [KEY]


def test_what_a_killed_write_left_is_hidden_from_readers(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "files" / f"{KEY}#0123456789abcdef"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"cha")
    assert not files.exists(KEY)


def test_any_other_store_of_obstore_keeps_the_same_promises() -> None:
    files = Files(MemoryStore())
    key = files.put(ORG, b"chair", "webp")
    assert key == files.put(ORG, b"chair", "webp") == KEY
    assert files.get(key) == b"".join(files.stream(key)) == b"chair"
    assert list(files.orphans(set(), -DAY)) == [key]
    assert list(files.orphans({key}, -DAY)) == []
    assert files.sweep(set(), -DAY) == [key]
    with pytest.raises(FileMissing):
        files.get(key)
    files.delete(key)


class Bucket(BaseHTTPRequestHandler):
    """As much of the S3 protocol as our four verbs use."""

    stored: ClassVar[dict[str, bytes]] = {}
    sums: ClassVar[list[str | None]] = []
    is_short: ClassVar[bool] = False

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.sums.append(self.headers.get("x-amz-checksum-sha256"))
        self.stored[self.path] = content[:-1] if self.is_short else content
        self.answer(200)

    def do_GET(self) -> None:
        if self.path in self.stored:
            self.answer(200, self.stored[self.path])
        else:
            self.answer(404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"x"')
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        """A test prints nothing."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.setattr(Bucket, "stored", {})
    monkeypatch.setattr(Bucket, "sums", [])
    with ThreadingHTTPServer(("127.0.0.1", 0), Bucket) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Files.s3(
            "furniture",
            endpoint=f"http://127.0.0.1:{server.server_port}",
            access_key_id="key",
            secret_access_key="secret",
        )
        server.shutdown()
        thread.join()


def test_a_bucket_gets_the_sum_with_the_content_and_is_asked_what_it_kept(bucket: Files) -> None:
    assert bucket.put(ORG, b"chair", "webp") == KEY
    assert Bucket.stored == {f"/furniture/{KEY}": b"chair"}
    assert Bucket.sums != [None]
    assert bucket.get(KEY) == b"chair"
    with pytest.raises(FileMissing):
        bucket.get(KEY.replace(str(ORG), str(OTHER)))


def test_a_bucket_that_kept_less_than_it_was_sent_is_a_failed_put(
    bucket: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bucket, "is_short", True)
    with pytest.raises(StorageFailed):
        bucket.put(ORG, b"chair", "webp")
