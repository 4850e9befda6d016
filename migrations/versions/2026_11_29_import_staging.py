"""A row of a sheet is staged once, by the one who holds the run's token.

A repeated upload could stage every row twice. Of a preview that is not applied the second copies
go; of an applied import they tell of pieces that are there, so they stay, with numbers of their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_import_staging"
down_revision = "2026_11_29_bulk_actions"
branch_labels = None
depends_on = None

KEY = ["org_id", "import_run_id", "row_number"]
COPIES = (
    "(SELECT id, import_run_id, ROW_NUMBER() OVER"
    " (PARTITION BY org_id, import_run_id, row_number ORDER BY id) - 1 AS earlier"
    " FROM import_row)"
)
ABOVE_ANY_SHEET = 1_000_000


def upgrade() -> None:
    op.add_column("import_run", sa.Column("staging_token", sa.Uuid(), nullable=True))
    op.add_column("import_run", sa.Column("staging_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        f"DELETE FROM import_row WHERE id IN (SELECT copies.id FROM {COPIES} AS copies"
        " JOIN import_run ON import_run.id = copies.import_run_id"
        " WHERE copies.earlier > 0 AND import_run.state IN ('staging', 'previewed'))"
    )
    op.execute(
        f"UPDATE import_row SET row_number = row_number + {ABOVE_ANY_SHEET} * copies.earlier"
        f" FROM {COPIES} AS copies WHERE copies.id = import_row.id AND copies.earlier > 0"
    )
    op.create_index("uq_import_row_number", "import_row", KEY, unique=True)
    op.drop_index("ix_import_row_run", "import_row")


def downgrade() -> None:
    op.create_index("ix_import_row_run", "import_row", KEY)
    op.drop_index("uq_import_row_number", "import_row")
    op.drop_column("import_run", "staging_at")
    op.drop_column("import_run", "staging_token")
