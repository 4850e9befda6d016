"""Walks a hash chain from its first link to its head, and names the first place where it breaks.

Rows are first hashed as the database spells them (``kit/spelling.py``). Only where that does not
give the link's own digest is a batch read value by value: what then holds holds, and what does not
is named.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kit.canonical import canonical
from app.kit.chain import GENESIS, ChainHead, ChainLink, link_digest
from app.kit.chain_pool import Hashers, Segment, Tally, children
from app.kit.chain_rows import Alike, Held, Rows, Shape
from app.kit.columns import UtcDateTime
from app.kit.spelling import asked_for, dialect_of, id_length, shape_of

BATCH = 5_000
SEGMENT = 5_000
"""Links that a process takes at once."""
SHARED_FROM = 20_000
"""Links that take as long as it takes to start a process that helps."""
AFTER, UPTO = "{after}", "{upto}"
A_LOOK = 500
"""Links that are fetched at once: few enough to stay in the processor's own memory."""


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where an organisation's chain does not hold."""

    org_id: UUID
    seq: int
    table: str
    row_id: UUID | None
    reason: str


Walk = Callable[..., Held | None]
Tallied = Mapping[str, Sequence[str]]
NONE: Tallied = MappingProxyType({})
LINKS = ChainLink.metadata.tables["chain_link"]


def verify(session: Session, org_id: UUID, tables: Mapping[str, Table]) -> Break | ChainHead:
    """Walks one organisation's chain over the append-only ``tables`` (name → table).

    Gives the head when every link holds and no row stands outside the chain, else the first
    ``Break``.
    """
    with begun(session, org_id, tables) as walking:
        return walking.verdict()


def _untold(_: Mapping[str, Alike]) -> None:
    """Nobody asks which rows are alike."""


@contextmanager
def begun(
    session: Session,
    org_id: UUID,
    tables: Mapping[str, Table],
    tallied: Tallied = NONE,
    tally: Tally = _untold,
) -> Iterator["Walking"]:
    """A walk whose verdict is asked for within the block.

    Of a long chain other processes hash segments from here on, while the caller does something else.
    ``tally`` is told what the rows of the ``tallied`` tables share, with the ids in their columns
    that are named, a segment at a time; of a short chain, and of what had to be read value by value,
    it is told nothing.
    """
    walking = Walking(session, org_id, tables, tallied, tally)
    try:
        yield walking
    finally:
        if walking.hashers is not None:
            walking.hashers.end()


class Walking:
    """One organisation's chain, being walked."""

    def __init__(
        self,
        session: Session,
        org_id: UUID,
        tables: Mapping[str, Table],
        tallied: Tallied,
        tally: Tally,
    ) -> None:
        self._session, self._org_id, self._tables = session, org_id, tables
        self.counted: Counter[str] = Counter()
        self._quick = _quick(session, org_id, tables, tallied)
        self._segments = _segments(session, org_id)
        asked = _asked_of_a_child(session, org_id, tables, tallied) if self._segments else None
        self.hashers = None if asked is None else Hashers(asked[0], self._segments, asked[1], tally)

    @property
    def is_shared(self) -> bool:
        """Whether other processes are at work on it."""
        return self.hashers is not None

    def verdict(self) -> Break | ChainHead:
        """As ``verify``: the same, whoever walked what."""
        session, org_id, tables = self._session, self._org_id, self._tables
        self.counted = Counter(dict.fromkeys(tables, 0))
        at: Held | Break = Held(0, GENESIS, {}, {})
        for segment, found in self._shared():
            if isinstance(at, Break):
                return at
            if found is not None and at[:2] == (segment.after, segment.previous):
                at = found
                self.counted.update(found.counted)
            else:
                at = self._on(at, segment.upto)
        if not isinstance(at, Break):
            at = self._on(at, None)
        if isinstance(at, Break):
            return at
        seq, digest = at[:2]
        head = session.get(ChainHead, org_id)
        if head is None or (head.seq, head.digest) != (seq, digest):
            return Break(org_id, seq + 1, "chain_head", None, "cut-off tail")
        for name, table in tables.items():
            count = session.scalar(select(func.count()).where(table.c.org_id == org_id))
            if count != self.counted[name]:
                return Break(
                    org_id, seq, name, _stray(session, org_id, table), "row outside the chain"
                )
        return head

    def _shared(self) -> Iterator[tuple[Segment, Held | None]]:
        """Segments in their order with what was found of each; this process takes its part first."""
        if self.hashers is None:
            return
        while (segment := self.hashers.another()) is not None:
            self.hashers.keep(segment, self._quick(segment.after, segment.previous, segment.upto))
        self.hashers.wait()
        for segment in self._segments:
            yield segment, self.hashers.held.get(segment)

    def _on(self, at: Held, upto: int | None) -> Held | Break:
        """From one link on, one batch after the other, to another link or to the end."""
        while upto is None or at.seq < upto:
            held: Held | Break | None = self._quick(at.seq, at.digest, upto)
            if held is None:
                held = _careful(self._session, self._org_id, self._tables, at, upto)
            if isinstance(held, Break):
                return held
            if held.seq == at.seq:
                break
            self.counted.update(held.counted)
            at = held
        return at


def _segments(session: Session, org_id: UUID) -> Sequence[Segment]:
    """A long chain's segments; none of a short one, or of one whose numbers are not 1, 2, 3 ..."""
    of_org = (LINKS.c.org_id == org_id, LINKS.c.seq > 0)
    try:
        with session.begin_nested():
            count, last = session.execute(
                select(func.count(), func.max(LINKS.c.seq)).where(*of_org)
            ).one()
            if count != last or count < SHARED_FROM:
                return ()
            marks = session.execute(
                select(LINKS.c.seq, LINKS.c.digest)
                .where(*of_org, LINKS.c.seq % SEGMENT == 0)
                .order_by(LINKS.c.seq)
            ).all()
    except (DBAPIError, ValueError, TypeError):
        return ()
    starts = [(0, GENESIS), *((seq, str(digest)) for seq, digest in marks if seq < last)]
    ends = [*(seq for seq, _ in starts[1:]), last]
    return [Segment(seq, upto, digest) for (seq, digest), upto in zip(starts, ends, strict=True)]


def _asked_of_a_child(
    session: Session, org_id: UUID, tables: Mapping[str, Table], tallied: Tallied
) -> tuple[Mapping[str, Any], Callable[[Segment], str]] | None:
    """A child's first line, and how a segment is read; nothing where none can reach the database."""
    engine: Any = session.get_bind()
    dialect, spoken = engine.dialect, dialect_of(session)
    asked = asked_links(tuple(tables.values()), spoken, is_raw=True)
    if asked is None or children() < 1:
        return None
    if spoken == "sqlite":
        path = engine.url.database
        if not path or not Path(path).is_file():
            return None  # in memory: nobody else sees it
        connect: Mapping[str, Any] = {"database": str(Path(path).absolute())}
    else:
        found = dialect.create_connect_args(engine.url)[1]
        # Without SQLAlchemy's own way to read values, which are text here.
        connect = {name: each for name, each in found.items() if isinstance(each, str | int)}
    query, shapes = asked
    # Made into SQL once: of a few thousand links, that takes as long as to hash some hundred.
    wanted = between(query, org_id, literal_column(AFTER), literal_column(UPTO))
    made = str(wanted.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    def statement(segment: Segment) -> str:
        return made.replace(AFTER, str(int(segment.after))).replace(UPTO, str(int(segment.upto)))

    given = {
        "driver": dialect.dbapi.__name__,
        "connect": connect,
        "shapes": shapes,
        "org_id": str(org_id),
        "id_length": id_length(spoken),
        "tallied": dict(tallied),
    }
    return given, statement


def _quick(session: Session, org_id: UUID, tables: Mapping[str, Table], tallied: Tallied) -> Walk:
    """Hashes rows as the database gives them, as far as links come out right; nothing where none does."""
    dialect = dialect_of(session)
    asked = asked_links(tuple(tables.values()), dialect)
    if asked is None:
        return lambda *_: None
    query, shapes = asked
    hashing = Rows(shapes, str(org_id), id_length(dialect), tallied)

    def walk(after: int, previous: str, upto: int | None = None) -> Held | None:
        # No object of ours is among the rows: the connection's own are all it takes.
        options = {"yield_per": A_LOOK}
        statement = between(query, org_id, after, upto)
        try:
            with (
                session.begin_nested(),
                session.connection().execute(statement, execution_options=options) as rows,
            ):
                held, is_whole = hashing.walk(rows, after, previous, (DBAPIError,))
        except DBAPIError:
            return None
        return held if is_whole or held.seq > after else None

    return walk


def between(query: Any, org_id: UUID, after: Any, upto: Any) -> Any:
    """The links of one organisation behind one number, and up to another."""
    asked = query.where(LINKS.c.org_id == org_id, LINKS.c.seq > after).order_by(LINKS.c.seq)
    return asked if upto is None else asked.where(LINKS.c.seq <= upto)


@lru_cache(maxsize=16)
def asked_links(
    tables: tuple[Table, ...], dialect: str, *, is_raw: bool = False
) -> tuple[Select[*tuple[Any, ...]], Sequence[Shape]] | None:
    """Links with the row of each, as columns for each table; those of other tables are empty.

    ``is_raw`` as in ``asked_for``.
    """
    query: Any = select(LINKS.c.seq, LINKS.c.table_name, LINKS.c.digest)
    joined: Any = LINKS
    shapes = []
    for table in tables:
        shape = shape_of(table)
        if shape is None:
            return None
        shapes.append(shape)
        query = query.add_columns(*asked_for(table, shape, dialect, is_raw=is_raw))
        joined = joined.outerjoin(
            table,
            and_(
                LINKS.c.table_name == table.name,
                table.c.org_id == LINKS.c.org_id,
                table.c.id == LINKS.c.row_id,
            ),
        )
    return query.select_from(joined), shapes


def _careful(
    session: Session, org_id: UUID, tables: Mapping[str, Table], at: Held, upto: int | None
) -> Held | Break:
    """Reads a batch value by value; a ``Break`` names the first link that does not hold."""
    after, previous = at[:2]
    wanted_links = between(
        select(
            ChainLink.seq,
            ChainLink.table,
            ChainLink.row_id,
            type_coerce(ChainLink.row_id, Text).label("row_digits"),
            ChainLink.digest,
        ),
        org_id,
        after,
        upto,
    )
    links = session.execute(wanted_links.limit(BATCH)).all()
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
    return Held(expected, previous, counted, {})


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
