"""Photos of pieces, lots and product models. Files are stored first, rows written second.

A row of photos has one order, kept in ``position``; the first of it is the main photo. A photo of
how the piece was before it was mended takes its place behind the others when it is added or marked,
so that it is the main one only where there is no other, or where a person puts it first.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models import ProductModel
from app.items import events, queries
from app.items.commands import Command, ShortWords
from app.items.models import Item, Photo, PhotoFile, PhotoTaken
from app.items.service_lifecycle import locked, missing_of
from app.items.service_photo_files import MAKE_SIZES, StoredFile, is_whole
from app.kit.db import after_commit, clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import Change, Changes, publish, revise
from app.kit.i18n import N_

MOST_PHOTOS = 20
"""Of one piece, lot or model."""

ONLY_PIECES = N_("Før og etter gjelder bilder av møbler, ikke av produktmodeller.")


class PhotosEnough(Conflict):
    title = N_("Det er ikke plass til flere bilder her.")


class AddPhoto(Command):
    """Shows one piece, every piece of its lot (``of_lot``), or a product model."""

    item_id: UUID | None = None
    product_model_id: UUID | None = None
    of_lot: bool = False
    alt: ShortWords | None = None
    taken: PhotoTaken | None = None


class MarkPhoto(Command):
    """Taken before or after the piece was repaired or redesigned; neither when it is empty."""

    photo_id: UUID
    taken: PhotoTaken | None = None


class MovePhoto(Command):
    """One place forward in its row; backward when ``later``."""

    photo_id: UUID
    later: bool = False


class RemovePhoto(Command):
    photo_id: UUID


class PurgePhoto(Command):
    """It shows a person, a screen or a paper: all its sizes go at once."""

    photo_id: UUID


@dataclass(frozen=True)
class Purged:
    """Files that no row speaks of any more, and in how many other places the same picture is."""

    keys: list[str]
    elsewhere: int


def add_photos(
    session: Session, actor: Actor, command: AddPhoto, photos: Sequence[Sequence[StoredFile]]
) -> list[Photo]:
    """Several photos in their order, all or none; a job makes the sizes that are not there yet.

    Raises ``PhotosEnough`` beyond the limit.
    """
    actor.must(Permission.MODEL_EDIT if command.product_model_id else Permission.ITEM_EDIT)
    subject, item = _subject(session, actor, command)
    has, last, before = session.execute(
        select(
            func.count(),
            func.max(Photo.position),
            func.count(case((Photo.taken == PhotoTaken.BEFORE, 1))),
        ).where(Photo.org_id == actor.org_id, Photo.removed_at.is_(None), *_same(subject))
    ).one()
    if has + len(photos) > MOST_PHOTOS:
        raise PhotosEnough(
            N_("Det er plass til %(most)s bilder. Fjern noen av dem først."),
            values={"most": MOST_PHOTOS},
        )
    now = clock_of(session).now()
    rows = [
        Photo(
            org_id=actor.org_id,
            position=(last or 0) + number,
            person_id=actor.person_id,
            alt=command.alt,
            taken=command.taken,
            created_at=now,
            resized_at=now if is_whole(stored) else None,
            resize_at=None if is_whole(stored) else now,
            **subject,
        )
        for number, stored in enumerate(photos, 1)
    ]
    session.add_all(rows)
    session.flush()  # the files' rows point to these
    session.add_all(
        PhotoFile(org_id=actor.org_id, photo_id=row.id, **vars(each))
        for row, stored in zip(rows, photos, strict=True)
        for each in stored
    )
    for row in rows:
        if row.resized_at is None:
            after_commit(session, MAKE_SIZES, row.id)
    if before and command.taken is not PhotoTaken.BEFORE:
        _put_before_last(_row(session, actor, subject), rows)
    if item is not None:
        who, of_lot = actor.person_id, command.of_lot
        told = [events.PhotoAdded.of(item, who, photo_id=row.id, of_lot=of_lot) for row in rows]
        publish(session, told)
        if command.taken is not None:
            revise(session, [(each, {"taken": Change(None, command.taken)}) for each in told])
    return rows


def _same(subject: dict[str, UUID]) -> list[Any]:
    return [getattr(Photo, name) == value for name, value in subject.items()]


def _subject(
    session: Session, actor: Actor, command: AddPhoto
) -> tuple[dict[str, UUID], Item | None]:
    """The column that says what the photo shows, and the piece it was added from."""
    if (command.item_id is None) == (command.product_model_id is None):
        raise Invalid(by_field={"item_id": N_("Velg enten et møbel eller en produktmodell.")})
    if command.item_id is not None:
        item = locked(session, actor, [command.item_id], Permission.ITEM_EDIT)[0]
        return ({"lot_id": item.lot_id} if command.of_lot else {"item_id": item.id}), item
    model_id = command.product_model_id
    assert model_id is not None
    if command.taken is not None:
        raise Invalid(by_field={"taken": ONLY_PIECES})
    if missing_of(session, actor, {model_id}, ProductModel):
        raise NotFound(N_("Fant ikke produktmodellen."))
    return {"product_model_id": model_id}, None


def _photo(session: Session, actor: Actor, photo_id: UUID) -> Photo:
    """The photo, locked; whoever may edit a piece that it shows may change it."""
    photo = session.scalar(
        queries.photos_visible_to(actor).where(Photo.id == photo_id).with_for_update(of=Photo)
    )
    if photo is None:
        raise NotFound(N_("Fant ikke bildet."))
    if photo.product_model_id is not None:
        actor.must(Permission.MODEL_EDIT)
        return photo
    owners = queries.items_visible_to(actor).with_only_columns(Item.owner_unit_id).distinct()
    same = Item.lot_id == photo.lot_id if photo.lot_id else Item.id == photo.item_id
    for unit_id in session.scalars(owners.where(same)):
        actor.must(Permission.ITEM_EDIT, unit=unit_id)
    return photo


def move_photo(session: Session, actor: Actor, command: MovePhoto) -> list[Photo]:
    """Changes places with its neighbour; gives the row in its new order."""
    actor.must(Permission.ITEM_EDIT)
    photo = _photo(session, actor, command.photo_id)
    row = _row(session, actor, _subject_of(photo))
    at = row.index(photo)
    to = at + (1 if command.later else -1)
    if 0 <= to < len(row):
        row[at], row[to] = row[to], row[at]
    _number(row)
    session.flush()  # the caller reads the order again
    return row


def mark_photo(session: Session, actor: Actor, command: MarkPhoto) -> Photo:
    """As taken before or after a repair, or neither. The order of its row follows, see above.

    Raises ``Invalid`` for a product model's photo, which shows no piece that was mended.
    """
    actor.must(Permission.ITEM_EDIT)
    photo = _photo(session, actor, command.photo_id)
    if photo.product_model_id is not None:
        raise Invalid(by_field={"taken": ONLY_PIECES})
    was = photo.taken
    if was is command.taken:
        return photo
    photo.taken = command.taken
    _put_before_last(_row(session, actor, _subject_of(photo)), [photo])
    change = {"taken": Change(was, photo.taken)}
    _tell(session, actor, photo, events.PhotoMarked, change)
    return photo


def put_in_order(session: Session, actor: Actor, item_id: UUID) -> None:
    """Numbers a piece's own photos anew, those from before a repair last."""
    row = _row(session, actor, {"item_id": item_id})
    _number(sorted(row, key=lambda each: each.taken is PhotoTaken.BEFORE))


def _row(session: Session, actor: Actor, subject: dict[str, UUID]) -> list[Photo]:
    """The photos of one piece, lot or model in their order, locked."""
    return list(
        session.scalars(
            queries.photos_visible_to(actor)
            .where(*_same(subject))
            .order_by(Photo.position, Photo.created_at, Photo.id)
            .with_for_update(of=Photo)
        )
    )


def _subject_of(photo: Photo) -> dict[str, UUID]:
    names = ("item_id", "lot_id", "product_model_id")
    return {name: getattr(photo, name) for name in names if getattr(photo, name) is not None}


def _put_before_last(row: list[Photo], changed: Sequence[Photo]) -> None:
    """The changed photos, marked alike, go to the end if they are from before, else ahead of those.

    What a person has put ahead by hand stays there: only the photos at the end give way.
    """
    others = [each for each in row if each not in changed]
    to = len(others)
    if changed[0].taken is not PhotoTaken.BEFORE:
        while to and others[to - 1].taken is PhotoTaken.BEFORE:
            to -= 1
        to = min(to, row.index(changed[0]))
    others[to:to] = changed
    _number(others)


def _number(row: Sequence[Photo]) -> None:
    for number, each in enumerate(row, 1):
        each.position = number


def remove_photo(session: Session, actor: Actor, command: RemovePhoto) -> Photo:
    """Shown nowhere from now on. Its files go with the purge, which counts who else uses them."""
    actor.must(Permission.ITEM_EDIT)
    photo = _photo(session, actor, command.photo_id)
    photo.removed_at = clock_of(session).now()
    _tell(session, actor, photo, events.PhotoRemoved)
    return photo


def purge_photo(session: Session, actor: Actor, command: PurgePhoto) -> Purged:
    """Shown nowhere from now on, and its rows of files go with it.

    The caller deletes the files after the commit; a kill between the two leaves them to the sweep.
    A file that other photos, a case or a message share stays with them, and the person is told.
    """
    actor.must(Permission.ITEM_EDIT)
    photo = _photo(session, actor, command.photo_id)
    photo.removed_at = clock_of(session).now()
    own = (PhotoFile.org_id == actor.org_id) & (PhotoFile.photo_id == photo.id)
    files = session.execute(select(PhotoFile.key, PhotoFile.sha256).where(own)).all()
    keys = {row.key for row in files}
    session.execute(delete(PhotoFile).where(own).execution_options(synchronize_session=False))
    shared = session.execute(
        select(PhotoFile.key, PhotoFile.photo_id).where(
            PhotoFile.org_id == actor.org_id, PhotoFile.key.in_(keys)
        )
    ).all()
    others = _of_others(session, actor, {row.sha256 for row in files})
    _tell(session, actor, photo, events.PhotoPurged)
    kept = {row.key for row in shared} | {row.key for row in files if row.sha256 in others}
    elsewhere = len({row.photo_id for row in shared}) + max(others.values(), default=0)
    return Purged(keys=sorted(keys - kept), elsewhere=elsewhere)


def _of_others(session: Session, actor: Actor, digests: set[str]) -> Counter[str]:
    """By content how many rows that are no photos of ours speak of such a file.

    A name is made of the content, so the picture of a case or a message is the same file.
    """
    found: Counter[str] = Counter()
    for model in session.info["files"]:
        if model is not PhotoFile:
            same = select(model.sha256).where(model.org_id == actor.org_id)
            found.update(session.scalars(same.where(model.sha256.in_(digests))))
    return found


def _tell(
    session: Session,
    actor: Actor,
    photo: Photo,
    kind: type[events.PhotoMarked | events.PhotoRemoved | events.PhotoPurged],
    changes: Changes | None = None,
) -> None:
    """In the history of the piece, or of a lot's first; a model's photo has none."""
    items = queries.items_visible_to(actor).order_by(Item.created_at, Item.id).limit(1)
    item: Item | None = None
    if photo.item_id is not None:
        item = session.scalar(items.where(Item.id == photo.item_id))
    elif photo.lot_id is not None:
        item = session.scalar(items.where(Item.lot_id == photo.lot_id))
    if item is not None:
        event = kind.of(item, actor.person_id, photo_id=photo.id)
        publish(session, [event])
        revise(session, [(event, changes or {})])
