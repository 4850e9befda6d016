"""Who outside waits for a listing, and until when an offer to them stands."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_outside_queue"
down_revision = "2026_11_30_ladder_requests"
branch_labels = None
depends_on = None

QUEUED = sa.text("state IN ('waiting', 'offered')")
TABLES = ("outside_request", "buyer_ask")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("limit_at", sa.DateTime(timezone=True), nullable=True))
        op.create_index(
            f"ix_{table}_queue",
            table,
            ["org_id", "listing_id"],
            sqlite_where=QUEUED,
            postgresql_where=QUEUED,
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_queue", table_name=table)
        # The version before has no queue: who waited asks for an answer again.
        op.execute(f"UPDATE {table} SET state = 'requested' WHERE state = 'waiting'")
        op.execute(f"UPDATE {table} SET state = 'approved' WHERE state = 'offered'")
        op.drop_column(table, "limit_at")
