"""Photos and documents of a request's thread."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_message_files"
down_revision = "2026_11_30_held_reservations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("byte_count >= 0", name=op.f("ck_message_file_byte_count")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_message_file_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "message_id"],
            ["message.org_id", "message.id"],
            name=op.f("fk_message_file_org_id_message_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_file")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_message_file_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "message_id",
            "position",
            name=op.f("uq_message_file_org_id_message_id_position"),
        ),
    )
    op.create_index("ix_message_file_key", "message_file", ["org_id", "key"])


def downgrade() -> None:
    op.drop_table("message_file")
