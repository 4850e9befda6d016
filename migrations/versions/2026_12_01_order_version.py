"""A version of each order to a supplier: a draft is edited by one at a time."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_order_version"
down_revision = "2026_12_01_costs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "supplier_order", sa.Column("version", sa.Integer(), nullable=False, server_default="1")
    )


def downgrade() -> None:
    op.drop_column("supplier_order", "version")
