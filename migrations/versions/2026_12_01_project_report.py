"""Reports of projects as they were frozen when the project was closed."""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026_12_01_project_report"
down_revision = "2026_12_01_periods"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_project_report_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_project_report_org_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_project_report_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_report")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_project_report_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "project_id",
            "version",
            name=op.f("uq_project_report_org_id_project_id_version"),
        ),
    )
    append_only.protect("project_report")


def downgrade() -> None:
    append_only.release("project_report")
    op.drop_table("project_report")
