"""Until when approved pieces are held, and for how long each organisation holds them.

What was approved before has no limit: nobody was told of one.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_held_reservations"
down_revision = "2026_11_30_leader_approval"
branch_labels = None
depends_on = None

HELD = sa.text("state IN ('approved', 'ready')")


def upgrade() -> None:
    op.add_column(
        "reservation", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_reservation_held",
        "reservation",
        ["limit_at"],
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    op.create_table(
        "hold_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "working_days BETWEEN 1 AND 120", name=op.f("ck_hold_rule_working_days")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_hold_rule_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_rule")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_hold_rule_org_id_id")),
        sa.UniqueConstraint("org_id", name=op.f("uq_hold_rule_org_id")),
    )


def downgrade() -> None:
    op.drop_table("hold_rule")
    op.drop_index("ix_reservation_held", table_name="reservation")
    # The version before knows no limit of what is approved.
    op.execute("UPDATE reservation SET limit_at = NULL WHERE state IN ('approved', 'ready')")
    op.drop_column("reservation", "reminded_at")
