"""What a search of the market is filtered by: colour, material, terms, stage, and from when."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.marketplace.rules import Stage, Terms
from app.marketplace.traits import packed

revision = "2026_11_30_market_traits"
down_revision = "2026_11_30_outside_queue"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
_ROWS = """
    SELECT r.id AS number, i.colour, i.material, l.terms, l.stage
    FROM listing_search_row r JOIN listing l ON l.id = r.listing_id JOIN item i ON i.id = r.item_id
    WHERE r.id > :after AND r.id <= :last
"""


def _some(after: int) -> Sequence[Any]:
    part = {"after": after, "last": after + AT_ONCE}
    return op.get_bind().execute(sa.text(_ROWS), part).all()


def upgrade() -> None:
    op.execute("ALTER TABLE listing_search_row ADD COLUMN traits INTEGER NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE listing_search_row ADD COLUMN from_date DATE")
    op.execute(
        "UPDATE listing_search_row SET from_date ="
        " (SELECT from_date FROM listing WHERE listing.id = listing_search_row.listing_id)"
    )
    change = sa.text("UPDATE listing_search_row SET traits = :traits WHERE id = :number")
    last = op.get_bind().scalar(sa.text("SELECT MAX(id) FROM listing_search_row")) or 0
    for after in range(0, last, AT_ONCE):
        rows = [
            {
                "number": row.number,
                "traits": packed(row.colour, row.material, Terms(row.terms), Stage(row.stage)),
            }
            for row in _some(after)
        ]
        if rows:
            op.get_bind().execute(change, rows)


def downgrade() -> None:
    op.execute("ALTER TABLE listing_search_row DROP COLUMN from_date")
    op.execute("ALTER TABLE listing_search_row DROP COLUMN traits")
