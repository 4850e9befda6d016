"""The VAT on what was sold to another organisation, for the basis of its invoice."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_partner_sales"
down_revision = "2026_11_30_unconfirmed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("handover", sa.Column("vat_percent", sa.Integer(), nullable=True))
    op.add_column("handover_line", sa.Column("vat_ore", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("handover_line") as table:
        table.drop_column("vat_ore")
    with op.batch_alter_table("handover") as table:
        table.drop_column("vat_percent")
