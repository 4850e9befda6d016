"""Photos of before and after a repair."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_photo_taken"
down_revision = "2026_11_25_surveys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo", sa.Column("taken", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("photo", "taken")
