"""Whether the ledger is what it was: the chain holds, and every figure can be computed again.

The chain shows that no row was changed, removed, added or moved. Beyond it: the built-in factors
are those of their files, every entry follows from its own stored inputs, the sums that reports read
are those of the entries, every entry has an event that stands, every received piece was booked, and every decision on a need and every signed disposal
is what its event hashed.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Text, cast, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.disposals.events import DisposalDecided
from app.disposals.models import Disposal, DisposalFraction, DisposalPiece
from app.handovers.events import PieceReceived, PieceReturned
from app.handovers.models import HandoverLine
from app.impact.models import FactorRow, FactorSet
from app.impact.rules import (
    FACTOR_SETS,
    Estimate,
    SnapshotError,
    UserCase,
    View,
    factor_files,
    recompute,
    rows_of,
)
from app.kit import chain
from app.kit.events import EventRow
from app.kit.tenancy import Model
from app.ledger.models import LedgerEntry
from app.ledger.rules import Entry, differences
from app.ledger.verification_sums import wrong_sum
from app.needs.events import LadderStepDecided
from app.needs.models import LadderStep

APPEND_ONLY: Mapping[str, Table] = {
    name: Model.metadata.tables[name] for name in ("event", "ledger_entry")
}
ENTRIES_A_BATCH = 1_000
ESTIMATES_KEPT = 2_000
ENTRY_COLUMNS = tuple(each.name for each in fields(Entry) if each.name != "inputs")
UNREADABLE = (DBAPIError, ValueError, LookupError, TypeError, AttributeError)
"""What a value that was never written by us raises as it is read."""

SAME_TIME = timedelta(minutes=1)
"""The clock is read for the row and again for its event."""

UNREAD = "can not be read"
FAULT = "%(fault)s"
"""The whole detail is what the driver said."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where something does not hold; ``seq`` is the link's number in the chain.

    ``detail`` says more of the reason, in English with the places of ``values`` as ``%(name)s``.
    """

    table: str
    row_id: str | None
    seq: int | None
    reason: str
    detail: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self) -> str:
        """Reason and detail in English, as programs read them."""
        return ": ".join(each for each in (self.reason, self.detail % self.values) if each)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was walked, and what was found. ``head_digest`` is printed so a cut tail shows."""

    ok: bool
    org_id: UUID
    links: int
    entries: int
    head_digest: str
    difference: Difference | None


def verify(session: Session, org_id: UUID) -> Verification:
    """Walks one organisation's chain and recomputes its ledger. Changes nothing, ever."""
    head, difference = chain_holds(session, org_id)
    entries = 0
    for check in (_factor_rows, entries_hold, _events, _ladder_steps, _disposals, _sums):
        if difference is not None:
            break
        try:
            with session.begin_nested():
                found = check(session, org_id)
        except UNREADABLE as error:
            table = check.__name__.strip("_")
            found = Difference(table, None, None, UNREAD, FAULT, {"fault": error})
        if isinstance(found, int):
            entries = found
        else:
            difference = found
    if difference is not None and difference.seq is None and difference.row_id is not None:
        difference = _with_seq(session, org_id, difference)
    seq, digest = head
    return Verification(difference is None, org_id, seq, entries, digest, difference)


def chain_holds(session: Session, org_id: UUID) -> tuple[tuple[int, str], Difference | None]:
    try:
        with session.begin_nested():
            found = chain.verify(session, org_id, APPEND_ONLY)
    except UNREADABLE:
        return _stated_head(session, org_id), _unreadable(session, org_id)
    if isinstance(found, chain.Break):
        row_id = None if found.row_id is None else str(found.row_id)
        return _stated_head(session, org_id), Difference(
            found.table, row_id, found.seq, found.reason
        )
    return (found.seq, found.digest), None


def _stated_head(session: Session, org_id: UUID) -> tuple[int, str]:
    row = session.execute(
        select(chain.ChainHead.seq, chain.ChainHead.digest).where(chain.ChainHead.org_id == org_id)
    ).one_or_none()
    return (0, chain.GENESIS) if row is None else (row.seq, row.digest)


def _unreadable(session: Session, org_id: UUID) -> Difference:
    """The first link whose row can not be read: found one by one, as the walk could not say."""
    for link in session.execute(
        select(chain.ChainLink.seq, chain.ChainLink.table, chain.ChainLink.row_id)
        .where(chain.ChainLink.org_id == org_id)
        .order_by(chain.ChainLink.seq)
    ).all():
        table = APPEND_ONLY.get(link.table)
        if table is None:
            return Difference(link.table, str(link.row_id), link.seq, "unknown table")
        try:
            with session.begin_nested():
                session.execute(
                    select(table).where(table.c.org_id == org_id, table.c.id == link.row_id)
                ).all()
        except UNREADABLE as error:
            fault = {"fault": _first_line(error)}
            return Difference(link.table, str(link.row_id), link.seq, UNREAD, FAULT, fault)
    return Difference("chain_link", None, None, UNREAD)


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _factor_rows(session: Session, _org_id: UUID) -> Difference | None:
    """A built-in set in the database is, row by row, what its files say."""
    for version in session.scalars(select(FactorSet.id).order_by(FactorSet.id)):
        if not (FACTOR_SETS / version).is_dir():
            continue
        kept = {
            (table, key): columns
            for table, key, columns in session.execute(
                select(FactorRow.table, FactorRow.key, FactorRow.columns).where(
                    FactorRow.factor_set_id == version
                )
            )
        }
        published = {
            (table, next(iter(columns.values()))): columns
            for table, content in factor_files(version).items()
            for columns in rows_of(table, content)
        }
        for place in sorted(kept.keys() | published.keys()):
            if kept.get(place) != published.get(place):
                reason = "missing row" if place not in kept else "not as it was published"
                return Difference("factor_row", "/".join((version, *place)), None, reason)
    return None


def entries_hold(session: Session, org_id: UUID) -> Difference | int:
    """Every entry again from its own inputs; gives how many there are."""
    recomputed = lru_cache(maxsize=ESTIMATES_KEPT)(_recomputed)
    table = Model.metadata.tables["ledger_entry"]
    columns = [column for column in table.columns if column.name != "inputs"]
    query = (
        select(*columns, cast(table.c.inputs, Text).label("text"))
        .where(table.c.org_id == org_id)
        .execution_options(yield_per=ENTRIES_A_BATCH)
    )
    count = 0
    for row in session.execute(query):
        count += 1
        place = ("ledger_entry", str(row.id), None)
        try:
            found = recomputed(row.text)
            values = {name: getattr(row, name) for name in ENTRY_COLUMNS}
            wrong = differences(Entry(**values, inputs=found.inputs), found)
        except SnapshotError as error:
            return Difference(*place, "inputs", error.message, error.values)
        if wrong:
            return Difference(*place, "recomputed", "%(columns)s", {"columns": ", ".join(wrong)})
    return count


def _recomputed(text: str) -> Estimate:
    """What stored inputs give; like pieces of one trip, gross and net, share the very same ones."""
    inputs = json.loads(text)
    found = recompute(inputs)
    if found.inputs != inputs:
        raise SnapshotError("more or less than the formulas use")
    return found


def _sums(session: Session, org_id: UUID) -> Difference | None:
    """What reports read instead of the entries is the sum of them."""
    found = wrong_sum(session, org_id)
    return None if found is None else Difference(*found, None, "not the sum of its entries")


def _events(session: Session, org_id: UUID) -> Difference | None:
    """Folds receipts and returns again, and compares what should stand with what does."""
    received, undone = _folded(session, org_id)
    rows = session.execute(
        select(
            LedgerEntry.id,
            LedgerEntry.event_id,
            LedgerEntry.item_id,
            LedgerEntry.view,
            LedgerEntry.reverses_id,
        ).where(LedgerEntry.org_id == org_id)
    ).all()
    reversed_ids = {row.reverses_id for row in rows}
    stands: dict[tuple[UUID, View], UUID] = {}
    for row in rows:
        event = received.get(row.event_id)
        if event is None or event["item_id"] != str(row.item_id):
            return Difference("ledger_entry", str(row.id), None, "no receipt stands behind it")
        if row.reverses_id is not None or row.id in reversed_ids:
            continue
        if row.event_id in undone:
            return Difference("ledger_entry", str(row.id), None, "its receipt was undone")
        if (row.event_id, row.view) in stands:
            return Difference("ledger_entry", str(row.id), None, "counted twice")
        stands[row.event_id, row.view] = row.id
    open_events = [each for each in received if each not in undone]
    return _unbooked(session, org_id, [(each, received[each]) for each in open_events], stands)


def _folded(session: Session, org_id: UUID) -> tuple[dict[UUID, dict[str, Any]], set[UUID]]:
    """Receipts by event id (with line and piece), and those of them that were taken back."""
    received: dict[UUID, dict[str, Any]] = {}
    undone: set[UUID] = set()
    for row in session.execute(
        select(EventRow.id, EventRow.kind, EventRow.subject_id, EventRow.payload)
        .where(EventRow.org_id == org_id)
        .where(EventRow.kind.in_((PieceReceived.kind, PieceReturned.kind)))
    ):
        if row.kind == PieceReceived.kind:
            received[row.id] = {**row.payload, "line_id": row.subject_id}
        elif row.payload["undoes_event_id"] is not None:
            undone.add(UUID(row.payload["undoes_event_id"]))
    return received, undone


def _unbooked(
    session: Session,
    org_id: UUID,
    events: Sequence[tuple[UUID, Mapping[str, Any]]],
    stands: Mapping[tuple[UUID, View], UUID],
) -> Difference | None:
    """A receipt without entries, unless the piece only moved along with its user."""
    missing = {
        event["line_id"]: event_id
        for event_id, event in events
        if any((event_id, view) not in stands for view in View)
    }
    if not missing:
        return None
    moved = set(
        session.scalars(
            select(HandoverLine.id).where(
                HandoverLine.org_id == org_id, HandoverLine.user_case == UserCase.MOVES_ALONG
            )
        )
    )
    for line_id, event_id in missing.items():
        if line_id not in moved:
            return Difference("event", str(event_id), None, "a received piece was not booked")
    return None


def _ladder_steps(session: Session, org_id: UUID) -> Difference | None:
    """Every decision on the reuse ladder is the one that was told when it was made."""
    told = {
        row.payload["ladder_step_id"]: (row.id, row.payload)
        for row in session.execute(
            select(EventRow.id, EventRow.payload).where(
                EventRow.org_id == org_id, EventRow.kind == LadderStepDecided.kind
            )
        )
    }
    query = select(LadderStep).where(LadderStep.org_id == org_id).order_by(LadderStep.id)
    with session.scalars(query.execution_options(yield_per=ENTRIES_A_BATCH)) as steps:
        for step in steps:
            _, payload = told.pop(str(step.id), (None, None))
            if payload is None:
                return Difference("ladder_step", str(step.id), None, "no event stands behind it")
            # The very first decisions were told without it.
            if payload.get("decision_sha256") not in (None, step.sha256()):
                return Difference("ladder_step", str(step.id), None, "not as it was decided")
    for event_id, _ in told.values():
        return Difference("event", str(event_id), None, "the decision it tells of is gone")
    return None


def _disposals(session: Session, org_id: UUID) -> Difference | None:
    """Every signed disposal, with its pieces, offers and fractions, is what was signed."""
    decided = EventRow.kind == DisposalDecided.kind
    events = session.scalars(select(EventRow).where(EventRow.org_id == org_id, decided))
    told = {each.subject_id: each for each in events}
    pieces: dict[UUID, list[DisposalPiece]] = defaultdict(list)
    for piece in session.scalars(select(DisposalPiece).where(DisposalPiece.org_id == org_id)):
        pieces[piece.disposal_id].append(piece)
    fractions: dict[UUID, list[DisposalFraction]] = defaultdict(list)
    of_org = DisposalFraction.org_id == org_id
    for fraction in session.scalars(select(DisposalFraction).where(of_org)):
        fractions[fraction.disposal_id].append(fraction)
    signed = select(Disposal).where(Disposal.org_id == org_id, Disposal.decided_at.is_not(None))
    for disposal in session.scalars(signed.order_by(Disposal.number)):
        event = told.pop(disposal.id, None)
        if event is None:
            return Difference("disposal", str(disposal.id), None, "no event stands behind it")
        assert disposal.decided_at is not None  # the query asks for signed ones
        digest = disposal.sha256(pieces[disposal.id], fractions[disposal.id])
        if (event.person_id, event.payload["document_sha256"]) != (
            disposal.decided_by_id,
            digest,
        ) or abs(event.at - disposal.decided_at) > SAME_TIME:
            return Difference("disposal", str(disposal.id), None, "not as it was decided")
    for event in told.values():
        return Difference("event", str(event.id), None, "the decision it tells of is gone")
    return None


def _with_seq(session: Session, org_id: UUID, found: Difference) -> Difference:
    """The link's number of a row that was found outside the walk."""
    if found.table not in APPEND_ONLY or found.row_id is None:
        return found
    seq = session.scalar(
        select(chain.ChainLink.seq).where(
            chain.ChainLink.org_id == org_id, chain.ChainLink.row_id == UUID(found.row_id)
        )
    )
    return replace(found, seq=seq)
