"""Cases in the furniture manager's inbox, their threads and photos, and site visits."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_inbox"
down_revision = "2026_11_30_favourites"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("asker_name", sa.String(length=120), nullable=False),
        sa.Column("asker_unit", sa.String(length=200), nullable=True),
        sa.Column("asker_phone", sa.String(length=40), nullable=True),
        sa.Column("asker_email", sa.String(length=254), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_date", sa.Date(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("registered_by_id", sa.Uuid(), nullable=True),
        sa.Column("first_reply_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed' AND outcome IS NOT NULL) OR state <> 'closed'",
            name=op.f("ck_inbox_case_outcome"),
        ),
        sa.CheckConstraint("pieces >= 0", name=op.f("ck_inbox_case_pieces")),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["person.id"], name=op.f("fk_inbox_case_assignee_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_inbox_case_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_inbox_case_org_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_inbox_case_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inbox_case_person_id")),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["person.id"], name=op.f("fk_inbox_case_registered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_case")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_inbox_case_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "year", "number", name=op.f("uq_inbox_case_org_id_year_number")
        ),
    )
    op.create_index("ix_inbox_case_person", "inbox_case", ["org_id", "person_id"], unique=False)
    op.create_index("ix_inbox_case_state", "inbox_case", ["org_id", "state"], unique=False)
    op.create_table(
        "case_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "case_id"],
            ["inbox_case.org_id", "inbox_case.id"],
            name=op.f("fk_case_item_org_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_case_item_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_case_item_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_item")),
        sa.UniqueConstraint(
            "org_id", "case_id", "item_id", name=op.f("uq_case_item_org_id_case_id_item_id")
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_case_item_org_id_id")),
    )
    op.create_index("ix_case_item_item", "case_item", ["org_id", "item_id"], unique=False)
    op.create_table(
        "case_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "case_id"],
            ["inbox_case.org_id", "inbox_case.id"],
            name=op.f("fk_case_note_org_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_case_note_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_note_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_note")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_case_note_org_id_id")),
    )
    op.create_index(
        "ix_case_note_case", "case_note", ["org_id", "case_id", "created_at"], unique=False
    )
    op.create_table(
        "case_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resized_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resize_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resize_attempts", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "case_id"],
            ["inbox_case.org_id", "inbox_case.id"],
            name=op.f("fk_case_photo_org_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_case_photo_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_photo_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_photo")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_case_photo_org_id_id")),
    )
    op.create_index(
        "ix_case_photo_case", "case_photo", ["org_id", "case_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_case_photo_waiting",
        "case_photo",
        ["resize_at"],
        unique=False,
        sqlite_where=sa.text("resized_at IS NULL"),
        postgresql_where=sa.text("resized_at IS NULL"),
    )
    op.create_table(
        "case_photo_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("case_photo_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "case_photo_id"],
            ["case_photo.org_id", "case_photo.id"],
            name=op.f("fk_case_photo_file_org_id_case_photo_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_case_photo_file_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_photo_file")),
        sa.UniqueConstraint(
            "org_id",
            "case_photo_id",
            "name",
            name=op.f("uq_case_photo_file_org_id_case_photo_id_name"),
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_case_photo_file_org_id_id")),
    )
    op.create_index("ix_case_photo_file_key", "case_photo_file", ["org_id", "key"], unique=False)
    op.create_table(
        "site_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("meet_at", sa.String(length=200), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 5 AND 1440", name=op.f("ck_site_visit_minutes")),
        sa.ForeignKeyConstraint(
            ["org_id", "case_id"],
            ["inbox_case.org_id", "inbox_case.id"],
            name=op.f("fk_site_visit_org_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_site_visit_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_site_visit_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_site_visit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_visit")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_site_visit_org_id_id")),
    )
    op.create_index("ix_site_visit_case", "site_visit", ["org_id", "case_id"], unique=False)
    op.create_index(
        "ix_site_visit_state", "site_visit", ["org_id", "state", "starts_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("site_visit")
    op.drop_table("case_photo_file")
    op.drop_table("case_photo")
    op.drop_table("case_note")
    op.drop_table("case_item")
    op.drop_table("inbox_case")
