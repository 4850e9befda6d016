"""A photo's next try at its smaller sizes: an upload is answered when the first one is stored."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_photo_sizes"
down_revision = "2026_11_22_1"
branch_labels = None
depends_on = None

_IS_WAITING = sa.text("resized_at IS NULL")


def upgrade() -> None:
    op.add_column("photo", sa.Column("resize_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "photo", sa.Column("resize_attempts", sa.Integer(), nullable=False, server_default="0")
    )
    # Down and up again: what was waiting waits again.
    op.execute("UPDATE photo SET resize_at = created_at WHERE resized_at IS NULL")
    op.create_index(
        "ix_photo_waiting",
        "photo",
        ["resize_at"],
        sqlite_where=_IS_WAITING,
        postgresql_where=_IS_WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_photo_waiting", "photo")
    op.drop_column("photo", "resize_attempts")
    op.drop_column("photo", "resize_at")
