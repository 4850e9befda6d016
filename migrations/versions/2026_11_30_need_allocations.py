"""Pieces of planned releases that are set aside for needs."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_need_allocations"
down_revision = "2026_11_30_outside_thread"
branch_labels = None
depends_on = None

STANDING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "need_allocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("ladder_step_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("free_from", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_for", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_for IS NULL)", name=op.f("ck_need_allocation_end")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_need_allocation_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "ladder_step_id"],
            ["ladder_step.org_id", "ladder_step.id"],
            name=op.f("fk_need_allocation_org_id_ladder_step_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "release_id"],
            ["release.org_id", "release.id"],
            name=op.f("fk_need_allocation_org_id_release_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_allocation")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_need_allocation_org_id_id")),
    )
    op.create_index("ix_need_allocation_step", "need_allocation", ["org_id", "ladder_step_id"])
    op.create_index(
        "uq_need_allocation_standing",
        "need_allocation",
        ["org_id", "release_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    # The version before knows nothing set aside: what is, is the project's to give again.
    op.execute(
        "UPDATE release SET state = state_before WHERE state = 'allocated'"
        " AND state_before IS NOT NULL"
    )
    op.drop_table("need_allocation")
