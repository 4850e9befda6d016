"""What a search of the market narrows by price, what rows are alike in, and how strangers look."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from app.marketplace.search_alike import alike

revision = "2026_11_30_market_alike"
down_revision = "2026_11_30_outside_rests"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
_ROWS = """
    SELECT r.id AS number, r.org_id, r.category_id, r.place_id, r.condition, r.traits, r.from_date,
        CASE WHEN l.terms = 'free' THEN 0 ELSE l.price_ore END AS price_ore
    FROM listing_search_row r JOIN listing l ON l.id = r.listing_id
    WHERE r.id > :after AND r.id <= :last
"""
_CHANGE = """
    UPDATE listing_search_row SET alike = :alike, price_ore = :price_ore WHERE id = :number
"""
_INDEXES = {
    # Found by their words, and added up.
    "found": ("id, alike, until_date, unit_only, pieces", "pieces > 0"),
    # All of an organisation's, added up.
    "alike": ("org_id, alike, until_date, unit_only, pieces, id", "pieces > 0"),
    "place": ("org_id, place_id", "pieces > 0"),
    # All organisations' together, the newest first; of one there is an index already.
    "open": ("id", "pieces > 0 AND reach = 3"),
}


def _some(after: int) -> Sequence[Any]:
    part = {"after": after, "last": after + AT_ONCE}
    return op.get_bind().execute(sa.text(_ROWS), part).all()


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _change(row: Any, today: date) -> dict[str, Any]:
    org_id, place_id = (UUID(str(each)) for each in (row.org_id, row.place_id))
    first = _day(row.from_date)
    number = alike(org_id, row.category_id, place_id, row.condition, row.traits, first, today)
    return {"number": row.number, "alike": number, "price_ore": row.price_ore}


def upgrade() -> None:
    op.execute("ALTER TABLE listing_search_row ADD COLUMN price_ore BIGINT")
    op.execute("ALTER TABLE listing_search_row ADD COLUMN alike BIGINT NOT NULL DEFAULT 0")
    change, today = sa.text(_CHANGE), datetime.now(UTC).date()
    last = op.get_bind().scalar(sa.text("SELECT MAX(id) FROM listing_search_row")) or 0
    for after in range(0, last, AT_ONCE):
        rows = [_change(row, today) for row in _some(after)]
        if rows:
            op.get_bind().execute(change, rows)
    for name, (columns, rows_of) in _INDEXES.items():
        op.execute(
            f"CREATE INDEX ix_listing_search_row_{name} ON listing_search_row ({columns})"
            f" WHERE {rows_of}"
        )


def downgrade() -> None:
    for name in _INDEXES:
        op.execute(f"DROP INDEX ix_listing_search_row_{name}")
    op.execute("ALTER TABLE listing_search_row DROP COLUMN alike")
    op.execute("ALTER TABLE listing_search_row DROP COLUMN price_ore")
