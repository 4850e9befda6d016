"""The files of a photo: one before the answer, the smaller ones by a job, all gone in the end.

Files are stored first and rows written second, so a kill between the two leaves a file without a
row, which the sweep removes, and never a row without its file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, select
from sqlalchemy.orm import Session

from app.items.models import Photo, PhotoFile
from app.kit import images
from app.kit.db import changed_rows, clock_of
from app.kit.files import Files
from app.kit.images import Rendition
from app.kit.jobs import backoff

MAKE_SIZES = "items:make_sizes"
CLAIMED_FOR = timedelta(minutes=5)
"""Longer than decoding and storing may take; a killed worker's photo is free again after this."""
KEPT_REMOVED = timedelta(days=30)
"""A removed photo's files stay so long, in case it was removed by mistake (E3)."""


@dataclass(frozen=True)
class StoredFile:
    """One size of a photo that is in the store already."""

    name: str
    key: str
    media_type: str
    sha256: str
    byte_count: int
    width_px: int
    height_px: int


@dataclass(frozen=True)
class Claimed:
    """A photo that this worker alone makes the smaller sizes of now."""

    photo_id: UUID
    org_id: UUID
    first_key: str


def store(files: Files, org_id: UUID, content: bytes) -> list[StoredFile]:
    """All sizes of a photo as it came, where nobody waits for an answer (the demo).

    Slow; never inside a ``write`` block. Raises ``images.PhotoRefused``; nothing is stored then.
    """
    return _put(files, org_id, images.render(content))


def store_first(files: Files, org_id: UUID, content: bytes) -> list[StoredFile]:
    """The one size that is safe before the answer; ``make_sizes`` adds the others from it.

    Never inside a ``write`` block. Raises ``images.PhotoRefused``; nothing is stored then.
    """
    return _put(files, org_id, [images.first_size(content)])


def store_others(files: Files, claimed: Claimed) -> list[StoredFile]:
    """The three smaller sizes, from the stored one; again and again gives the same files.

    Raises ``FileMissing``, ``StorageFailed``, ``StorageFull`` or ``images.PhotoRefused``.
    """
    return _put(files, claimed.org_id, images.other_sizes(files.get(claimed.first_key)))


def _put(files: Files, org_id: UUID, made: Sequence[Rendition]) -> list[StoredFile]:
    return [
        StoredFile(
            name=each.name,
            key=files.put(org_id, each.content, each.suffix),
            media_type=each.media_type,
            sha256=each.sha256,
            byte_count=len(each.content),
            width_px=each.width,
            height_px=each.height,
        )
        for each in made
    ]


def is_whole(stored: Sequence[StoredFile]) -> bool:
    """Whether nothing is left for the job."""
    return {each.name for each in stored} >= {images.FIRST_SIZE, *images.SIZES}


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(Photo.resized_at.is_(None), Photo.removed_at.is_(None), Photo.resize_at <= now)


def due(now: datetime) -> Select[UUID]:
    """The photos that want their smaller sizes, and that no worker has claimed."""
    return select(Photo.id).where(_is_due(now)).order_by(Photo.resize_at, Photo.id)


def claim(session: Session, photo_id: UUID) -> Claimed | None:
    """Takes the photo by putting off its next try. ``None``: made, removed, or another worker's.

    A worker that fails or is killed does nothing more: the try that was put off comes, later each
    time. It never ends, because the first size stands in for the others meanwhile.
    """
    now = clock_of(session).now()
    photo = session.scalar(
        select(Photo).where(Photo.id == photo_id, _is_due(now)).with_for_update()
    )
    if photo is None:
        return None
    photo.resize_attempts += 1
    photo.resize_at = now + max(CLAIMED_FOR, backoff(photo.resize_attempts))
    first_key = session.scalar(
        select(PhotoFile.key).where(
            PhotoFile.org_id == photo.org_id,
            PhotoFile.photo_id == photo.id,
            PhotoFile.name == images.FIRST_SIZE,
        )
    )
    return None if first_key is None else Claimed(photo.id, photo.org_id, first_key)


def add_sizes(session: Session, claimed: Claimed, stored: Sequence[StoredFile]) -> None:
    """Writes the rows of files that are stored; a second worker that was as far changes nothing."""
    photo = session.scalar(
        select(Photo)
        .where(Photo.org_id == claimed.org_id, Photo.id == claimed.photo_id)
        .where(Photo.resized_at.is_(None), Photo.removed_at.is_(None))
        .with_for_update()
    )
    if photo is None:
        return
    photo.resized_at, photo.resize_at = clock_of(session).now(), None
    session.add_all(
        PhotoFile(org_id=photo.org_id, photo_id=photo.id, **vars(each)) for each in stored
    )


def forget_removed(session: Session) -> int:
    """Takes the files from photos removed 30 days ago; the sweep of files does the rest.

    The photo's own row stays, since its events name it. A file that another photo of the
    organisation shares keeps that one's row, and with it its place in the store.
    """
    before = clock_of(session).now() - KEPT_REMOVED
    was_removed = exists().where(
        Photo.org_id == PhotoFile.org_id, Photo.id == PhotoFile.photo_id, Photo.removed_at < before
    )
    done = session.execute(
        delete(PhotoFile).where(was_removed).execution_options(synchronize_session=False)
    )
    return changed_rows(done)
