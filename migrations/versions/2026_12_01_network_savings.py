"""Whether a member's savings are in the sums of its network."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_network_savings"
down_revision = "2026_12_01_project_report"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("network_member") as batch:
        batch.add_column(
            sa.Column("shares_savings", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("network_member") as batch:
        batch.drop_column("shares_savings")
