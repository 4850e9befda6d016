"""What stands on labels, and the organisation's printers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.fieldwork import queries_bulk
from app.fieldwork.models import BulkAction, BulkActionLine
from app.fieldwork.rules import LABELS
from app.items.models import Code, Item, PrintBatch
from app.items.queries import (
    codes_of,
    codes_of_print_batch,
    codes_visible_to,
    items_visible_to,
    print_batches_visible_to,
)
from app.items.service_codes import CodeUnknown
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_
from app.labelling.models import Printer
from app.places.models import Place
from app.places.queries import places_visible_to, subtree_ids
from app.places.rules import SEPARATOR


@dataclass(frozen=True, slots=True)
class Printed:
    """One label's code, and the name of the piece or place; a blank label has none.

    ``kind`` is ``I`` for a piece or a blank label, ``P`` for a place, as in the address.
    """

    code: str
    name: str = ""
    kind: str = "I"


def printers_visible_to(actor: Actor) -> Select[Printer]:
    return select(Printer).where(Printer.org_id == actor.org_id).order_by(Printer.name)


def of_items(session: Session, actor: Actor, item_ids: Sequence[UUID]) -> list[Printed]:
    """In the order named, each piece once. Raises ``NotFound`` when one is not seen."""
    rows = session.execute(
        items_visible_to(actor)
        .with_only_columns(Item.id, Item.name)
        .where(Item.id.in_(set(item_ids)))
    )
    found = {row.id: row.name for row in rows}
    wanted = list(dict.fromkeys(item_ids))
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke alle møblene."))
    codes = codes_of(session, actor, wanted)
    return [Printed(codes[each], found[each]) for each in wanted if each in codes]


def of_lot(session: Session, actor: Actor, lot_id: UUID) -> list[Printed]:
    """The pieces that were registered together. Raises ``NotFound`` when there are none."""
    ids = list(
        session.scalars(
            items_visible_to(actor)
            .with_only_columns(Item.id)
            .where(Item.lot_id == lot_id)
            .order_by(Item.created_at, Item.id)
        )
    )
    if not ids:
        raise NotFound(N_("Fant ikke møblene."))
    return of_items(session, actor, ids)


def of_list(session: Session, actor: Actor, list_id: UUID) -> list[Printed]:
    """The pieces of a list that was made for their labels, in its order; not what is gone since.

    Raises ``NotFound`` for another organisation's list as for none.
    """
    visible = queries_bulk.bulk_actions_visible_to(actor).where(
        BulkAction.id == list_id, BulkAction.verb == LABELS
    )
    if session.scalar(visible) is None:
        raise NotFound(N_("Fant ikke listen."))
    lines = queries_bulk.lines_of(actor, list_id).with_only_columns(BulkActionLine.item_id)
    ids = [each for each in session.scalars(lines) if each is not None]
    there = items_visible_to(actor).with_only_columns(Item.id).where(Item.id.in_(ids))
    seen = set(session.scalars(there))
    return of_items(session, actor, [each for each in ids if each in seen])


def of_print_batch(
    session: Session, actor: Actor, print_batch_id: UUID
) -> tuple[PrintBatch, list[Printed]]:
    """The codes of a batch in their order, bound ones too: a spoilt sheet is printed again."""
    batch = session.scalar(print_batches_visible_to(actor).where(PrintBatch.id == print_batch_id))
    if batch is None:
        raise NotFound(N_("Fant ikke etikettopplaget."))
    codes = session.scalars(codes_of_print_batch(actor, print_batch_id))
    return batch, [Printed(each) for each in codes]


def of_places(
    session: Session, actor: Actor, place_ids: Sequence[UUID], below_id: UUID | None = None
) -> list[Printed]:
    """Places named, or one and everything in it, by their paths. Raises ``NotFound``.

    The name begins with the room, so that what is cut off on a small label is the building.
    """
    wanted = places_visible_to(actor).where(Place.code.is_not(None)).order_by(Place.label)
    if below_id is not None:
        wanted = wanted.where(Place.id.in_(subtree_ids(actor, below_id)))
    else:
        wanted = wanted.where(Place.id.in_(set(place_ids)))
    found = session.execute(wanted.with_only_columns(Place.code, Place.label)).all()
    if len(found) < max(1, len(set(place_ids))):
        raise NotFound(N_("Fant ikke alle stedene."))
    return [
        Printed(row.code, ", ".join(reversed(row.label.split(SEPARATOR))), "P") for row in found
    ]


def of_codes(session: Session, actor: Actor, item_codes: Sequence[str]) -> list[Printed]:
    """Pieces named by any of their codes; what is printed is the code they have now."""
    rows = session.execute(
        codes_visible_to(actor)
        .with_only_columns(Code.code, Code.item_id)
        .where(Code.code.in_(item_codes))
    )
    found = {row.code: row.item_id for row in rows if row.item_id is not None}
    missing = [each for each in item_codes if each not in found]
    if missing:
        raise CodeUnknown(code=missing[0])
    return of_items(session, actor, [found[each] for each in item_codes])


def chosen(
    session: Session,
    actor: Actor,
    *,
    item_ids: Sequence[UUID] = (),
    lot_id: UUID | None = None,
    list_id: UUID | None = None,
    print_batch_id: UUID | None = None,
    place_ids: Sequence[UUID] = (),
    below_id: UUID | None = None,
) -> list[Printed]:
    """The labels of pieces, a lot, a list, a print batch, places or one with everything in it.

    Raises ``Invalid`` unless it is exactly one of them.
    """
    named = (item_ids, lot_id, list_id, print_batch_id, place_ids, below_id)
    if sum(map(bool, named)) != 1:
        raise Invalid(N_("Velg møbler, et parti, et etikettopplag eller steder: ett av dem."))
    if place_ids or below_id is not None:
        return of_places(session, actor, place_ids, below_id)
    if lot_id is not None:
        return of_lot(session, actor, lot_id)
    if list_id is not None:
        return of_list(session, actor, list_id)
    if print_batch_id is not None:
        return of_print_batch(session, actor, print_batch_id)[1]
    return of_items(session, actor, item_ids)
