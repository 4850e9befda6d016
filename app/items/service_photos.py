"""Photos of pieces, lots and product models. Files are stored first, rows written second."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models import ProductModel
from app.items import events, queries
from app.items.commands import Command, ShortWords
from app.items.models import Item, Photo, PhotoFile
from app.items.service_lifecycle import locked, missing_of
from app.items.service_photo_files import MAKE_SIZES, StoredFile, is_whole
from app.kit.db import after_commit, clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_

MOST_PHOTOS = 20
"""Of one piece, lot or model."""


class PhotosEnough(Conflict):
    title = N_("Det er ikke plass til flere bilder her.")


class AddPhoto(Command):
    """Shows one piece, every piece of its lot (``of_lot``), or a product model."""

    item_id: UUID | None = None
    product_model_id: UUID | None = None
    of_lot: bool = False
    alt: ShortWords | None = None


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
    """Files that no row speaks of any more, and how many other photos show the same picture."""

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
    has, last = session.execute(
        select(func.count(), func.max(Photo.position)).where(
            Photo.org_id == actor.org_id, Photo.removed_at.is_(None), *_same(subject)
        )
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
    if item is not None:
        who, of_lot = actor.person_id, command.of_lot
        publish(
            session,
            [events.PhotoAdded.of(item, who, photo_id=row.id, of_lot=of_lot) for row in rows],
        )
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
    subject = {
        name: getattr(photo, name)
        for name in ("item_id", "lot_id", "product_model_id")
        if getattr(photo, name) is not None
    }
    row = list(
        session.scalars(
            queries.photos_visible_to(actor)
            .where(*_same(subject))
            .order_by(Photo.position, Photo.created_at, Photo.id)
            .with_for_update(of=Photo)
        )
    )
    at = row.index(photo)
    to = at + (1 if command.later else -1)
    if 0 <= to < len(row):
        row[at], row[to] = row[to], row[at]
    for number, each in enumerate(row, 1):
        each.position = number
    session.flush()  # the caller reads the order again
    return row


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
    A file that other photos share stays with them, and the person is told.
    """
    actor.must(Permission.ITEM_EDIT)
    photo = _photo(session, actor, command.photo_id)
    photo.removed_at = clock_of(session).now()
    own = (PhotoFile.org_id == actor.org_id) & (PhotoFile.photo_id == photo.id)
    keys = set(session.scalars(select(PhotoFile.key).where(own)))
    session.execute(delete(PhotoFile).where(own).execution_options(synchronize_session=False))
    shared = session.execute(
        select(PhotoFile.key, PhotoFile.photo_id).where(
            PhotoFile.org_id == actor.org_id, PhotoFile.key.in_(keys)
        )
    ).all()
    _tell(session, actor, photo, events.PhotoPurged)
    return Purged(
        keys=sorted(keys - {row.key for row in shared}),
        elsewhere=len({row.photo_id for row in shared}),
    )


def _tell(
    session: Session,
    actor: Actor,
    photo: Photo,
    kind: type[events.PhotoRemoved | events.PhotoPurged],
) -> None:
    """In the history of the piece, or of a lot's first; a model's photo has none."""
    items = queries.items_visible_to(actor).order_by(Item.created_at, Item.id).limit(1)
    item: Item | None = None
    if photo.item_id is not None:
        item = session.scalar(items.where(Item.id == photo.item_id))
    elif photo.lot_id is not None:
        item = session.scalar(items.where(Item.lot_id == photo.lot_id))
    if item is not None:
        publish(session, [kind.of(item, actor.person_id, photo_id=photo.id)])
