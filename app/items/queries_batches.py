"""Print batches of blank codes as people see them: who made one, what became of its codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.items import events, names
from app.items.models import Code, Item, PrintBatch
from app.items.queries import WRONG
from app.items.queries_history import Happened
from app.kit.events import EventRow
from app.kit.i18n import gettext
from app.places.models import Place


@dataclass(frozen=True, slots=True)
class BatchSeen:
    """A batch with names for its ids; ``unit`` is empty where none was named."""

    batch: PrintBatch
    who: str | None
    unit_id: UUID | None
    unit: str | None
    bound: int
    cancelled: int

    @property
    def blank(self) -> int:
        return self.batch.count - self.bound - self.cancelled


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Who took a code's batch back, and when: whom to ask. ``who`` is empty for the system."""

    at: datetime
    who: str | None


def seen(session: Session, actor: Actor, batches: Sequence[PrintBatch]) -> list[BatchSeen]:
    """Four queries, however many."""
    ids = [batch.id for batch in batches]
    counts = {row.id: row for row in session.execute(_counts(actor, ids))}
    units = _units(session, actor, ids)
    makers = {batch.person_id for batch in batches if batch.person_id}
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(makers)))
    who: dict[UUID | None, str] = {row.id: row.name for row in people}
    found = []
    for batch in batches:
        count, unit = counts.get(batch.id), units.get(batch.id)
        found.append(
            BatchSeen(
                batch=batch,
                who=who.get(batch.person_id),
                unit_id=unit.id if unit else None,
                unit=unit.name if unit else None,
                bound=count.bound if count else 0,
                cancelled=count.cancelled if count else 0,
            )
        )
    return found


def _counts(actor: Actor, ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Code.print_batch_id.label("id"),
            func.count(Code.item_id).label("bound"),
            func.count(Code.cancelled_at).label("cancelled"),
        )
        .where(Code.printer_org_id == actor.org_id, Code.print_batch_id.in_(ids))
        .group_by(Code.print_batch_id)
    )


def _units(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The unit each batch was made for, which its first event says."""
    printed = session.execute(
        select(EventRow.subject_id, EventRow.payload).where(
            EventRow.org_id == actor.org_id,
            EventRow.subject_id.in_(ids),
            EventRow.kind == events.CodesPrinted.kind,
        )
    )
    named = {
        row.subject_id: UUID(row.payload["unit_id"])
        for row in printed
        if row.payload.get("unit_id")
    }
    rows = session.execute(
        select(Unit.id, Unit.name).where(Unit.org_id == actor.org_id, Unit.id.in_(named.values()))
    )
    units = {row.id: row for row in rows}
    return {batch_id: units[each] for batch_id, each in named.items() if each in units}


def bound_pieces(actor: Actor, print_batch_id: UUID) -> Select[*tuple[Any, ...]]:
    """The batch's codes that sit on pieces. A piece that changed owner is seen by its new one."""
    return (
        select(
            Code.code,
            Code.bound_at,
            Item.id.label("item_id"),
            Item.name,
            Place.label.label("place"),
        )
        .join(Item, (Item.org_id == Code.org_id) & (Item.id == Code.item_id))
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .where(
            Code.printer_org_id == actor.org_id,
            Code.print_batch_id == print_batch_id,
            Item.org_id == actor.org_id,
            Item.state.not_in(WRONG),
        )
    )


def batch_history(session: Session, actor: Actor, print_batch_id: UUID) -> list[Happened]:
    """What happened to the batch itself, the newest first; each piece has its own history."""
    rows = session.execute(
        select(EventRow.at, EventRow.kind, EventRow.payload, Person.name)
        .outerjoin(Person, Person.id == EventRow.person_id)
        .where(EventRow.org_id == actor.org_id, EventRow.subject_id == print_batch_id)
        .order_by(EventRow.at.desc(), EventRow.id)
    )
    return [
        Happened(
            row.at,
            row.kind,
            f"{gettext(names.EVENTS.get(row.kind, row.kind))}: {row.payload['count']}",
            row.name,
            (),
        )
        for row in rows
    ]


def withdrawn(session: Session, actor: Actor, code: str) -> Withdrawn | None:
    """Of a code of the organisation that was taken back with its batch."""
    row = session.execute(
        select(EventRow.at, Person.name)
        .join(
            Code,
            (Code.printer_org_id == EventRow.org_id) & (Code.print_batch_id == EventRow.subject_id),
        )
        .outerjoin(Person, Person.id == EventRow.person_id)
        .where(
            EventRow.org_id == actor.org_id,
            EventRow.kind == events.PrintBatchCancelled.kind,
            Code.org_id == actor.org_id,
            Code.code == code,
            Code.cancelled_at.is_not(None),
        )
    ).first()
    return None if row is None else Withdrawn(row.at, row.name)
