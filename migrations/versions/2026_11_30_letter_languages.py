"""In which language somebody without an account is written to."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_letter_languages"
down_revision = "2026_11_30_fetched_undone"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "outside_letter",
        sa.Column("language", sa.String(length=8), nullable=False, server_default="nb"),
    )
    op.add_column(
        "inbox_case",
        sa.Column("asker_language", sa.String(length=8), nullable=False, server_default="nb"),
    )


def downgrade() -> None:
    op.drop_column("inbox_case", "asker_language")
    op.drop_column("outside_letter", "language")
