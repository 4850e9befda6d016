"""A version for every membership, so that two who change the same person do not overwrite."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_membership_version"
down_revision = "2026_11_25_stocktakes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "membership", sa.Column("version", sa.Integer(), nullable=False, server_default="1")
    )


def downgrade() -> None:
    op.drop_column("membership", "version")
