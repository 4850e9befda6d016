"""Walks a hash chain from its first link to its head, and names the first place where it breaks.

Rows are first hashed as the database spells them (``kit/spelling.py``). Only where that does not
give the link's own digest is a batch read value by value: what then holds holds, and what does not
is named.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Date, Select, Table, Text, Uuid, and_, func, select, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kit.chain import GENESIS, ChainHead, ChainLink, canonical, link_digest
from app.kit.columns import UtcDateTime
from app.kit.spelling import as_bytes, dialect_of, spelling

BATCH = 5_000
A_LOOK = 500
"""Links that are fetched at once: few enough to stay in the processor's own memory."""
TEXTS_KEPT = 4_000
"""Stored JSON whose canonical spelling is kept: like pieces of one trip have the very same."""


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where an organisation's chain does not hold."""

    org_id: UUID
    seq: int
    table: str
    row_id: UUID | None
    reason: str


class Held(NamedTuple):
    """Links that hold: the last one's number and digest, and how many there are of each table."""

    seq: int
    digest: str
    counted: Mapping[str, int]


Walk = Callable[[int, str], "Held | None"]


def verify(session: Session, org_id: UUID, tables: Mapping[str, Table]) -> Break | ChainHead:
    """Walks one organisation's chain over the append-only ``tables`` (name → table).

    Gives the head when every link holds and no row stands outside the chain, else the first
    ``Break``.
    """
    quick = _quick(session, org_id, tables)
    counted: Counter[str] = Counter(dict.fromkeys(tables, 0))
    seq, digest = 0, GENESIS
    while True:
        held: Held | Break | None = quick(seq, digest)
        if held is None:
            held = _careful(session, org_id, tables, seq, digest)
        if isinstance(held, Break):
            return held
        if held.seq == seq:
            break
        seq, digest = held.seq, held.digest
        counted.update(held.counted)
    head = session.get(ChainHead, org_id)
    if head is None or (head.seq, head.digest) != (seq, digest):
        return Break(org_id, seq + 1, "chain_head", None, "cut-off tail")
    for name, table in tables.items():
        count = session.scalar(select(func.count()).where(table.c.org_id == org_id))
        if count != counted[name]:
            return Break(org_id, seq, name, _stray(session, org_id, table), "row outside the chain")
    return head


def _quick(session: Session, org_id: UUID, tables: Mapping[str, Table]) -> Walk:
    """Hashes rows as the database spells them, as far as links come out right; nothing where none does."""
    dialect = dialect_of(session)
    query = _spelled(tuple(tables.values()), dialect)
    links = ChainLink.metadata.tables["chain_link"]
    at = {name: (3 + 3 * place, f"\n{name}\n".encode()) for place, name in enumerate(tables)}
    sha256 = hashlib.sha256

    @lru_cache(maxsize=TEXTS_KEPT)
    def said(text: bytes | str | None) -> bytes:
        return canonical_of(text).encode()

    # To hash five thousand letters for a look-up takes longer than to see that they are the last.
    last: dict[str, tuple[bytes | str | None, bytes]] = dict.fromkeys(tables, (None, said(None)))

    def walk(after: int, previous: str) -> Held | None:
        if query is None:
            return None
        asked = query.where(links.c.org_id == org_id, links.c.seq > after).order_by(links.c.seq)
        # No object of ours is among the rows: the connection's own are all it takes.
        options = {"yield_per": A_LOOK}
        seq, counted, is_whole = after, Counter[str](), False
        try:
            with (
                session.begin_nested(),
                session.connection().execute(asked, execution_options=options) as rows,
            ):
                for row in rows:
                    table = row[1]
                    place, named = at[table]
                    before, text, behind = row[place : place + 3]
                    known, told = last[table]
                    if text != known:
                        told = said(text)
                        last[table] = text, told
                    if dialect != "sqlite":
                        before, behind = before.encode(), behind.encode()
                    found = sha256(previous.encode() + named + before + told + behind).hexdigest()
                    if found != row[2] or row[0] != seq + 1:
                        break
                    seq, previous = seq + 1, found
                    counted[table] += 1
                else:
                    is_whole = True
        except (DBAPIError, ValueError, LookupError, TypeError, AttributeError):
            pass  # something that was never written by us: the careful walk says which
        return Held(seq, previous, counted) if is_whole or seq > after else None

    return walk


def canonical_of(text: bytes | str | None) -> str:
    """Stored JSON in its one spelling."""
    return canonical_value(None if text is None else from_json(text))


def canonical_value(value: Any) -> str:
    """As a value of ``canonical``'s row."""
    return canonical({"": value})[4:-1]


@lru_cache(maxsize=16)
def _spelled(tables: tuple[Table, ...], dialect: str) -> Select[*tuple[Any, ...]] | None:
    """Links with the row of each, in three parts for each table; those of other tables are empty."""
    links = ChainLink.metadata.tables["chain_link"]
    found = [spelling(each, dialect) for each in tables]
    query: Any = select(links.c.seq, links.c.table_name, links.c.digest)
    joined: Any = links
    for table, parts in zip(tables, found, strict=True):
        if parts is None:
            return None
        query = query.add_columns(*(as_bytes(part, dialect) for part in parts))
        joined = joined.outerjoin(
            table,
            and_(
                links.c.table_name == table.name,
                table.c.org_id == links.c.org_id,
                table.c.id == links.c.row_id,
            ),
        )
    built: Select[*tuple[Any, ...]] = query.select_from(joined)
    return built


def _careful(
    session: Session, org_id: UUID, tables: Mapping[str, Table], after: int, previous: str
) -> Held | Break:
    """Reads a batch value by value; a ``Break`` names the first link that does not hold."""
    links = session.execute(
        select(
            ChainLink.seq,
            ChainLink.table,
            ChainLink.row_id,
            type_coerce(ChainLink.row_id, Text).label("row_digits"),
            ChainLink.digest,
        )
        .where(ChainLink.org_id == org_id, ChainLink.seq > after)
        .order_by(ChainLink.seq)
        .limit(BATCH)
    ).all()
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for link in links:
        wanted[link.table].append(link.row_id)
    rows = {
        name: _rows_by_id(session, tables[name], org_id, ids)
        for name, ids in wanted.items()
        if name in tables
    }
    expected, counted = after, Counter[str]()
    is_loose = dialect_of(session) == "sqlite"
    for link in links:
        expected += 1
        row = rows.get(link.table, {}).get(link.row_id)
        reason = (
            "missing link"
            if link.seq != expected
            else "missing row"
            if row is None
            else "changed row or link"
            if link_digest(previous, link.table, row) != link.digest
            or (is_loose and link.row_digits != link.row_id.hex)
            else None
        )
        if reason:
            return Break(org_id, link.seq, link.table, link.row_id, reason)
        previous = link.digest
        counted[link.table] += 1
    return Held(expected, previous, counted)


def _rows_by_id(session: Session, table: Table, org_id: UUID, ids: list[UUID]) -> dict[UUID, str]:
    """Rows in their canonical spelling; one that is stored otherwise is left out.

    SQLite keeps ids and moments as text, of which Python reads more spellings than it writes: an
    id in capitals is the same id here, and not to a query that looks for it.
    """
    is_loose = dialect_of(session) == "sqlite"
    kinds = (Uuid, UtcDateTime, Date)
    loose = [each for each in table.columns if is_loose and isinstance(each.type, kinds)]
    found = session.execute(
        select(
            *table.columns, *(type_coerce(each, Text).label(f"_{each.key}") for each in loose)
        ).where(table.c.org_id == org_id, table.c.id.in_(ids))
    ).mappings()
    keys = [column.key for column in table.columns]
    return {
        row["id"]: canonical({key: row[key] for key in keys})
        for row in found
        if all(row[f"_{each.key}"] == _as_stored(row[each.key]) for each in loose)
    }


def _as_stored(value: Any) -> str | None:
    """How SQLite stores an id, a moment (in UTC, with its six decimals) or a day."""
    if value is None:
        return None
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return str(value.isoformat())


def _stray(session: Session, org_id: UUID, table: Table) -> UUID | None:
    """A row that no link stands for. Read only when the counts disagree."""
    linked = set(
        session.scalars(
            select(ChainLink.row_id).where(
                ChainLink.org_id == org_id, ChainLink.table == table.name
            )
        )
    )
    ids = session.scalars(select(table.c.id).where(table.c.org_id == org_id))
    return next((row_id for row_id in ids if row_id not in linked), None)
