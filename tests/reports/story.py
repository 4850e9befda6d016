"""Projects to report on: "Regneeksempel C" of the savings method as rows of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact.rules import Facts, FulfilmentSource
from app.items.models import Item
from app.items.rules import Condition, ItemState
from app.kit import chain
from app.kit.db import clock_of
from app.kit.events import EventRow
from app.ledger.models import LedgerEntry
from app.ledger.rules import Entry, entries_for
from app.ledger.summing import write_sums
from app.ledger.years import open_period
from app.projects.models import Fulfilment, ProgrammeLine, Project
from tests.impact.pieces import average_item, factors
from tests.people import Organised
from tests.projects.rows import a_line, a_project

DAY = date(2026, 2, 20)
COUNTS = {
    FulfilmentSource.INTERNAL_REUSE: 124,
    FulfilmentSource.REDESIGNED: 14,
    FulfilmentSource.REDESIGNED_FROM_SURPLUS: 40,
    FulfilmentSource.BOUGHT_USED: 18,
    FulfilmentSource.NEW: 4,
}
LEDGER = LedgerEntry.metadata.tables["ledger_entry"]
ENTRY = [each.name for each in fields(Entry)]


def fulfilled_by(
    session: Session, org: Organised, line: ProgrammeLine, source: FulfilmentSource, count: int = 1
) -> list[Item]:
    """New pieces that meet the line; nothing of them is in the ledger yet."""
    now = clock_of(session).now()
    items = [
        Item(
            id=uuid4(),
            org_id=org.org_id,
            state=ItemState.IN_USE,
            category_id=line.category_id,
            lot_id=uuid4(),
            name="Kontorstol",
            condition=Condition.B,
            amount=Decimal(1),
            owner_unit_id=org.unit_id,
            holder_unit_id=org.unit_id,
            place_id=org.room_id,
            created_at=now,
        )
        for _ in range(count)
    ]
    session.add_all(items)
    session.flush()
    session.add_all(
        Fulfilment(
            org_id=org.org_id,
            programme_line_id=line.id,
            item_id=each.id,
            source=source,
            fulfilled_on=DAY,
            created_at=now,
        )
        for each in items
    )
    session.flush()
    return items


def book(
    session: Session, org: Organised, items: list[Item], facts: Facts, line: ProgrammeLine
) -> None:
    """Entries as the ledger writes them, for like pieces that are entered as they are."""
    one = entries_for(
        event_id=an_event(session, org), item_id=uuid4(), facts=facts, factors=factors()
    )
    append(session, org, line, [replace(each, item_id=item.id) for item in items for each in one])


def append(
    session: Session, org: Organised, line: ProgrammeLine, entries: Sequence[Entry]
) -> list[UUID]:
    """Entries of the line's project, in the chain; gives their ids."""
    if not entries:
        return []
    placed = {
        "org_id": org.org_id,
        "booked_by_event_id": entries[0].event_id,
        "category_id": line.category_id,
        "place_id": org.room_id,
        "giver_unit_id": org.unit_id,
        "receiver_unit_id": org.other_unit_id,
        "project_id": line.project_id,
        "programme_line_id": line.id,
        "period_id": open_period(session, org.org_id, entries[0].handed_over_on),
        "booked_at": clock_of(session).now(),
    }
    ids = [uuid4() for _ in entries]
    rows = [
        {**{name: getattr(entry, name) for name in ENTRY}, **placed, "id": row_id}
        for entry, row_id in zip(entries, ids, strict=True)
    ]
    chain.append(session, chain.made_ready(session, LEDGER, rows))
    write_sums(session, rows)
    return ids


def an_event(session: Session, org: Organised) -> UUID:
    """Any event of the organisation, such as the project's start: it only has to exist."""
    return session.scalars(select(EventRow.id).where(EventRow.org_id == org.org_id).limit(1)).one()


def example_c(
    session: Session,
    actor: Actor,
    org: Organised,
    counts: Mapping[FulfilmentSource, int] = COUNTS,
    **changes: Any,
) -> tuple[Project, ProgrammeLine]:
    """200 average items with the shares of Lensmannslia, on one programme line."""
    project = a_project(session, actor, org, **changes)
    line = a_line(session, actor, project, quantity=sum(counts.values()))
    for source, count in counts.items():
        items = fulfilled_by(session, org, line, source, count)
        book(session, org, items, average_item(source), line)
    return project, line
