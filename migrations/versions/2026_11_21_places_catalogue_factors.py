"""Places, categories, product models, imports, and factor set 2025.1."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from migrations import append_only
from migrations.factor_sets import load_factor_set

revision = "2026_11_21_2"
down_revision = "2026_11_21_1"
branch_labels = None
depends_on = None

NOTE = "Built in. Sources and their weaknesses stand in the savings method."


def upgrade() -> None:
    op.create_table(
        "category",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("category_group", sa.String(length=40), nullable=False),
        sa.Column("amount_unit", sa.String(length=40), nullable=False),
        sa.Column("name_nb", sa.String(length=120), nullable=False),
        sa.Column("name_sv", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
    )
    op.create_table(
        "factor_set",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_set")),
    )
    op.create_table(
        "factor_row",
        sa.Column("factor_set_id", sa.String(length=20), nullable=False),
        sa.Column("table_name", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["factor_set_id"], ["factor_set.id"], name=op.f("fk_factor_row_factor_set_id")
        ),
        sa.PrimaryKeyConstraint("factor_set_id", "table_name", "key", name=op.f("pk_factor_row")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_import_run_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_run_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_import_run_org_id_id")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=500), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("latitude_udeg", sa.Integer(), nullable=True),
        sa.Column("longitude_udeg", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "parent_id IS NULL OR parent_id <> id", name=op.f("ck_place_not_its_own_parent")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "parent_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_place_org_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_place_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_place_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "parent_id", "name", name=op.f("uq_place_org_id_parent_id_name")
        ),
    )
    op.create_table(
        "product_model",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.String(length=40), nullable=False),
        sa.Column("maker", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("depth_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("mass_g", sa.Integer(), nullable=True),
        sa.Column("new_price_ore", sa.BigInteger(), nullable=True),
        sa.Column("gwp_g", sa.BigInteger(), nullable=True),
        sa.Column("delivery_g", sa.BigInteger(), nullable=True),
        sa.Column("end_of_life_g", sa.BigInteger(), nullable=True),
        sa.Column("service_life_months", sa.Integer(), nullable=True),
        sa.Column("gwp_basis", sa.String(length=40), nullable=True),
        sa.Column("gwp_source", sa.String(length=200), nullable=True),
        sa.Column("epd_number", sa.String(length=80), nullable=True),
        sa.Column("epd_valid_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(gwp_g IS NULL) = (gwp_basis IS NULL)",
            name=op.f("ck_product_model_gwp_says_what_it_is_read_from"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_product_model_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_product_model_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_model")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_product_model_org_id_id")),
    )
    op.create_index(
        "uq_product_model_name", "product_model", ["org_id", "maker", "name"], unique=True
    )

    op.create_table(
        "saved_mapping",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_saved_mapping_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_mapping")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_saved_mapping_org_id_id")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_saved_mapping_org_id_name")),
    )
    op.create_table(
        "import_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("import_run_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("row_values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "import_run_id"],
            ["import_run.org_id", "import_run.id"],
            name=op.f("fk_import_row_org_id_import_run_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_import_row_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_import_row_org_id_id")),
    )
    op.create_index(
        "ix_import_row_run", "import_row", ["org_id", "import_run_id", "row_number"], unique=False
    )
    load_factor_set("2025.1", dt.date(2025, 1, 1), NOTE)
    append_only.protect("factor_set")
    append_only.protect("factor_row")


def downgrade() -> None:
    append_only.release("factor_set")
    append_only.release("factor_row")
    op.drop_table("import_row")
    op.drop_table("saved_mapping")
    op.drop_table("product_model")
    op.drop_table("place")
    op.drop_table("import_run")
    op.drop_table("factor_row")
    op.drop_table("factor_set")
    op.drop_table("category")
