"""Photos with a case: stored as those of pieces are, without what the camera wrote into them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.inbox import events
from app.inbox.models import Case, CasePhoto, CasePhotoFile
from app.inbox.queries import cases_visible_to, may_handle
from app.inbox.service import locked
from app.items.commands import Command
from app.items.service_photo_files import CLAIMED_FOR, Claimed, StoredFile, is_whole
from app.kit import images
from app.kit.chance import new_id
from app.kit.db import after_commit, clock_of
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.jobs import backoff

MAKE_SIZES = "inbox:make_sizes"
MOST_PHOTOS = 20


class CasePhotosEnough(Conflict):
    title = N_("Det er ikke plass til flere bilder på henvendelsen.")


class AddCasePhotos(Command):
    case_id: UUID


class RemoveCasePhoto(Command):
    case_photo_id: UUID


def add_case_photos(
    session: Session, actor: Actor, command: AddCasePhotos, photos: Sequence[Sequence[StoredFile]]
) -> list[CasePhoto]:
    """All of them or none; also by who asked. Raises ``CasePhotosEnough``."""
    actor.must(Permission.REQUEST_MAKE)
    case = locked(session, actor, [command.case_id])[command.case_id]
    return attach(session, actor, case, photos)


def attach(
    session: Session, actor: Actor, case: Case, photos: Sequence[Sequence[StoredFile]]
) -> list[CasePhoto]:
    """To a case that was made or locked before; a job makes the sizes that are not there yet."""
    of_case = (CasePhoto.org_id == case.org_id, CasePhoto.case_id == case.id)
    has = session.scalar(select(func.count()).where(*of_case, CasePhoto.removed_at.is_(None))) or 0
    if has + len(photos) > MOST_PHOTOS:
        raise CasePhotosEnough
    now = clock_of(session).now()
    rows = [
        CasePhoto(
            id=new_id(),
            org_id=case.org_id,
            case_id=case.id,
            person_id=actor.person_id,
            created_at=now,
            resized_at=now if is_whole(stored) else None,
            resize_at=None if is_whole(stored) else now,
        )
        for stored in photos
    ]
    session.add_all(rows)
    session.flush()  # the files' rows point to these
    session.add_all(
        CasePhotoFile(org_id=case.org_id, case_photo_id=row.id, **vars(each))
        for row, stored in zip(rows, photos, strict=True)
        for each in stored
    )
    for row in rows:
        if row.resized_at is None:
            after_commit(session, MAKE_SIZES, row.id)
    told = [events.CasePhotographed.of(case, actor.person_id, case_photo_id=row.id) for row in rows]
    publish(session, told)
    return rows


def remove_case_photo(session: Session, actor: Actor, command: RemoveCasePhoto) -> CasePhoto:
    """Shown nowhere from now on; the sweep takes its files unless another photo has them too."""
    actor.must(Permission.REQUEST_MAKE)
    visible = cases_visible_to(actor).with_only_columns(Case.id)
    photo = session.scalar(
        select(CasePhoto)
        .where(CasePhoto.org_id == actor.org_id, CasePhoto.id == command.case_photo_id)
        .where(CasePhoto.case_id.in_(visible), CasePhoto.removed_at.is_(None))
        .with_for_update(of=CasePhoto)
    )
    if photo is None:
        raise NotFound(N_("Fant ikke bildet."))
    case = locked(session, actor, [photo.case_id])[photo.case_id]
    if photo.person_id != actor.person_id and not may_handle(actor, case):
        raise Forbidden
    photo.removed_at = clock_of(session).now()
    session.execute(
        delete(CasePhotoFile)
        .where(CasePhotoFile.org_id == photo.org_id, CasePhotoFile.case_photo_id == photo.id)
        .execution_options(synchronize_session=False)
    )
    event = events.CasePhotoRemoved.of(case, actor.person_id, case_photo_id=photo.id)
    publish(session, [event])
    return photo


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        CasePhoto.resized_at.is_(None), CasePhoto.removed_at.is_(None), CasePhoto.resize_at <= now
    )


def due(now: datetime) -> Select[UUID]:
    """The photos that want their smaller sizes, and that no worker has claimed."""
    return select(CasePhoto.id).where(_is_due(now)).order_by(CasePhoto.resize_at, CasePhoto.id)


def claim(session: Session, photo_id: UUID) -> Claimed | None:
    """As for the photos of pieces: puts off the next try, later each time."""
    now = clock_of(session).now()
    photo = session.scalar(
        select(CasePhoto).where(CasePhoto.id == photo_id, _is_due(now)).with_for_update()
    )
    if photo is None:
        return None
    photo.resize_attempts += 1
    photo.resize_at = now + max(CLAIMED_FOR, backoff(photo.resize_attempts))
    first_key = session.scalar(
        select(CasePhotoFile.key).where(
            CasePhotoFile.org_id == photo.org_id,
            CasePhotoFile.case_photo_id == photo.id,
            CasePhotoFile.name == images.FIRST_SIZE,
        )
    )
    return None if first_key is None else Claimed(photo.id, photo.org_id, first_key)


def add_sizes(session: Session, claimed: Claimed, stored: Sequence[StoredFile]) -> None:
    """Writes the rows of files that are stored; a second worker that was as far changes nothing."""
    photo = session.scalar(
        select(CasePhoto)
        .where(CasePhoto.org_id == claimed.org_id, CasePhoto.id == claimed.photo_id)
        .where(CasePhoto.resized_at.is_(None), CasePhoto.removed_at.is_(None))
        .with_for_update()
    )
    if photo is None:
        return
    photo.resized_at, photo.resize_at = clock_of(session).now(), None
    session.add_all(
        CasePhotoFile(org_id=photo.org_id, case_photo_id=photo.id, **vars(each)) for each in stored
    )
