"""The comment on a year."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_year_note"
down_revision = "2026_12_01_goals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_year_note_person_id")),
        sa.UniqueConstraint("org_id", "year", name=op.f("uq_year_note_org_id_year")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_year_note_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_note")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_year_note_org_id_id")),
    )


def downgrade() -> None:
    op.drop_table("year_note")
