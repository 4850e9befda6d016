"""The watch of open needs looks in the network too: until which day it has, and how often it looked."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_network_watch"
down_revision = "2026_11_30_plan"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("need_watch") as watch:
        watch.add_column(sa.Column("network_on", sa.Date(), nullable=True))
        watch.add_column(sa.Column("looks", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("need_watch") as watch:
        watch.alter_column("looks", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("need_watch") as watch:
        watch.drop_column("looks")
        watch.drop_column("network_on")
