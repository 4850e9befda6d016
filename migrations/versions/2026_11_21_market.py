"""Listings, requests and reservations."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_5"
down_revision = "2026_11_21_4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("terms", sa.String(length=40), nullable=False),
        sa.Column("price_ore", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "until_date IS NULL OR until_date >= from_date", name=op.f("ck_listing_ends_after")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_listing_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_listing_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_listing_org_id_id")),
    )
    op.create_index("ix_listing_state", "listing", ["org_id", "state", "created_at"], unique=False)

    op.create_table(
        "listing_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_listing_item_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "listing_id"],
            ["listing.org_id", "listing.id"],
            name=op.f("fk_listing_item_org_id_listing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_listing_item_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_item")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_listing_item_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "listing_id",
            "item_id",
            name=op.f("uq_listing_item_org_id_listing_id_item_id"),
        ),
    )
    op.create_index(
        "uq_listing_item_open",
        "listing_item",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )

    op.create_table(
        "request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("wanted_date", sa.Date(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("cost_centre", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_request_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_request_org_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_request_org_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_request_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_request_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_request_org_id_id")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_request_org_id_number")),
    )
    op.create_index("ix_request_person", "request", ["org_id", "person_id", "state"], unique=False)
    op.create_index("ix_request_state", "request", ["org_id", "state", "created_at"], unique=False)
    op.create_index(
        "uq_request_basket",
        "request",
        ["org_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )

    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "request_id"],
            ["request.org_id", "request.id"],
            name=op.f("fk_message_org_id_request_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_message_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_message_org_id_id")),
    )
    op.create_index(
        "ix_message_request", "message", ["org_id", "request_id", "created_at"], unique=False
    )

    op.create_table(
        "request_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("giver_org_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("programme_line_id", sa.Uuid(), nullable=True),
        sa.Column("would_have", sa.String(length=40), nullable=False),
        sa.Column("need_recorded_before", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("picked_up", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("approved + declined <= wanted", name=op.f("ck_request_line_approved")),
        sa.CheckConstraint("picked_up <= approved", name=op.f("ck_request_line_picked_up")),
        sa.CheckConstraint("received <= picked_up", name=op.f("ck_request_line_received")),
        sa.CheckConstraint("wanted BETWEEN 1 AND 10000", name=op.f("ck_request_line_wanted")),
        sa.ForeignKeyConstraint(
            ["giver_org_id", "listing_id"],
            ["listing.org_id", "listing.id"],
            name=op.f("fk_request_line_giver_org_id_listing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "programme_line_id"],
            ["programme_line.org_id", "programme_line.id"],
            name=op.f("fk_request_line_org_id_programme_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "request_id"],
            ["request.org_id", "request.id"],
            name=op.f("fk_request_line_org_id_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_request_line_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_line")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_request_line_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "request_id",
            "listing_id",
            name=op.f("uq_request_line_org_id_request_id_listing_id"),
        ),
    )
    op.create_table(
        "reservation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("receiver_org_id", sa.Uuid(), nullable=False),
        sa.Column("request_line_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_reservation_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "listing_id"],
            ["listing.org_id", "listing.id"],
            name=op.f("fk_reservation_org_id_listing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_reservation_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_org_id", "request_line_id"],
            ["request_line.org_id", "request_line.id"],
            name=op.f("fk_reservation_receiver_org_id_request_line_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_reservation_org_id_id")),
    )
    op.create_index(
        "ix_reservation_line", "reservation", ["receiver_org_id", "request_line_id"], unique=False
    )
    op.create_index(
        "ix_reservation_listing", "reservation", ["org_id", "listing_id", "state"], unique=False
    )
    op.create_index(
        "uq_reservation_active",
        "reservation",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('approved', 'ready', 'picked_up')"),
        postgresql_where=sa.text("state IN ('approved', 'ready', 'picked_up')"),
    )


def downgrade() -> None:
    op.drop_table("reservation")
    op.drop_table("request_line")
    op.drop_table("message")
    op.drop_table("request")
    op.drop_table("listing_item")
    op.drop_table("listing")
