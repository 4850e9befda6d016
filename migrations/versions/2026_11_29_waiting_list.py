"""The waiting list's order, and that an offered piece is held as a promised one is.

Who waits already gets the class and the project's date that a new request would have got.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_waiting_list"
down_revision = "2026_11_29_import_staging"
branch_labels = None
depends_on = None

HELD_BEFORE = sa.text("state IN ('approved', 'ready', 'picked_up')")
HELD = sa.text("state IN ('offered', 'approved', 'ready', 'picked_up')")
OFFERED = sa.text("state = 'offered'")
WAITING = sa.text("state = 'waiting'")

LINE = (
    "request_line.org_id = reservation.receiver_org_id"
    " AND request_line.id = reservation.request_line_id"
)
SET_CLASS = f"""
UPDATE reservation SET priority = 1
WHERE state IN ('requested', 'waiting') AND NOT EXISTS (
    SELECT 1 FROM request_line
    JOIN request ON request.org_id = request_line.org_id AND request.id = request_line.request_id
    JOIN listing_item ON listing_item.org_id = reservation.org_id
        AND listing_item.listing_id = reservation.listing_id
    JOIN item ON item.org_id = listing_item.org_id AND item.id = listing_item.item_id
    WHERE {LINE} AND item.owner_unit_id = request.unit_id
)
"""
SET_DATE = f"""
UPDATE reservation SET wanted_by = (
    SELECT COALESCE(programme_line.wanted_date, project.from_date) FROM request_line
    JOIN programme_line ON programme_line.org_id = request_line.org_id
        AND programme_line.id = request_line.programme_line_id
    JOIN project ON project.org_id = programme_line.org_id
        AND project.id = programme_line.project_id
    WHERE {LINE}
)
WHERE state IN ('requested', 'waiting')
"""


def _hold(where: sa.TextClause) -> None:
    op.drop_index("uq_reservation_active", table_name="reservation")
    op.create_index(
        "uq_reservation_active",
        "reservation",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def upgrade() -> None:
    op.add_column("reservation", sa.Column("wanted_by", sa.Date(), nullable=True))
    op.execute(SET_CLASS)
    op.execute(SET_DATE)
    _hold(HELD)
    op.create_index(
        "ix_reservation_waiting",
        "reservation",
        ["org_id", "listing_id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_reservation_offered",
        "reservation",
        ["limit_at"],
        sqlite_where=OFFERED,
        postgresql_where=OFFERED,
    )


def downgrade() -> None:
    # The version before holds no offered piece and could promise it to another: they wait again.
    op.execute(
        "UPDATE reservation SET state = 'waiting', item_id = NULL, limit_at = NULL"
        " WHERE state = 'offered'"
    )
    op.execute("UPDATE reservation SET priority = 0")
    op.drop_index("ix_reservation_offered", table_name="reservation")
    op.drop_index("ix_reservation_waiting", table_name="reservation")
    _hold(HELD_BEFORE)
    op.drop_column("reservation", "wanted_by")
