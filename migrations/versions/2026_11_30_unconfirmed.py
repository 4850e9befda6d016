"""Who was reminded of a delivery from another organisation that nobody has confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_unconfirmed"
down_revision = "2026_12_01_load_rule"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outside_request") as table:
        table.add_column(
            sa.Column("reminders", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
    with op.batch_alter_table("outside_request") as table:
        table.alter_column("reminders", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("outside_request") as table:
        table.drop_column("reminders")
