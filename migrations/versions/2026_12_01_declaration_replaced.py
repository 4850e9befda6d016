"""What a declaration replaced in its product model."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_declaration_replaced"
down_revision = "2026_12_01_no_rate"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("declaration", sa.Column("replaced", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("declaration", "replaced")
