"""Pieces set aside for the lines of a programme, and plans as they were fixed."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_plan"
down_revision = "2026_11_30_programme"
branch_labels = None
depends_on = None

STANDING = sa.text("ended_at IS NULL")


def _same_org(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def upgrade() -> None:
    op.create_table(
        "plan_allocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("programme_line_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("free_from", sa.Date(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_for", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_for IS NULL)", name=op.f("ck_plan_allocation_end")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_plan_allocation_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plan_allocation_person_id")
        ),
        _same_org("plan_allocation", "programme_line_id", "programme_line"),
        _same_org("plan_allocation", "item_id", "item"),
        _same_org("plan_allocation", "release_id", "release"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_allocation")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_plan_allocation_org_id_id")),
    )
    op.create_index("ix_plan_allocation_line", "plan_allocation", ["org_id", "programme_line_id"])
    op.create_index(
        "uq_plan_allocation_standing",
        "plan_allocation",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "fixed_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("alternative", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_fixed_plan_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_fixed_plan_person_id")),
        _same_org("fixed_plan", "project_id", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fixed_plan")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_fixed_plan_org_id_id")),
    )
    op.create_index("ix_fixed_plan_project", "fixed_plan", ["org_id", "project_id", "fixed_at"])


def downgrade() -> None:
    op.drop_index("ix_fixed_plan_project", table_name="fixed_plan")
    op.drop_table("fixed_plan")
    op.drop_index("uq_plan_allocation_standing", table_name="plan_allocation")
    op.drop_index("ix_plan_allocation_line", table_name="plan_allocation")
    op.drop_table("plan_allocation")
