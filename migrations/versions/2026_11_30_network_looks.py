"""Until when new partners were looked for, so that each is looked through once."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_network_looks"
down_revision = "2026_11_30_partner_sales"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("need_watch", sa.Column("network_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("need_watch") as table:
        table.drop_column("network_at")
