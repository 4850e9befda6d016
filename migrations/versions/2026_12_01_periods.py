"""What closing a period keeps: its report's hashes, and what of the report is not in the ledger."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_periods"
down_revision = "2026_12_01_ledger_sums"
branch_labels = None
depends_on = None

# Each by itself: SQLite would lay the table anew otherwise, which the ledger's keys point at.
COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "closed_by_id": sa.Uuid(),
    "entries": sa.Integer(),
    "chain_seq": sa.Integer(),
    "chain_digest": sa.String(length=64),
    "frozen": sa.Text(),
    "json_sha256": sa.String(length=64),
    "csv_sha256": sa.String(length=64),
    "xlsx_sha256": sa.String(length=64),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("period", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_ledger_entry_period", "ledger_entry", ["org_id", "period_id", "booked_at", "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_entry_period", table_name="ledger_entry")
    for name in reversed(COLUMNS):
        op.drop_column("period", name)
