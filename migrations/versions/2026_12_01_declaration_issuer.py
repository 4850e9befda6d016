"""Who stands behind a declaration, and what its figures are declared for."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_declaration_issuer"
down_revision = "2026_12_01_market_of_one"
branch_labels = None
depends_on = None

ADDED = (
    ("program_operator", 200),
    ("owner", 200),
    ("declared_quantity", 40),
    ("declared_unit", 40),
)


def upgrade() -> None:
    for name, length in ADDED:
        op.add_column("declaration", sa.Column(name, sa.String(length=length)))


def downgrade() -> None:
    for name, _ in ADDED:
        op.drop_column("declaration", name)
