"""What was not fetched after all may be fetched another day: a second income of the same buyer."""

from alembic import op

revision = "2026_11_30_fetched_undone"
down_revision = "2026_11_30_handed_to_others"
branch_labels = None
depends_on = None

ONCE = "uq_external_income_org_id_buyer_ask_id"


def upgrade() -> None:
    with op.batch_alter_table("external_income") as batch:
        batch.drop_constraint(op.f(ONCE), type_="unique")
        batch.create_index("ix_external_income_buyer_ask", ["org_id", "buyer_ask_id"])


def downgrade() -> None:
    # The version before knows one income a buyer: what was reversed names its buyer no more.
    op.execute(
        "UPDATE external_income SET buyer_ask_id = NULL WHERE id IN"
        " (SELECT old.reverses_id FROM external_income AS old WHERE old.reverses_id IS NOT NULL)"
    )
    with op.batch_alter_table("external_income") as batch:
        batch.drop_index("ix_external_income_buyer_ask")
        batch.create_unique_constraint(op.f(ONCE), ["org_id", "buyer_ask_id"])
