"""Price lists that were read, and whose and which year's prices product models have."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_price_lists"
down_revision = "2026_12_01_report_basis"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("product_model", sa.Column("price_year", sa.Integer(), nullable=True))
    op.add_column("product_model", sa.Column("price_source", sa.String(length=200), nullable=True))
    op.create_table(
        "price_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("factor_document_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("byte_count > 0", name=op.f("ck_price_list_byte_count")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_price_list_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_price_list_person_id")),
        sa.ForeignKeyConstraint(
            ["org_id", "factor_document_id"],
            ["factor_document.org_id", "factor_document.id"],
            name=op.f("fk_price_list_org_id_factor_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_price_list_org_id_id")),
    )
    op.create_index("ix_price_list_created", "price_list", ["org_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_price_list_created", table_name="price_list")
    op.drop_table("price_list")
    op.drop_column("product_model", "price_source")
    op.drop_column("product_model", "price_year")
