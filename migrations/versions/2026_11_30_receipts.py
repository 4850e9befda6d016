"""Receipts of what was fetched and delivered by scanning, with the signature of who signed."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_receipts"
down_revision = "2026_11_30_assessments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_name", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_receipt_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_receipt_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_receipt_org_id_id")),
    )
    op.create_index("uq_receipt_number", "receipt", ["org_id", "number"], unique=True)
    op.create_table(
        "receipt_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("handover_line_id", sa.Uuid(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                ["org_id", f"{table}_id"],
                [f"{table}.org_id", f"{table}.id"],
                name=op.f(f"fk_receipt_line_org_id_{table}_id"),
            )
            for table in ("receipt", "item", "handover_line")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_receipt_line_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_line")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_receipt_line_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "receipt_id",
            "position",
            name=op.f("uq_receipt_line_org_id_receipt_id_position"),
        ),
    )
    op.create_index("ix_receipt_line_handover_line", "receipt_line", ["org_id", "handover_line_id"])
    op.create_table(
        "signature_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_signature_file_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "receipt_id"],
            ["receipt.org_id", "receipt.id"],
            name=op.f("fk_signature_file_org_id_receipt_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_file")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_signature_file_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "receipt_id", name=op.f("uq_signature_file_org_id_receipt_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("signature_file")
    op.drop_table("receipt_line")
    op.drop_table("receipt")
