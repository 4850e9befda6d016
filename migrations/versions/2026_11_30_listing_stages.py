"""Listings go from stage to stage; an organisation's rules for it; who alone sees a search row.

What is open stays where it is, seen by everybody in the organisation.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_listing_stages"
down_revision = "2026_11_30_disposals"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'open'")
_COLUMNS: dict[str, Any] = {
    "next_stage": sa.String(length=40),
    "next_stage_on": sa.Date(),
    "unit_days": sa.Integer(),
    "organisation_days": sa.Integer(),
    "network_days": sa.Integer(),
    "last_stage": sa.String(length=40),
    "reminded_for": sa.Date(),
}


def _index(name: str, column: str) -> None:
    op.create_index(name, "listing", [column], sqlite_where=OPEN, postgresql_where=OPEN)


def upgrade() -> None:
    op.create_table(
        "listing_rules",
        sa.Column("unit_days", sa.Integer(), nullable=False),
        sa.Column("organisation_days", sa.Integer(), nullable=False),
        sa.Column("network_days", sa.Integer(), nullable=False),
        sa.Column("last_stage", sa.String(length=40), nullable=False),
        sa.Column("remind_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_listing_rules_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_rules")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_listing_rules_org_id_id")),
        sa.UniqueConstraint("org_id", name=op.f("uq_listing_rules_org_id")),
    )
    op.add_column(
        "listing", sa.Column("stage_since", sa.Date(), nullable=False, server_default="2026-01-01")
    )
    # The day in UTC, which is what the verbs wrote as the first day.
    day = "date(created_at)" if op.get_bind().dialect.name == "sqlite" else "created_at::date"
    op.execute(f"UPDATE listing SET stage_since = {day}")
    for name, kind in _COLUMNS.items():
        op.add_column("listing", sa.Column(name, kind, nullable=True))
    _index("ix_listing_next_stage", "next_stage_on")
    _index("ix_listing_until", "until_date")
    id_type = "CHAR(32)" if op.get_bind().dialect.name == "sqlite" else "UUID"
    op.execute(f"ALTER TABLE listing_search_row ADD COLUMN unit_only {id_type}")


def downgrade() -> None:
    # The version before shows every listing to everybody in the organisation.
    op.execute("UPDATE listing SET stage = 'organisation'")
    op.execute("ALTER TABLE listing_search_row DROP COLUMN unit_only")
    op.drop_index("ix_listing_until", table_name="listing")
    op.drop_index("ix_listing_next_stage", table_name="listing")
    for name in ("stage_since", *_COLUMNS):
        op.drop_column("listing", name)
    op.drop_table("listing_rules")
