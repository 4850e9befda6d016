"""Whether an organisation's own factors, rates and declarations are those that events told of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.declarations import queries as declarations
from app.declarations.events import DeclarationApplied, DeclarationEnded
from app.declarations.models import Declaration, DeclarationFile
from app.impact.events import ExchangeRateRecorded, FactorOverrideSet, FactorOverrideWithdrawn
from app.impact.models_own import ExchangeRate, FactorDocument, FactorOverride
from app.impact.queries_own import told_of_override, told_of_rate
from app.kit.chain import ChainLink
from app.kit.events import Event, EventRow
from app.ledger.difference import Difference
from app.ledger.verification_kept import SAME_TIME
from app.ledger.verification_read import Read

ROWS_A_BATCH = 1_000


class Told(Protocol):
    """A row that is told of as it is written."""

    id: UUID
    created_at: datetime


def own_factors(session: Session, org_id: UUID, read: Read) -> Difference | None:
    """Every version of an own factor says what was told when it was set or withdrawn."""
    query = (
        select(FactorOverride, FactorDocument)
        .outerjoin(
            FactorDocument,
            (FactorDocument.org_id == FactorOverride.org_id)
            & (FactorDocument.id == FactorOverride.factor_document_id),
        )
        .where(FactorOverride.org_id == org_id)
        .order_by(FactorOverride.category_id, FactorOverride.kind, FactorOverride.number)
    )
    events = _events(session, org_id, read, FactorOverrideSet, FactorOverrideWithdrawn)
    with session.execute(query.execution_options(yield_per=ROWS_A_BATCH)) as rows:
        pairs = ((row, told_of_override(row, document)) for row, document in rows)
        return _wrong("factor_override", pairs, events)


def exchange_rates(session: Session, org_id: UUID, read: Read) -> Difference | None:
    """Every rate is the one that was recorded."""
    query = select(ExchangeRate).where(ExchangeRate.org_id == org_id)
    rows = session.scalars(query.order_by(ExchangeRate.created_at, ExchangeRate.id))
    pairs = ((row, told_of_rate(row)) for row in rows)
    return _wrong("exchange_rate", pairs, _events(session, org_id, read, ExchangeRateRecorded))


def declarations_hold(session: Session, org_id: UUID, read: Read) -> Difference | None:
    """Every declaration says what was told, of the very file, and counts as long as was told."""
    events = _events(session, org_id, read, DeclarationApplied, DeclarationEnded)
    ends = _ends(events)
    query = (
        select(Declaration, DeclarationFile)
        .join(
            DeclarationFile,
            (DeclarationFile.org_id == Declaration.org_id)
            & (DeclarationFile.id == Declaration.declaration_file_id),
        )
        .where(Declaration.org_id == org_id)
        .order_by(Declaration.created_at, Declaration.id)
    )
    rows = session.execute(query).all()
    applied = [each for each in events if each.kind == DeclarationApplied.kind]
    pairs = ((row, declarations.told_of(row, file)) for row, file in rows)
    wrong = _wrong("declaration", pairs, applied)
    if wrong is not None:
        return wrong
    for row, _ in rows:
        end = ends.get(row.id)
        place = ("declaration", str(row.id), None)
        if row.ended_at is None and end is not None:
            return Difference(*place, "does not count any more")
        if row.ended_at is not None and (end is None or abs(end - row.ended_at) > SAME_TIME):
            return Difference(*place, "ended, and no event says so")
    return None


def _events(session: Session, org_id: UUID, read: Read, *kinds: type[Event]) -> Sequence[Row[Any]]:
    """In the order of the chain; which is not asked for where there is nothing to order."""
    if not read.tells_of(*kinds):
        return ()
    kinds_asked = (EventRow.org_id == org_id, EventRow.kind.in_([each.kind for each in kinds]))
    columns = (
        EventRow.kind,
        EventRow.subject_id,
        EventRow.person_id,
        EventRow.at,
        EventRow.payload,
    )
    found = session.execute(select(*columns).where(*kinds_asked).limit(2)).all()
    if len(found) < 2:
        return found
    query = (
        select(*columns)
        .join(ChainLink, (ChainLink.org_id == EventRow.org_id) & (ChainLink.row_id == EventRow.id))
        .where(*kinds_asked)
        .order_by(ChainLink.seq)
    )
    return session.execute(query).all()


def _ends(events: Iterable[Row[Any]]) -> Mapping[UUID, datetime]:
    """When each declaration ceased to count: as it was ended, or another took its place."""
    holding: dict[tuple[Any, Any], UUID] = {}
    ends: dict[UUID, datetime] = {}
    for each in events:
        target = each.payload["product_model_id"], each.payload["item_id"]
        before = holding.pop(target, None)
        if before is not None:
            ends[before] = each.at
        if each.kind == DeclarationApplied.kind:
            holding[target] = each.subject_id
    return ends


def _wrong(
    table: str, pairs: Iterator[tuple[Told, Event]], events: Iterable[Row[Any]]
) -> Difference | None:
    """The first row that is not as its event told, that no event told of, or that is gone.

    The first of these events told less of a row; what they told is compared all the same.
    """
    told = {each.subject_id: each for each in events}
    for row, expected in pairs:
        found = told.pop(row.id, None)
        if found is None:
            return Difference(table, str(row.id), None, "no event stands behind it")
        payload = expected.payload()
        if (
            found.kind != expected.kind
            or found.person_id != expected.person_id
            or abs(found.at - row.created_at) > SAME_TIME
            or {name: payload.get(name) for name in found.payload} != found.payload
        ):
            return Difference(table, str(row.id), None, "not as it was told")
    for gone in told:
        return Difference(table, str(gone), None, "missing row")
    return None
