"""Assessments of pieces, and what a need asks of their surface."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_assessments"
down_revision = "2026_11_29_search_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("suitability", sa.String(length=40), nullable=True),
        sa.Column("cost_ore", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_newest", sa.Boolean(), nullable=False),
        sa.CheckConstraint("cost_ore >= 0", name=op.f("ck_assessment_cost")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_assessment_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assessment_person_id")),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_assessment_org_id_item_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_assessment_org_id_id")),
    )
    op.create_index("ix_assessment_item", "assessment", ["org_id", "item_id"])
    op.create_index(
        "uq_assessment_newest",
        "assessment",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("is_newest"),
        postgresql_where=sa.text("is_newest"),
    )
    op.add_column("need_line", sa.Column("suitability", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("need_line", "suitability")
    op.drop_table("assessment")
