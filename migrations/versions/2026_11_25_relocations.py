"""Moves by scanning, and who saw a piece last."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_relocations"
down_revision = "2026_11_25_place_codes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "item",
        sa.Column(
            "last_seen_by_id",
            sa.Uuid(),
            sa.ForeignKey("person.id", name=op.f("fk_item_last_seen_by_id")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.create_table(
        "relocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_relocation_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relocation_person_id")),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["person.id"], name=op.f("fk_relocation_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relocation")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_relocation_org_id_id")),
    )
    op.create_index("ix_relocation_created_at", "relocation", ["org_id", "created_at"])
    op.create_table(
        "relocation_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("relocation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("from_place_id", sa.Uuid(), nullable=True),
        sa.Column("to_place_id", sa.Uuid(), nullable=True),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["org_id", column],
                [f"{table}.org_id", f"{table}.id"],
                name=op.f(f"fk_relocation_line_org_id_{column}"),
            )
            for column, table in (
                ("relocation_id", "relocation"),
                ("item_id", "item"),
                ("from_place_id", "place"),
                ("to_place_id", "place"),
            )
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_relocation_line_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relocation_line")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_relocation_line_org_id_id")),
        sa.UniqueConstraint(
            "org_id",
            "relocation_id",
            "position",
            name=op.f("uq_relocation_line_org_id_relocation_id_position"),
        ),
    )
    op.create_index("ix_relocation_line_item", "relocation_line", ["org_id", "item_id"])


def downgrade() -> None:
    op.drop_table("relocation_line")
    op.drop_table("relocation")
    if op.get_bind().dialect.name == "sqlite":
        # In place: a copy of the table would lose its search triggers and move every row.
        op.execute("ALTER TABLE item DROP COLUMN last_seen_by_id")
    else:
        op.drop_column("item", "last_seen_by_id")
