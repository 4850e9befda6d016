"""What is left of an order from outside waits on, a project's date counts there, and returns are marked.

A reservation whose piece went back says so: what was returned can be offered again.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_outside_rests"
down_revision = "2026_11_30_finds_together"
branch_labels = None
depends_on = None

TABLES = ("outside_request", "buyer_ask")


def upgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("rest_of_id", sa.Uuid(), nullable=True))
            table.create_foreign_key(
                op.f(f"fk_{name}_org_id_rest_of_id"),
                name,
                ["org_id", "rest_of_id"],
                ["org_id", "id"],
            )
            table.create_unique_constraint(
                op.f(f"uq_{name}_org_id_rest_of_id"), ["org_id", "rest_of_id"]
            )
    with op.batch_alter_table("outside_request") as table:
        table.add_column(sa.Column("project_date", sa.Date(), nullable=True))
    with op.batch_alter_table("reservation") as table:
        table.add_column(sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE reservation SET returned_at = (SELECT max(handover_line.undone_at)"
        " FROM handover_line WHERE handover_line.org_id = reservation.org_id"
        " AND handover_line.reservation_id = reservation.id"
        " AND handover_line.return_reason IS NOT NULL)"
        " WHERE EXISTS (SELECT 1 FROM handover_line"
        " WHERE handover_line.org_id = reservation.org_id"
        " AND handover_line.reservation_id = reservation.id"
        " AND handover_line.return_reason IS NOT NULL)"
    )


def downgrade() -> None:
    with op.batch_alter_table("reservation") as table:
        table.drop_column("returned_at")
    with op.batch_alter_table("outside_request") as table:
        table.drop_column("project_date")
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"uq_{name}_org_id_rest_of_id"), type_="unique")
            table.drop_constraint(op.f(f"fk_{name}_org_id_rest_of_id"), type_="foreignkey")
            table.drop_column("rest_of_id")
