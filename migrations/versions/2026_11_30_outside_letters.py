"""Letters to people without an account, who left an address with what they asked."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_outside_letters"
down_revision = "2026_11_30_need_allocations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("letter_values", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(length=400), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_outside_letter_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_letter")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_outside_letter_org_id_id")),
    )
    op.create_index("ix_outside_letter_waiting", "outside_letter", ["sent_at", "next_try_at"])


def downgrade() -> None:
    op.drop_table("outside_letter")
