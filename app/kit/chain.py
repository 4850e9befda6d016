"""Rows that can not be changed unseen: a hash chain per organisation over events and ledger.

Each link holds SHA-256 of the link before it and the row's canonical JSON. Changing, removing,
adding or reordering a row breaks every later link; a cut-off tail shows in the head digest, which
``omlop verify`` and every report print.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit.bulk import Batch, columns_ready, insert_ready
from app.kit.bulk import made_ready as ready_batch
from app.kit.canonical import canonical
from app.kit.libpq import DRIVER
from app.kit.prepared import Prepared
from app.kit.tenancy import PlatformModel

GENESIS = "0" * 64
BATCH = 5_000


class ChainHead(PlatformModel):
    """The newest link of an organisation's chain; locking this row orders its writers."""

    __tablename__ = "chain_head"

    # The type stands here because ``_HEAD`` is written before the table it points to is known.
    org_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), primary_key=True)
    seq: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class ChainLink(PlatformModel):
    """One chained row. Append-only, like the rows it stands for."""

    __tablename__ = "chain_link"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    table: Mapped[str] = mapped_column("table_name", String(40))
    row_id: Mapped[UUID]
    digest: Mapped[str] = mapped_column(String(64))


_LINKS = ChainLink.metadata.tables["chain_link"]
_HEAD = Prepared(
    select(ChainHead.seq, ChainHead.digest)
    .where(ChainHead.org_id == bindparam("org"))
    .with_for_update(of=ChainHead)
)
_MOVE_HEAD = Prepared(
    update(ChainHead)
    .where(ChainHead.org_id == bindparam("org"))
    .values(seq=bindparam("new_seq"), digest=bindparam("new_digest"))
)

FEW = 8
"""Links of one unit of work that PostgreSQL hashes itself: for more, asking for the head is less."""
_moved = (
    update(ChainHead)
    .where(ChainHead.org_id == bindparam("org"))
    .values(
        seq=ChainHead.seq + 1,
        digest=func.encode(
            func.sha256(func.convert_to(ChainHead.digest + bindparam("tail", type_=Text), "UTF8")),
            "hex",
        ),
    )
    .returning(ChainHead.seq, ChainHead.digest)
    .cte("moved")
)
# ``link_digest`` in the database's words. Without a head there is no number, which the key refuses.
_LINK = Prepared(
    insert(ChainLink).from_select(
        ["org_id", "seq", "table_name", "row_id", "digest"],
        select(
            bindparam("org", type_=Uuid),
            select(_moved.c.seq).scalar_subquery(),
            bindparam("table", type_=Text),
            bindparam("row_id", type_=Uuid),
            select(_moved.c.digest).scalar_subquery(),
        ),
    )
)


class Chained(NamedTuple):
    """A new row that waits to be sealed."""

    org_id: UUID
    table: str
    row_id: UUID
    canonical: str


class Rows(NamedTuple):
    """Rows for an append-only table, ready to be written and then sealed."""

    batch: Batch
    chained: list[Chained]


def sha256_of(row: Any, names: Sequence[str]) -> str:
    """SHA-256 of a row's named values, for its event to hold, as the chain holds the event.

    Decimals are spelled as they are stored, so that a row gives the same as it is read again.
    """
    values = {name: getattr(row, name) for name in names}
    told = {
        name: format(value, "f") if isinstance(value, Decimal) else value
        for name, value in values.items()
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def _tail(table: str, row: str) -> str:
    """What is hashed behind the previous digest, here and in the database."""
    return f"\n{table}\n{row}"


def link_digest(previous: str, table: str, row: str) -> str:
    """SHA-256, in hexadecimal, of the previous digest, the table's name and the canonical row."""
    return hashlib.sha256((previous + _tail(table, row)).encode()).hexdigest()


def begin(session: Session, org_id: UUID) -> None:
    """Lays the head of a new organisation's chain, so that its first writers find a row to lock."""
    session.execute(insert(ChainHead).values(org_id=org_id, seq=0, digest=GENESIS))


def made_ready(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> Rows:
    """Rows for an append-only table as they are written and hashed; needs no lock.

    Each row holds a value for **every** column of the table, ``id`` and ``org_id`` included, so
    that what is hashed is what ``verify`` reads later.
    """
    names = {column.key for column in table.columns}
    for row in rows:
        if row.keys() != names:
            message = f"{table.name}: {sorted(names ^ row.keys())} missing or unknown"
            raise ValueError(message)
    chained = [Chained(row["org_id"], table.name, row["id"], canonical(row)) for row in rows]
    return Rows(ready_batch(session, table, rows), chained)


def append(session: Session, rows: Rows) -> None:
    """Inserts rows into their append-only table and remembers them for the seal."""
    insert_ready(session, rows.batch)
    session.info["work"].chained.extend(rows.chained)


def seal(session: Session, chained: Sequence[Chained]) -> None:
    """Links the unit of work's new rows, after every other row; heads are locked in id order."""
    if not chained:
        return
    by_org: dict[UUID, list[Chained]] = defaultdict(list)
    for each in chained:
        by_org[each.org_id].append(each)
    # A subscriber's pending rows must be refused, if they are, before the heads are locked.
    session.flush()
    is_hashed_there = session.get_bind().dialect.driver == DRIVER and len(chained) <= FEW
    for org_id in sorted(by_org):
        (_sealed_there if is_hashed_there else _sealed_here)(session, org_id, by_org[org_id])


def _sealed_here(session: Session, org_id: UUID, own: Sequence[Chained]) -> None:
    (head,) = _HEAD.rows(session, {"org": org_id})
    digest, digests = head.digest, []
    for each in own:
        digest = link_digest(digest, each.table, each.canonical)
        digests.append(digest)
    last = head.seq + len(own)
    links = {
        "seq": range(head.seq + 1, last + 1),
        "table_name": [each.table for each in own],
        "row_id": [each.row_id for each in own],
        "digest": digests,
    }
    insert_ready(session, columns_ready(session, _LINKS, links, shared={"org_id": org_id}))
    _MOVE_HEAD.change(session, {"org": org_id, "new_seq": last, "new_digest": digest})


def _sealed_there(session: Session, org_id: UUID, own: Sequence[Chained]) -> None:
    """The head is locked for no round trip, so that others wait for the commit alone."""
    for each in own:
        tail = _tail(each.table, each.canonical)
        link = {"org": org_id, "tail": tail, "table": each.table, "row_id": each.row_id}
        _LINK.change(session, link)
