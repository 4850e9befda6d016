"""A piece that comes from another organisation: a row of the receiver's own, with all it was known by.

What describes the thing itself comes along: category, model, measurements, condition, photos, codes
of its maker, and the label, which leads to the piece where it now is. What the giver wrote for its
own (note, asset tag, place, person) does not. ``previous_item_id`` is all that points back.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.catalogue.models import ProductModel
from app.catalogue.service import ModelFields, ProductModelTaken, RegisterModel, register_model
from app.items import search
from app.items.commands import Register
from app.items.models import (
    Code,
    Item,
    Measurement,
    Photo,
    PhotoFile,
)
from app.items.service_photo_files import MAKE_SIZES
from app.items.service_register import register
from app.items.service_taken_facts import copy_codes, copy_verdicts, in_own_money
from app.kit.chance import new_id
from app.kit.db import after_commit, clock_of
from app.kit.files import FileMissing, Files

log = structlog.get_logger()

DESCRIBING = (
    "category_id",
    "name",
    "maker",
    "model",
    "colour",
    "material",
    "condition",
    "width_mm",
    "depth_mm",
    "height_mm",
    "mass_g",
    "amount",
)


@dataclass(frozen=True)
class Coming:
    """A piece of the giver's, and whose it is from now on."""

    item: Item
    unit_id: UUID
    place_id: UUID
    is_storage: bool


class Picture(NamedTuple):
    """One stored size of a photo that shows a piece on its way."""

    key: str
    sha256: str


def pictures_of(session: Session, org_id: UUID, item_ids: Collection[UUID]) -> list[Picture]:
    """The files of the photos that come along with the pieces."""
    rows = session.execute(
        select(PhotoFile.key, PhotoFile.sha256)
        .distinct()
        .join(Photo, and_(Photo.org_id == PhotoFile.org_id, Photo.id == PhotoFile.photo_id))
        .where(PhotoFile.org_id == org_id, Photo.removed_at.is_(None))
        .where(_shows(org_id, Item.id.in_(item_ids)))
    )
    return [Picture(row.key, row.sha256) for row in rows]


def _shows(org_id: UUID, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A photo of one of the pieces, of its lot, or of its model."""

    def among(column: Any) -> Select[UUID]:
        return select(column).where(Item.org_id == org_id, which)

    return or_(
        Photo.item_id.in_(among(Item.id)),
        Photo.lot_id.in_(among(Item.lot_id)),
        Photo.product_model_id.in_(among(Item.product_model_id)),
    )


def copy_pictures(files: Files, org_id: UUID, pictures: Sequence[Picture]) -> dict[str, str]:
    """Stores them for the receiver, by their hashes; never inside a ``write`` block.

    A file that is gone keeps no piece from arriving: the photo stays behind, and it is said.
    """
    stored: dict[str, str] = {}
    for each in pictures:
        try:
            content = files.get(each.key)
        except FileMissing:
            log.warning("picture_left_behind", key=each.key)
            continue
        stored[each.sha256] = files.put(org_id, content, each.key.rpartition(".")[2])
    return stored


def take_over(
    session: Session, actor: Actor, pieces: Sequence[Coming], stored: Mapping[str, str]
) -> list[Item]:
    """The receiver's new pieces, in the order of the giver's, which are locked by the caller.

    The receipt is what is allowed, so nobody needs the right to register besides. ``stored`` is
    what ``copy_pictures`` gave: a photo whose file is not among it stays behind.
    """
    if not pieces:
        return []
    giver_id = pieces[0].item.org_id
    granted = (Permission.ITEM_REGISTER, Permission.CODE_BIND, Permission.MODEL_EDIT)
    receiver = replace(actor, permissions={**actor.permissions, **dict.fromkeys(granted)})
    items = [each.item for each in pieces]
    models = _models(session, receiver, giver_id, items)
    labels = _labels(session, receiver.org_id, giver_id, [each.id for each in items])
    groups = _alike(session, giver_id, pieces)
    for group in groups.values():
        # Codes are bound in order: who has no label stands behind, and gets a new one.
        group.sort(key=lambda each: _current(labels.get(each.item.id, ())) is None)
    commands = [_command(group, models, labels, key) for key, group in groups.items()]
    made = iter(register(session, receiver, commands))
    new = {each.item.id: next(made) for group in groups.values() for each in group}
    for old in items:
        row = new[old.id]
        row.previous_org_id, row.previous_item_id = giver_id, old.id
        row.currency = old.currency
    session.flush()  # the photos and labels below point to the pieces
    _follow(session, receiver.org_id, labels, new)
    copy_codes(session, receiver, giver_id, new)
    copy_verdicts(session, receiver, giver_id, new)
    _photos(session, receiver.org_id, giver_id, items, new, models, stored)
    search.index(session, [*items, *new.values()])
    return [new[each.id] for each in items]


Key = tuple[Any, ...]


def _alike(session: Session, giver_id: UUID, pieces: Sequence[Coming]) -> dict[Key, list[Coming]]:
    """Pieces of one lot that are still described alike stay a lot."""
    measured: dict[UUID, dict[Any, int]] = defaultdict(dict)
    ids = [each.item.id for each in pieces]
    of_giver = select(Measurement).where(Measurement.org_id == giver_id)
    for row in session.scalars(of_giver.where(Measurement.item_id.in_(ids))):
        measured[row.item_id][row.kind] = row.mm
    found: dict[Key, list[Coming]] = defaultdict(list)
    for each in pieces:
        item = each.item
        described = tuple(getattr(item, name) for name in (*DESCRIBING, "new_price_ore"))
        sizes = tuple(sorted(measured[item.id].items()))
        where = (each.unit_id, each.place_id, each.is_storage)
        found[item.lot_id, item.product_model_id, described, sizes, where].append(each)
    return found


def _command(
    group: Sequence[Coming],
    models: Mapping[UUID, UUID],
    labels: Mapping[UUID, Sequence[Code]],
    key: Key,
) -> Register:
    first = group[0].item
    current = [_current(labels.get(each.item.id, ())) for each in group]
    return Register(
        **{name: getattr(first, name) for name in DESCRIBING},
        product_model_id=models.get(first.product_model_id) if first.product_model_id else None,
        new_price_ore=first.new_price_ore,
        owner_unit_id=group[0].unit_id,
        place_id=group[0].place_id,
        is_free=group[0].is_storage,
        quantity=len(group),
        measurements=dict(key[3]),
        codes=[each for each in current if each is not None],
    )


def _current(codes: Sequence[Code]) -> str | None:
    """The label that sits on the piece: the one that was not replaced."""
    return next((each.code for each in codes if each.replaced_at is None), None)


def _labels(
    session: Session, org_id: UUID, giver_id: UUID, item_ids: Collection[UUID]
) -> dict[UUID, list[Code]]:
    """The pieces' codes, by piece: from now on blank ones of the receiver's.

    In the order in which others bind them. Who printed them is kept.
    """
    found: dict[UUID, list[Code]] = defaultdict(list)
    rows = session.scalars(
        select(Code)
        .where(Code.org_id == giver_id, Code.item_id.in_(item_ids))
        .order_by(Code.code)
        .with_for_update(of=Code)
    ).all()
    for each in rows:
        assert each.item_id is not None  # asked for by their pieces
        found[each.item_id].append(each)
        session.expunge(each)
    session.execute(
        update(Code)
        .where(Code.code.in_([each.code for each in rows]))
        .values(org_id=org_id, item_id=None)
        .execution_options(synchronize_session=False)
    )
    return found


def _follow(
    session: Session,
    org_id: UUID,
    labels: Mapping[UUID, Sequence[Code]],
    new: Mapping[UUID, Item],
) -> None:
    """What ``register`` did not bind leads to the new piece too: labels that were replaced."""
    for item_id, codes in labels.items():
        session.execute(
            update(Code)
            .where(Code.org_id == org_id, Code.item_id.is_(None))
            .where(Code.code.in_([each.code for each in codes]))
            .values(item_id=new[item_id].id)
            .execution_options(synchronize_session=False)
        )


def _models(
    session: Session, receiver: Actor, giver_id: UUID, items: Sequence[Item]
) -> dict[UUID, UUID]:
    """Each of the giver's models as the receiver's: the one it has by that name, else a new one."""
    wanted = {each.product_model_id for each in items if each.product_model_id is not None}
    found: dict[UUID, UUID] = {}
    money = session.get_one(Organisation, giver_id).currency, receiver.currency
    today = clock_of(session).today()
    query = select(ProductModel).where(ProductModel.org_id == giver_id)
    for theirs in session.scalars(
        query.where(ProductModel.id.in_(wanted)).order_by(ProductModel.id)
    ):
        own = (
            select(ProductModel.id)
            .where(ProductModel.org_id == receiver.org_id)
            .where(ProductModel.maker == theirs.maker, ProductModel.name == theirs.name)
        )
        known = session.scalar(own)
        if known is None:
            facts = {name: getattr(theirs, name) for name in ModelFields.model_fields}
            # A model's price is in its organisation's money.
            facts["new_price_ore"] = in_own_money(session, theirs.new_price_ore, *money, today)
            copy = RegisterModel(
                category_id=theirs.category_id, maker=theirs.maker, name=theirs.name, **facts
            )
            try:
                known = register_model(session, receiver, [copy])[0].id
            except ProductModelTaken:  # somebody else has registered it at the same moment
                known = session.scalars(own).one()
        found[theirs.id] = known
    return found


def _photos(
    session: Session,
    org_id: UUID,
    giver_id: UUID,
    items: Sequence[Item],
    new: Mapping[UUID, Item],
    models: Mapping[UUID, UUID],
    stored: Mapping[str, str],
) -> None:
    """The same pictures of the same things, without who took them."""
    lots = {(old.lot_id, new[old.id].lot_id) for old in items}
    pairs: list[tuple[Any, Any, UUID]] = [
        *((Photo.item_id, old.id, new[old.id].id) for old in items),
        *((Photo.lot_id, theirs, ours) for theirs, ours in lots),
        *(
            (Photo.product_model_id, theirs, ours)
            for theirs, ours in models.items()
            if not _has_photos(session, org_id, ours)
        ),
    ]
    ours_of: dict[tuple[str, UUID], list[UUID]] = defaultdict(list)
    for column, theirs, ours in pairs:
        ours_of[column.key, theirs].append(ours)
    photos = session.scalars(
        select(Photo)
        .where(Photo.org_id == giver_id, Photo.removed_at.is_(None))
        .where(_shows(giver_id, Item.id.in_([each.id for each in items])))
        .order_by(Photo.position, Photo.id)
    ).all()
    sizes: dict[UUID, list[PhotoFile]] = defaultdict(list)
    of_giver = select(PhotoFile).where(PhotoFile.org_id == giver_id)
    for size in session.scalars(of_giver.where(PhotoFile.photo_id.in_([e.id for e in photos]))):
        if size.sha256 in stored:
            sizes[size.photo_id].append(size)
    now = clock_of(session).now()
    copies: list[tuple[Photo, Photo]] = []
    for photo in photos:
        for name in ("item_id", "lot_id", "product_model_id"):
            theirs = getattr(photo, name)
            for ours in ours_of.get((name, theirs), ()) if theirs and sizes[photo.id] else ():
                copy = Photo(
                    id=new_id(),
                    org_id=org_id,
                    position=photo.position,
                    alt=photo.alt,
                    taken=photo.taken,
                    created_at=now,
                    resized_at=photo.resized_at and now,
                    resize_at=None if photo.resized_at else now,
                    **{name: ours},
                )
                copies.append((photo, copy))
    session.add_all(copy for _, copy in copies)
    session.flush()  # the files' rows point to these
    told = ("name", "media_type", "sha256", "byte_count", "width_px", "height_px")
    session.add_all(
        PhotoFile(
            org_id=org_id,
            photo_id=copy.id,
            key=stored[size.sha256],
            **{name: getattr(size, name) for name in told},
        )
        for photo, copy in copies
        for size in sizes[photo.id]
    )
    for _, copy in copies:
        if copy.resized_at is None:
            after_commit(session, MAKE_SIZES, copy.id)


def _has_photos(session: Session, org_id: UUID, product_model_id: UUID) -> bool:
    """A model that the receiver had before keeps its own pictures."""
    query = select(Photo.id).where(
        Photo.org_id == org_id,
        Photo.product_model_id == product_model_id,
        Photo.removed_at.is_(None),
    )
    return session.scalar(query.limit(1)) is not None
