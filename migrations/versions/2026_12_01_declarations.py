"""Environmental declarations: their files, and what was read of them for a model or a piece."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_declarations"
down_revision = "2026_12_01_factor_overrides"
branch_labels = None
depends_on = None

HOLDS = sa.text("ended_at IS NULL")


def _same_org(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_declaration_org_id_{column}"),
    )


def upgrade() -> None:
    op.create_table(
        "declaration_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("byte_count > 0", name=op.f("ck_declaration_file_byte_count")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_declaration_file_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_declaration_file_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_file")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_declaration_file_org_id_id")),
    )
    op.create_index("ix_declaration_file_sha256", "declaration_file", ["org_id", "sha256"])
    op.create_table(
        "declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("declaration_file_id", sa.Uuid(), nullable=False),
        sa.Column("product_model_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("indicator", sa.String(length=80), nullable=False),
        sa.Column("amount_unit", sa.String(length=40), nullable=False),
        sa.Column("gwp_g", sa.String(length=40), nullable=False),
        sa.Column("mass_g", sa.String(length=40), nullable=True),
        sa.Column("delivery_g", sa.String(length=40), nullable=True),
        sa.Column("end_of_life_g", sa.String(length=40), nullable=True),
        sa.Column("relative_deviation", sa.String(length=40), nullable=True),
        sa.Column("service_life_months", sa.Integer(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(product_model_id IS NULL) <> (item_id IS NULL)", name=op.f("ck_declaration_of_one")
        ),
        _same_org("declaration_file_id", "declaration_file"),
        _same_org("item_id", "item"),
        _same_org("product_model_id", "product_model"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_declaration_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_declaration_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_declaration_org_id_id")),
    )
    op.create_index("ix_declaration_created", "declaration", ["org_id", "created_at", "id"])
    for name, column in (
        ("uq_declaration_item", "item_id"),
        ("uq_declaration_model", "product_model_id"),
    ):
        op.create_index(
            name,
            "declaration",
            ["org_id", column],
            unique=True,
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        )


def downgrade() -> None:
    op.drop_index("uq_declaration_model", table_name="declaration")
    op.drop_index("uq_declaration_item", table_name="declaration")
    op.drop_index("ix_declaration_created", table_name="declaration")
    op.drop_table("declaration")
    op.drop_index("ix_declaration_file_sha256", table_name="declaration_file")
    op.drop_table("declaration_file")
