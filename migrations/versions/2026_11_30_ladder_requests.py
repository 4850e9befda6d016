"""What a need's step at the network has asked other organisations for."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_ladder_requests"
down_revision = "2026_11_30_public_stage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ladder_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("ladder_step_id", sa.Uuid(), nullable=False),
        sa.Column("giver_org_id", sa.Uuid(), nullable=False),
        sa.Column("outside_request_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_ladder_request_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "ladder_step_id"],
            ["ladder_step.org_id", "ladder_step.id"],
            name=op.f("fk_ladder_request_org_id_ladder_step_id"),
        ),
        sa.ForeignKeyConstraint(
            ["giver_org_id", "outside_request_id"],
            ["outside_request.org_id", "outside_request.id"],
            name=op.f("fk_ladder_request_giver_org_id_outside_request_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_request")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_ladder_request_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "ladder_step_id", name=op.f("uq_ladder_request_org_id_ladder_step_id")
        ),
        sa.UniqueConstraint(
            "giver_org_id",
            "outside_request_id",
            name=op.f("uq_ladder_request_giver_org_id_outside_request_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("ladder_request")
