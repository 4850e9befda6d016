"""The public page: what strangers may see, what they ask for, their letters, and the income."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_public_stage"
down_revision = "2026_11_30_wishes"
branch_labels = None
depends_on = None

UNCONFIRMED = sa.text("state = 'unconfirmed'")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def _own(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{table}_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("org_id", "id", name=op.f(f"uq_{table}_org_id_id")),
    )


def upgrade() -> None:
    op.create_table(
        "public_market",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_indexed", sa.Boolean(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=120), nullable=False),
        sa.Column("pick_up", sa.Text(), nullable=True),
        sa.Column("seller", sa.Text(), nullable=True),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "vat_percent BETWEEN 0 AND 100", name=op.f("ck_public_market_vat_percent")
        ),
        sa.UniqueConstraint("org_id", name=op.f("uq_public_market_org_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_public_market_slug")),
        *_own("public_market"),
    )
    op.create_table(
        "public_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("terms", sa.String(length=40), nullable=False),
        sa.Column("price_ore", sa.BigInteger(), nullable=True),
        sa.Column("offers_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(terms = 'price') = (price_ore IS NOT NULL)", name=op.f("ck_public_terms_price")
        ),
        _key("public_terms", "listing_id", "listing"),
        sa.UniqueConstraint("org_id", "listing_id", name=op.f("uq_public_terms_org_id_listing_id")),
        *_own("public_terms"),
    )
    op.create_table(
        "buyer_ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("terms", sa.String(length=40), nullable=False),
        sa.Column("price_ore", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("wanted BETWEEN 1 AND 500", name=op.f("ck_buyer_ask_wanted")),
        sa.CheckConstraint("approved <= wanted", name=op.f("ck_buyer_ask_approved")),
        sa.CheckConstraint("price_ore >= 0", name=op.f("ck_buyer_ask_price_ore")),
        _key("buyer_ask", "listing_id", "listing"),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_buyer_ask_org_id_number")),
        *_own("buyer_ask"),
    )
    op.create_index("ix_buyer_ask_state", "buyer_ask", ["org_id", "state", "confirmed_at"])
    op.create_index("ix_buyer_ask_listing", "buyer_ask", ["org_id", "listing_id", "state"])
    op.create_index(
        "ix_buyer_ask_email",
        "buyer_ask",
        ["email"],
        sqlite_where=UNCONFIRMED,
        postgresql_where=UNCONFIRMED,
    )
    op.create_table(
        "buyer_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_ask_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _key("buyer_link", "buyer_ask_id", "buyer_ask"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_buyer_link_token_hash")),
        *_own("buyer_link"),
    )
    op.create_index("ix_buyer_link_expires_at", "buyer_link", ["expires_at"])
    op.create_table(
        "buyer_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_ask_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(length=400), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        _key("buyer_letter", "buyer_ask_id", "buyer_ask"),
        *_own("buyer_letter"),
    )
    op.create_index("ix_buyer_letter_waiting", "buyer_letter", ["sent_at", "next_try_at"])
    op.create_index("ix_buyer_letter_ask", "buyer_letter", ["org_id", "buyer_ask_id"])
    op.create_table(
        "external_income",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("buyer", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.Column("vat_ore", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("buyer_ask_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "vat_percent BETWEEN 0 AND 100", name=op.f("ck_external_income_vat_percent")
        ),
        _key("external_income", "buyer_ask_id", "buyer_ask"),
        _key("external_income", "reverses_id", "external_income"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_external_income_person_id")
        ),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_external_income_org_id_number")),
        sa.UniqueConstraint(
            "org_id", "reverses_id", name=op.f("uq_external_income_org_id_reverses_id")
        ),
        sa.UniqueConstraint(
            "org_id", "buyer_ask_id", name=op.f("uq_external_income_org_id_buyer_ask_id")
        ),
        *_own("external_income"),
    )
    op.create_index("ix_external_income_sold_on", "external_income", ["org_id", "sold_on"])
    with op.batch_alter_table("outside_piece") as batch:
        batch.alter_column("outside_request_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("buyer_ask_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_outside_piece_org_id_buyer_ask_id"),
            "buyer_ask",
            ["org_id", "buyer_ask_id"],
            ["org_id", "id"],
        )
        batch.create_check_constraint(
            op.f("ck_outside_piece_for_one"),
            "(outside_request_id IS NULL) <> (buyer_ask_id IS NULL)",
        )
        batch.create_index("ix_outside_piece_buyer", ["org_id", "buyer_ask_id"])
    op.execute(
        "CREATE INDEX ix_listing_search_row_public ON listing_search_row (org_id, id)"
        " WHERE pieces > 0 AND reach = 3"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_listing_search_row_public")
    # The version before knows no buyers: what was held for them is free again there.
    op.execute("DELETE FROM outside_piece WHERE outside_request_id IS NULL")
    with op.batch_alter_table("outside_piece") as batch:
        batch.drop_index("ix_outside_piece_buyer")
        batch.drop_constraint(op.f("ck_outside_piece_for_one"), type_="check")
        batch.drop_constraint(op.f("fk_outside_piece_org_id_buyer_ask_id"), type_="foreignkey")
        batch.drop_column("buyer_ask_id")
        batch.alter_column("outside_request_id", existing_type=sa.Uuid(), nullable=False)
    for table in (
        "external_income",
        "buyer_letter",
        "buyer_link",
        "buyer_ask",
        "public_terms",
        "public_market",
    ):
        op.drop_table(table)
