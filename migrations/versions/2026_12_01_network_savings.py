"""Whether a member's savings are in the sums of its network."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_network_savings"
down_revision = "2026_12_01_project_report"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "network_member",
        sa.Column("shares_savings", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("network_member", "shares_savings")
