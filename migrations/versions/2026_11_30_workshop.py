"""Suppliers with framework agreements, orders to them, and what of a need's taking did not come."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

revision = "2026_11_30_workshop"
down_revision = "2026_11_30_market_alike"
branch_labels = None
depends_on = None

STANDING = sa.text("ended_at IS NULL")
CHOSEN = sa.text("chosen_at IS NOT NULL")


def _tenant(table: str) -> list[SchemaItem]:
    return [
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{table}_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("org_id", "id", name=op.f(f"uq_{table}_org_id_id")),
    ]


def _own(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def upgrade() -> None:
    op.create_table(
        "supplier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("org_number", sa.String(length=40), nullable=True),
        sa.Column("contact", sa.String(length=120), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_tenant("supplier"),
    )
    op.create_index("uq_supplier_name", "supplier", ["org_id", "name"], unique=True)
    op.create_table(
        "framework_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("work", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _own("framework_agreement", "supplier_id", "supplier"),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_framework_agreement_valid")),
        sa.CheckConstraint("rank BETWEEN 1 AND 99", name=op.f("ck_framework_agreement_rank")),
        *_tenant("framework_agreement"),
    )
    op.create_index(
        "ix_framework_agreement_supplier", "framework_agreement", ["org_id", "supplier_id"]
    )
    op.create_index(
        "ix_framework_agreement_work", "framework_agreement", ["org_id", "work", "rank"]
    )
    op.create_table(
        "agreed_price",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("framework_agreement_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("price_ore", sa.BigInteger(), nullable=False),
        _own("agreed_price", "framework_agreement_id", "framework_agreement"),
        sa.CheckConstraint("price_ore >= 0", name=op.f("ck_agreed_price_price")),
        *_tenant("agreed_price"),
    )
    op.create_index(
        "ix_agreed_price_agreement",
        "agreed_price",
        ["org_id", "framework_agreement_id", "position"],
    )
    op.create_table(
        "ladder_given_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("ladder_step_id", sa.Uuid(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _own("ladder_given_up", "ladder_step_id", "ladder_step"),
        sa.CheckConstraint("pieces > 0", name=op.f("ck_ladder_given_up_pieces")),
        *_tenant("ladder_given_up"),
    )
    op.create_index("ix_ladder_given_up_step", "ladder_given_up", ["org_id", "ladder_step_id"])
    op.create_table(
        "supplier_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("work", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("cost_centre", sa.String(length=40), nullable=True),
        sa.Column("wanted_date", sa.Date(), nullable=True),
        sa.Column("category_id", sa.String(length=40), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("programme_line_id", sa.Uuid(), nullable=True),
        sa.Column("need_line_id", sa.Uuid(), nullable=True),
        sa.Column("ladder_step_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("purchase_cancelled", sa.Boolean(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=True),
        sa.Column("price_ore", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_ore", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("handover_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=True),
        sa.Column("energy_wh", sa.Integer(), nullable=True),
        sa.Column("has_inputs", sa.Boolean(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_supplier_order_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_supplier_order_category_id")
        ),
        _own("supplier_order", "case_id", "inbox_case"),
        _own("supplier_order", "handover_id", "handover"),
        _own("supplier_order", "ladder_step_id", "ladder_step"),
        _own("supplier_order", "need_line_id", "need_line"),
        _own("supplier_order", "place_id", "place"),
        _own("supplier_order", "programme_line_id", "programme_line"),
        _own("supplier_order", "supplier_id", "supplier"),
        _own("supplier_order", "unit_id", "unit"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_supplier_order_person_id")
        ),
        sa.CheckConstraint("energy_wh >= 0", name=op.f("ck_supplier_order_energy")),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_supplier_order_quantity")),
        sa.CheckConstraint("price_ore >= 0", name=op.f("ck_supplier_order_price")),
        *_tenant("supplier_order"),
    )
    op.create_index("ix_supplier_order_case", "supplier_order", ["org_id", "case_id"])
    op.create_index("ix_supplier_order_handover", "supplier_order", ["org_id", "handover_id"])
    op.create_index("ix_supplier_order_need_line", "supplier_order", ["org_id", "need_line_id"])
    op.create_index(
        "ix_supplier_order_programme_line", "supplier_order", ["org_id", "programme_line_id"]
    )
    op.create_index("ix_supplier_order_state", "supplier_order", ["org_id", "state"])
    op.create_index("uq_supplier_order_number", "supplier_order", ["org_id", "number"], unique=True)
    op.create_table(
        "order_material",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_order_id", sa.Uuid(), nullable=False),
        sa.Column("material", sa.String(length=40), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("mass_g", sa.Integer(), nullable=False),
        _own("order_material", "supplier_order_id", "supplier_order"),
        sa.CheckConstraint("mass_g > 0", name=op.f("ck_order_material_mass")),
        *_tenant("order_material"),
    )
    op.create_index(
        "uq_order_material",
        "order_material",
        ["org_id", "supplier_order_id", "material", "is_removed"],
        unique=True,
    )
    op.create_table(
        "order_offcut",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_order_id", sa.Uuid(), nullable=False),
        sa.Column("fraction", sa.String(length=40), nullable=False),
        sa.Column("mass_g", sa.Integer(), nullable=False),
        _own("order_offcut", "supplier_order_id", "supplier_order"),
        sa.CheckConstraint("mass_g > 0", name=op.f("ck_order_offcut_mass")),
        *_tenant("order_offcut"),
    )
    op.create_index(
        "uq_order_offcut", "order_offcut", ["org_id", "supplier_order_id", "fraction"], unique=True
    )
    op.create_table(
        "order_piece",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_order_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _own("order_piece", "item_id", "item"),
        _own("order_piece", "supplier_order_id", "supplier_order"),
        *_tenant("order_piece"),
    )
    op.create_index("ix_order_piece_item", "order_piece", ["org_id", "item_id"])
    op.create_index("ix_order_piece_order", "order_piece", ["org_id", "supplier_order_id"])
    op.create_index(
        "uq_order_piece_standing",
        "order_piece",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "quote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_order_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("price_ore", sa.BigInteger(), nullable=False),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chosen_why", sa.Text(), nullable=True),
        _own("quote", "supplier_id", "supplier"),
        _own("quote", "supplier_order_id", "supplier_order"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quote_person_id")),
        sa.CheckConstraint("price_ore >= 0", name=op.f("ck_quote_price")),
        *_tenant("quote"),
    )
    op.create_index(
        "uq_quote_chosen",
        "quote",
        ["org_id", "supplier_order_id"],
        unique=True,
        sqlite_where=CHOSEN,
        postgresql_where=CHOSEN,
    )
    op.create_index(
        "uq_quote_supplier", "quote", ["org_id", "supplier_order_id", "supplier_id"], unique=True
    )


def downgrade() -> None:
    op.drop_table("quote")
    op.drop_table("order_piece")
    op.drop_table("order_offcut")
    op.drop_table("order_material")
    op.drop_table("supplier_order")
    op.drop_table("ladder_given_up")
    op.drop_table("agreed_price")
    op.drop_table("framework_agreement")
    op.drop_table("supplier")
