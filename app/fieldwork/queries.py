"""What scanned texts lead to, and the moves made by scanning."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.fieldwork.models import Relocation, RelocationLine
from app.fieldwork.reading import Read, ReadKind, read, spellings
from app.fieldwork.rules import Lead, Scan
from app.items.models import Code, Item, ItemIdentifier
from app.items.queries import WRONG, codes_visible_to
from app.items.rules import PRESENT, ItemState
from app.places.models import Place
from app.places.queries import places_visible_to


def relocations_visible_to(actor: Actor) -> Select[Relocation]:
    return select(Relocation).where(Relocation.org_id == actor.org_id)


def lines_of(actor: Actor, relocation_id: UUID) -> Select[RelocationLine]:
    """In the order they were scanned."""
    return (
        select(RelocationLine)
        .where(RelocationLine.org_id == actor.org_id, RelocationLine.relocation_id == relocation_id)
        .order_by(RelocationLine.position)
    )


def arrived_by_place(actor: Actor, relocation_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    """(relocation, place, number of pieces), the place that was first in each first."""
    return (
        select(RelocationLine.relocation_id, Place.label, func.count().label("pieces"))
        .join(
            Place,
            (Place.org_id == RelocationLine.org_id) & (Place.id == RelocationLine.to_place_id),
        )
        .where(
            RelocationLine.org_id == actor.org_id,
            RelocationLine.relocation_id.in_(relocation_ids),
        )
        .group_by(RelocationLine.relocation_id, Place.id, Place.label)
        .order_by(func.min(RelocationLine.position))
    )


def read_texts(session: Session, actor: Actor, texts: Sequence[str]) -> list[Scan]:
    """What each text leads to, in their order: three queries, however many texts.

    What is none of our codes, or leads nowhere as one, is looked for among the foreign codes.
    """
    all_read = [read(text) for text in texts]
    ours = {one.code for one in all_read if one.kind in (ReadKind.PIECE, ReadKind.PLACE)}
    known = _by_code(session, actor, ours)
    rest = {one.text: spellings(one.text) for one in all_read if one.code not in known}
    foreign = _by_identifier(session, actor, {each for some in rest.values() for each in some})
    scans = []
    for text, one in zip(texts, all_read, strict=True):
        carriers = {item for each in rest.get(one.text, ()) for item in foreign.get(each, ())}
        scans.append(_scan(text, one, known, _meant(carriers)))
    return scans


def codes_among(texts: Sequence[str]) -> dict[str, str]:
    """The texts that read as a piece's label, with its code: whose it is, only a look-up knows."""
    found = {text: read(text) for text in texts}
    return {text: one.code for text, one in found.items() if one.kind is ReadKind.PIECE}


def _meant(carriers: set[tuple[UUID, ItemState]]) -> set[UUID]:
    """An asset tag is used again when its piece has left: then the one that is there is meant."""
    there = {item_id for item_id, state in carriers if state in PRESENT}
    return there if len(there) == 1 else {item_id for item_id, _ in carriers}


def _scan(
    text: str, one: Read, known: dict[str, tuple[Lead, UUID | None]], carriers: set[UUID]
) -> Scan:
    if one.code in known:
        lead, found = known[one.code]
        if lead is Lead.PLACE:
            return Scan(text, lead, place_id=found)
        return Scan(text, lead, item_id=found)
    if len(carriers) == 1:
        return Scan(text, Lead.PIECE, item_id=next(iter(carriers)))
    if carriers:
        return Scan(text, Lead.SEVERAL)
    is_wrong = one.kind is ReadKind.WRONG_CHECK
    return Scan(text, Lead.MISTYPED if is_wrong else Lead.UNKNOWN)


def _by_code(
    session: Session, actor: Actor, wanted: set[str]
) -> dict[str, tuple[Lead, UUID | None]]:
    if not wanted:
        return {}
    found: dict[str, tuple[Lead, UUID | None]] = {}
    rows = session.execute(
        codes_visible_to(actor)
        .with_only_columns(Code.code, Code.item_id, Code.cancelled_at, Item.state)
        .outerjoin(Item, (Item.org_id == Code.org_id) & (Item.id == Code.item_id))
        .where(Code.code.in_(wanted))
    )
    for code, item_id, cancelled_at, state in rows:
        if cancelled_at is not None or state in WRONG:
            found[code] = Lead.CANCELLED, None
        else:
            found[code] = (Lead.PIECE, item_id) if item_id else (Lead.BLANK, None)
    places = places_visible_to(actor).with_only_columns(Place.code, Place.id)
    for row in session.execute(places.where(Place.code.in_(wanted))):
        found[str(row.code)] = Lead.PLACE, row.id
    return found


def _by_identifier(
    session: Session, actor: Actor, texts: set[str]
) -> dict[str, list[tuple[UUID, ItemState]]]:
    """The pieces that carry each foreign code, also those that have left."""
    if not texts:
        return {}
    found: dict[str, list[tuple[UUID, ItemState]]] = {}
    rows = session.execute(
        select(ItemIdentifier.value, ItemIdentifier.item_id, Item.state)
        .distinct()
        .join(Item, (Item.org_id == ItemIdentifier.org_id) & (Item.id == ItemIdentifier.item_id))
        .where(ItemIdentifier.org_id == actor.org_id, ItemIdentifier.value.in_(texts))
        .where(Item.state.not_in(WRONG))
    )
    for value, item_id, state in rows:
        found.setdefault(value, []).append((item_id, state))
    return found
