"""What a purchase must show before it is decided, by organisation."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_purchase_rules"
down_revision = "2026_11_30_outside_letters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "purchase_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("above_ore", sa.BigInteger(), nullable=False),
        sa.Column("repair_or_redesign", sa.Boolean(), nullable=False),
        sa.Column("buy_used", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("above_ore >= 0", name=op.f("ck_purchase_rule_above")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_purchase_rule_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_rule")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_purchase_rule_org_id_id")),
        sa.UniqueConstraint("org_id", name=op.f("uq_purchase_rule_org_id")),
    )


def downgrade() -> None:
    op.drop_table("purchase_rule")
