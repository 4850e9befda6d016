"""Wishes, what was found for them and for needs, and how far it was looked for."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_wishes"
down_revision = "2026_11_30_answer_links"
branch_labels = None
depends_on = None


def _same_org(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def upgrade() -> None:
    op.create_table(
        "wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("wanted_date", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 10000", name=op.f("ck_wish_quantity")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_wish_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wish_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_wish_org_id_id")),
    )
    op.create_index("ix_wish_person", "wish", ["org_id", "person_id", "ended_at"])
    op.create_table(
        "find",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("need_line_id", sa.Uuid(), nullable=True),
        sa.Column("wish_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(need_line_id IS NULL) <> (wish_id IS NULL)", name=op.f("ck_find_for_one")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_find_org_id")),
        _same_org("find", "need_line_id", "need_line"),
        _same_org("find", "wish_id", "wish"),
        _same_org("find", "item_id", "item"),
        _same_org("find", "listing_id", "listing"),
        _same_org("find", "project_id", "project"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_find")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_find_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "need_line_id", "item_id", name=op.f("uq_find_org_id_need_line_id_item_id")
        ),
        sa.UniqueConstraint(
            "org_id", "wish_id", "item_id", name=op.f("uq_find_org_id_wish_id_item_id")
        ),
    )
    op.create_index("ix_find_told", "find", ["org_id", "told_at"])
    op.create_table(
        "need_watch",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_need_watch_org_id")),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_need_watch")),
    )
    # What came before this is no news to anybody.
    op.execute("INSERT INTO need_watch (org_id, seq) SELECT org_id, seq FROM chain_head")


def downgrade() -> None:
    op.drop_table("need_watch")
    op.drop_index("ix_find_told", table_name="find")
    op.drop_table("find")
    op.drop_index("ix_wish_person", table_name="wish")
    op.drop_table("wish")
