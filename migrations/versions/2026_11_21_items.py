"""Pieces, codes, photos, measurements and found reports."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_3"
down_revision = "2026_11_21_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_print_batch_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_print_batch_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_batch")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_print_batch_org_id_id")),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_before", sa.String(length=40), nullable=True),
        sa.Column("category_id", sa.String(length=40), nullable=False),
        sa.Column("product_model_id", sa.Uuid(), nullable=True),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("maker", sa.String(length=120), nullable=True),
        sa.Column("model", sa.String(length=120), nullable=True),
        sa.Column("colour", sa.String(length=60), nullable=True),
        sa.Column("material", sa.String(length=60), nullable=True),
        sa.Column("condition", sa.String(length=40), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("depth_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("mass_g", sa.Integer(), nullable=True),
        sa.Column("amount", sa.String(length=40), nullable=False),
        sa.Column("amount_unit", sa.String(length=40), nullable=False),
        sa.Column("new_price_ore", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("owner_unit_id", sa.Uuid(), nullable=False),
        sa.Column("holder_unit_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_person_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_place_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("previous_org_id", sa.Uuid(), nullable=True),
        sa.Column("previous_item_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("import_run_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("depth_mm BETWEEN 1 AND 20000", name=op.f("ck_item_depth")),
        sa.CheckConstraint("height_mm BETWEEN 1 AND 20000", name=op.f("ck_item_height")),
        sa.CheckConstraint("mass_g BETWEEN 1 AND 5000000", name=op.f("ck_item_mass")),
        sa.CheckConstraint("new_price_ore >= 0", name=op.f("ck_item_new_price")),
        sa.CheckConstraint(
            "parent_id IS NULL OR parent_id <> id", name=op.f("ck_item_not_its_own_parent")
        ),
        sa.CheckConstraint("width_mm BETWEEN 1 AND 20000", name=op.f("ck_item_width")),
        sa.ForeignKeyConstraint(
            ["assigned_person_id"], ["person.id"], name=op.f("fk_item_assigned_person_id")
        ),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_item_category_id")),
        sa.ForeignKeyConstraint(
            ["org_id", "holder_unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_item_org_id_holder_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "import_run_id"],
            ["import_run.org_id", "import_run.id"],
            name=op.f("fk_item_org_id_import_run_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "last_seen_place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_item_org_id_last_seen_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "merged_into_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_item_org_id_merged_into_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "owner_unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_item_org_id_owner_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "parent_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_item_org_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_item_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "product_model_id"],
            ["product_model.org_id", "product_model.id"],
            name=op.f("fk_item_org_id_product_model_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_item_org_id")),
        sa.ForeignKeyConstraint(
            ["previous_org_id", "previous_item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_item_previous_org_id_previous_item_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_item_org_id_id")),
    )
    op.create_index("ix_item_category", "item", ["org_id", "category_id"], unique=False)
    op.create_index("ix_item_created", "item", ["org_id", "created_at", "id"], unique=False)
    op.create_index("ix_item_lot", "item", ["org_id", "lot_id"], unique=False)
    op.create_index("ix_item_place", "item", ["org_id", "place_id"], unique=False)

    op.create_table(
        "code",
        sa.Column("code", sa.String(length=11), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("printer_org_id", sa.Uuid(), nullable=True),
        sa.Column("print_batch_id", sa.Uuid(), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"], ["item.org_id", "item.id"], name=op.f("fk_code_org_id_item_id")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_code_org_id")),
        sa.ForeignKeyConstraint(
            ["printer_org_id", "print_batch_id"],
            ["print_batch.org_id", "print_batch.id"],
            name=op.f("fk_code_printer_org_id_print_batch_id"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_code")),
    )
    op.create_index("ix_code_item", "code", ["org_id", "item_id"], unique=False)
    op.create_index(
        "ix_code_print_batch", "code", ["printer_org_id", "print_batch_id"], unique=False
    )

    op.create_table(
        "donor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("donor_id", sa.Uuid(), nullable=False),
        sa.Column("built_in_g", sa.Integer(), nullable=False),
        sa.CheckConstraint("built_in_g >= 0", name=op.f("ck_donor_built_in")),
        sa.CheckConstraint("donor_id <> item_id", name=op.f("ck_donor_not_its_own_donor")),
        sa.ForeignKeyConstraint(
            ["org_id", "donor_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_donor_org_id_donor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"], ["item.org_id", "item.id"], name=op.f("fk_donor_org_id_item_id")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_donor_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_donor_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "item_id", "donor_id", name=op.f("uq_donor_org_id_item_id_donor_id")
        ),
    )
    op.create_table(
        "found_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_found_report_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_found_report_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_found_report")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_found_report_org_id_id")),
    )
    op.create_index(
        "ix_found_report_state", "found_report", ["org_id", "state", "created_at"], unique=False
    )

    op.create_table(
        "item_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_item_identifier_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_item_identifier_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_identifier")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_item_identifier_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "item_id",
            "kind",
            "value",
            name=op.f("uq_item_identifier_org_id_item_id_kind_value"),
        ),
    )
    op.create_index(
        "ix_item_identifier_value", "item_identifier", ["org_id", "value"], unique=False
    )

    op.create_table(
        "measurement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("mm", sa.Integer(), nullable=False),
        sa.CheckConstraint("mm BETWEEN 1 AND 20000", name=op.f("ck_measurement_mm")),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_measurement_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_measurement_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_measurement_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "item_id", "kind", name=op.f("uq_measurement_org_id_item_id_kind")
        ),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("product_model_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("alt", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resized_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN item_id IS NULL THEN 0 ELSE 1 END + CASE WHEN lot_id IS NULL THEN 0 ELSE 1 END + CASE WHEN product_model_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_photo_shows_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"], ["item.org_id", "item.id"], name=op.f("fk_photo_org_id_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "product_model_id"],
            ["product_model.org_id", "product_model.id"],
            name=op.f("fk_photo_org_id_product_model_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_photo_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_photo_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_photo_org_id_id")),
    )
    op.create_index("ix_photo_item", "photo", ["org_id", "item_id"], unique=False)
    op.create_index("ix_photo_lot", "photo", ["org_id", "lot_id"], unique=False)
    op.create_index("ix_photo_product_model", "photo", ["org_id", "product_model_id"], unique=False)

    op.create_table(
        "photo_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "photo_id"],
            ["photo.org_id", "photo.id"],
            name=op.f("fk_photo_file_org_id_photo_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_photo_file_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_file")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_photo_file_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "photo_id", "name", name=op.f("uq_photo_file_org_id_photo_id_name")
        ),
    )
    op.create_index("ix_photo_file_key", "photo_file", ["org_id", "key"], unique=False)


def downgrade() -> None:
    op.drop_table("photo_file")
    op.drop_table("photo")
    op.drop_table("measurement")
    op.drop_table("item_identifier")
    op.drop_table("found_report")
    op.drop_table("donor")
    op.drop_table("code")
    op.drop_table("item")
    op.drop_table("print_batch")
