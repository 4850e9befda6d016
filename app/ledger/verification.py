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
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.impact.models import FactorRow, FactorSet
from app.impact.rules import FACTOR_SETS, factor_files, rows_of
from app.kit import chain, chain_walk
from app.kit.canonical import canonical
from app.kit.tenancy import Model
from app.ledger.difference import Difference
from app.ledger.tally import ENTRY, TALLIED, Tally
from app.ledger.verification_entries import entries_hold
from app.ledger.verification_kept import disposals, ladder_steps, periods, project_reports
from app.ledger.verification_own import declarations_hold, exchange_rates, own_factors
from app.ledger.verification_read import UNREADABLE, Read
from app.ledger.verification_receipts import booked, events
from app.ledger.verification_sums import wrong_sum

APPEND_ONLY: Mapping[str, Table] = {
    name: Model.metadata.tables[name] for name in ("event", "ledger_entry")
}
Check = Callable[..., Difference | int | None]
Answer = Callable[[], Difference | int | None]
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
    read, tally = Read(session, org_id), Tally(session, org_id)
    with chain_walk.begun(session, org_id, APPEND_ONLY, TALLIED, tally.take) as walking:
        # While other processes hash. What is said of rows that the chain does not hold is not told.
        ahead = _ahead(session, org_id, read) if walking.is_shared else {}
        head, difference = _chain_holds(session, org_id, walking)
        if difference is None:
            tally.close(walking.counted[ENTRY.name])
    entries = 0
    if difference is None:
        entries, difference = _checked(session, org_id, read, tally, ahead)
    if difference is not None and difference.seq is None and difference.row_id is not None:
        difference = _with_seq(session, org_id, difference)
    seq, digest = head
    return Verification(difference is None, org_id, seq, entries, digest, difference)


def _checked(
    session: Session, org_id: UUID, read: Read, tally: Tally, ahead: Mapping[Check, Answer]
) -> tuple[int, Difference | None]:
    """What else has to hold once the chain does: how many entries there are, and what does not."""
    entries = 0
    for check in CHECKS:
        answer = ahead.get(check)
        if answer is not None:
            found = answer()
        else:
            # Whoever walked all entries need not have them read again.
            given = (tally,) if check in (entries_hold, booked) else ()
            found = _asked(check, session, org_id, read, *given)
        if isinstance(found, int):
            entries = found
        elif found is not None:
            return entries, found
    return entries, None


def _asked(
    check: Check, session: Session, org_id: UUID, read: Read, *given: Any
) -> Difference | int | None:
    try:
        with session.begin_nested():
            return check(session, org_id, read, *given)
    except UNREADABLE as error:
        return Difference(check.__name__.strip("_"), None, None, UNREAD, FAULT, {"fault": error})


def _ahead(session: Session, org_id: UUID, read: Read) -> Mapping[Check, Answer]:
    """What the checks say that wait for nothing, before it is known that the chain holds.

    Only where it does counts what they say, or raise; and behind the first difference nothing does.
    """
    answers: dict[Check, Answer] = {}
    for check in CHECKS:
        if check in AFTER_THE_WALK:
            continue
        try:
            found = _asked(check, session, org_id, read)
        except Exception as error:  # noqa: BLE001  (raised where it is asked for)
            answers[check] = partial(_raised, error)
            break
        answers[check] = partial(_said, found)
        if found is not None:
            break
    return answers


def _said(found: Difference | int | None) -> Difference | int | None:
    return found


def _raised(error: Exception) -> NoReturn:
    raise error


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


def _factor_rows(session: Session, _org_id: UUID, _read: Read) -> Difference | None:
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


def _sums(session: Session, org_id: UUID, read: Read) -> Difference | None:
    """What reports read instead of the entries is the sum of them."""
    found = wrong_sum(session, org_id, read.sums, read.pieces)
    return None if found is None else Difference(*found, None, "not the sum of its entries")


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


CHECKS: Sequence[Check] = (
    _factor_rows,
    entries_hold,
    events,
    booked,
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
AFTER_THE_WALK = (entries_hold, booked, _sums)
"""Checks of what the walk tells."""
