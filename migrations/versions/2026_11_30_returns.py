"""Why a giver said no, and received pieces that went back."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_returns"
down_revision = "2026_11_30_market_traits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request_line", sa.Column("declined_for", sa.String(length=40), nullable=True))
    op.add_column("handover_line", sa.Column("return_reason", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("handover_line", "return_reason")
    op.drop_column("request_line", "declined_for")
