"""A staged row needs no reference of its own to its organisation, and no key for references to it.

Its run proves the organisation, and nothing refers to a staged row.
"""

from alembic import op

revision = "2026_11_30_import_rows_lean"
down_revision = "2026_11_30_message_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_row") as rows:
        rows.drop_constraint(op.f("fk_import_row_org_id"), type_="foreignkey")
        rows.drop_constraint(op.f("uq_import_row_org_id_id"), type_="unique")


def downgrade() -> None:
    with op.batch_alter_table("import_row") as rows:
        rows.create_unique_constraint(op.f("uq_import_row_org_id_id"), ["org_id", "id"])
        rows.create_foreign_key(op.f("fk_import_row_org_id"), "organisation", ["org_id"], ["id"])
