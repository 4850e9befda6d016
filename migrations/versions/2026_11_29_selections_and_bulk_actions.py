"""What people have ticked, and what was done to many pieces at once."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_bulk_actions"
down_revision = "2026_11_29_releases"
branch_labels = None
depends_on = None


def _own(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{table}_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("org_id", "id", name=op.f(f"uq_{table}_org_id_id")),
    )


def _within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "selection",
        *_own("selection"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        _person("selection", "person_id"),
        sa.UniqueConstraint("org_id", "person_id", name=op.f("uq_selection_org_id_person_id")),
    )
    op.create_index("ix_selection_touched_at", "selection", ["touched_at"])
    op.create_table(
        "selected_item",
        *_own("selected_item"),
        sa.Column("selection_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        _within("selected_item", "selection_id", "selection"),
        _within("selected_item", "item_id", "item"),
        sa.UniqueConstraint(
            "org_id",
            "selection_id",
            "item_id",
            name=op.f("uq_selected_item_org_id_selection_id_item_id"),
        ),
    )
    op.create_index("ix_selected_item_item", "selected_item", ["org_id", "item_id"])
    op.create_table(
        "bulk_action",
        *_own("bulk_action"),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Uuid(), nullable=True),
        _person("bulk_action", "person_id"),
        _person("bulk_action", "undone_by_id"),
    )
    op.create_index("ix_bulk_action_created_at", "bulk_action", ["org_id", "created_at"])
    op.create_table(
        "bulk_action_line",
        *_own("bulk_action_line"),
        sa.Column("bulk_action_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("refused", sa.String(length=300), nullable=True),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=True),
        sa.Column("made_id", sa.Uuid(), nullable=True),
        sa.Column("made_version", sa.Integer(), nullable=True),
        sa.Column("kept", sa.String(length=300), nullable=True),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        _within("bulk_action_line", "bulk_action_id", "bulk_action"),
        _within("bulk_action_line", "item_id", "item"),
        sa.UniqueConstraint(
            "org_id",
            "bulk_action_id",
            "position",
            name=op.f("uq_bulk_action_line_org_id_bulk_action_id_position"),
        ),
    )
    op.create_index("ix_bulk_action_line_item", "bulk_action_line", ["org_id", "item_id"])


def downgrade() -> None:
    op.drop_table("bulk_action_line")
    op.drop_table("bulk_action")
    op.drop_table("selected_item")
    op.drop_table("selection")
