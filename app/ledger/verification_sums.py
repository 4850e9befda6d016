"""Whether the sums beside the ledger are the sums of its entries."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ledger.models_sums import LedgerPieces, LedgerSum
from app.ledger.rules_sums import KEY, SUMMED, Key, added
from app.ledger.summing import groups_of, pieces_of, years_of


def wrong_sum(
    session: Session,
    org_id: UUID,
    found: Mapping[Key, Sequence[int]] | None = None,
    counted: Mapping[int, int] | None = None,
) -> tuple[str, str] | None:
    """Table and id of the first sum that its entries do not give, or that is missing; none if all do.

    ``found`` are the entries added up and ``counted`` the pieces of each year, where somebody has
    read them all already. A missing sum has no id and is named by what it is the sum of. A row of
    nothing but zeros is as none: everything that it stood for was reversed.
    """
    if found is None:
        found = added(groups_of(session, org_id), years_of(session, org_id))
    expected = {key: tuple(sums) for key, sums in found.items() if any(sums)}
    columns = [getattr(LedgerSum, name) for name in (*KEY, *SUMMED, "id")]
    query = select(*columns).where(LedgerSum.org_id == org_id).order_by(LedgerSum.id)
    for row in session.execute(query):
        key: tuple[Any, ...] = tuple(row[: len(KEY)])
        sums = tuple(row[len(KEY) : -1])
        if sums != expected.pop(key, (0,) * len(SUMMED)):
            return "ledger_sum", str(row.id)
    if expected:
        missing = min(expected, key=str)
        return "ledger_sum", "|".join("" if part is None else str(part) for part in missing)
    pieces = dict(pieces_of(session, org_id) if counted is None else counted)
    rows = session.execute(
        select(LedgerPieces.id, LedgerPieces.year, LedgerPieces.pieces).where(
            LedgerPieces.org_id == org_id
        )
    )
    for row in rows:
        if row.pieces != pieces.pop(row.year, 0):
            return "ledger_pieces", str(row.id)
    return ("ledger_pieces", str(min(pieces))) if pieces else None
