"""Who pays which kind of cost, and what is booked by that: added to, never changed."""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026_12_01_costs"
down_revision = "2026_11_30_network_looks"
branch_labels = None
depends_on = None

TABLES = ("cost_rule", "cost_share", "cost_price", "cost_entry")
ORIGINAL = sa.text("reverses_id IS NULL")
WITHOUT_LINE = sa.text("reverses_id IS NULL AND handover_line_id IS NULL")


def _same_org(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def _own(table: str) -> tuple[sa.Constraint, ...]:
    """What every tenant's table has."""
    return (
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{table}_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("org_id", "id", name=op.f(f"uq_{table}_org_id_id")),
    )


def upgrade() -> None:
    op.create_table(
        "cost_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("common_unit_id", sa.Uuid(), nullable=False),
        sa.Column("price_kind", sa.String(length=40), nullable=False),
        sa.Column("price_percent", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "price_percent BETWEEN 1 AND 100", name=op.f("ck_cost_rule_price_percent")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_cost_rule_person_id")),
        _same_org("cost_rule", "common_unit_id", "unit"),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_cost_rule_org_id_number")),
        *_own("cost_rule"),
    )
    op.create_table(
        "cost_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("cost_rule_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("giver_percent", sa.Integer(), nullable=False),
        sa.Column("receiver_percent", sa.Integer(), nullable=False),
        sa.Column("common_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "giver_percent >= 0 AND receiver_percent >= 0 AND common_percent >= 0",
            name=op.f("ck_cost_share_parts"),
        ),
        sa.CheckConstraint(
            "giver_percent + receiver_percent + common_percent = 100",
            name=op.f("ck_cost_share_sum"),
        ),
        _same_org("cost_share", "cost_rule_id", "cost_rule"),
        sa.UniqueConstraint(
            "org_id", "cost_rule_id", "kind", name=op.f("uq_cost_share_org_id_cost_rule_id_kind")
        ),
        *_own("cost_share"),
    )
    op.create_table(
        "cost_price",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("cost_rule_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.String(length=40), nullable=False),
        sa.Column("price_ore", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_ore > 0", name=op.f("ck_cost_price_price")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_cost_price_category_id")
        ),
        _same_org("cost_price", "cost_rule_id", "cost_rule"),
        sa.UniqueConstraint(
            "org_id",
            "cost_rule_id",
            "category_id",
            name=op.f("uq_cost_price_org_id_cost_rule_id_category_id"),
        ),
        *_own("cost_price"),
    )
    op.create_table(
        "cost_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("booked_by_event_id", sa.Uuid(), nullable=False),
        sa.Column("cost_rule_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payer", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("whole_ore", sa.BigInteger(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payer_unit_id", sa.Uuid(), nullable=False),
        sa.Column("payer_cost_centre", sa.String(length=40), nullable=True),
        sa.Column("payee_unit_id", sa.Uuid(), nullable=False),
        sa.Column("payee_cost_centre", sa.String(length=40), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("handover_line_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("supplier_order_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        _same_org("cost_entry", "event_id", "event"),
        _same_org("cost_entry", "booked_by_event_id", "event"),
        _same_org("cost_entry", "cost_rule_id", "cost_rule"),
        _same_org("cost_entry", "payer_unit_id", "unit"),
        _same_org("cost_entry", "payee_unit_id", "unit"),
        _same_org("cost_entry", "item_id", "item"),
        _same_org("cost_entry", "handover_line_id", "handover_line"),
        _same_org("cost_entry", "request_id", "request"),
        _same_org("cost_entry", "supplier_order_id", "supplier_order"),
        _same_org("cost_entry", "reverses_id", "cost_entry"),
        sa.UniqueConstraint("org_id", "reverses_id", name=op.f("uq_cost_entry_org_id_reverses_id")),
        *_own("cost_entry"),
    )
    for name, *columns in (
        ("booked", "booked_on", "id"),
        ("event", "event_id"),
        ("line", "handover_line_id"),
        ("request", "request_id"),
        ("order", "supplier_order_id"),
    ):
        op.create_index(f"ix_cost_entry_{name}", "cost_entry", ["org_id", *columns])
    for name, column, where in (
        ("line", "handover_line_id", ORIGINAL),
        ("item", "item_id", WITHOUT_LINE),
    ):
        op.create_index(
            f"uq_cost_entry_once_{name}",
            "cost_entry",
            ["org_id", "booked_by_event_id", "kind", "payer", column],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
    for table in TABLES:
        append_only.protect(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        append_only.release(table)
        op.drop_table(table)
