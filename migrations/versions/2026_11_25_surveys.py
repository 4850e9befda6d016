"""Surveys, and the pieces registered in them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_surveys"
down_revision = "2026_11_25_membership_version"
branch_labels = None
depends_on = None


def _within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        _within("survey", "place_id", "place"),
        _within("survey", "project_id", "project"),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_survey_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_survey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_survey_org_id_id")),
    )
    op.create_index("ix_survey_started_at", "survey", ["org_id", "started_at"])
    op.create_table(
        "survey_piece",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("is_judged", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _within("survey_piece", "survey_id", "survey"),
        _within("survey_piece", "item_id", "item"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_survey_piece_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_survey_piece_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_piece")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_survey_piece_org_id_id")),
        sa.UniqueConstraint("org_id", "item_id", name=op.f("uq_survey_piece_org_id_item_id")),
    )
    op.create_index("ix_survey_piece_survey", "survey_piece", ["org_id", "survey_id", "created_at"])


def downgrade() -> None:
    op.drop_table("survey_piece")
    op.drop_table("survey")
