"""What a programme asks of condition and surface, a budget's limits, and a project's timeline."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_programme"
down_revision = "2026_11_30_workshop"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("project") as batch:
        batch.add_column(
            sa.Column("budget_warn_percent", sa.Integer(), nullable=False, server_default="80")
        )
        batch.add_column(
            sa.Column("budget_is_limit", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.create_check_constraint(
            op.f("ck_project_budget_warn"), "budget_warn_percent BETWEEN 1 AND 100"
        )
    with op.batch_alter_table("project") as batch:
        batch.alter_column("budget_warn_percent", server_default=None)
        batch.alter_column("budget_is_limit", server_default=None)
    op.add_column("programme_line", sa.Column("condition", sa.String(length=40), nullable=True))
    op.add_column("programme_line", sa.Column("suitability", sa.String(length=40), nullable=True))
    op.create_table(
        "project_milestone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_reached", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_project_milestone_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_project_milestone_org_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_milestone")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_project_milestone_org_id_id")),
    )
    op.create_index(
        "ix_project_milestone_project", "project_milestone", ["org_id", "project_id", "day"]
    )
    op.create_table(
        "programme_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_programme_sheet_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_programme_sheet_org_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_programme_sheet_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_sheet")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_programme_sheet_org_id_id")),
    )
    op.create_index("ix_programme_sheet_project", "programme_sheet", ["org_id", "project_id"])


def downgrade() -> None:
    op.drop_index("ix_programme_sheet_project", table_name="programme_sheet")
    op.drop_table("programme_sheet")
    op.drop_index("ix_project_milestone_project", table_name="project_milestone")
    op.drop_table("project_milestone")
    op.drop_column("programme_line", "suitability")
    op.drop_column("programme_line", "condition")
    with op.batch_alter_table("project") as batch:
        batch.drop_constraint(op.f("ck_project_budget_warn"), type_="check")
        batch.drop_column("budget_is_limit")
        batch.drop_column("budget_warn_percent")
