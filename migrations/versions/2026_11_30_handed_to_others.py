"""Pieces that go to another organisation: where it wants them, and what is on its way there."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_handed_to_others"
down_revision = "2026_11_30_network_watch"
branch_labels = None
depends_on = None

PREVIOUS = sa.text("previous_item_id IS NOT NULL")
COMING = sa.text("receiver_org_id <> org_id AND received_at IS NULL AND undone_at IS NULL")


def _key(org: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [org, column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_outside_delivery_{org}_{column}"),
    )


def upgrade() -> None:
    op.create_table(
        "outside_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("giver_org_id", sa.Uuid(), nullable=False),
        sa.Column("outside_request_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("programme_line_id", sa.Uuid(), nullable=True),
        sa.Column("would_have", sa.String(length=40), nullable=False),
        sa.Column("need_recorded_before", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_outside_delivery_org_id")
        ),
        _key("giver_org_id", "outside_request_id", "outside_request"),
        _key("org_id", "unit_id", "unit"),
        _key("org_id", "place_id", "place"),
        _key("org_id", "programme_line_id", "programme_line"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_delivery")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_outside_delivery_org_id_id")),
        sa.UniqueConstraint(
            "giver_org_id",
            "outside_request_id",
            name=op.f("uq_outside_delivery_giver_org_id_outside_request_id"),
        ),
    )
    op.create_index(
        "uq_item_previous",
        "item",
        ["previous_org_id", "previous_item_id"],
        unique=True,
        sqlite_where=PREVIOUS,
        postgresql_where=PREVIOUS,
    )
    op.create_index(
        "ix_handover_line_coming",
        "handover_line",
        ["receiver_org_id"],
        sqlite_where=COMING,
        postgresql_where=COMING,
    )
    # Until now nobody confirmed: what had left was over, and is.
    op.execute("UPDATE outside_request SET state = 'received' WHERE state = 'handed_over'")


def downgrade() -> None:
    op.execute("UPDATE outside_request SET state = 'handed_over' WHERE state = 'received'")
    op.drop_index("ix_handover_line_coming", "handover_line")
    op.drop_index("uq_item_previous", "item")
    op.drop_table("outside_delivery")
