"""Networks of organisations, what they ask of each other, and how far a search row reaches."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_networks"
down_revision = "2026_11_30_listing_stages"
branch_labels = None
depends_on = None

MEMBERS = sa.text("state = 'member'")
HELD = sa.text("given_up_at IS NULL")


def _org(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{table}_org_id"))


def upgrade() -> None:
    op.create_table(
        "network",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("host_org_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["host_org_id"], ["organisation.id"], name=op.f("fk_network_host_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network")),
        sa.UniqueConstraint("code", name=op.f("uq_network_code")),
    )
    op.create_table(
        "network_member",
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name=op.f("fk_network_member_network_id")
        ),
        _org("network_member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_member")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_network_member_org_id_id")),
        sa.UniqueConstraint(
            "network_id", "org_id", name=op.f("uq_network_member_network_id_org_id")
        ),
    )
    op.create_index(
        "ix_network_member_org",
        "network_member",
        ["org_id", "network_id"],
        sqlite_where=MEMBERS,
        postgresql_where=MEMBERS,
    )
    op.create_table(
        "outside_request",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("asker_org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("wanted_date", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("wanted BETWEEN 1 AND 500", name=op.f("ck_outside_request_wanted")),
        sa.CheckConstraint("approved <= wanted", name=op.f("ck_outside_request_approved")),
        sa.ForeignKeyConstraint(
            ["org_id", "listing_id"],
            ["listing.org_id", "listing.id"],
            name=op.f("fk_outside_request_org_id_listing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["asker_org_id"], ["organisation.id"], name=op.f("fk_outside_request_asker_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_outside_request_person_id")
        ),
        _org("outside_request"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_request")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_outside_request_org_id_id")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_outside_request_org_id_number")),
    )
    op.create_index("ix_outside_request_state", "outside_request", ["org_id", "state", "asked_at"])
    op.create_index("ix_outside_request_asker", "outside_request", ["asker_org_id", "asked_at"])
    op.create_table(
        "outside_piece",
        sa.Column("outside_request_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "outside_request_id"],
            ["outside_request.org_id", "outside_request.id"],
            name=op.f("fk_outside_piece_org_id_outside_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_outside_piece_org_id_item_id"),
        ),
        _org("outside_piece"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_piece")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_outside_piece_org_id_id")),
    )
    op.create_index("ix_outside_piece_request", "outside_piece", ["org_id", "outside_request_id"])
    op.create_index(
        "uq_outside_piece_held",
        "outside_piece",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    # Nothing has gone beyond its organisation yet.
    op.execute("ALTER TABLE listing_search_row ADD COLUMN reach INTEGER NOT NULL DEFAULT 1")
    op.execute(
        "CREATE INDEX ix_listing_search_row_shared ON listing_search_row (id)"
        " WHERE pieces > 0 AND reach >= 2"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_listing_search_row_shared")
    op.execute("ALTER TABLE listing_search_row DROP COLUMN reach")
    for table in ("outside_piece", "outside_request", "network_member", "network"):
        op.drop_table(table)
