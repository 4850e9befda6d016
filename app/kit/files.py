"""Stored files: named by their content, written once, never changed. The only user of obstore.

A file lies at ``<organisation>/<ab>/<cd>/<sha256>.<suffix>``, so the same photo is stored once,
a name can not be guessed, and a half-written file can be told from a whole one. The row in the
database is the truth: a file is written first, the row second, and ``sweep`` removes files that
never got a row.

obstore serves all reads, and S3. Its local store calls no fsync, so a power cut can take an
acknowledged file; local writes go through ``_put_durably`` instead.
"""

import datetime as dt
import errno
import hashlib
import os
import re
import secrets
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from app.kit.errors import NotFound, Problem, Unavailable
from app.kit.i18n import N_

if TYPE_CHECKING:  # obstore has this name for type checkers only
    from obstore.store import S3Config

LEAST_FREE_SHARE = 0.05
CHUNK_BYTES = 256 * 1024
# The address of a key; what does not look like this was not made by us and is never opened.
_KEY = re.compile(r"[0-9a-f-]{36}/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})\.[a-z0-9]{1,8}")
_STAGING = re.compile(rf"{_KEY.pattern}#[0-9a-f]{{16}}")


class StorageFull(Problem):
    """Reading goes on; nothing half-written stays behind."""

    status = 507
    title = N_(
        "Lageret for filer er fullt. Ingenting ble lagret; si fra til den som drifter Omløp."
    )


class StorageFailed(Unavailable):
    title = N_("Filen kunne ikke lagres eller leses akkurat nå. Prøv igjen om litt.")


class FileMissing(NotFound):
    """A row points to a file that is not there: an alarm for the operator, a gap on the page."""

    title = N_("Filen finnes ikke lenger.")


class Files:
    """One place where files are kept: a local folder, or a bucket."""

    _NO_ROOM: ClassVar = (errno.ENOSPC, errno.EDQUOT)

    def __init__(
        self,
        store: ObjectStore,
        *,
        folder: Path | None = None,
        least_free_share: float = LEAST_FREE_SHARE,
    ) -> None:
        self._store = store
        self._folder = folder
        self._least_free_share = least_free_share

    @classmethod
    def local(cls, folder: Path, *, least_free_share: float = LEAST_FREE_SHARE) -> "Files":
        """Keeps files below ``folder``, which is made when absent.

        Writing stops with ``StorageFull`` when less than ``least_free_share`` of the disk is
        free, so that the database beside it keeps room to work.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return cls(LocalStore(folder), folder=folder, least_free_share=least_free_share)

    @classmethod
    def s3(
        cls,
        bucket: str,
        *,
        access_key_id: str,
        secret_access_key: str,
        endpoint: str | None = None,
        region: str = "us-east-1",
        prefix: str | None = None,
    ) -> "Files":
        """Keeps files in an S3 bucket; ``endpoint`` names a server other than Amazon's."""
        config: S3Config = {
            "region": region,
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
            # The server compares what it received with this sum before it answers.
            "checksum_algorithm": "SHA256",
        }
        if endpoint:
            config["endpoint"] = endpoint
        store = S3Store(
            bucket,
            prefix=prefix,
            config=config,
            client_options={
                "allow_http": (endpoint or "").startswith("http://"),
                "connect_timeout": dt.timedelta(seconds=5),
                "timeout": dt.timedelta(seconds=30),
            },
            retry_config={"max_retries": 3, "retry_timeout": dt.timedelta(seconds=30)},
        )
        return cls(store)

    def put(self, org_id: UUID, content: bytes, suffix: str) -> str:
        """Stores ``content`` for good and answers its key; a second time changes nothing.

        Raises:
            StorageFull: No room is left (507).
            StorageFailed: The disk or the bucket reported a fault; nothing counts as stored.
        """
        digest = hashlib.sha256(content).hexdigest()
        key = _checked(f"{org_id}/{digest[:2]}/{digest[2:4]}/{digest}.{suffix}")
        try:
            with self._faults():
                if self._folder is not None:
                    self._put_durably(self._folder / key, content, digest)
                else:
                    self._put_remotely(key, content)
        except FileMissing as fault:  # the bucket, or a folder that somebody took away
            raise StorageFailed(headers={"Retry-After": "10"}) from fault
        return key

    def get(self, key: str) -> bytes:
        """The whole file.

        Raises:
            FileMissing: There is no such file, or the key is none that this class gave.
            StorageFailed: It can not be read now.
        """
        with self._faults():
            return bytes(self._store.get(_to_read(key)).bytes())

    def stream(self, key: str, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """The file in pieces; raises as ``get``, before the first piece."""
        with self._faults():
            pieces = self._store.get(_to_read(key)).stream(min_chunk_size=chunk_bytes)
        return self._pieces(iter(pieces))

    def _pieces(self, pieces: Iterator[object]) -> Iterator[bytes]:
        with self._faults():
            for piece in pieces:
                yield bytes(piece)  # type: ignore[call-overload]

    def exists(self, key: str) -> bool:
        """Whether the file is there, without reading it."""
        try:
            with self._faults():
                self._store.head(_checked(key))
        except FileMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        """Removes the file for good; one that is gone already is no fault."""
        _checked(key)
        with self._faults(), suppress(FileNotFoundError):
            if self._folder is None:
                self._store.delete(key)
                return
            (self._folder / key).unlink()
            _sync(
                (self._folder / key).parent
            )  # a purged photo must not come back after a power cut

    def orphans(self, known: Container[str], older_than: dt.timedelta) -> Iterator[str]:
        """Names of files that no row knows and nobody wrote to for ``older_than``.

        A younger file may belong to a transaction that is still open. Unfinished writes count
        too: obstore's own listing hides them, so a local folder is read directly.
        """
        until = dt.datetime.now(dt.UTC) - older_than
        with self._faults():
            for name, changed in self._names():
                if changed < until and name not in known:
                    yield name

    def sweep(self, known: Container[str], older_than: dt.timedelta) -> list[str]:
        """Removes the orphans and answers their names.

        Somebody may store the same content again meanwhile. In a folder such a file is never
        lost; in a bucket it is looked at once more just before it is removed.
        """
        until = dt.datetime.now(dt.UTC) - older_than
        with self._faults():
            return [name for name in self.orphans(known, older_than) if self._swept(name, until)]

    def _swept(self, name: str, until: dt.datetime) -> bool:
        """Removes one orphan unless it was written to since ``until``."""
        if self._folder is None:
            with suppress(FileNotFoundError):
                if self._store.head(name)["last_modified"] < until:
                    self._store.delete(name)
                    return True
            return False
        path = self._folder / name
        # Taken out of reach first: who stores it again then finds it gone and writes it anew.
        aside = path.with_name(f"{path.name.partition('#')[0]}#{secrets.token_hex(8)}")
        with suppress(FileNotFoundError):
            path.replace(aside)
            if aside.stat().st_mtime < until.timestamp():
                aside.unlink()
                return True
            aside.replace(path)
        return False

    def _names(self) -> Iterator[tuple[str, dt.datetime]]:
        """Every file of ours, unfinished ones too, with the time it was last written."""
        if self._folder is None:
            for batch in self._store.list():
                for found in batch:
                    if _KEY.fullmatch(found["path"]):
                        yield found["path"], found["last_modified"]
            return
        for folder, _, files in os.walk(self._folder):
            for file in files:
                path = Path(folder, file)
                name = path.relative_to(self._folder).as_posix()
                if _KEY.fullmatch(name) or _STAGING.fullmatch(name):
                    with suppress(FileNotFoundError):  # someone finished or removed it just now
                        changed = path.stat().st_mtime
                        yield name, dt.datetime.fromtimestamp(changed, dt.UTC)

    def _put_remotely(self, key: str, content: bytes) -> None:
        self._store.put(key, content, use_multipart=False)
        if self._store.head(key)["size"] != len(content):
            raise StorageFailed(headers={"Retry-After": "10"})

    def _put_durably(self, path: Path, content: bytes, digest: str) -> None:
        """Temporary file → fsync → rename → fsync of every folder up to the root.

        A power cut leaves the whole file or none; a failed sync is a failed put.
        """
        assert self._folder is not None
        if not self._reused(path, content, digest):
            self._refuse_when_nearly_full()
            path.parent.mkdir(parents=True, exist_ok=True)
            staging = path.with_name(f"{path.name}#{secrets.token_hex(8)}")
            try:
                with staging.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                staging.replace(path)
            finally:
                staging.unlink(missing_ok=True)
        # All of them each time: whoever made a folder may have died before syncing its parent.
        folder = path.parent
        while folder != self._folder:
            _sync(folder)
            folder = folder.parent
        _sync(self._folder)

    def _reused(self, path: Path, content: bytes, digest: str) -> bool:
        """Whether the file is there already, whole: a cut can leave a short one by that name.

        It is dated anew, so that a sweep does not take it before its new row is written; one that
        a sweep took aside before that is not there.
        """
        try:
            if path.stat().st_size != len(content):
                return False
            with path.open("r+b") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    return False
                os.utime(file.fileno())
                os.fsync(file.fileno())
                return os.path.samestat(os.fstat(file.fileno()), path.stat())
        except FileNotFoundError:
            return False

    def _refuse_when_nearly_full(self) -> None:
        assert self._folder is not None
        disk = os.statvfs(self._folder)
        if disk.f_blocks and disk.f_bavail / disk.f_blocks < self._least_free_share:
            raise StorageFull

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turns what the disk or the bucket says into problems that a reader understands."""
        try:
            yield
        except FileNotFoundError as fault:
            raise FileMissing from fault
        except OSError as fault:
            if fault.errno in self._NO_ROOM:
                raise StorageFull from fault
            raise StorageFailed(headers={"Retry-After": "10"}) from fault
        except BaseError as fault:
            raise StorageFailed(headers={"Retry-After": "10"}) from fault


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key of a stored file: {key!r}")
    return key


def _to_read(key: str) -> str:
    """A row may hold what we did not make, from a copy that somebody mended by hand: never opened."""
    if not _KEY.fullmatch(key):
        raise FileMissing
    return key


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
