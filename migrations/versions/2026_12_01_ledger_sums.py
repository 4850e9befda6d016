"""The ledger's entries added up beside it, from the first entry on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from app.ledger.rules import FIGURES
from app.ledger.rules_sums import (
    ALIKE,
    ALL_YEARS,
    COLUMN,
    KEY,
    SUMMED,
    added,
    sum_id,
)

revision = "2026_12_01_ledger_sums"
down_revision = "2026_12_01_floor_plans"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
SUM = sa.Table(
    "ledger_sum",
    sa.MetaData(),
    sa.Column("id", sa.Uuid(), nullable=False),
    sa.Column("org_id", sa.Uuid(), nullable=False),
    sa.Column("cut", sa.String(length=40), nullable=False),
    sa.Column("year", sa.Integer(), nullable=False),
    sa.Column("month", sa.Integer(), nullable=False),
    sa.Column("of_id", sa.Uuid(), nullable=True),
    sa.Column("view", sa.String(length=40), nullable=False),
    sa.Column("source", sa.String(length=40), nullable=False),
    sa.Column("category_id", sa.String(length=40), nullable=False),
    sa.Column("mass_tier", sa.String(length=2), nullable=False),
    sa.Column("co2e_tier", sa.String(length=2), nullable=True),
    sa.Column("price_tier", sa.String(length=2), nullable=False),
    sa.Column("factor_set_id", sa.String(length=20), nullable=False),
    sa.Column("currency", sa.String(length=3), nullable=False),
    *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMMED[:2]),
    *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMMED[2:]),
)
PIECES = sa.table(
    "ledger_pieces",
    sa.column("id", sa.Uuid()),
    sa.column("org_id", sa.Uuid()),
    sa.column("year", sa.Integer()),
    sa.column("pieces", sa.Integer()),
)
PERIOD = sa.table("period", sa.column("id", sa.Uuid()), sa.column("year", sa.Integer()))
ENTRY = sa.table(
    "ledger_entry",
    *(sa.column(name, sa.Uuid()) for name in ("org_id", "period_id", "item_id", "reverses_id")),
    *(sa.column(name, sa.Uuid()) for name in COLUMN.values()),
    sa.column("handed_over_on", sa.Date()),
    *(sa.column(name, sa.String()) for name in ALIKE),
    *(sa.column(name, sa.BigInteger()) for name in FIGURES),
)
GROUPED = ("org_id", "period_id", "handed_over_on", *COLUMN.values(), *ALIKE)
STANDS = sa.case((ENTRY.c.reverses_id.is_(None), 1), else_=-1)


def upgrade() -> None:
    op.create_table(
        "ledger_sum",
        *(sa.Column(each.name, each.type, nullable=each.nullable) for each in SUM.columns),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_ledger_sum_org_id")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_ledger_sum_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["factor_set_id"], ["factor_set.id"], name=op.f("fk_ledger_sum_factor_set_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_sum")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_ledger_sum_org_id_id")),
    )
    op.create_index("ix_ledger_sum_cut", "ledger_sum", ["org_id", "cut", "view", "year", "of_id"])
    op.create_table(
        "ledger_pieces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_ledger_pieces_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_pieces")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_ledger_pieces_org_id_id")),
        sa.UniqueConstraint("org_id", "year", name=op.f("uq_ledger_pieces_org_id_year")),
    )
    op.create_index("ix_ledger_entry_booked", "ledger_entry", ["org_id", "view", "booked_at", "id"])
    fill(op.get_bind())


def fill(connection: sa.Connection) -> None:
    """The sums of all entries that there are."""
    years = {row.id: row.year for row in connection.execute(sa.select(PERIOD))}
    sums = added(_groups(connection), years)
    _insert(
        connection,
        SUM,
        (
            {
                "id": sum_id(key),
                **dict(zip(KEY, key, strict=True)),
                **dict(zip(SUMMED, numbers, strict=True)),
            }
            for key, numbers in sums.items()
            if any(numbers)
        ),
    )
    _insert(
        connection,
        PIECES,
        (
            {
                "id": sum_id((org_id, "pieces", year)),
                "org_id": org_id,
                "year": year,
                "pieces": count,
            }
            for (org_id, year), count in _pieces(connection, years).items()
            if count
        ),
    )


def _groups(connection: sa.Connection) -> Iterator[Any]:
    columns = [ENTRY.c[name] for name in GROUPED]
    missing = sa.case((ENTRY.c.co2e_g.is_(None), STANDS), else_=0)
    query = sa.select(
        *columns,
        sa.func.sum(STANDS).label("uses"),
        sa.func.sum(missing).label("not_calculated"),
        *(sa.func.sum(ENTRY.c[name]).label(name) for name in FIGURES),
    ).group_by(*columns)
    yield from connection.execute(query).mappings()


def _pieces(connection: sa.Connection, years: dict[UUID, int]) -> dict[tuple[UUID, int], int]:
    query = (
        sa.select(
            ENTRY.c.org_id, ENTRY.c.item_id, ENTRY.c.period_id, sa.func.sum(STANDS).label("uses")
        )
        .where(ENTRY.c.view == "gross")
        .group_by(ENTRY.c.org_id, ENTRY.c.item_id, ENTRY.c.period_id)
    )
    found: dict[tuple[UUID, int], int] = defaultdict(int)
    ever: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for row in connection.execute(query):
        uses = int(row.uses)
        found[row.org_id, years[row.period_id]] += _sign(uses)
        ever[row.org_id, row.item_id] += uses
    for (org_id, _), uses in ever.items():
        found[org_id, ALL_YEARS] += _sign(uses)
    return found


def _sign(uses: int) -> int:
    return (uses > 0) - (uses < 0)


def _insert(connection: sa.Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        connection.execute(sa.insert(table), some)


def downgrade() -> None:
    op.drop_index("ix_ledger_entry_booked", "ledger_entry")
    op.drop_table("ledger_pieces")
    op.drop_table("ledger_sum")
