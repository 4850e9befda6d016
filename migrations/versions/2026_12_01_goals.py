"""What units and projects aim for in a year, and what of it everybody sees."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_goals"
down_revision = "2026_12_01_declarations"
branch_labels = None
depends_on = None


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
        "goal_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(unit_id IS NULL) <> (project_id IS NULL)", name=op.f("ck_goal_sheet_of_one")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_goal_sheet_person_id")),
        _same_org("goal_sheet", "unit_id", "unit"),
        _same_org("goal_sheet", "project_id", "project"),
        *_own("goal_sheet"),
    )
    for column in ("unit_id", "project_id"):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"uq_goal_sheet_{column.removesuffix('_id')}",
            "goal_sheet",
            ["org_id", "year", column],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_table(
        "goal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("goal_sheet_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("target > 0", name=op.f("ck_goal_target")),
        _same_org("goal", "goal_sheet_id", "goal_sheet"),
        sa.UniqueConstraint(
            "org_id", "goal_sheet_id", "kind", name=op.f("uq_goal_org_id_goal_sheet_id_kind")
        ),
        *_own("goal"),
    )
    op.create_table(
        "goal_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("has_leader_board", sa.Boolean(), nullable=False),
        sa.Column("has_own_savings", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("org_id", name=op.f("uq_goal_rule_org_id")),
        *_own("goal_rule"),
    )


def downgrade() -> None:
    for table in ("goal_rule", "goal", "goal_sheet"):
        op.drop_table(table)
