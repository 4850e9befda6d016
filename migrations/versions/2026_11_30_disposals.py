"""Disposal decisions with their pieces and fractions, and verified codes of waste."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

revision = "2026_11_30_disposals"
down_revision = "2026_11_30_run_sheets"
branch_labels = None
depends_on = None

STANDING = sa.text("withdrawn_at IS NULL")


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


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "disposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("fate", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.Column("not_offered_why", sa.Text(), nullable=True),
        sa.Column("receiver", sa.String(length=160), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_by_id", sa.Uuid(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=True),
        *(
            _person("disposal", column)
            for column in ("person_id", "decided_by_id", "delivered_by_id", "withdrawn_by_id")
        ),
        *_tenant("disposal"),
    )
    op.create_index("uq_disposal_number", "disposal", ["org_id", "number"], unique=True)
    op.create_index("ix_disposal_state", "disposal", ["org_id", "state"])
    op.create_table(
        "disposal_piece",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("disposal_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=11), nullable=True),
        sa.Column("condition", sa.String(length=40), nullable=False),
        sa.Column("mass_g", sa.Integer(), nullable=True),
        sa.Column("is_mass_default", sa.Boolean(), nullable=False),
        sa.Column("offers", sa.JSON(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        _own("disposal_piece", "disposal_id", "disposal"),
        _own("disposal_piece", "item_id", "item"),
        *_tenant("disposal_piece"),
        sa.UniqueConstraint(
            "org_id",
            "disposal_id",
            "item_id",
            name=op.f("uq_disposal_piece_org_id_disposal_id_item_id"),
        ),
    )
    op.create_index(
        "uq_disposal_piece_standing",
        "disposal_piece",
        ["org_id", "item_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "disposal_fraction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("disposal_id", sa.Uuid(), nullable=False),
        sa.Column("fraction", sa.String(length=40), nullable=False),
        sa.Column("mass_g", sa.Integer(), nullable=False),
        sa.Column("is_entered", sa.Boolean(), nullable=False),
        sa.Column("ns_code", sa.String(length=20), nullable=False),
        sa.Column("eal_code", sa.String(length=20), nullable=False),
        sa.CheckConstraint("mass_g > 0", name=op.f("ck_disposal_fraction_mass")),
        _own("disposal_fraction", "disposal_id", "disposal"),
        *_tenant("disposal_fraction"),
        sa.UniqueConstraint(
            "org_id",
            "disposal_id",
            "fraction",
            name=op.f("uq_disposal_fraction_org_id_disposal_id_fraction"),
        ),
    )
    op.create_table(
        "waste_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("fraction", sa.String(length=40), nullable=False),
        sa.Column("ns_code", sa.String(length=20), nullable=False),
        sa.Column("eal_code", sa.String(length=20), nullable=False),
        sa.Column("verified_by_id", sa.Uuid(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=False),
        _person("waste_code", "verified_by_id"),
        *_tenant("waste_code"),
        sa.UniqueConstraint("org_id", "fraction", name=op.f("uq_waste_code_org_id_fraction")),
    )


def downgrade() -> None:
    op.drop_table("waste_code")
    op.drop_table("disposal_fraction")
    op.drop_table("disposal_piece")
    op.drop_table("disposal")
