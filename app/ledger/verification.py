"""Whether the ledger is what it was: the chain holds, and every figure can be computed again.

The chain shows that no row was changed, removed, added or moved. Beyond it: the built-in factors
are those of their files, every entry follows from its own stored inputs, the sums that reports read
are those of the entries, every entry has an event that stands, every received piece was booked,
every closed period and frozen report is what was closed, every decision on a need and every
signed disposal is what its event hashed, and the organisation's own factors, rates and declarations
are those that events told of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Table, Text, select, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.handovers.events import PieceReceived, PieceReturned
from app.handovers.models import HandoverLine
from app.impact.models import FactorRow, FactorSet
from app.impact.rules import (
    FACTOR_SETS,
    UserCase,
    View,
    factor_files,
    rows_of,
)
from app.kit import chain, chain_walk
from app.kit.canonical import canonical
from app.kit.spelling import digits
from app.kit.tenancy import Model
from app.ledger.difference import Difference
from app.ledger.rules_sums import Key
from app.ledger.verification_entries import entries_hold
from app.ledger.verification_kept import disposals, ladder_steps, periods, project_reports
from app.ledger.verification_own import declarations_hold, exchange_rates, own_factors
from app.ledger.verification_sums import wrong_sum

APPEND_ONLY: Mapping[str, Table] = {
    name: Model.metadata.tables[name] for name in ("event", "ledger_entry")
}
VIEWS = tuple(view.value for view in View)
ENTRY, EVENT = APPEND_ONLY["ledger_entry"], APPEND_ONLY["event"]
UNREADABLE = (DBAPIError, ValueError, LookupError, TypeError, AttributeError)
"""What a value that was never written by us raises as it is read."""

UNREAD = "can not be read"
FAULT = "%(fault)s"
"""The whole detail is what the driver said."""


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
    with chain_walk.begun(session, org_id, APPEND_ONLY) as walking:
        # While other processes hash. What is said of rows that the chain does not hold is not told.
        ahead = _ahead(session, org_id) if walking.is_shared else None
        head, difference = _chain_holds(session, org_id, walking)
    entries = 0
    if difference is None:
        entries, difference = ahead() if ahead is not None else _checked(session, org_id)
    if difference is not None and difference.seq is None and difference.row_id is not None:
        difference = _with_seq(session, org_id, difference)
    seq, digest = head
    return Verification(difference is None, org_id, seq, entries, digest, difference)


def _checked(session: Session, org_id: UUID) -> tuple[int, Difference | None]:
    """What else has to hold once the chain does: how many entries there are, and what does not."""
    entries, sums = 0, dict[Key, list[int]]()
    for check in CHECKS:
        # Whoever reads all entries adds them up, for the one who compares them with their sums.
        given = (sums,) if check in (entries_hold, _sums) else ()
        try:
            with session.begin_nested():
                found = check(session, org_id, *given)
        except UNREADABLE as error:
            table = check.__name__.strip("_")
            found = Difference(table, None, None, UNREAD, FAULT, {"fault": error})
        if isinstance(found, int):
            entries = found
        elif found is not None:
            return entries, found
    return entries, None


def _ahead(session: Session, org_id: UUID) -> Callable[[], tuple[int, Difference | None]]:
    """``_checked`` before it is known that the chain holds: only where it does counts what it raises."""
    try:
        found = _checked(session, org_id)
    except Exception as error:  # noqa: BLE001  (raised where it is asked for)
        fault = error

        def again() -> tuple[int, Difference | None]:
            raise fault

        return again
    return lambda: found


def chain_holds(session: Session, org_id: UUID) -> tuple[tuple[int, str], Difference | None]:
    """The head's number and digest, and the first link that does not hold."""
    with chain_walk.begun(session, org_id, APPEND_ONLY) as walking:
        return _chain_holds(session, org_id, walking)


def _chain_holds(
    session: Session, org_id: UUID, walking: chain_walk.Walking
) -> tuple[tuple[int, str], Difference | None]:
    try:
        with session.begin_nested():
            found = walking.verdict()
    except UNREADABLE:
        return _stated_head(session, org_id), _unreadable(session, org_id)
    if isinstance(found, chain_walk.Break):
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
                for row in session.execute(
                    select(table).where(table.c.org_id == org_id, table.c.id == link.row_id)
                ):
                    canonical(dict(row._mapping))  # noqa: SLF001  (SQLAlchemy's public name)
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


def _sums(session: Session, org_id: UUID, sums: dict[Key, list[int]]) -> Difference | None:
    """What reports read instead of the entries is the sum of them."""
    found = wrong_sum(session, org_id, sums)
    return None if found is None else Difference(*found, None, "not the sum of its entries")


def _events(session: Session, org_id: UUID) -> Difference | None:
    """Folds receipts and returns again, and compares what should stand with what does.

    Ids are compared as the 32 digits they are stored or spelled by: none of them is looked into.
    """
    received, undone = _folded(session, org_id)
    names = ("id", "event_id", "item_id", "reverses_id")
    rows: Sequence[Any] = session.execute(
        select(
            *(digits(session, ENTRY.c[name]) for name in names),
            type_coerce(ENTRY.c.view, Text),
        ).where(ENTRY.c.org_id == org_id)
    ).all()
    reversed_ids = {row[3] for row in rows}
    stands: set[tuple[str, str]] = set()

    def wrong(entry_id: str, reason: str) -> Difference:
        return Difference("ledger_entry", str(UUID(entry_id)), None, reason)

    for entry_id, event_id, item_id, reverses_id, view in rows:
        event = received.get(event_id)
        if event is None or event[0] != item_id:
            return wrong(entry_id, "no receipt stands behind it")
        if reverses_id is not None or entry_id in reversed_ids:
            continue
        if event_id in undone:
            return wrong(entry_id, "its receipt was undone")
        if (event_id, view) in stands:
            return wrong(entry_id, "counted twice")
        stands.add((event_id, view))
    missing = {
        line_id: event_id
        for event_id, (_, line_id) in received.items()
        if event_id not in undone and any((event_id, view) not in stands for view in VIEWS)
    }
    return _unbooked(session, org_id, missing)


def _folded(session: Session, org_id: UUID) -> tuple[dict[str, tuple[str, str]], set[str]]:
    """Receipts by event id, each with its piece and line, and those of them that were taken back."""
    received: dict[str, tuple[str, str]] = {}
    undone: set[str] = set()
    for event_id, kind, line_id, payload in session.execute(
        select(
            digits(session, EVENT.c.id),
            EVENT.c.kind,
            digits(session, EVENT.c.subject_id),
            EVENT.c.payload,
        )
        .where(EVENT.c.org_id == org_id)
        .where(EVENT.c.kind.in_((PieceReceived.kind, PieceReturned.kind)))
    ):
        if kind == PieceReceived.kind:
            received[event_id] = payload["item_id"].replace("-", ""), line_id
        elif payload["undoes_event_id"] is not None:
            undone.add(payload["undoes_event_id"].replace("-", ""))
    return received, undone


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


CHECKS: Sequence[Callable[..., Difference | int | None]] = (
    _factor_rows,
    entries_hold,
    _events,
    periods,
    project_reports,
    ladder_steps,
    disposals,
    own_factors,
    exchange_rates,
    declarations_hold,
    _sums,
)
"""In the order in which they are asked once the chain holds."""
