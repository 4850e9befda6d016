"""Whether every entry has a receipt that stands, and every receipt its entries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import compress
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Text, cast, select, type_coerce
from sqlalchemy.orm import Session

from app.handovers.events import PieceReceived, PieceReturned
from app.handovers.models import HandoverLine
from app.impact.rules import UserCase, View
from app.kit.spelling import digits
from app.kit.tenancy import Model
from app.ledger.difference import Difference
from app.ledger.summing import pieces_counted, years_of
from app.ledger.tally import Booked, Tally
from app.ledger.verification_read import Read

ENTRY, EVENT = (Model.metadata.tables[name] for name in ("ledger_entry", "event"))
VIEWS = tuple(view.value for view in View)
ROWS_A_BATCH = 2_000


def events(session: Session, org_id: UUID, read: Read) -> None:
    """Folds receipts and returns again, for ``booked`` to compare with. Finds nothing itself."""
    if not read.tells_of(PieceReceived, PieceReturned):
        return
    query: Any = (
        select(
            digits(session, EVENT.c.id),
            EVENT.c.kind,
            digits(session, EVENT.c.subject_id),
            cast(EVENT.c.payload, Text),
        )
        .where(EVENT.c.org_id == org_id)
        .where(EVENT.c.kind.in_((PieceReceived.kind, PieceReturned.kind)))
        .execution_options(yield_per=ROWS_A_BATCH)
    )
    with session.connection().execute(query) as rows:
        for event_id, kind, line_id, text in rows:
            payload = from_json(text)
            if kind == PieceReceived.kind:
                read.received[event_id] = payload["item_id"].replace("-", ""), line_id
            elif payload["undoes_event_id"] is not None:
                read.undone.add(payload["undoes_event_id"].replace("-", ""))


def booked(
    session: Session, org_id: UUID, read: Read, tally: Tally | None = None
) -> Difference | None:
    """What should stand after all receipts and returns, compared with the entries that do.

    Ids are compared as the 32 digits they are stored or spelled by: none of them is looked into.
    The pieces in use are counted along the way. ``tally`` gives the entries where it holds them.
    """
    if tally is not None and tally.is_whole:
        batches, reverses = tally.booked(), tally.reverses
    else:
        batches, reverses = _scanned(session, org_id), _reversals(session, org_id)
    standing = _Standing(read, reverses)
    for batch in batches:
        wrong = standing.take(batch)
        if wrong is not None:
            return wrong
    years = {period_id.hex: year for period_id, year in years_of(session, org_id).items()}
    uses: dict[int, Counter[str]] = defaultdict(Counter)
    for period_id, own in standing.uses.items():
        if period_id in years:
            uses[years[period_id]].update(own)
    read.pieces = pieces_counted(uses)
    return _unbooked(session, org_id, standing.missing())


class _Standing:
    """Entries that stand, by view and event, and the uses of pieces, by period."""

    def __init__(self, read: Read, reverses: Mapping[str, str]) -> None:
        self._received, self._undone, self._reverses = read.received, read.undone, reverses
        self._reversed = set(reverses.values())
        self._items = {event_id: item_id for event_id, (item_id, _) in read.received.items()}
        self._stands: dict[str, set[str]] = {view: set() for view in VIEWS}
        self.uses: dict[str, Counter[str]] = defaultdict(Counter)

    def take(self, batch: Booked) -> Difference | None:
        """The first entry that should not stand, in the batch's order."""
        return None if self._all_stand(batch) else self._one_by_one(batch)

    def missing(self) -> Mapping[str, str]:
        """Receipts, by line, that should stand and do not in every view."""
        everywhere = set.intersection(*(self._stands[view] for view in VIEWS))
        return {
            line_id: event_id
            for event_id, (_, line_id) in self._received.items()
            if event_id not in everywhere and event_id not in self._undone
        }

    def _all_stand(self, batch: Booked) -> bool:
        """Takes a batch at once, where each of it stands: as most do, by far. Else takes nothing."""
        if (
            list(map(self._items.get, batch.event_ids)) != list(batch.item_ids)
            or not self._undone.isdisjoint(batch.event_ids)
            or not self._reverses.keys().isdisjoint(batch.entry_ids)
            or not self._reversed.isdisjoint(batch.entry_ids)
        ):
            return False
        more: dict[str, set[str]] = {view: set() for view in VIEWS}
        uses: list[tuple[str, Iterable[str]]] = []
        for place in set(batch.places):
            period_id, view = place
            chosen = [each == place for each in batch.places]
            event_ids = list(compress(batch.event_ids, chosen))
            own = set(event_ids)
            if (
                len(own) < len(event_ids)
                or not own.isdisjoint(self._stands[view])
                or not own.isdisjoint(more[view])
            ):
                return False
            more[view] |= own
            if view == View.GROSS:
                uses.append((period_id, compress(batch.item_ids, chosen)))
        for view, own in more.items():
            self._stands[view] |= own
        for period_id, item_ids in uses:
            self.uses[period_id].update(item_ids)
        return True

    def _one_by_one(self, batch: Booked) -> Difference | None:
        for entry_id, event_id, item_id, (period_id, view) in zip(*batch, strict=True):
            if self._items.get(event_id) != item_id:
                return _wrong(entry_id, "no receipt stands behind it")
            is_reversal = entry_id in self._reverses
            if view == View.GROSS:
                self.uses[period_id][item_id] += -1 if is_reversal else 1
            if is_reversal or entry_id in self._reversed:
                continue
            if event_id in self._undone:
                return _wrong(entry_id, "its receipt was undone")
            if event_id in self._stands[view]:
                return _wrong(entry_id, "counted twice")
            self._stands[view].add(event_id)
        return None


def _wrong(entry_id: str, reason: str) -> Difference:
    return Difference("ledger_entry", str(UUID(entry_id)), None, reason)


def _scanned(session: Session, org_id: UUID) -> Iterator[Booked]:
    """Every entry. What it reverses lies behind its inputs, and is asked for apart."""
    names = ("id", "event_id", "item_id", "period_id")
    query: Any = (
        select(
            *(digits(session, ENTRY.c[name]) for name in names),
            type_coerce(ENTRY.c.view, Text),
        )
        .where(ENTRY.c.org_id == org_id)
        .execution_options(yield_per=ROWS_A_BATCH)
    )
    with session.connection().execute(query) as rows:
        for some in rows.partitions():
            entry_ids, event_ids, item_ids, period_ids, views = zip(*some, strict=True)
            places = list(zip(period_ids, views, strict=True))
            yield Booked(entry_ids, event_ids, item_ids, places)


def _reversals(session: Session, org_id: UUID) -> dict[str, str]:
    """Entries that reverse another, each with the one that it reverses."""
    ids = (digits(session, ENTRY.c.id), digits(session, ENTRY.c.reverses_id))
    query = select(*ids).where(ENTRY.c.org_id == org_id, ENTRY.c.reverses_id.is_not(None))
    rows: Any = session.execute(query)
    return dict(rows.all())


def _unbooked(session: Session, org_id: UUID, missing: Mapping[str, str]) -> Difference | None:
    """A receipt (by line) without entries, unless the piece only moved along with its user."""
    if not missing:
        return None
    moved = {
        each.hex
        for each in session.scalars(
            select(HandoverLine.id).where(
                HandoverLine.org_id == org_id, HandoverLine.user_case == UserCase.MOVES_ALONG
            )
        )
    }
    for line_id, event_id in missing.items():
        if line_id not in moved:
            event = str(UUID(event_id))
            return Difference("event", event, None, "a received piece was not booked")
    return None
