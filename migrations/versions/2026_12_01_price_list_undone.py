"""When a price list was taken back."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_price_list_undone"
down_revision = "2026_12_01_report_pictures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("price_list", sa.Column("undone_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("price_list", "undone_at")
