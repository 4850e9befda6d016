"""Books savings as pieces are received and takes them back as handovers are undone.

Entries are written nowhere else. Nothing is changed: what no longer holds is reversed, and booked
again where it still counts.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.handovers.events import PieceReceived, PieceReturned, RunFinished
from app.handovers.queries_loads import finished_runs_of, received_with
from app.impact.events import ExchangeRateRecorded
from app.impact.queries import factors_of
from app.impact.rules import Estimate, View, estimate_without_rate
from app.items.models import Item
from app.kit import chain
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.events import Event, EventRow, publish
from app.ledger.difference import Difference
from app.ledger.events import UseCountedAgain
from app.ledger.models import LedgerEntry
from app.ledger.queries import lines_without_rate
from app.ledger.received import IDS_A_QUERY, Received, received
from app.ledger.rules import (
    Booked,
    Entry,
    booked,
    entries_for,
    months_between,
    next_use,
    next_use_undone,
    paid_otherwise,
    priced,
    reversal,
    standing,
    trip_shared_again,
)
from app.ledger.summing import add_up
from app.ledger.verification import Verification, verify
from app.ledger.years import open_period
from app.workshop.events import SupplierOrderInvoiced
from app.workshop.queries import lines_of_order

__all__ = [
    "Difference",
    "Verification",
    "book_invoiced",
    "book_rated",
    "book_received",
    "book_returned",
    "book_run_finished",
    "verify",
]

PLACED = (
    "category_id",
    "place_id",
    "giver_unit_id",
    "receiver_unit_id",
    "project_id",
    "programme_line_id",
)
"""Columns that say where an entry belongs; a reversal has those of the entry it reverses."""

ENTRY_COLUMNS = tuple(each.name for each in fields(Entry))


@dataclass(slots=True)
class _Standing:
    """What stands for one piece in one view: a booked entry, and where it belongs."""

    booked: Booked
    placed: dict[str, Any]
    first_booked_at: datetime

    @property
    def position(self) -> tuple[date, datetime, UUID]:
        """By the handover's own date, since a receipt may arrive late; then as they were booked."""
        entry = self.booked.entry
        return entry.handed_over_on, self.first_booked_at, entry.event_id


@dataclass(slots=True)
class _Booking:
    """The rows of one call, in the order they are appended."""

    session: Session
    org_id: UUID
    now: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)
    periods: dict[int, UUID] = field(default_factory=dict)

    def add(self, entry: Entry, placed: dict[str, Any], event: Event) -> Booked:
        """Books an entry on behalf of ``event``."""
        row: dict[str, Any] = {name: getattr(entry, name) for name in ENTRY_COLUMNS}
        year = entry.handed_over_on.year
        if year not in self.periods:
            self.periods[year] = open_period(self.session, self.org_id, entry.handed_over_on)
        row |= placed
        row |= {
            "id": new_id(),
            "org_id": self.org_id,
            "booked_by_event_id": event.id,
            "period_id": self.periods[year],
            "booked_at": self.now,
        }
        self.rows.append(row)
        return Booked(row["id"], entry)

    def finish(self) -> None:
        table = LedgerEntry.metadata.tables["ledger_entry"]
        chain.append(self.session, chain.made_ready(self.session, table, self.rows))
        add_up(self.session, self.rows)


def book_received(session: Session, events: Sequence[PieceReceived]) -> None:
    """Books each received piece, gross and net, and counts its earlier use by the months served.

    Where a price can not be turned into the organisation's currency, no amount is booked: who
    stands with the pieces is not stopped, and ``book_rated`` books it when the rate comes.
    """
    for org_id, own in _by_org(events).items():
        booking = _Booking(session, org_id, clock_of(session).now())
        factors = factors_of(session, org_id=org_id)
        pieces = received(session, org_id, [each.subject_id for each in own], factors)
        known = _standing_net(session, org_id, {each.item_id for each in pieces})
        for event, piece in zip(own, pieces, strict=True):
            entries = entries_for(
                event_id=event.id, item_id=piece.item_id, facts=piece.facts, factors=factors
            )
            placed = _placed(piece)
            for entry in entries:
                new = booking.add(entry, placed, event)
                if entry.view == View.NET:
                    known[piece.item_id].append(_Standing(new, placed, booking.now))
            if entries:
                _count_uses(booking, known[piece.item_id], event)
        booking.finish()
        _count_before(session, org_id, known)


def book_returned(session: Session, events: Sequence[PieceReturned]) -> None:
    """Reverses what stands of each undone receipt; the earlier use counts its planned months.

    Where the run it went with is finished, the others' shares are as if it had not gone along:
    what was fetched and never received had a share of the load too.
    """
    for org_id, own in _by_org(events).items():
        undone = {each.undoes_event_id: each for each in own if each.undoes_event_id is not None}
        if undone:
            _take_back(session, org_id, undone)
        by_line = {event.subject_id: event for event in own}
        runs = finished_runs_of(session, org_id, list(by_line))
        if runs:
            again = _Booking(session, org_id, clock_of(session).now())
            for run_id, line_id in runs:
                _share_anew(again, run_id, by_line[line_id])
            again.finish()


def _take_back(session: Session, org_id: UUID, undone: Mapping[UUID, PieceReturned]) -> None:
    """Reverses what stands of these receipts, each for the event that undoes it."""
    booking = _Booking(session, org_id, clock_of(session).now())
    known = _standing_net(session, org_id, {each.item_id for each in undone.values()})
    for each in _standing_of_events(session, org_id, undone.keys()):
        entry = each.booked.entry
        booking.add(reversal(each.booked), each.placed, undone[entry.event_id])
    for event in undone.values():
        left = [
            each
            for each in known[event.item_id]
            if each.booked.entry.event_id != event.undoes_event_id
        ]
        known[event.item_id] = left
        _count_uses(booking, left, event)
    booking.finish()
    _count_before(session, org_id, known)


def book_run_finished(session: Session, events: Sequence[RunFinished]) -> None:
    """Shares a run's emission and cost anew over what really went along (F2).

    A receipt is booked while the rest still waits on the sheet, and has its share of the load as it
    was planned. What stayed behind carries nothing: the others' entries are corrected in that, each
    by the factor set that it was booked with, and those whose share is the same stay as they are.
    """
    for org_id, own in _by_org(events).items():
        booking = _Booking(session, org_id, clock_of(session).now())
        for event in own:
            _share_anew(booking, event.subject_id, event)
        booking.finish()


def book_invoiced(session: Session, events: Sequence[SupplierOrderInvoiced]) -> None:
    """What the supplier's invoice makes of the pieces' costs, where they stand in the ledger."""
    for org_id, own in _by_org(events).items():
        booking = _Booking(session, org_id, clock_of(session).now())
        for event in own:
            lines = session.scalars(lines_of_order(org_id, event.subject_id))
            _correct(booking, [each.id for each in lines], event, paid_otherwise)
        booking.finish()


def book_rated(session: Session, events: Sequence[ExchangeRateRecorded]) -> None:
    """Books the amounts that waited for a rate: a correction, in the period that is open.

    A handover before the rate's day has none by it, and waits on.
    """
    for org_id, own in _by_org(events).items():
        booking = _Booking(session, org_id, clock_of(session).now())
        for event in own:
            waiting = lines_without_rate(session, org_id, event.day)
            for start in range(0, len(waiting), IDS_A_QUERY):
                _correct(booking, waiting[start : start + IDS_A_QUERY], event, priced)
        booking.finish()


def _share_anew(booking: _Booking, run_id: UUID, event: Event) -> None:
    lines = received_with(booking.session, booking.org_id, [run_id])
    _correct(booking, lines, event, trip_shared_again)


def _correct(
    booking: _Booking,
    line_ids: Sequence[UUID],
    event: Event,
    again: Callable[[Booked, Estimate], list[Entry]],
) -> None:
    """Books the receipts' entries again where what is found now makes them others.

    Each by the factor set that it was booked with.
    """
    session, org_id = booking.session, booking.org_id
    receipts = _receipts_of(session, org_id, line_ids)
    stands = defaultdict(list)
    for each in _standing_of_events(session, org_id, receipts.keys()):
        stands[receipts[each.booked.entry.event_id]].append(each)
    for version in sorted({_factor_set(each) for each in stands.values()}):
        those = [line for line, each in stands.items() if _factor_set(each) == version]
        factors = factors_of(session, version, org_id=org_id)
        for piece in received(session, org_id, those, factors):
            found = estimate_without_rate(piece.facts, factors)
            for each in stands[piece.line_id]:
                for entry in again(each.booked, found):
                    booking.add(entry, each.placed, event)


def _receipts_of(session: Session, org_id: UUID, line_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The lines' receipts: event → line."""
    rows = session.execute(
        select(EventRow.id, EventRow.subject_id).where(
            EventRow.org_id == org_id,
            EventRow.kind == PieceReceived.kind,
            EventRow.subject_id.in_(line_ids),
        )
    )
    return {row.id: row.subject_id for row in rows}


def _factor_set(stands: Sequence[_Standing]) -> str:
    return stands[0].booked.entry.factor_set_id


def _by_org(events: Sequence[Any]) -> dict[UUID, list[Any]]:
    by_org: dict[UUID, list[Any]] = defaultdict(list)
    for each in events:
        by_org[each.org_id].append(each)
    return by_org


def _placed(piece: Received) -> dict[str, Any]:
    return {name: getattr(piece, name) for name in PLACED}


def _count_uses(booking: _Booking, uses: list[_Standing], event: Event) -> None:
    """D2: each use but the last counts the months until the next, the last its planned ones."""
    uses.sort(key=lambda each: each.position)
    for use, after in zip_longest(uses, uses[1:]):
        for each in _counted_again(use, after):
            added = booking.add(each, use.placed, event)
            if each.reverses_id is None:
                use.booked = added


def _counted_again(use: _Standing, after: _Standing | None) -> list[Entry]:
    """What makes a use count the months until the next one, or its planned ones; mostly nothing."""
    entry = use.booked.entry
    if after is None:
        is_right = _months(entry, "extra_life") == _months(entry, "planned_extra_life")
        return [] if is_right else next_use_undone(use.booked)
    next_day = after.booked.entry.handed_over_on
    served = months_between(entry.handed_over_on, next_day)
    is_right = _months(entry, "extra_life") == str(served) and _is_served(entry)
    return [] if is_right else next_use(use.booked, handed_over_on=next_day)


def _count_before(
    session: Session, org_id: UUID, known: Mapping[UUID, Sequence[_Standing]]
) -> None:
    """D2 and D3: what a piece's former owner counts ends with its next use where it came to.

    A crossing is one use with two sides, the giver's last and the receiver's first, which both
    count until the receiver's second.
    """
    rows = session.execute(
        select(Item.id, Item.previous_org_id, Item.previous_item_id).where(
            Item.org_id == org_id, Item.id.in_(known), Item.previous_item_id.is_not(None)
        )
    )
    second: dict[UUID, dict[UUID, _Standing | None]] = defaultdict(dict)
    for row in rows:
        uses = sorted(known[row.id], key=lambda each: each.position)
        second[row.previous_org_id][row.previous_item_id] = uses[1] if len(uses) > 1 else None
    for giver_id, by_item in sorted(second.items()):
        booking = _Booking(session, giver_id, clock_of(session).now())
        for item_id, uses in _standing_net(session, giver_id, by_item.keys()).items():
            last = max(uses, key=lambda each: each.position)
            again = _counted_again(last, by_item[item_id])
            if again:
                event = UseCountedAgain(
                    org_id=giver_id, subject_id=last.booked.id, person_id=None, item_id=item_id
                )
                publish(session, [event])
                for each in again:
                    booking.add(each, last.placed, event)
        if booking.rows:
            booking.finish()


def _value(entry: Entry, name: str) -> dict[str, Any]:
    values: Any = entry.inputs["values"]
    found: dict[str, Any] = values[name]
    return found


def _months(entry: Entry, name: str) -> str:
    return str(_value(entry, name)["value"])


def _is_served(entry: Entry) -> bool:
    return _value(entry, "extra_life").get("key") == "served"


def _standing_net(
    session: Session, org_id: UUID, item_ids: Collection[UUID]
) -> dict[UUID, list[_Standing]]:
    found: dict[UUID, list[_Standing]] = defaultdict(list)
    for each in _stand(_entries(session, org_id, LedgerEntry.item_id, item_ids)):
        if each.booked.entry.view == View.NET:
            found[each.booked.entry.item_id].append(each)
    return found


def _standing_of_events(
    session: Session, org_id: UUID, event_ids: Collection[UUID]
) -> list[_Standing]:
    return _stand(_entries(session, org_id, LedgerEntry.event_id, event_ids))


def _entries(
    session: Session, org_id: UUID, column: Any, ids: Collection[UUID]
) -> list[LedgerEntry]:
    wanted = list(ids)
    return [
        row
        for start in range(0, len(wanted), IDS_A_QUERY)
        for row in session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.org_id == org_id)
            .where(column.in_(wanted[start : start + IDS_A_QUERY]))
        )
    ]


def _stand(rows: Sequence[LedgerEntry]) -> list[_Standing]:
    by_id = {row.id: row for row in rows}
    first: dict[UUID, datetime] = {}
    for row in rows:
        first[row.event_id] = min(first.get(row.event_id, row.booked_at), row.booked_at)
    return [
        _Standing(
            each,
            {name: getattr(by_id[each.id], name) for name in PLACED},
            first[each.entry.event_id],
        )
        for each in standing(booked(row) for row in rows)
    ]
