"""Stocktakes: what a room ought to hold, what was scanned, and what was decided."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_stocktakes"
down_revision = "2026_11_25_view"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stocktake",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_by_id", sa.Uuid(), nullable=True),
        sa.Column("joined_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["finished_by_id"], ["person.id"], name=op.f("fk_stocktake_finished_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "joined_id"],
            ["stocktake.org_id", "stocktake.id"],
            name=op.f("fk_stocktake_org_id_joined_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_stocktake_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_stocktake_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stocktake_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_stocktake_org_id_id")),
    )
    with op.batch_alter_table("stocktake", schema=None) as batch_op:
        batch_op.create_index(
            "ix_stocktake_one_open",
            ["org_id", "place_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_stocktake_place", ["org_id", "place_id", "started_at"], unique=False
        )

    op.create_table(
        "stocktake_expected",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("stocktake_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_stocktake_expected_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_stocktake_expected_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "stocktake_id"],
            ["stocktake.org_id", "stocktake.id"],
            name=op.f("fk_stocktake_expected_org_id_stocktake_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_stocktake_expected_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_expected")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_stocktake_expected_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "stocktake_id",
            "item_id",
            name=op.f("uq_stocktake_expected_org_id_stocktake_id_item_id"),
        ),
    )
    with op.batch_alter_table("stocktake_expected", schema=None) as batch_op:
        batch_op.create_index("ix_stocktake_expected_item", ["org_id", "item_id"], unique=False)

    op.create_table(
        "stocktake_scan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("stocktake_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_stocktake_scan_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_stocktake_scan_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "stocktake_id"],
            ["stocktake.org_id", "stocktake.id"],
            name=op.f("fk_stocktake_scan_org_id_stocktake_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_stocktake_scan_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_stocktake_scan_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_scan")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_stocktake_scan_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "stocktake_id",
            "item_id",
            name=op.f("uq_stocktake_scan_org_id_stocktake_id_item_id"),
        ),
    )
    with op.batch_alter_table("stocktake_scan", schema=None) as batch_op:
        batch_op.create_index("ix_stocktake_scan_item", ["org_id", "item_id"], unique=False)

    op.create_table(
        "stocktake_stray",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("stocktake_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count BETWEEN 1 AND 1000", name=op.f("ck_stocktake_stray_count")),
        sa.ForeignKeyConstraint(
            ["org_id", "stocktake_id"],
            ["stocktake.org_id", "stocktake.id"],
            name=op.f("fk_stocktake_stray_org_id_stocktake_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_stocktake_stray_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_stocktake_stray_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_stray")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_stocktake_stray_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "stocktake_id",
            "text",
            name=op.f("uq_stocktake_stray_org_id_stocktake_id_text"),
        ),
    )


def downgrade() -> None:
    op.drop_table("stocktake_stray")
    op.drop_table("stocktake_scan")
    op.drop_table("stocktake_expected")
    op.drop_table("stocktake")
