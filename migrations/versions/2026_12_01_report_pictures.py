"""Which pictures of before and after a project's report shows."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_report_pictures"
down_revision = "2026_12_01_declaration_replaced"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_pictures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("item_ids", sa.JSON(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_report_pictures_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_report_pictures_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_report_pictures_org_id_project_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_pictures")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_report_pictures_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "project_id", name=op.f("uq_report_pictures_org_id_project_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("report_pictures")
