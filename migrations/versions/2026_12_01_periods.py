"""What closing a period keeps: its report's hashes, and what of the report is not in the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_periods"
down_revision = "2026_12_01_ledger_sums"
branch_labels = None
depends_on = None

HASHES = ("chain_digest", "json_sha256", "csv_sha256", "xlsx_sha256")


def upgrade() -> None:
    with op.batch_alter_table("period") as batch:
        batch.add_column(sa.Column("closed_by_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("entries", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("chain_seq", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("frozen", sa.Text(), nullable=True))
        for name in HASHES:
            batch.add_column(sa.Column(name, sa.String(length=64), nullable=True))
        batch.create_foreign_key(op.f("fk_period_closed_by_id"), "person", ["closed_by_id"], ["id"])
    op.create_index(
        "ix_ledger_entry_period", "ledger_entry", ["org_id", "period_id", "booked_at", "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_entry_period", table_name="ledger_entry")
    with op.batch_alter_table("period") as batch:
        batch.drop_constraint(op.f("fk_period_closed_by_id"), type_="foreignkey")
        for name in (*reversed(HASHES), "frozen", "chain_seq", "entries", "closed_by_id"):
            batch.drop_column(name)
