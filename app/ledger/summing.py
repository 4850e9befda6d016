"""Writes the sums of new entries beside them, at the end of the unit of work."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, delete, func, select
from sqlalchemy.orm import Session

from app.impact.rules import View
from app.kit.bulk import add_to_rows
from app.kit.work import at_last
from app.ledger.models import LedgerEntry, Period
from app.ledger.models_sums import LedgerPieces, LedgerSum
from app.ledger.received import IDS_A_QUERY
from app.ledger.rules import FIGURES
from app.ledger.rules_sums import ALIKE, ALL_YEARS, COLUMN, KEY, SUMMED, added, sum_id

_SUMS = LedgerSum.metadata.tables["ledger_sum"]
_PIECES = LedgerPieces.metadata.tables["ledger_pieces"]
_STANDS = case((LedgerEntry.reverses_id.is_(None), 1), else_=-1)
GROUPS_A_BATCH = 5_000


def add_up(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Adds entries that were written to the sums, before the unit of work ends."""
    at_last(session, write_sums, rows)


def write_sums(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds entries, which stand in the ledger already, to the sums now."""
    years = _years(session, {row["period_id"] for row in rows})
    _write(session, rows, years)
    for org_id, changes in sorted(_changes(rows, years).items()):
        pieces = _pieces_changed(session, org_id, changes)
        made = [
            {"id": sum_id((org_id, "pieces", year)), "org_id": org_id, "year": year, "pieces": n}
            for year, n in sorted(pieces.items())
            if n
        ]
        add_to_rows(session, _PIECES, made, ["pieces"])


def _write(session: Session, rows: Iterable[Mapping[str, Any]], years: Mapping[UUID, int]) -> None:
    made = [
        {
            "id": sum_id(key),
            **dict(zip(KEY, key, strict=True)),
            **dict(zip(SUMMED, sums, strict=True)),
        }
        for key, sums in added(rows, years).items()
        if any(sums)
    ]
    made.sort(key=lambda each: (each["org_id"], each["id"]))
    add_to_rows(session, _SUMS, made, SUMMED)


def _years(session: Session, period_ids: Collection[UUID]) -> dict[UUID, int]:
    query = select(Period.id, Period.year).where(Period.id.in_(period_ids))
    return {row.id: row.year for row in session.execute(query)}


def _changes(
    rows: Iterable[Mapping[str, Any]], years: Mapping[UUID, int]
) -> dict[UUID, dict[UUID, dict[int, int]]]:
    """Organisation → piece → year → by how much its uses that stand have changed."""
    found: dict[UUID, dict[UUID, dict[int, int]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(int))
    )
    for row in rows:
        if row["view"] == View.GROSS:
            change = 1 if row["reverses_id"] is None else -1
            for year in (ALL_YEARS, years[row["period_id"]]):
                found[row["org_id"]][row["item_id"]][year] += change
    return found


def _pieces_changed(
    session: Session, org_id: UUID, changes: Mapping[UUID, Mapping[int, int]]
) -> dict[int, int]:
    """Year → by how much its pieces have changed, from the uses that stand now and stood before."""
    uses: dict[tuple[UUID, int], int] = defaultdict(int)
    wanted = sorted(changes)
    for start in range(0, len(wanted), IDS_A_QUERY):
        some = LedgerEntry.item_id.in_(wanted[start : start + IDS_A_QUERY])
        for item_id, year, count in session.execute(_uses_by_piece(org_id).where(some)):
            uses[item_id, year] += int(count)
            uses[item_id, ALL_YEARS] += int(count)
    pieces: dict[int, int] = defaultdict(int)
    for item_id, by_year in changes.items():
        for year, change in by_year.items():
            now = uses[item_id, year]
            pieces[year] += _sign(now) - _sign(now - change)
    return pieces


def _sign(uses: int) -> int:
    """A use that was booked in one year and reversed in another is one piece less in that one."""
    return (uses > 0) - (uses < 0)


def _uses_by_piece(org_id: UUID) -> Any:
    return (
        select(LedgerEntry.item_id, Period.year, func.sum(_STANDS))
        .join(Period, (Period.org_id == LedgerEntry.org_id) & (Period.id == LedgerEntry.period_id))
        .where(LedgerEntry.org_id == org_id, LedgerEntry.view == View.GROSS)
        .group_by(LedgerEntry.item_id, Period.year)
    )


_GROUPED = ("org_id", "period_id", "handed_over_on", *COLUMN.values(), *ALIKE)


def groups_of(session: Session, org_id: UUID) -> Iterator[Mapping[str, Any]]:
    """All entries of the ledger in groups that agree in everything that a sum is made by."""
    missing = case((LedgerEntry.co2e_g.is_(None), _STANDS), else_=0)
    columns = [getattr(LedgerEntry, name) for name in _GROUPED]
    query = (
        select(
            *columns,
            func.sum(_STANDS).label("uses"),
            func.sum(missing).label("not_calculated"),
            *(func.sum(getattr(LedgerEntry, name)).label(name) for name in FIGURES),
        )
        .where(LedgerEntry.org_id == org_id)
        .group_by(*columns)
        .execution_options(yield_per=GROUPS_A_BATCH)
    )
    yield from (dict(row) for row in session.execute(query).mappings())


def pieces_of(session: Session, org_id: UUID) -> dict[int, int]:
    """Year → pieces with a use that stands, counted from the ledger itself; 0 is all years."""
    by_piece = _uses_by_piece(org_id).subquery()
    uses: dict[int, Counter[UUID]] = defaultdict(Counter)
    for item_id, year, count in session.execute(select(*by_piece.c)):
        uses[year][item_id] = int(count)
    return pieces_counted(uses)


def pieces_counted(uses: Mapping[int, Counter[Any]]) -> dict[int, int]:
    """Year → pieces, of every piece's uses that stand in each year; 0 is all years."""
    ever: Counter[Any] = Counter()
    for each in uses.values():
        ever.update(each)
    pieces = {year: _pieces(each) for year, each in uses.items()}
    pieces[ALL_YEARS] = _pieces(ever)
    return {year: count for year, count in pieces.items() if count}


def _pieces(uses: Counter[Any]) -> int:
    """Nearly all pieces have one use: what their number says is asked once."""
    return sum(_sign(number) * pieces for number, pieces in Counter(uses.values()).items())


def add_up_anew(session: Session, org_id: UUID) -> None:
    """Makes all sums of an organisation from its ledger, whatever stood there before."""
    for table in (_SUMS, _PIECES):
        session.execute(delete(table).where(table.c.org_id == org_id))
    _write(session, groups_of(session, org_id), years_of(session, org_id))
    made = [
        {"id": sum_id((org_id, "pieces", year)), "org_id": org_id, "year": year, "pieces": count}
        for year, count in pieces_of(session, org_id).items()
    ]
    add_to_rows(session, _PIECES, made, ["pieces"])


def years_of(session: Session, org_id: UUID) -> dict[UUID, int]:
    rows: Iterable[Row[UUID, int]] = session.execute(
        select(Period.id, Period.year).where(Period.org_id == org_id)
    )
    return {row.id: row.year for row in rows}
