"""What came of an order: how many, at which price, and which pieces wait for a user."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_order_pieces"
down_revision = "2026_11_30_letter_languages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("supplier_order") as batch:
        batch.add_column(sa.Column("received", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("invoiced_ore", sa.BigInteger(), nullable=True))
        batch.create_check_constraint(op.f("ck_supplier_order_received"), "received >= 0")
        batch.create_check_constraint(op.f("ck_supplier_order_invoiced"), "invoiced_ore >= 0")
    with op.batch_alter_table("order_piece") as batch:
        for name in ("is_sent", "had_no_user"):
            batch.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
        batch.add_column(sa.Column("handover_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_order_piece_org_id_handover_id"),
            "handover",
            ["org_id", "handover_id"],
            ["org_id", "id"],
        )
        batch.create_index("ix_order_piece_handover", ["org_id", "handover_id"])
    sent = (
        "SELECT id FROM supplier_order WHERE supplier_order.id = order_piece.supplier_order_id"
        " AND supplier_order.org_id = order_piece.org_id AND sent_at IS NOT NULL"
    )
    op.execute(f"UPDATE order_piece SET is_sent = TRUE WHERE EXISTS ({sent})")
    with op.batch_alter_table("order_piece") as batch:
        for name in ("is_sent", "had_no_user"):
            batch.alter_column(name, existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("order_piece") as batch:
        batch.drop_index("ix_order_piece_handover")
        batch.drop_constraint(op.f("fk_order_piece_org_id_handover_id"), type_="foreignkey")
        for name in ("handover_id", "had_no_user", "is_sent"):
            batch.drop_column(name)
    with op.batch_alter_table("supplier_order") as batch:
        batch.drop_constraint(op.f("ck_supplier_order_invoiced"), type_="check")
        batch.drop_constraint(op.f("ck_supplier_order_received"), type_="check")
        for name in ("invoiced_ore", "received"):
            batch.drop_column(name)
