"""How each person wants the inventory's table, and what finds any page of it by day and by name."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_view"
down_revision = "2026_11_25_relocations"
branch_labels = None
depends_on = None


_NAME = (
    "replace(replace(replace(replace(replace(lower(replace(replace(replace(replace(replace(name,"
    " 'Æ', 'æ'), 'Ø', 'ø'), 'Å', 'å'), 'Ä', 'ä'), 'Ö', 'ö')),"
    " 'æ', 'zzza'), 'ä', 'zzza'), 'ø', 'zzzb'), 'ö', 'zzzb'), 'å', 'zzzc')"
)
"""As ``inventory.alphabetical`` writes it: another spelling would not be found."""


def upgrade() -> None:
    op.drop_index("ix_item_created", table_name="item")
    op.create_index("ix_item_created", "item", ["org_id", "created_at", "id", "state"])
    op.execute(f"CREATE INDEX ix_item_name ON item (org_id, ({_NAME}), id, state)")
    op.create_table(
        "inventory_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("columns", sa.String(length=400), nullable=False),
        sa.Column("page_size", sa.Integer(), nullable=False),
        sa.CheckConstraint("page_size BETWEEN 1 AND 200", name=op.f("ck_inventory_view_page_size")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_inventory_view_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_inventory_view_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_view")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_inventory_view_org_id_id")),
        sa.UniqueConstraint("org_id", "person_id", name=op.f("uq_inventory_view_org_id_person_id")),
    )


def downgrade() -> None:
    op.drop_table("inventory_view")
    op.drop_index("ix_item_name", table_name="item")
    op.drop_index("ix_item_created", table_name="item")
    op.create_index("ix_item_created", "item", ["org_id", "created_at", "id"])
