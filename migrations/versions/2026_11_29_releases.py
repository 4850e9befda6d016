"""Pieces that a project releases, and when a survey's pieces come free."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_releases"
down_revision = "2026_11_29_photo_taken"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('planned', 'free', 'allocated')")
PLANNED = sa.text("state = 'planned'")


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_before", sa.String(length=40), nullable=True),
        sa.Column("fate", sa.String(length=40), nullable=False),
        sa.Column("free_from", sa.Date(), nullable=False),
        sa.Column("gone_by", sa.Date(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("gone_by >= free_from", name=op.f("ck_release_dates")),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_release_org_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_release_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_release_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_release_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_release_org_id_id")),
    )
    op.create_index("ix_release_project", "release", ["org_id", "project_id", "state"])
    op.create_index("ix_release_item", "release", ["org_id", "item_id"])
    op.create_index(
        "ix_release_due",
        "release",
        ["free_from"],
        sqlite_where=PLANNED,
        postgresql_where=PLANNED,
    )
    op.create_index(
        "uq_release_live",
        "release",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    with op.batch_alter_table("survey") as survey:
        survey.add_column(sa.Column("free_from", sa.Date(), nullable=True))
    op.execute(
        "UPDATE survey SET free_from = COALESCE((SELECT project.from_date FROM project"
        " WHERE project.org_id = survey.org_id AND project.id = survey.project_id),"
        " date(survey.started_at)) WHERE project_id IS NOT NULL"
    )
    with op.batch_alter_table("survey") as survey:
        survey.create_check_constraint(
            op.f("ck_survey_free_from"), "project_id IS NULL OR free_from IS NOT NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("survey") as survey:
        survey.drop_constraint(op.f("ck_survey_free_from"), type_="check")
        survey.drop_column("free_from")
    op.drop_table("release")
