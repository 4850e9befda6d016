"""Which pieces an actor sees, and what belongs to them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, case, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.models import (
    Code,
    Item,
    ItemIdentifier,
    Measurement,
    MeasurementKind,
    Photo,
    PhotoFile,
    PrintBatch,
)
from app.items.rules import ItemState

WRONG = (ItemState.MERGED, ItemState.DELETED)
"""Registrations that were mistakes: kept with their history, shown nowhere."""


def items_visible_to(actor: Actor) -> Select[Item]:
    """The organisation's pieces, those that have left it included, mistakes not."""
    return select(Item).where(Item.org_id == actor.org_id, Item.state.not_in(WRONG))


def items_ever_visible_to(actor: Actor) -> Select[Item]:
    """Mistakes too: for the address of a piece that was merged or deleted."""
    return select(Item).where(Item.org_id == actor.org_id)


def photos_visible_to(actor: Actor) -> Select[Photo]:
    return select(Photo).where(Photo.org_id == actor.org_id, Photo.removed_at.is_(None))


def codes_of(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The code on each piece's newest label; earlier ones lead to the piece but are not shown."""
    found = session.execute(
        select(Code.item_id, Code.code)
        .where(Code.org_id == actor.org_id, Code.item_id.in_(item_ids))
        .where(Code.replaced_at.is_(None), Code.cancelled_at.is_(None))
        .order_by(Code.item_id, Code.bound_at.desc(), Code.code.desc())
    )
    newest: dict[UUID, str] = {}
    for item_id, code in found:
        if item_id is not None:
            newest.setdefault(item_id, code)
    return newest


class Pictured(NamedTuple):
    """What a piece's photos can be of: itself, its lot, its product model."""

    id: UUID
    lot_id: UUID
    product_model_id: UUID | None


def main_photo_ids(
    session: Session, actor: Actor, items: Sequence[Item | Pictured]
) -> dict[UUID, UUID]:
    """Each piece's first photo: its own, else its lot's, else its product model's."""
    if not items:
        return {}
    by_subject: dict[UUID, UUID] = {}
    subjects = {
        each
        for item in items
        for each in (item.id, item.lot_id, item.product_model_id)
        if each is not None
    }
    subject = case(
        (Photo.item_id.is_not(None), Photo.item_id),
        (Photo.lot_id.is_not(None), Photo.lot_id),
        else_=Photo.product_model_id,
    )
    found = session.execute(
        select(subject, Photo.id)
        .where(Photo.org_id == actor.org_id, Photo.removed_at.is_(None))
        .where(
            or_(
                Photo.item_id.in_(subjects),
                Photo.lot_id.in_(subjects),
                Photo.product_model_id.in_(subjects),
            )
        )
        .order_by(Photo.position, Photo.created_at, Photo.id)
    )
    for key, photo_id in found:
        by_subject.setdefault(key, photo_id)
    main: dict[UUID, UUID] = {}
    for item in items:
        for key in (item.id, item.lot_id, item.product_model_id):
            if key is not None and key in by_subject:
                main[item.id] = by_subject[key]
                break
    return main


def main_photo_keys(
    session: Session, actor: Actor, items: Sequence[Item], size: str = "medium"
) -> dict[UUID, str]:
    """The stored file of each piece's first photo, for those who read files and not pages."""
    main = main_photo_ids(session, actor, items)
    wanted = set(main.values())
    rows = session.execute(
        select(PhotoFile.photo_id, PhotoFile.key).where(
            PhotoFile.org_id == actor.org_id,
            PhotoFile.photo_id.in_(wanted),
            PhotoFile.name == size,
        )
    )
    keys = {row.photo_id: row.key for row in rows}
    return {item_id: keys[photo] for item_id, photo in main.items() if photo in keys}


def photos_of(actor: Actor, item: Item) -> Select[Photo]:
    """Everything that shows the piece: its own photos, then its lot's, then its model's."""
    shown = [Photo.item_id == item.id, Photo.lot_id == item.lot_id]
    if item.product_model_id is not None:
        shown.append(Photo.product_model_id == item.product_model_id)
    return (
        photos_visible_to(actor)
        .where(or_(*shown))
        .order_by(
            case((Photo.item_id.is_not(None), 0), (Photo.lot_id.is_not(None), 1), else_=2),
            Photo.position,
            Photo.created_at,
            Photo.id,
        )
    )


def measurements_of(
    session: Session, actor: Actor, item_ids: Sequence[UUID]
) -> dict[UUID, dict[MeasurementKind, int]]:
    """Measurements beyond width, depth and height, in mm."""
    found: dict[UUID, dict[MeasurementKind, int]] = defaultdict(dict)
    for item_id, kind, mm in session.execute(
        select(Measurement.item_id, Measurement.kind, Measurement.mm).where(
            and_(Measurement.org_id == actor.org_id, Measurement.item_id.in_(item_ids))
        )
    ):
        found[item_id][kind] = mm
    return found


def identifiers_of(actor: Actor, item_id: UUID) -> Select[ItemIdentifier]:
    return (
        select(ItemIdentifier)
        .where(ItemIdentifier.org_id == actor.org_id, ItemIdentifier.item_id == item_id)
        .order_by(ItemIdentifier.kind, ItemIdentifier.value)
    )


def ids_of(actor: Actor, model: Any, ids: Collection[UUID]) -> Select[UUID]:
    """Which of these ids are rows of the actor's organisation."""
    return select(model.id).where(model.org_id == actor.org_id, model.id.in_(ids))


def codes_visible_to(actor: Actor) -> Select[Code]:
    """The codes of the organisation, blank and bound."""
    return select(Code).where(Code.org_id == actor.org_id)


def print_batches_visible_to(actor: Actor) -> Select[PrintBatch]:
    return select(PrintBatch).where(PrintBatch.org_id == actor.org_id)


def codes_of_print_batch(actor: Actor, print_batch_id: UUID) -> Select[str]:
    """Its codes in the order they are printed; cancelled ones not."""
    return (
        select(Code.code)
        .where(Code.printer_org_id == actor.org_id, Code.print_batch_id == print_batch_id)
        .where(Code.cancelled_at.is_(None))
        .order_by(Code.code)
    )
