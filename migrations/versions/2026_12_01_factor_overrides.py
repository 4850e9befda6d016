"""An organisation's own factors with their documents, and dated exchange rates."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_factor_overrides"
down_revision = "2026_12_01_network_savings"
branch_labels = None
depends_on = None


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id"))


def _of_org(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{table}_org_id"))


def upgrade() -> None:
    op.create_table(
        "exchange_rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("quote_currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "currency <> quote_currency", name=op.f("ck_exchange_rate_two_currencies")
        ),
        _of_org("exchange_rate"),
        _of_person("exchange_rate"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
        sa.UniqueConstraint(
            "org_id",
            "currency",
            "quote_currency",
            "day",
            name=op.f("uq_exchange_rate_org_id_currency_quote_currency_day"),
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_exchange_rate_org_id_id")),
    )
    op.create_index("ix_exchange_rate_day", "exchange_rate", ["org_id", "day"])
    op.create_table(
        "factor_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("byte_count > 0", name=op.f("ck_factor_document_byte_count")),
        _of_org("factor_document"),
        _of_person("factor_document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_document")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_factor_document_org_id_id")),
    )
    op.create_table(
        "factor_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("low", sa.BigInteger(), nullable=True),
        sa.Column("high", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("price_year", sa.Integer(), nullable=True),
        sa.Column("tier", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("factor_document_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "low >= 0 AND low <= value AND value <= high", name=op.f("ck_factor_override_range")
        ),
        sa.CheckConstraint(
            "(value IS NULL) = (low IS NULL) AND (value IS NULL) = (high IS NULL)"
            " AND (value IS NULL) = (tier IS NULL) AND (value IS NULL) = (source IS NULL)",
            name=op.f("ck_factor_override_whole"),
        ),
        sa.CheckConstraint(
            "(currency IS NOT NULL) = (kind = 'price' AND value IS NOT NULL)",
            name=op.f("ck_factor_override_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_factor_override_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "factor_document_id"],
            ["factor_document.org_id", "factor_document.id"],
            name=op.f("fk_factor_override_org_id_factor_document_id"),
        ),
        _of_org("factor_override"),
        _of_person("factor_override"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_override")),
        sa.UniqueConstraint(
            "org_id",
            "category_id",
            "kind",
            "number",
            name=op.f("uq_factor_override_org_id_category_id_kind_number"),
        ),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_factor_override_org_id_id")),
    )


def downgrade() -> None:
    op.drop_table("factor_override")
    op.drop_table("factor_document")
    op.drop_index("ix_exchange_rate_day", table_name="exchange_rate")
    op.drop_table("exchange_rate")
