"""Listings that a person wants to find again."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_favourites"
down_revision = "2026_11_30_import_rows_lean"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "favourite",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_favourite_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_favourite_person_id")),
        sa.ForeignKeyConstraint(
            ["org_id", "listing_id"],
            ["listing.org_id", "listing.id"],
            name=op.f("fk_favourite_org_id_listing_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourite")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_favourite_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "person_id",
            "listing_id",
            name=op.f("uq_favourite_org_id_person_id_listing_id"),
        ),
    )
    op.create_index("ix_favourite_listing", "favourite", ["org_id", "listing_id"])


def downgrade() -> None:
    op.drop_table("favourite")
