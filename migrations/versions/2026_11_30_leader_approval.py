"""Rules for whose yes a request needs on the asker's own side, and the levels that are asked."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_leader_approval"
down_revision = "2026_11_30_receipts"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
OF_ORGANISATION = sa.text("unit_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "approval_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("giver_may_approve_own", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_approval_rule_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_approval_rule_org_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_rule")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_approval_rule_org_id_id")),
        sa.UniqueConstraint("org_id", "unit_id", name=op.f("uq_approval_rule_org_id_unit_id")),
    )
    op.create_index(
        "uq_approval_rule_organisation",
        "approval_rule",
        ["org_id"],
        unique=True,
        sqlite_where=OF_ORGANISATION,
        postgresql_where=OF_ORGANISATION,
    )
    op.create_table(
        "approval_level",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("above_ore", sa.BigInteger(), nullable=True),
        sa.Column("above_pieces", sa.Integer(), nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_approval_level_level")),
        sa.CheckConstraint("above_ore >= 0", name=op.f("ck_approval_level_above_ore")),
        sa.CheckConstraint("above_pieces >= 0", name=op.f("ck_approval_level_above_pieces")),
        sa.CheckConstraint(
            "above_ore IS NOT NULL OR above_pieces IS NOT NULL",
            name=op.f("ck_approval_level_says_something"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_approval_level_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "rule_id"],
            ["approval_rule.org_id", "approval_rule.id"],
            name=op.f("fk_approval_level_org_id_rule_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_level")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_approval_level_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "rule_id", "level", name=op.f("uq_approval_level_org_id_rule_id_level")
        ),
    )
    op.create_table(
        "approval_category",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_approval_category_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_approval_category_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "rule_id"],
            ["approval_rule.org_id", "approval_rule.id"],
            name=op.f("fk_approval_category_org_id_rule_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_category")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_approval_category_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "rule_id",
            "category_id",
            name=op.f("uq_approval_category_org_id_rule_id_category_id"),
        ),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("value_ore", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'declined' OR reason IS NOT NULL", name=op.f("ck_approval_reason")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_approval_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_approval_person_id")),
        sa.ForeignKeyConstraint(
            ["org_id", "request_id"],
            ["request.org_id", "request.id"],
            name=op.f("fk_approval_org_id_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_approval_org_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_approval_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "request_id", "level", name=op.f("uq_approval_org_id_request_id_level")
        ),
    )
    op.create_index(
        "ix_approval_waiting",
        "approval",
        ["org_id", "unit_id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table("approval")
    op.drop_table("approval_category")
    op.drop_table("approval_level")
    op.drop_table("approval_rule")
