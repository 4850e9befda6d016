"""How much a van holds, how full it has to be before it goes, and how long one may wait."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_load_rule"
down_revision = "2026_11_30_order_pieces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "load_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("capacity_dm3", sa.Integer(), nullable=False),
        sa.Column("least_percent", sa.Integer(), nullable=False),
        sa.Column("longest_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "capacity_dm3 BETWEEN 100 AND 120000", name=op.f("ck_load_rule_capacity")
        ),
        sa.CheckConstraint("least_percent BETWEEN 0 AND 100", name=op.f("ck_load_rule_percent")),
        sa.CheckConstraint("longest_days BETWEEN 0 AND 90", name=op.f("ck_load_rule_days")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_load_rule_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_rule")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_load_rule_org_id_id")),
        sa.UniqueConstraint("org_id", name=op.f("uq_load_rule_org_id")),
    )


def downgrade() -> None:
    op.drop_table("load_rule")
