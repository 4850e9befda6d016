"""What happened: one append-only row an event, in the transaction of the verb that caused it.

Payloads hold ids and amounts, never names or free text, so that erasing a person never touches an
event. What a field was before and after stands beside it in ``revision``, which can be erased.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID

from sqlalchemy import JSON, Index, String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit import chain
from app.kit.canonical import canonical
from app.kit.chance import new_id
from app.kit.columns import UtcDateTime
from app.kit.tenancy import TenantModel, same_org


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. A subclass is named in the past tense and adds ids and amounts."""

    kind: ClassVar[str] = ""
    kinds: ClassVar[dict[str, type["Event"]]] = {}

    org_id: UUID
    subject_id: UUID
    person_id: UUID | None
    id: UUID = field(default_factory=new_id)

    def __init_subclass__(cls) -> None:
        cls.kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()
        Event.kinds[cls.kind] = cls

    @classmethod
    def of(cls, row: Any, person_id: UUID | None, **facts: Any) -> Self:
        """The event about a tenant's row; ``facts`` are the subclass's own fields."""
        return cls(org_id=row.org_id, subject_id=row.id, person_id=person_id, **facts)

    def payload(self) -> dict[str, Any]:
        """The subclass's own fields, as JSON."""
        return {name: _json(getattr(self, name)) for name in _own(type(self))}


_BASE = frozenset(each.name for each in fields(Event))


_own_names: dict[str, tuple[str, ...]] = {}


def _own(kind: type[Any]) -> tuple[str, ...]:
    found = _own_names.get(kind.kind)
    if found is None:
        found = tuple(each.name for each in fields(kind) if each.name not in _BASE)
        _own_names[kind.kind] = found
    return found


def _json(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return value


class EventRow(TenantModel):
    """An event as it is kept, for ever."""

    __tablename__ = "event"

    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            Index("ix_event_subject", "org_id", "subject_id", "at"),
            Index("ix_event_at", "org_id", "at"),
        )


class Revision(TenantModel):
    """One field of one row before and after an event. Outside the chain: it can be erased."""

    __tablename__ = "revision"

    event_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    field: Mapped[str] = mapped_column(String(60))
    before: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("event_id", "event"),
            Index("ix_revision_event", "org_id", "event_id"),
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Before and after of one field."""

    before: Any
    after: Any


Changes = Mapping[str, Change]


class Told(NamedTuple):
    """Events ready to be kept, and to be told of, with the moment they bear."""

    events: Sequence[Event]
    rows: chain.Rows
    at: datetime


def made_ready(session: Session, events: Sequence[Event]) -> Told:
    """The events' rows, of this moment; writes nothing, needs no lock."""
    now = session.info["clock"].now()
    rows = [
        {
            "id": event.id,
            "org_id": event.org_id,
            "at": now,
            "person_id": event.person_id,
            "kind": event.kind,
            "subject_id": event.subject_id,
            "payload": event.payload(),
        }
        for event in events
    ]
    return Told(events, chain.made_ready(session, EventRow.metadata.tables["event"], rows), now)


def at_another_moment(told: Told, moment: datetime) -> Told:
    """The same events for those who made them ready before they had the lock."""
    # ``at`` sorts first, so that each canonical row begins with it: nothing is encoded again.
    old, new = (canonical({"at": each})[:-1] for each in (told.at, moment))
    if not all(each.canonical.startswith(old) for each in told.rows.chained):
        message = "an event's canonical row does not begin with its moment"
        raise ValueError(message)
    told.rows.batch.fill("at", moment)
    moved = (new + each.canonical[len(old) :] for each in told.rows.chained)
    chained = [
        chain.Chained(org_id, table, row_id, canonical)
        for (org_id, table, row_id, _), canonical in zip(told.rows.chained, moved, strict=True)
    ]
    return Told(told.events, chain.Rows(told.rows.batch, chained), moment)


def publish(session: Session, events: Sequence[Event]) -> None:
    """``made_ready`` and ``tell`` at once."""
    if events:
        tell(session, made_ready(session, events))


def tell(session: Session, told: Told) -> None:
    """Keeps the events and tells their subscribers, all in the caller's transaction.

    A subscriber that raises rolls everything back, the verb included.
    """
    # The rows the events speak of are in the database before anybody is told.
    session.flush()
    chain.append(session, told.rows)
    by_kind: dict[type[Event], list[Event]] = {}
    for event in told.events:
        by_kind.setdefault(type(event), []).append(event)
    for kind, same in by_kind.items():
        for subscriber in session.info["work"].subscribers.get(kind, ()):
            subscriber(session, same)


def subjects(events: Iterable[Event]) -> dict[UUID, list[UUID]]:
    """What the events speak of, by organisation: subscribers ask once for all, not for each."""
    found: dict[UUID, list[UUID]] = {}
    for event in events:
        found.setdefault(event.org_id, []).append(event.subject_id)
    return found


def change(row: Any, values: Mapping[str, Any]) -> dict[str, Change]:
    """Sets the fields that differ and says what they were; absent fields stay as they are."""
    changed: dict[str, Change] = {}
    for name, after in values.items():
        before = getattr(row, name)
        if before != after:
            setattr(row, name, after)
            changed[name] = Change(before, after)
    return changed


def revise(session: Session, revisions: Iterable[tuple[Event, Changes]]) -> None:
    """Keeps before and after of what the events changed. Called after ``publish``."""
    rows = [
        {
            "id": new_id(),
            "org_id": event.org_id,
            "event_id": event.id,
            "subject_id": event.subject_id,
            "field": name,
            "before": _json(each.before),
            "after": _json(each.after),
        }
        for event, changes in revisions
        for name, each in changes.items()
    ]
    # A row that leaves a value out needs a statement of its own kind: those alike go together.
    rows.sort(key=lambda row: (row["before"] is None, row["after"] is None))
    if rows:
        session.execute(insert(Revision), rows)
